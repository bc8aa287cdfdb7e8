#include "api/metrics.h"

#include "api/in_flight.h"
#include "api/mail/mails.h"
#include "api/route.h"
#include "api/webhooks/webhooks.h"

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
    prometheus::Family<prometheus::Gauge>& state =
        prometheus::BuildGauge()
            .Name("muster_projection_state")
            .Help("1 for the state that a projection is in, 0 for the others.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& idle_seconds =
        prometheus::BuildGauge()
            .Name("muster_projection_seconds_since_progress")
            .Help("How long ago a projection applied an event; missing until it has, since the server's start.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& rebuilding =
        prometheus::BuildGauge()
            .Name("muster_projection_rebuilding")
            .Help("1 while a projection's next generation is being made beside the one that serves.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& rebuilding_at =
        prometheus::BuildGauge()
            .Name("muster_projection_rebuilding_position")
            .Help("How far the next generation has come; 0 where none is being made.")
            .Register(registry);

    prometheus::Family<prometheus::Counter>& webhook_attempts =
        prometheus::BuildCounter()
            .Name("muster_webhook_attempts_total")
            .Help("Attempts to deliver an event to a webhook, by what its target did.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& webhook_given_up =
        prometheus::BuildCounter()
            .Name("muster_webhook_deliveries_given_up_total")
            .Help("Deliveries that have failed for good; each disables its webhook.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& webhooks =
        prometheus::BuildGauge()
            .Name("muster_webhooks")
            .Help("Webhooks, by whether they have anything to send and whether their targets take it.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& webhook_behind =
        prometheus::BuildGauge()
            .Name("muster_webhook_events_behind")
            .Help("Events that enabled webhooks have not got past, each counted up to 1000, of all together.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& webhook_behind_most =
        prometheus::BuildGauge()
            .Name("muster_webhook_events_behind_most")
            .Help("The same of the webhook that is the furthest behind.")
            .Register(registry);

    prometheus::Family<prometheus::Gauge>& mails_waiting =
        prometheus::BuildGauge()
            .Name("muster_mails_waiting")
            .Help("Mails that wait to be sent, for the first time or again.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& mail_attempts =
        prometheus::BuildCounter()
            .Name("muster_mail_attempts_total")
            .Help("Attempts to send a mail, by what the mail server did; put_off: not now, or no answer.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& mails_failed =
        prometheus::BuildCounter()
            .Name("muster_mails_failed_total")
            .Help("Mails that nobody will get: the mail server refused them, or took none for days.")
            .Register(registry);

    void show(const mail::Figures& figures);
    void show(const webhooks::Figures& figures);
    void show(const Standing& projection);

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

namespace {

void come_to(prometheus::Counter& counter, std::uint64_t value) {
    const auto more = static_cast<double>(value) - counter.Value();
    if (more > 0) counter.Increment(more);  // Two who ask at once may come here in either order.
}

}  // namespace

// Every label is there from the start, so that a rise from nothing is seen.
void Metrics::State::show(const webhooks::Figures& figures) {
    std::lock_guard lock(mutex);
    come_to(webhook_attempts.Add({{"outcome", "taken"}}), figures.taken);
    come_to(webhook_attempts.Add({{"outcome", "refused"}}), figures.refused);
    come_to(webhook_attempts.Add({{"outcome", "unanswered"}}), figures.unanswered);
    come_to(webhook_given_up.Add({}), figures.given_up);
    const auto& standing = figures.standing;
    webhooks.Add({{"state", "idle"}}).Set(static_cast<double>(standing.idle));
    webhooks.Add({{"state", "sending"}}).Set(static_cast<double>(standing.sending));
    webhooks.Add({{"state", "retrying"}}).Set(static_cast<double>(standing.retrying));
    webhooks.Add({{"state", "disabled"}}).Set(static_cast<double>(standing.disabled));
    webhook_behind.Add({}).Set(static_cast<double>(standing.behind));
    webhook_behind_most.Add({}).Set(static_cast<double>(standing.behind_most));
}

void Metrics::State::show(const mail::Figures& figures) {
    std::lock_guard lock(mutex);
    mails_waiting.Add({}).Set(static_cast<double>(figures.waiting));
    come_to(mail_attempts.Add({{"outcome", "taken"}}), figures.taken);
    come_to(mail_attempts.Add({{"outcome", "refused"}}), figures.refused);
    come_to(mail_attempts.Add({{"outcome", "put_off"}}), figures.put_off);
    come_to(mails_failed.Add({}), figures.failed);
}

void Metrics::State::show(const Standing& projection) {
    const prometheus::Labels labels{{"projection", projection.name}};
    const auto seconds_of = [](std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); };
    lag_events.Add(labels).Set(static_cast<double>(projection.lag));
    lag_seconds.Add(labels).Set(seconds_of(projection.behind));
    up.Add(labels).Set(projection.state == RunState::running ? 1 : 0);
    for (auto each : {RunState::building, RunState::running, RunState::halted})
        state.Add({{"projection", projection.name}, {"state", std::string(name_of(each))}})
            .Set(projection.state == each ? 1 : 0);
    if (projection.idle) idle_seconds.Add(labels).Set(seconds_of(*projection.idle));
    rebuilding.Add(labels).Set(projection.rebuilding ? 1 : 0);
    rebuilding_at.Add(labels).Set(static_cast<double>(projection.rebuilding.value_or(0)));
}

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

std::string Metrics::text(const Log& log, const Runner& runner, const InFlight& requests,
                          const webhooks::Webhooks& webhooks, const mail::Mails* mails) {
    state_->show(webhooks.figures());
    if (mails) state_->show(mails->figures());
    state_->in_flight.Add({}).Set(static_cast<double>(requests.taken()));
    state_->log_position.Add({}).Set(static_cast<double>(log.head()));
    for (const auto& each : runner.standings()) state_->show(each);
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace muster
