#include "api/pool.h"

#include "eventstore/scheduling.h"

#include <algorithm>

namespace muster {

Pool::Pool(std::size_t threads, std::size_t share, std::size_t runs) : share_(share), runs_(runs) {
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
        if (waiting_ >= limits::pool_queue || stopping_) return false;
        auto line = lines_.try_emplace(whose).first;
        if (!whose.empty() && line->second.waits.size() >= share_) return false;
        if (line->second.waits.empty()) turns_.push_back(whose);
        line->second.waits.push_back(std::move(work));
        ++waiting_;
    }
    wakes_.notify_one();
    return true;
}

bool Pool::post_first(std::function<void()> work) {
    {
        std::lock_guard lock(mutex_);
        if (stopping_) return false;
        first_.push_front(std::move(work));
    }
    wakes_.notify_one();
    return true;
}

std::list<std::string>::const_iterator Pool::next() const {
    return std::ranges::find_if(turns_,
                                [&](const auto& whose) { return whose.empty() || lines_.at(whose).runs < runs_; });
}

void Pool::run() {
    come_behind(Niceness::awaited);
    std::unique_lock lock(mutex_);
    while (true) {
        wakes_.wait(lock, [this] { return stopping_ || has_work(); });
        if (!has_work()) return;  // whose work runs now takes the rest of theirs
        if (!first_.empty()) {
            auto work = std::move(first_.front());
            first_.pop_front();
            lock.unlock();
            work();
            work = nullptr;
            lock.lock();
            continue;
        }
        const auto turn = next();
        const auto theirs = lines_.find(*turn);
        auto& line = theirs->second;
        auto work = std::move(line.waits.front());
        line.waits.pop_front();
        --waiting_;
        turns_.erase(turn);
        if (!line.waits.empty()) turns_.push_back(theirs->first);
        ++line.runs;
        lock.unlock();
        work();
        work = nullptr;
        lock.lock();
        if (--line.runs == 0 && line.waits.empty()) lines_.erase(theirs);
    }
}

}  // namespace muster
