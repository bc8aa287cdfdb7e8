#pragma once
// The bytes that the bodies of all connections have together, of which each request holds a part.

#include "api/http/limits.h"

#include <atomic>
#include <cstdint>
#include <utility>

namespace muster::http {

// A request's part; given back when the request is done. It counts what has arrived, not what was announced: to
// announce costs a caller nothing.
class BodyShare {
public:
    explicit BodyShare(std::atomic<std::uint64_t>& all) : all_(all) {}
    ~BodyShare() { all_ -= bytes_; }
    BodyShare(const BodyShare&) = delete;
    BodyShare& operator=(const BodyShare&) = delete;

    // False if there is no room for so many.
    [[nodiscard]] bool grow_to(std::uint64_t bytes) {
        const auto more = bytes - std::exchange(bytes_, bytes);
        return (all_ += more) <= limits::body_bytes_in_all_max;
    }

private:
    std::atomic<std::uint64_t>& all_;
    std::uint64_t bytes_ = 0;
};

}  // namespace muster::http
