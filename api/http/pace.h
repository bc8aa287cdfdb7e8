#pragma once
// How long a transfer may go on: at least limits::bytes_per_second_min, after a time for nothing at the start. What
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

    Pace(std::chrono::milliseconds grace, std::chrono::milliseconds credit_max)
        : credit_max_(credit_max), due_(Clock::now() + grace) {}

    // By when more must have come.
    [[nodiscard]] Clock::time_point due() const { return due_; }
    void passed(std::uint64_t bytes) {
        const auto earned = std::chrono::milliseconds(bytes * 1000 / limits::bytes_per_second_min);
        due_ = std::min(due_ + earned, Clock::now() + credit_max_);
    }

private:
    std::chrono::milliseconds credit_max_;
    Clock::time_point due_;
};

}  // namespace muster::http
