#include "api/request_watch.h"

#include "api/metrics.h"

#include <atomic>
#include <chrono>
#include <utility>

namespace muster {
namespace {

struct Watch {
    const RequestLog& log;
    bool health;
    std::shared_ptr<RequestRecord> record;
    std::shared_ptr<InFlight::Place> place;
    std::chrono::steady_clock::time_point begun;

    void ended() const {
        record->took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
        // A probe every second that finds all well would bury the rest.
        if (log && !(health && record->status == 200)) log(*record);
    }
};

// A body whose request is logged when it has ended, or nobody reads it any more.
class WatchedStream final : public http::Stream {
public:
    WatchedStream(std::shared_ptr<Watch> watch, std::shared_ptr<http::Stream> stream)
        : watch_(std::move(watch)), stream_(std::move(stream)) {}
    ~WatchedStream() override {
        watch_->record->bytes = *bytes_;
        watch_->ended();
    }
    WatchedStream(const WatchedStream&) = delete;
    WatchedStream& operator=(const WatchedStream&) = delete;

    void next(Give give) override {
        stream_->next([bytes = bytes_, give = std::move(give)](http::Piece piece) {
            *bytes += piece.bytes.size();
            give(std::move(piece));
        });
    }
    void finish() override { stream_->finish(); }

private:
    const std::shared_ptr<Watch> watch_;
    const std::shared_ptr<http::Stream> stream_;
    const std::shared_ptr<std::atomic<std::size_t>> bytes_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace

http::Done watched(Service& service, const Route* route, std::shared_ptr<RequestRecord> record,
                   std::shared_ptr<InFlight::Place> place, http::Done done) {
    bool health = route && route->urgency == Urgency::health;
    auto watch = std::make_shared<Watch>(
        Watch{service.request_log, health, std::move(record), std::move(place), std::chrono::steady_clock::now()});
    return service.metrics.counted(route, [watch, done = std::move(done)](http::Response response) {
        // What is streamed takes turns with its like, and none of the places of requests.
        watch->place.reset();
        watch->record->status = response.status;
        watch->record->bytes = response.body.size();
        response.headers.push_back({"Muster-Request", base32(watch->record->id)});
        if (response.stream)
            response.stream = std::make_shared<WatchedStream>(watch, std::move(response.stream));
        else
            watch->ended();
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
