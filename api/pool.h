#pragma once
// A few threads for work that may block (erasing, batches, expiring), so that the threads that answer HTTP never do.
// Bounded: what does not fit is refused, not queued without end.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t pool_threads = 2;
inline constexpr std::size_t pool_queue = 256;
}  // namespace limits

class Pool {
public:
    explicit Pool(std::size_t threads = limits::pool_threads);
    ~Pool() { stop(); }
    // Takes no more work, and finishes what has queued.
    void stop();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // False where the queue is full; then the work is not taken. What it throws ends the process: whoever posts it
    // catches what may be thrown, as `on_pool` does (api/service.h).
    [[nodiscard]] bool post(std::function<void()> work);

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wakes_;
    std::deque<std::function<void()>> queue_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace muster
