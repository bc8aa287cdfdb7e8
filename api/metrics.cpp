#include "api/metrics.h"

#include "api/in_flight.h"
#include "api/route.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <mutex>
#include <unordered_map>

namespace muster {

struct Metrics::State {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                            .Name("muster_http_requests_total")
                                                            .Help("Answers, by route and status class.")
                                                            .Register(registry);
    prometheus::Family<prometheus::Histogram>& seconds =
        prometheus::BuildHistogram()
            .Name("muster_http_request_seconds")
            .Help("From the request's last byte to its answer, by route.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& in_flight = prometheus::BuildGauge()
                                                           .Name("muster_http_requests_in_flight")
                                                           .Help("Requests that are worked on now, this one included.")
                                                           .Register(registry);
    prometheus::Family<prometheus::Gauge>& log_position = prometheus::BuildGauge()
                                                              .Name("muster_log_position")
                                                              .Help("Position of the log's last event.")
                                                              .Register(registry);
    prometheus::Family<prometheus::Gauge>& lag_events = prometheus::BuildGauge()
                                                            .Name("muster_projection_lag_events")
                                                            .Help("Events that a projection has not applied yet.")
                                                            .Register(registry);
    prometheus::Family<prometheus::Gauge>& lag_seconds = prometheus::BuildGauge()
                                                             .Name("muster_projection_lag_seconds")
                                                             .Help("How long a projection has been behind the log.")
                                                             .Register(registry);
    prometheus::Family<prometheus::Gauge>& up =
        prometheus::BuildGauge()
            .Name("muster_projection_up")
            .Help("1 while a projection follows the log, 0 while it is being built or has halted.")
            .Register(registry);

    struct Of {
        prometheus::Histogram* seconds;
        prometheus::Counter* by_class[6];
    };
    std::mutex mutex;
    std::unordered_map<std::string, Of> routes;

    Of& of(const std::string& route) {
        std::lock_guard lock(mutex);
        auto found = routes.find(route);
        if (found != routes.end()) return found->second;
        Of made{};
        made.seconds = &seconds.Add({{"route", route}}, prometheus::Histogram::BucketBoundaries{
                                                            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5});
        for (int i = 1; i <= 5; ++i)
            made.by_class[i] = &requests.Add({{"route", route}, {"status", std::to_string(i) + "xx"}});
        return routes.emplace(route, made).first->second;
    }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

http::Done Metrics::counted(const Route* route, http::Done done) {
    auto& of = state_->of(route ? std::string(route->name) : "none");
    return [&of, begun = std::chrono::steady_clock::now(), done = std::move(done)](http::Response response) {
        of.seconds->Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
        auto status_class = response.status / 100;
        if (status_class >= 1 && status_class <= 5) of.by_class[status_class]->Increment();
        done(std::move(response));
    };
}

std::string Metrics::text(const Log& log, const Runner& runner, const InFlight& requests) {
    state_->in_flight.Add({}).Set(static_cast<double>(requests.taken()));
    state_->log_position.Add({}).Set(static_cast<double>(log.head()));
    for (const auto& each : runner.standings()) {
        prometheus::Labels labels{{"projection", each.name}};
        state_->lag_events.Add(labels).Set(static_cast<double>(each.lag));
        state_->lag_seconds.Add(labels).Set(std::chrono::duration<double>(each.behind).count());
        state_->up.Add(labels).Set(each.state == RunState::running ? 1 : 0);
    }
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace muster
