#include "api/request_watch.h"

#include "api/metrics.h"

#include <chrono>
#include <utility>

namespace muster {

http::Done watched(Service& service, const Route* route, std::shared_ptr<RequestRecord> record,
                   std::shared_ptr<InFlight::Place> place, http::Done done) {
    struct Watch {
        const RequestLog& log;
        bool health;
        std::shared_ptr<RequestRecord> record;
        std::shared_ptr<InFlight::Place> place;
        std::chrono::steady_clock::time_point begun;
    };
    bool health = route && route->urgency == Urgency::health;
    auto watch = std::make_shared<Watch>(service.request_log, health, std::move(record), std::move(place),
                                         std::chrono::steady_clock::now());
    return service.metrics.counted(route, [watch, done = std::move(done)](http::Response response) {
        watch->place.reset();
        auto& seen = *watch->record;
        seen.status = response.status;
        seen.bytes = response.body.size();
        seen.took =
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - watch->begun);
        // A probe every second that finds all well would bury the rest.
        if (watch->log && !(watch->health && response.status == 200)) watch->log(seen);
        done(std::move(response));
    });
}

std::optional<Refusal> over_request_limit(const Call& call) {
    const auto& actor = call.caller.actor;
    auto& rates = *call.service.rates;
    if (call.route.urgency == Urgency::health || actor.kind == ActorKind::operator_) return std::nullopt;
    if (actor.kind == ActorKind::member || actor.kind == ActorKind::api_key) {
        if (auto refusal = rates.take(Rate::requests_caller, base32(actor.id))) return refusal;
        if (call.workspace)
            if (auto refusal = rates.take(Rate::requests_workspace, call.workspace_id.text())) return refusal;
    }
    return rates.take(Rate::requests_ip, call.client());
}

}  // namespace muster
