#include "eventstore/turns.h"

#include <atomic>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <vector>

namespace muster {

struct Turns::State {
    struct Waiting {
        bool alone;
        Post post;
        std::function<void(Turn)> go;
    };
    std::atomic<std::size_t> turns = 0;  // that are taken: most of the time none, and nobody locks
    std::mutex mutex;
    std::map<WorkspaceId, std::deque<Waiting>> waiting;  // of each turn that is taken
};

Turns::Turns() : state_(std::make_shared<State>()) {}

void Turns::enter(WorkspaceId workspace, bool alone, const Post& post, std::function<void(Turn)> go) {
    if (!alone && state_->turns == 0) return go({});
    {
        std::lock_guard lock(state_->mutex);
        auto waiting = state_->waiting.find(workspace);
        if (waiting != state_->waiting.end()) {
            waiting->second.push_back({alone, post, std::move(go)});
            return;
        }
        if (alone) {
            state_->waiting.try_emplace(workspace);
            ++state_->turns;
        }
    }
    go(alone ? taken(state_, workspace) : Turn());
}

Turns::Turn Turns::enter_and_wait(WorkspaceId workspace, bool alone) {
    std::promise<Turn> promise;
    auto turn = promise.get_future();
    enter(workspace, alone, [](const auto& work) { work(); }, [&](Turn mine) { promise.set_value(std::move(mine)); });
    return turn.get();
}

Turns::Turn Turns::taken(const std::shared_ptr<State>& state, WorkspaceId workspace) {
    return {state.get(), [state, workspace](void*) { give_back(state, workspace); }};
}

void Turns::give_back(const std::shared_ptr<State>& state, WorkspaceId workspace) {
    std::vector<State::Waiting> next;  // up to the next that wants to be alone
    {
        std::lock_guard lock(state->mutex);
        auto mine = state->waiting.find(workspace);
        auto& waiting = mine->second;
        while (!waiting.empty() && (next.empty() || !next.back().alone)) {
            next.push_back(std::move(waiting.front()));
            waiting.pop_front();
        }
        if (next.empty() || !next.back().alone) {
            state->waiting.erase(mine);
            --state->turns;
        }
    }
    for (auto& each : next)
        each.post([go = std::move(each.go), turn = each.alone ? taken(state, workspace) : Turn()]() mutable {
            go(std::move(turn));
        });
}

}  // namespace muster
