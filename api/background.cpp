#include "api/background.h"

#include "eventstore/scheduling.h"

namespace muster {
namespace {

// Nobody is waited for longer than that: clocks may jump, and the log is not always there to wake.
constexpr std::chrono::milliseconds look_again{1000};

}  // namespace

void FollowingThread::start() {
    thread_ = std::thread([this] { run(); });
}

void FollowingThread::stop() {
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wakes_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void FollowingThread::wake() {
    {
        std::lock_guard lock(mutex_);
        grown_ = true;
    }
    wakes_.notify_one();
}

void FollowingThread::run() {
    come_behind(Niceness::unawaited);
    while (!stopping_) {
        {
            std::unique_lock lock(mutex_);
            wakes_.wait_for(lock, look_again, [this] { return grown_ || stopping_; });
            grown_ = false;
        }
        try {
            follow_();
        } catch (const std::exception& error) {
            tell_(error.what());
            std::unique_lock lock(mutex_);
            wakes_.wait_for(lock, rest_, [this] { return stopping_.load(); });
        }
    }
}

}  // namespace muster
