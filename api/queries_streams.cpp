// Answers that are streamed: the audit as a file, and events as they happen.
#include "api/admission.h"
#include "api/audit_export.h"
#include "api/audit_file.h"
#include "api/cloud_event.h"
#include "api/deletion.h"
#include "api/file_source.h"
#include "api/listing.h"
#include "api/parameters.h"
#include "api/queries.h"
#include "api/streaming.h"
#include "eventstore/signature.h"

#include <charconv>
#include <utility>

namespace muster::queries {
namespace {

AuditSources sources(Service& service) {
    return {service.log, service.history, service.directory, service.vault,
            [&streaming = *service.streaming] { return streaming.erasures(); }};
}

// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), whose ids are positions.
class EventSource final : public PieceSource {
public:
    EventSource(std::shared_ptr<Call> call, Position after) : call_(std::move(call)), after_(after) {}

    std::optional<http::Piece> next() override {
        std::optional<Position> last;
        if (!still_admitted(*call_)) {
            last = goodbye();
            if (!last) return http::Piece{{}, true};
        }
        http::Piece piece;
        // At once, so that the caller knows that it is connected.
        if (!std::exchange(begun_, true)) piece.bytes = heartbeat();
        const auto& service = call_->service;
        while (piece.bytes.size() < limits::piece_bytes) {
            auto positions = service.log.positions(call_->workspace_id, after_, at_once);
            for (auto position : positions) {
                auto recorded = service.history.at(position);
                piece.bytes.append("id: ").append(std::to_string(position)).append("\ndata: ");
                piece.bytes.append(cloud_event(*recorded, service.public_url)).append("\n\n");
                after_ = position;
                piece.last = position == last;
                if (piece.last || piece.bytes.size() >= limits::piece_bytes) return piece;
            }
            if (positions.size() < at_once) break;
        }
        if (piece.bytes.empty()) return std::nullopt;
        return piece;
    }
    // A comment, which has no id: the caller's last one stays.
    [[nodiscard]] std::string heartbeat() const override { return ":\n\n"; }

private:
    // What still is to be read where the workspace was deleted: up to that event; nothing where it was not. The
    // operator reads what was before it too; nobody else has a right to that any more.
    std::optional<Position> goodbye() {
        auto deletion = deletion_of(call_->service.log, call_->workspace_id);
        if (!deletion || after_ >= deletion->position) return std::nullopt;
        if (call_->caller.actor.kind != ActorKind::operator_) after_ = deletion->position - 1;
        return deletion->position;
    }

    static constexpr std::size_t at_once = 64;
    std::shared_ptr<Call> call_;
    Position after_;
    bool begun_ = false;
};

// Where the caller stopped: by what its client remembers, else by what it asks for. A fault where that is nowhere.
Position resumed_after(const Call& call, const EventsParameters& wanted, Faults& faults) {
    auto remembered = call.request.header("last-event-id").value_or("");
    std::string pointer = remembered.empty() ? "?after" : "Last-Event-ID";
    auto after = static_cast<Position>(wanted.after);
    bool number = wanted.after >= 0;
    if (!remembered.empty()) {
        auto [end, error] = std::from_chars(remembered.data(), remembered.data() + remembered.size(), after);
        number = error == std::errc{} && end == remembered.data() + remembered.size();
    }
    auto head = call.service.log.head();
    if (!number)
        faults.add({pointer, Code::invalid_value, "A position of the log, 0 or more.", {}});
    else if (after > head)
        faults.add({pointer,
                    Code::invalid_value,
                    "The log ends at " + std::to_string(head) +
                        ": it has not seen what you have. Begin again at an event that both know.",
                    {{"maximum", static_cast<std::int64_t>(head)}}});
    return after;
}

}  // namespace

void audit_export(std::shared_ptr<Call> call) {
    AuditExportParameters wanted;
    if (!read_list(*call, wanted, [&](Faults& faults) { check_order(wanted.from, wanted.to, faults); })) return;
    auto& service = call->service;
    auto range = range_between(service.log, wanted.from, wanted.to);
    auto name = "audit-" + call->workspace->slug.value;
    http::Response response;
    if (wanted.format == ExportFormat::csv) {
        response.headers = {{"content-type", "text/csv; charset=utf-8; header=present"},
                            {"content-disposition", "attachment; filename=\"" + name + ".csv\""}};
        response.stream = file_stream(call, AuditSheet(sources(service), call->workspace_id, range));
    } else {
        response.headers = {{"content-type", "application/x-ndjson"},
                            {"content-disposition", "attachment; filename=\"" + name + ".ndjson\""}};
        response.stream =
            file_stream(call, AuditExport(sources(service), call->workspace_id, range, service.execute.now()));
    }
    response.headers.push_back({"muster-position", std::to_string(call->position)});
    call->done(std::move(response));
}

void audit_key(std::shared_ptr<Call> call) {
    auto key = call->service.vault.current(Purpose::signing);
    call->done(response({200, audit_key_json({key.id, public_key_of(key.key)}), std::nullopt, std::nullopt, {}}));
}

void events(std::shared_ptr<Call> call) {
    EventsParameters wanted;
    Position after = 0;
    if (!read_list(*call, wanted, [&](Faults& faults) { after = resumed_after(*call, wanted, faults); })) return;
    http::Response response;
    response.headers = {{"content-type", "text/event-stream"}, {"muster-position", std::to_string(call->position)}};
    response.stream =
        call->service.streaming->following(std::make_unique<EventSource>(call, after), call->workspace_id);
    call->done(std::move(response));
}

}  // namespace muster::queries
