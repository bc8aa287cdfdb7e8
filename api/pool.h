#pragma once
// A few threads for work that may block (erasing, batches, expiring), so that the threads that answer HTTP never do.
// Bounded: what does not fit is refused, not queued without end. Those whom it is for take turns, and each has a share
// of what waits and of what runs: however much one asks for, the others find a thread that is free, or soon will be.
// And all that waits leaves room among the requests in flight for what needs no pool.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t pool_threads = 2;
inline constexpr std::size_t pool_queue = 128;  // that wait
inline constexpr std::size_t pool_share = 64;   // that wait for one: a workspace, an IP address
inline constexpr std::size_t pool_runs = pool_threads - 1;  // that run for one at once, where each may take seconds
}  // namespace limits

class Pool {
public:
    explicit Pool(std::size_t threads = limits::pool_threads, std::size_t share = limits::pool_share,
                  std::size_t runs = limits::pool_runs);
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
    // What there is of one's.
    struct Line {
        std::deque<std::function<void()>> waits;
        std::size_t runs = 0;
    };

    void run();
    // Whose turn it is, of those who may run: the end where it is nobody's.
    [[nodiscard]] std::list<std::string>::const_iterator next() const;
    [[nodiscard]] bool has_work() const { return !first_.empty() || next() != turns_.end(); }

    const std::size_t share_, runs_;
    std::mutex mutex_;
    std::condition_variable wakes_;
    std::deque<std::function<void()>> first_;
    std::map<std::string, Line> lines_;  // by whom it is for, where anything waits or runs
    std::list<std::string> turns_;       // of those for whom something waits
    std::size_t waiting_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace muster
