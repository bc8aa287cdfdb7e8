#include "api/pool.h"

#include "eventstore/scheduling.h"

namespace muster {

Pool::Pool(std::size_t threads, std::size_t share) : share_(share) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

void Pool::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wakes_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

bool Pool::post(std::function<void()> work, const std::string& whose) {
    {
        std::lock_guard lock(mutex_);
        if (queue_.size() >= limits::pool_queue || stopping_) return false;
        if (!whose.empty()) {
            auto& waits = waiting_[whose];
            if (waits >= share_) return false;
            ++waits;
        }
        queue_.emplace_back(whose, std::move(work));
    }
    wakes_.notify_one();
    return true;
}

bool Pool::post_first(std::function<void()> work) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return false;
        queue_.emplace_front(std::string(), std::move(work));
    }
    wakes_.notify_one();
    return true;
}

void Pool::run() {
    come_behind(Niceness::awaited);
    while (true) {
        std::function<void()> work;
        {
            std::unique_lock lock(mutex_);
            wakes_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            auto waits = waiting_.find(queue_.front().first);
            if (waits != waiting_.end() && --waits->second == 0) waiting_.erase(waits);
            work = std::move(queue_.front().second);
            queue_.pop_front();
        }
        work();
    }
}

}  // namespace muster
