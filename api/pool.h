#pragma once
// A few threads for work that may block (erasing, batches, expiring), so that the threads that answer HTTP never do.
// Bounded: what does not fit is refused, not queued without end. Of what waits, each for whom it is has a share, so
// that nobody alone keeps the others out; and all that waits leaves room among the requests in flight for what needs no
// pool.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t pool_threads = 2;
inline constexpr std::size_t pool_queue = 128;  // that wait
inline constexpr std::size_t pool_share = 64;   // that wait for one: a workspace, an IP address
}  // namespace limits

class Pool {
public:
    explicit Pool(std::size_t threads = limits::pool_threads, std::size_t share = limits::pool_share);
    ~Pool() { stop(); }
    // Takes no more work, and finishes what has queued.
    void stop();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // False where the queue, or the share of whom it is for, is full; then the work is not taken. Work of the server's
    // own names nobody. What it throws ends the process: whoever posts it catches what may be thrown, as `on_pool` does
    // (api/service.h).
    [[nodiscard]] bool post(std::function<void()> work, const std::string& whose = {});
    // The same before all that waits, also where the queue is full: for the server's own, of which few can come at
    // once. False when it stops.
    [[nodiscard]] bool post_first(std::function<void()> work);

private:
    void run();

    const std::size_t share_;
    std::mutex mutex_;
    std::condition_variable wakes_;
    std::deque<std::pair<std::string, std::function<void()>>> queue_;
    std::map<std::string, std::size_t> waiting_;  // by whom it is for; none is 0
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace muster
