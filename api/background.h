#pragma once
// Threads beside those that answer HTTP: pools, followers, imports.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace muster {

// A thread that follows the log for what happens outside of it (mails, webhooks). It comes last.
class FollowingThread {
public:
    // `follow` goes on from where it stands to the log's end, unless its owner stops. What it throws is told, and it is
    // called again after `rest`.
    FollowingThread(std::function<void()> follow, std::function<void(const std::string& why)> tell,
                    std::chrono::seconds rest)
        : follow_(std::move(follow)), tell_(std::move(tell)), rest_(rest) {}
    ~FollowingThread() { stop(); }
    FollowingThread(const FollowingThread&) = delete;
    FollowingThread& operator=(const FollowingThread&) = delete;

    void start();
    void stop();
    // The log has grown. Short, on any thread.
    void wake();

private:
    void run();

    const std::function<void()> follow_;
    const std::function<void(const std::string&)> tell_;
    const std::chrono::seconds rest_;

    std::mutex mutex_;
    std::condition_variable wakes_;
    bool grown_ = true;                   // guarded by mutex_
    std::atomic<bool> stopping_ = false;  // set under mutex_
    std::thread thread_;
};

}  // namespace muster
