// Reading the log.
#include "eventstore/log.h"

#include <algorithm>

namespace muster {

rows::Head Log::head_row() const {
    std::lock_guard lock(published_mutex_);
    return published_;
}

Position Log::head() const { return head_row().position; }

Position Log::head(WorkspaceId workspace) const {
    auto row = table_->get(family(LogFamily::heads), rows::chain(workspace));
    return row ? rows::to_chain_head(*row).position : 0;
}

Version Log::version(const StreamId& stream) const {
    auto row = table_->get(family(LogFamily::heads), rows::stream(stream));
    return row ? rows::to_stream_head(*row).version : 0;
}

std::optional<Instant> Log::last_at(const StreamId& stream) const {
    auto row = table_->get(family(LogFamily::heads), rows::stream(stream));
    if (!row) return std::nullopt;
    auto last = frame(rows::to_stream_head(*row).position);
    return last ? std::optional(last->meta.at) : std::nullopt;
}

std::optional<StreamId> Log::holder(WorkspaceId workspace, const Claim& claim) const {
    auto row = table_->get(family(LogFamily::claims), rows::claim(workspace, claim));
    if (!row) return std::nullopt;
    return rows::to_stream(*row);
}

std::shared_ptr<const Counters> Log::counters(WorkspaceId workspace) const {
    std::lock_guard lock(published_mutex_);
    auto cached = counters_.find(workspace.uuid);
    if (cached != counters_.end()) return cached->second;
    // Under the lock: a group that is published after this sees the cached copy and moves it on.
    auto counters = std::make_shared<Counters>();
    auto prefix = rows::bytes_of(workspace.uuid);
    auto snapshot = table_->snapshot();
    for (auto row = snapshot->scan(family(LogFamily::counters), prefix); row->valid(); row->next())
        counters->used[Counter{std::string(row->key().substr(prefix.size()))}] = rows::to_number(row->value());
    if (counters_.size() >= limits::cached_counters) counters_.clear();
    counters_[workspace.uuid] = counters;
    return counters;
}

std::optional<Uuid> Log::person_key(WorkspaceId workspace, std::string_view email_claim) const {
    auto row = table_->get(family(LogFamily::persons), rows::person(workspace, email_claim));
    if (!row) return std::nullopt;
    return rows::to_uuid(*row);
}

bool Log::key_in_use(const Uuid& key) const {
    return table_->get(family(LogFamily::persons), rows::person_key(key)).has_value();
}

std::optional<Log::KeyOwner> Log::key_owner(const Uuid& key) const {
    auto row = table_->get(family(LogFamily::persons), rows::person_key(key));
    if (!row) return std::nullopt;
    ByteReader reader(*row);
    auto workspace = WorkspaceId{take_uuid(reader)};
    return KeyOwner{workspace, std::string(reader.rest())};
}

std::vector<PersonBinding> Log::persons(WorkspaceId workspace, std::string_view after, std::size_t most) const {
    std::vector<PersonBinding> found;
    auto prefix = rows::person(workspace, {});
    auto row = table_->scan(family(LogFamily::persons), prefix);
    if (!after.empty()) row->seek(rows::person(workspace, after) + '\0');
    for (; row->valid() && found.size() < most; row->next())
        found.push_back({std::string(row->key().substr(prefix.size())), rows::to_uuid(row->value()), true});
    return found;
}

// Each holds one slug.
std::size_t Log::count_workspaces(std::size_t most) const {
    std::size_t count = 0;
    auto prefix = rows::claim({}, {"slug:"});
    for (auto row = table_->scan(family(LogFamily::claims), prefix); row->valid() && count < most; row->next()) ++count;
    return count;
}

std::vector<StreamId> Log::due(WorkspaceId workspace, Instant now, std::size_t most) const {
    std::vector<StreamId> streams;
    auto prefix = rows::bytes_of(workspace.uuid);
    for (auto row = table_->scan(family(LogFamily::due), prefix); row->valid() && streams.size() < most; row->next()) {
        ByteReader reader(row->key().substr(prefix.size()));
        if (static_cast<std::int64_t>(reader.take<std::uint64_t>()) > now.ms) break;
        streams.push_back(rows::to_stream(reader.rest()));
    }
    return streams;
}

std::optional<Instant> Log::next_due(WorkspaceId workspace) const {
    auto prefix = rows::bytes_of(workspace.uuid);
    auto row = table_->scan(family(LogFamily::due), prefix);
    if (!row->valid()) return std::nullopt;
    ByteReader reader(row->key().substr(prefix.size()));
    return Instant{static_cast<std::int64_t>(reader.take<std::uint64_t>())};
}

std::vector<Log::Due> Log::schedule(WorkspaceId workspace, const std::optional<Due>& after, std::size_t most) const {
    std::vector<Due> found;
    auto prefix = rows::bytes_of(workspace.uuid);
    auto row = table_->scan(family(LogFamily::due), prefix);
    if (after) row->seek(rows::due(workspace, after->at, after->stream) + '\0');
    for (; row->valid() && found.size() < most; row->next()) {
        ByteReader reader(row->key().substr(prefix.size()));
        const Instant at{static_cast<std::int64_t>(reader.take<std::uint64_t>())};
        found.push_back({at, rows::to_stream(reader.rest())});
    }
    return found;
}

std::vector<WorkspaceId> Log::workspaces_due(Instant now) const {
    std::vector<WorkspaceId> workspaces;
    auto row = table_->scan(family(LogFamily::due), {});
    while (row->valid()) {
        ByteReader reader(row->key());
        WorkspaceId workspace{take_uuid(reader)};
        if (static_cast<std::int64_t>(reader.take<std::uint64_t>()) <= now.ms) workspaces.push_back(workspace);
        row->seek(rows::bytes_of(workspace.uuid) + std::string(26, '\xff'));  // the next workspace's first
    }
    return workspaces;
}

std::vector<WorkspaceId> Log::workspaces(std::optional<WorkspaceId> after, std::size_t most) const {
    std::vector<WorkspaceId> found;
    auto row = table_->scan(family(LogFamily::heads), std::string(1, '\0'));
    if (after) row->seek(rows::chain(*after) + '\0');
    for (; row->valid() && found.size() < most; row->next()) found.push_back({rows::to_uuid(row->key().substr(1))});
    return found;
}

std::optional<std::string> Log::idempotency_row(const std::string& key, Instant not_before) const {
    auto row = table_->get(family(LogFamily::idempotency), key);
    if (!row || Instant{rows::to_number(std::string_view(*row).substr(0, 8))} < not_before) return std::nullopt;
    return row->substr(8);
}

std::size_t Log::forget_idempotency_rows(Instant before) {
    constexpr auto rows_of = family(LogFamily::idempotency);
    auto is_old = [&](std::string_view row) { return Instant{rows::to_number(row.substr(0, 8))} < before; };
    std::size_t forgotten = 0;
    std::vector<std::string> old;
    auto forget = [&] {
        // An old key may have been used again since it was read, and answered: that row stays.
        const std::lock_guard order(write_mutex_);
        WriteBatch batch;
        for (const auto& key : old)
            if (auto row = table_->get(rows_of, key); row && is_old(*row)) batch.erase(rows_of, key);
        if (!batch.empty()) table_->write(batch, Sync::no);
        forgotten += batch.operations().size();
        old.clear();
    };
    for (auto row = table_->scan(rows_of, {}); row->valid(); row->next()) {
        if (!is_old(row->value())) continue;
        old.emplace_back(row->key());
        if (old.size() == limits::forgotten_at_once) forget();
    }
    if (!old.empty()) forget();
    return forgotten;
}

std::vector<Frame> Log::frames(Position after, std::size_t most) const {
    std::vector<Frame> frames;
    auto row = table_->scan(family(LogFamily::events), {});
    for (row->seek(rows::position(after + 1)); row->valid() && frames.size() < most; row->next()) {
        auto expected = after + 1 + frames.size();
        try {
            frames.push_back(parse_frame(row->value()));
        } catch (const DecodeError& error) {
            throw DamageError("event " + std::to_string(expected) + ": " + error.what());
        }
        if (row->key() != rows::position(expected) || frames.back().meta.position != expected)
            throw DamageError("event " + std::to_string(expected) + " is missing from the log");
    }
    return frames;
}

std::optional<Frame> Log::frame(Position position) const {
    auto row = table_->get(family(LogFamily::events), rows::position(position));
    if (!row) return std::nullopt;
    try {
        auto frame = parse_frame(*row);
        if (frame.meta.position != position) throw DecodeError("it stands at another's place");
        return frame;
    } catch (const DecodeError& error) {
        throw DamageError("event " + std::to_string(position) + ": " + error.what());
    }
}

namespace {

Position last_number(std::string_view key) { return ByteReader(key.substr(key.size() - 8)).take<std::uint64_t>(); }

}  // namespace

std::vector<Position> Log::positions(WorkspaceId workspace, Position after, std::size_t most) const {
    std::vector<Position> found;
    auto row = table_->scan(family(LogFamily::workspaces), rows::bytes_of(workspace.uuid));
    for (row->seek(rows::workspace_position(workspace, after + 1)); row->valid() && found.size() < most; row->next())
        found.push_back(last_number(row->key()));
    return found;
}

std::vector<Position> Log::positions(const StreamId& stream, Version after) const {
    std::vector<Position> found;
    auto row = table_->scan(family(LogFamily::streams), rows::stream(stream));
    for (row->seek(rows::stream_version(stream, after + 1)); row->valid(); row->next())
        found.push_back(ByteReader(row->value()).take<std::uint64_t>());
    return found;
}

Position Log::last_position(WorkspaceId workspace, Position most) const {
    auto row = table_->scan(family(LogFamily::workspaces), rows::bytes_of(workspace.uuid));
    row->seek_for_previous(rows::workspace_position(workspace, most));
    return row->valid() ? last_number(row->key()) : 0;
}

std::optional<std::vector<RecordedPtr>> Log::tail(Position after, std::size_t most) const {
    std::lock_guard lock(published_mutex_);
    if (after >= published_.position) return std::vector<RecordedPtr>{};
    if (tail_.empty() || tail_.front()->meta.position > after + 1) return std::nullopt;
    auto from = tail_.begin() + static_cast<std::ptrdiff_t>(after + 1 - tail_.front()->meta.position);
    auto count = std::min<std::size_t>(most, static_cast<std::size_t>(tail_.end() - from));
    return std::vector<RecordedPtr>(from, from + static_cast<std::ptrdiff_t>(count));
}

Digest Log::link_at(Position position) const {
    auto found = frame(position);
    return found ? found->link : Digest{};
}

}  // namespace muster
