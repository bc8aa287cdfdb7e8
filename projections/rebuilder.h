#pragma once
// Making read models anew beside the runner that serves them: one after the other, on a thread of its own. The next
// generation is filled from the log to where the live one stands, read back from disk, compared with it, and handed to
// the runner, which lets it catch up and take the live one's place. Queries are served all the while. Whatever ends it
// in between leaves the live one alone, and the next time goes on where it was. A live one that has halted, or can't be
// read, is not compared with.

#include "projections/rebuild.h"
#include "projections/runner.h"

#include <atomic>
#include <optional>
#include <string>
#include <vector>

namespace muster {

class Rebuilder {
public:
    // The origin's feed, the runner and the projections must outlive it.
    Rebuilder(Origin origin, Runner& runner);
    ~Rebuilder() { stop(); }
    void stop();
    Rebuilder(const Rebuilder&) = delete;
    Rebuilder& operator=(const Rebuilder&) = delete;

    // A run's number. Throws std::runtime_error where one is under way: there is one at a time.
    std::uint64_t begin(std::vector<const Projection*> projections);

    struct Ended {
        std::string name;
        Rebuilt made;
        std::string failure;  // why it was not made; else empty
    };
    // Of the last run that was begun.
    struct Standing {
        std::uint64_t run = 0;
        bool under_way = false;
        std::vector<Ended> ended;  // in the order of the projections
        std::string name;          // what is being made now
        Position done = 0;         // of all projections of the run together, in events
        Position all = 0;
    };
    [[nodiscard]] Standing standing() const;

private:
    struct Stopped {};

    void run(const std::vector<const Projection*>& projections);
    Rebuilt make(const Projection& projection);
    Rebuilt fill_and_compare(const Projection& projection, Generation& next);
    // The rows of the live one, or why there are none to compare with.
    struct Before {
        std::unique_ptr<Reading> rows;
        Position position = 0;
        std::string missing;
    };
    [[nodiscard]] Before before_at_least(std::string_view name, Position position);
    void progress(Position done);

    const Origin origin_;
    Runner& runner_;

    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;
    Standing standing_;  // guarded by mutex_, but for what only the thread changes
    Position each_ = 0;  // events that each projection of the run has, as it began
    std::thread thread_;
};

}  // namespace muster
