#pragma once
// How long a transfer may go on: at a rate of so much at least, after a time for nothing at the start. What
// went faster counts for later, but only so much: whoever sent a megabyte at once cannot rest on it for a quarter of an
// hour.

#include "api/http/limits.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace muster::http {

class Pace {
public:
    using Clock = std::chrono::steady_clock;

    Pace(std::chrono::milliseconds grace, std::chrono::milliseconds credit_max,
         std::uint64_t bytes_per_second = limits::bytes_per_second_min)
        : credit_max_(credit_max), bytes_per_second_(bytes_per_second), due_(Clock::now() + grace) {}

    // By when more must have come.
    [[nodiscard]] Clock::time_point due() const { return due_; }
    void passed(std::uint64_t bytes) {
        const auto earned = std::chrono::milliseconds(bytes * 1000 / bytes_per_second_);
        due_ = std::min(due_ + earned, Clock::now() + credit_max_);
    }

private:
    std::chrono::milliseconds credit_max_;
    std::uint64_t bytes_per_second_;
    Clock::time_point due_;
};

// The rate at which so many bytes, which are in memory until they are read, are read in `most`.
inline std::uint64_t pace_of_answer(std::uint64_t bytes, std::chrono::milliseconds most) {
    return std::max(limits::bytes_per_second_min, bytes * 1000 / static_cast<std::uint64_t>(most.count()));
}

}  // namespace muster::http
