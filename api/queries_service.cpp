// The service about itself.
#include "api/json/write.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "api/queries.h"

#include <filesystem>

namespace muster::queries {

namespace {

std::int64_t seconds_of(std::chrono::milliseconds time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

}  // namespace

void livez(std::shared_ptr<Call> call) {
    call->done(response({200, R"({"status":"alive"})", std::nullopt, std::nullopt, {}}));
}

void readyz(std::shared_ptr<Call> call) {
    auto& service = call->service;
    auto standings = service.runner.standings();
    bool ready = std::ranges::all_of(standings, [](const auto& each) { return each.state == RunState::running; });
    bool verbose = std::ranges::any_of(call->query, [](const auto& each) { return each.first == "verbose"; });
    std::string out;
    ObjectWriter into(out);
    into.field("status", std::string_view(ready ? "ready" : "not_ready"));
    if (verbose) {
        ObjectWriter log(into.key("log"));
        log.field("position", service.log.head());
        log.end();
        ArrayWriter projections(into.key("projections"));
        for (const auto& each : standings) {
            ObjectWriter one(projections.next());
            one.field("name", each.name);
            one.field("state", each.state);
            one.field("reason", each.reason.empty() ? std::nullopt : std::optional(each.reason));
            one.field("position", each.position);
            one.field("lag_events", each.lag);
            one.field("lag_seconds", seconds_of(each.behind));
            one.field("last_progress_seconds_ago", each.idle ? std::optional(seconds_of(*each.idle)) : std::nullopt);
            one.field("rebuilding_at_position", each.rebuilding);
            one.end();
        }
        projections.end();
        std::error_code error;
        auto space = std::filesystem::space(service.data_directory, error);
        ObjectWriter disk(into.key("disk"));
        disk.field("available_bytes", error ? std::nullopt : std::optional(static_cast<std::int64_t>(space.available)));
        disk.field("capacity_bytes", error ? std::nullopt : std::optional(static_cast<std::int64_t>(space.capacity)));
        disk.end();
    }
    into.end();
    call->done(response({ready ? 200 : 503, std::move(out), std::nullopt, std::nullopt, {}}));
}

void metrics(std::shared_ptr<Call> call) {
    auto& service = call->service;
    call->done({200,
                {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}},
                service.metrics.text(service.log, service.runner, service.in_flight_requests, *service.webhooks,
                                     service.mails)});
}

void openapi(std::shared_ptr<Call> call) {
    call->done(response({200, openapi_document(), std::nullopt, std::nullopt, {}}));
}

void docs(std::shared_ptr<Call> call) {
    call->done({200,
                {{"content-type", "text/html; charset=utf-8"},
                 {"content-security-policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'"}},
                docs_page()});
}

}  // namespace muster::queries
