#pragma once
// Threads for tests of webhooks, which somebody waits for: others than those that deliver, so that a target that hangs
// in a test holds up no event. A workspace has a share of them and of the places to wait for one (limits.h), so that it
// holds up no other's tests either. Safe for use by any number of threads.

#include "domain/ids.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace muster::webhooks {

class Testers {
public:
    Testers() = default;
    ~Testers() { stop(); }
    Testers(const Testers&) = delete;
    Testers& operator=(const Testers&) = delete;

    // Runs it on one of the threads, which are made when the first test comes; it must not throw. False where too many
    // wait, of the workspace or of all, or where this has stopped.
    [[nodiscard]] bool run(WorkspaceId workspace, std::function<void()> test);
    // Waits for what is under way, and runs what waits on the caller's thread: whoever asked for it is to be told.
    void stop();

private:
    void work();

    std::mutex mutex_;
    std::condition_variable wakes_;
    // Guarded by mutex_.
    std::deque<std::pair<WorkspaceId, std::function<void()>>> waiting_;
    std::map<WorkspaceId, std::size_t> under_way_;  // none is 0
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace muster::webhooks
