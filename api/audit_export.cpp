#include "api/audit_export.h"

#include "api/audit_lines.h"
#include "api/cloud_event.h"
#include "api/csv.h"
#include "api/json/write.h"
#include "api/tokens.h"
#include "api/views.h"
#include "eventstore/bytes.h"
#include "eventstore/log_rows.h"
#include "eventstore/signature.h"
#include "eventstore/times.h"

#include <cstring>
#include <utility>

namespace muster {
namespace {

constexpr std::size_t read_at_once = 256;

// `{"line":7`: what every line begins with.
void begin_line(std::string& out, std::uint64_t number) {
    out += "{\"line\":";
    write_number(out, number);
}

Digest take_digest(ByteReader& reader) {
    Digest digest;
    std::memcpy(digest.data(), reader.take(digest.size()).data(), digest.size());
    return digest;
}

}  // namespace

PositionRange range_between(const Log& log, std::optional<Instant> from, std::optional<Instant> to) {
    PositionRange range{0, log.head()};
    if (from) range.after = last_before(log, *from);
    if (to) range.to = last_before(log, *to);
    return range;
}

// ---- What stands in the log.

ChainWalk::ChainWalk(const Log& log, WorkspaceId workspace, PositionRange range)
    : log_(log), workspace_(workspace), to_(range.to) {
    auto prefix = rows::bytes_of(workspace.uuid);
    auto row = log.table().scan(family(LogFamily::workspaces), prefix);
    row->seek_for_previous(rows::workspace_position(workspace, range.after));
    if (!row->valid()) return;
    position_ = read_u64(row->key().substr(prefix.size()));
    link_ = log.link_at(position_);
}

std::optional<Frame> ChainWalk::next() {
    if (ahead_.empty()) {
        auto positions = log_.positions(workspace_, position_, read_at_once);
        ahead_.assign(positions.begin(), positions.end());
    }
    if (ahead_.empty() || ahead_.front() > to_) return std::nullopt;
    auto position = ahead_.front();
    ahead_.pop_front();
    auto frame = log_.frame(position);
    if (!frame) throw DamageError("event " + std::to_string(position) + " is missing from the log");
    payload_hash_ = sha256(frame->payload);
    if (link_of(link_, header_of(*frame), payload_hash_) != frame->link)
        throw DamageError("event " + std::to_string(position) + ": its link does not follow from the event before it");
    position_ = position;
    link_ = frame->link;
    return frame;
}

const AuditNames& NamesAtHand::names() {
    // Counted before they are read: what is erased meanwhile is dropped the next time.
    auto erasures = from_.erasures();
    auto workspace = from_.directory.workspace(workspace_);
    if (!workspace) workspace = from_.directory.deleted_workspace(workspace_);
    if (!names_ || of_ != workspace || erasures_ != erasures || names_->remembered() > limits::names_at_hand) {
        names_.emplace(from_.directory, from_.history, workspace);
        of_ = std::move(workspace);
        erasures_ = erasures;
    }
    return *names_;
}

// ---- Lines that prove themselves.

AuditExport::AuditExport(const AuditSources& from, const Place& place)
    : from_(from),
      place_(place),
      walk_(from.log, place.workspace, {place.position, place.to}),
      at_hand_(from, place.workspace) {}

AuditExport::AuditExport(const AuditSources& from, WorkspaceId workspace, PositionRange range, Instant at)
    : AuditExport(from, Place{workspace, range.to, at, range.after, {}, 0, 0}) {}

AuditExport::AuditExport(const AuditSources& from, std::string_view place) : AuditExport(from, place_in(place)) {}

AuditExport::Place AuditExport::place_in(std::string_view bytes) {
    ByteReader reader(bytes);
    Place place;
    place.workspace.uuid = take_uuid(reader);
    place.to = reader.take<std::uint64_t>();
    place.at.ms = static_cast<std::int64_t>(reader.take<std::uint64_t>());
    place.position = reader.take<std::uint64_t>();
    place.seal = take_digest(reader);
    place.lines = reader.take<std::uint64_t>();
    place.events = reader.take<std::uint64_t>();
    reader.expect_end();
    return place;
}

std::string AuditExport::place() const {
    std::string bytes;
    append_uuid(bytes, place_.workspace.uuid);
    append_u64(bytes, place_.to);
    append_u64(bytes, static_cast<std::uint64_t>(place_.at.ms));
    append_u64(bytes, place_.position);
    bytes += view(place_.seal);
    append_u64(bytes, place_.lines);
    append_u64(bytes, place_.events);
    return bytes;
}

bool AuditExport::append(std::string& out, std::size_t bytes) {
    const auto full = out.size() + bytes;
    if (place_.lines == 0) append_first(out);
    while (out.size() < full) {
        auto frame = walk_.next();
        if (!frame) {
            append_last(out);
            return false;
        }
        append_event(out, *frame);
    }
    return true;
}

void AuditExport::append_first(std::string& out) {
    auto begins = out.size();
    begin_line(out, ++place_.lines);
    out += ",\"export\":";
    ObjectWriter about(out);
    about.field("format", audit_lines::format);
    about.field("workspace", place_.workspace);
    about.field("after", walk_.position());
    about.field("link", audit_lines::text(walk_.link()));
    about.end();
    append_seal(out, begins);
}

void AuditExport::append_event(std::string& out, const Frame& frame) {
    auto begins = out.size();
    auto recorded = from_.history.decoded(frame);
    begin_line(out, ++place_.lines);
    auto entry = audit_entry(*recorded, at_hand_.names());
    out += ',';
    out.append(entry, 1, entry.size() - 2);  // its members
    out += ",\"data\":";
    write_event_data(out, recorded->event);
    out.append(",\"header\":\"").append(base64url(header_of(frame)));
    out.append("\",\"payload_hash\":\"").append(audit_lines::text(walk_.payload_hash()));
    out.append("\",\"link\":\"").append(audit_lines::text(frame.link)).append("\"");
    append_seal(out, begins);
    place_.position = frame.meta.position;
    ++place_.events;
}

void AuditExport::append_last(std::string& out) {
    auto begins = out.size();
    auto key = from_.vault.current(Purpose::signing);
    begin_line(out, ++place_.lines);
    out += ",\"head\":";
    ObjectWriter head(out);
    head.field("workspace", place_.workspace);
    head.field("position", walk_.position());
    head.field("link", audit_lines::text(walk_.link()));
    head.field("events", place_.events);
    head.field("seal", audit_lines::text(place_.seal));
    head.field("at", place_.at);
    head.field("key", key.id);
    head.end();
    auto message = std::string(audit_lines::signed_as).append(out, begins);
    out.append(audit_lines::signature_member).append(base64url(sign(key.key, message)));
    out.append(audit_lines::line_end).append("\n");
}

void AuditExport::append_seal(std::string& out, std::size_t line_begins) {
    place_.seal = audit_lines::seal(place_.seal, std::string_view(out).substr(line_begins));
    out.append(audit_lines::seal_member)
        .append(audit_lines::text(place_.seal))
        .append(audit_lines::line_end)
        .append("\n");
}

// ---- For people.

bool AuditSheet::append(std::string& out, std::size_t bytes) {
    const auto full = out.size() + bytes;
    if (!std::exchange(begun_, true)) {
        const std::string columns[] = {"position", "at",          "type",      "actor_kind", "actor",
                                       "summary",  "target_kind", "target_id", "target",     "changes",
                                       "request",  "batch",       "import",    "cause",      "actor_id"};
        append_csv_row(out, columns);
    }
    while (out.size() < full) {
        auto frame = walk_.next();
        if (!frame) return false;
        auto recorded = from_.history.decoded(*frame);
        const auto& names = at_hand_.names();
        std::string changes;
        for (const auto& each : names.changes(*recorded))
            changes.append(changes.empty() ? "" : "; ").append(names.of(each, recorded->meta.position));
        auto about = target_of(*recorded);
        const auto& actor = recorded->meta.actor;
        const auto cause = cause_of(*recorded);
        auto kind = std::string(json_name(name_of(actor.kind)));
        const std::string cells[] = {std::to_string(recorded->meta.position),
                                     recorded->meta.at.text(),
                                     event_type(recorded->event),
                                     kind,
                                     names.of(actor, recorded->meta.position).value_or(""),
                                     audit_sentence(*recorded, names),
                                     about.kind,
                                     about.id,
                                     target_name(*recorded, names).value_or(""),
                                     changes,
                                     cause.request,
                                     cause.batch ? cause.batch->text() : "",
                                     cause.import ? cause.import->text() : "",
                                     cause.position ? std::to_string(*cause.position) : "",
                                     id_of(actor).value_or("")};
        append_csv_row(out, cells);
    }
    return true;
}

}  // namespace muster
