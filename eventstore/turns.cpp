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
    std::atomic<std::size_t> taken = 0;  // how many workspaces' turns: most of the time none, and nobody locks
    std::mutex mutex;
    std::map<WorkspaceId, std::deque<Waiting>> waiting;  // of each turn that is taken
};

Turns::Turns() : state_(std::make_shared<State>()) {}

void Turns::enter(WorkspaceId workspace, bool alone, const Post& post, std::function<void(Turn)> go) {
    if (!alone && state_->taken == 0) return go({});
    {
        std::lock_guard lock(state_->mutex);
        auto taken = state_->waiting.find(workspace);
        if (taken != state_->waiting.end()) {
            taken->second.push_back({alone, post, std::move(go)});
            return;
        }
        if (alone) {
            state_->waiting.try_emplace(workspace);
            ++state_->taken;
        }
    }
    go(alone ? Turn(state_, workspace) : Turn());
}

Turns::Turn Turns::enter_and_wait(WorkspaceId workspace, bool alone) {
    std::promise<Turn> promise;
    auto turn = promise.get_future();
    enter(workspace, alone, [](const auto& work) { work(); }, [&](Turn mine) { promise.set_value(std::move(mine)); });
    return turn.get();
}

Turns::Turn::~Turn() {
    if (!state_) return;
    std::vector<State::Waiting> next;  // up to the next that wants to be alone
    {
        std::lock_guard lock(state_->mutex);
        auto taken = state_->waiting.find(workspace_);
        auto& waiting = taken->second;
        while (!waiting.empty() && (next.empty() || !next.back().alone)) {
            next.push_back(std::move(waiting.front()));
            waiting.pop_front();
        }
        if (next.empty() || !next.back().alone) {
            state_->waiting.erase(taken);
            --state_->taken;
        }
    }
    for (auto& each : next) {
        auto turn = std::make_shared<Turn>(each.alone ? Turn(state_, workspace_) : Turn());
        each.post([turn, go = std::move(each.go)] { go(std::move(*turn)); });
    }
}

}  // namespace muster
