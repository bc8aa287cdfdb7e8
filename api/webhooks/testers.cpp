#include "api/webhooks/testers.h"

#include "api/webhooks/limits.h"
#include "eventstore/scheduling.h"

#include <algorithm>

namespace muster::webhooks {

bool Testers::run(WorkspaceId workspace, std::function<void()> test) {
    std::lock_guard lock(mutex_);
    auto own = std::ranges::count(waiting_, workspace, [](const auto& each) { return each.first; });
    if (stopping_ || waiting_.size() >= limits::webhook_tests_waiting ||
        static_cast<std::size_t>(own) >= limits::webhook_tests_waiting_of_workspace)
        return false;
    while (threads_.size() < limits::webhook_testers) threads_.emplace_back([this] { work(); });
    waiting_.emplace_back(workspace, std::move(test));
    wakes_.notify_one();
    return true;
}

void Testers::work() {
    come_behind(Niceness::awaited);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        auto next = std::ranges::find_if(waiting_, [this](const auto& each) {
            auto busy = under_way_.find(each.first);
            return busy == under_way_.end() || busy->second < limits::webhook_testers_of_workspace;
        });
        if (next == waiting_.end()) {
            wakes_.wait(lock);
            continue;
        }
        auto [workspace, test] = std::move(*next);
        waiting_.erase(next);
        ++under_way_[workspace];
        lock.unlock();
        test();
        test = nullptr;
        lock.lock();
        if (--under_way_[workspace] == 0) under_way_.erase(workspace);
    }
}

void Testers::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wakes_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    for (auto& [_, test] : std::exchange(waiting_, {})) test();
}

}  // namespace muster::webhooks
