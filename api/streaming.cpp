#include "api/streaming.h"

#include "api/pool.h"
#include "eventstore/scheduling.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace muster {

using SteadyClock = std::chrono::steady_clock;

struct Streaming::State {
    State(std::function<void(const std::string&)> tell, std::chrono::milliseconds pause)
        : report(std::move(tell)), heartbeat(pause) {}

    void run();
    // Both with the lock held.
    void ready_if_due(SteadyClock::time_point now);
    void wait_for_events(const std::shared_ptr<Body>& body, std::uint64_t groups_seen);

    const std::function<void(const std::string&)> report;
    const std::chrono::milliseconds heartbeat;
    std::thread thread;

    // Guarded by mutex.
    mutable std::mutex mutex;
    std::condition_variable wakes;
    std::deque<std::weak_ptr<Body>> ready;                               // that are asked for a piece and may have one
    std::unordered_map<Uuid, std::vector<std::weak_ptr<Body>>> waiting;  // by the workspace that they follow
    std::uint64_t groups = 0;                                            // that were appended
    std::uint64_t erasures = 0;
    bool stopping = false;
};

class Streaming::Body final : public http::Stream, public std::enable_shared_from_this<Streaming::Body> {
public:
    Body(std::shared_ptr<State> state, std::unique_ptr<PieceSource> source, std::optional<WorkspaceId> follows)
        : source_(std::move(source)), follows_(follows), state_(std::move(state)) {}

    void next(Give give) override {
        const std::scoped_lock lock(state_->mutex);
        if (state_->stopping) return;
        give_ = std::move(give);
        asked_ = SteadyClock::now();
        state_->ready.push_back(weak_from_this());
        state_->wakes.notify_one();
    }
    void finish() override {
        const std::scoped_lock lock(state_->mutex);
        if (!follows_) return;
        finishing_ = true;
        if (give_) state_->ready.push_back(weak_from_this());
        state_->wakes.notify_one();
    }

private:
    friend class Streaming;
    friend struct Streaming::State;

    // The streaming thread only.
    const std::unique_ptr<PieceSource> source_;

    // Guarded by the state's mutex.
    const std::optional<WorkspaceId> follows_;
    Give give_;  // of the piece that is asked for; empty: none is
    SteadyClock::time_point asked_;
    bool finishing_ = false;

    const std::shared_ptr<State> state_;
};

void Streaming::State::ready_if_due(SteadyClock::time_point now) {
    for (auto each = waiting.begin(); each != waiting.end();) {
        std::erase_if(each->second, [&](const std::weak_ptr<Body>& weak) {
            const auto body = weak.lock();
            if (!body) return true;
            if (now < body->asked_ + heartbeat) return false;
            ready.push_back(weak);
            return true;
        });
        each = each->second.empty() ? waiting.erase(each) : std::next(each);
    }
}

void Streaming::State::wait_for_events(const std::shared_ptr<Body>& body, std::uint64_t groups_seen) {
    // What came while it looked may be just what it looked for.
    if (groups != groups_seen || body->finishing_)
        ready.push_back(body);
    else
        waiting[body->follows_->uuid].push_back(body);
}

void Streaming::State::run() {
    come_behind(Niceness::awaited);
    const auto look_again = heartbeat / 8;
    auto looked = SteadyClock::now();
    std::unique_lock lock(mutex);
    while (!stopping) {
        // Also where it never runs out of work: who only waits for a heartbeat has a turn like all.
        if (const auto now = SteadyClock::now(); ready.empty() || now >= looked + look_again) {
            ready_if_due(now);
            looked = now;
        }
        if (ready.empty()) {
            if (waiting.empty())
                wakes.wait(lock);
            else
                wakes.wait_for(lock, look_again);
            continue;
        }
        auto body = ready.front().lock();
        ready.pop_front();
        if (!body || !body->give_) continue;
        const auto groups_seen = groups;
        const bool overdue = body->follows_ && SteadyClock::now() >= body->asked_ + heartbeat;
        std::optional<http::Piece> piece;
        if (body->finishing_) piece.emplace(http::Piece{{}, true});
        bool broken = false;
        lock.unlock();
        try {
            if (!piece) piece = body->source_->next();
            if (!piece && overdue) piece.emplace(http::Piece{body->source_->heartbeat(), false});
        } catch (const BrokenOff&) {
            broken = true;
        } catch (const std::exception& error) {
            report(std::string("A streamed answer was broken off: ") + error.what());
            broken = true;
        }
        lock.lock();
        if (!piece && !broken) {
            wait_for_events(body, groups_seen);
            continue;
        }
        auto give = std::exchange(body->give_, nullptr);
        lock.unlock();
        if (piece) give(std::move(*piece));
        give = nullptr;
        body.reset();
        lock.lock();
    }
}

Streaming::Streaming(std::function<void(const std::string&)> report, std::chrono::milliseconds heartbeat)
    : state_(std::make_shared<State>(std::move(report), heartbeat)) {
    state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Streaming::~Streaming() { stop(); }

void Streaming::stop() {
    std::vector<http::Stream::Give> unheard;
    {
        const std::scoped_lock lock(state_->mutex);
        state_->stopping = true;
        auto take = [&](const std::weak_ptr<Body>& weak) {
            if (auto body = weak.lock()) unheard.push_back(std::exchange(body->give_, nullptr));
        };
        for (const auto& each : state_->ready) take(each);
        for (const auto& [workspace, bodies] : state_->waiting)
            for (const auto& each : bodies) take(each);
    }
    state_->wakes.notify_all();
    if (state_->thread.joinable()) state_->thread.join();
}

std::shared_ptr<http::Stream> Streaming::body(std::unique_ptr<PieceSource> source) {
    return std::make_shared<Body>(state_, std::move(source), std::nullopt);
}

std::shared_ptr<http::Stream> Streaming::following(std::unique_ptr<PieceSource> source, WorkspaceId workspace) {
    return std::make_shared<Body>(state_, std::move(source), workspace);
}

void Streaming::appended(std::span<const RecordedPtr> events) {
    const std::scoped_lock lock(state_->mutex);
    ++state_->groups;
    for (const auto& each : events) {
        if (std::holds_alternative<PersonalDataDestroyed>(each->event)) ++state_->erasures;
        const auto found = state_->waiting.find(each->workspace.uuid);
        if (found == state_->waiting.end()) continue;
        for (auto& body : found->second) state_->ready.push_back(std::move(body));
        state_->waiting.erase(found);
    }
    if (!state_->ready.empty()) state_->wakes.notify_one();
}

std::uint64_t Streaming::erasures() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->erasures;
}

}  // namespace muster
