#pragma once
// The bytes that all connections hold together, of bodies that came in or of answers that go out; each holds a part.

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace muster::http {

// One part, given back with this; any thread, also after the server has gone. It counts what is there, not what was
// announced: to announce costs a caller nothing.
class ByteShare {
public:
    using All = std::shared_ptr<std::atomic<std::uint64_t>>;
    ByteShare(All all, std::uint64_t all_max) : all_(std::move(all)), all_max_(all_max) {}
    ~ByteShare() { *all_ -= bytes_; }
    ByteShare(const ByteShare&) = delete;
    ByteShare& operator=(const ByteShare&) = delete;

    // False if there is no room for so many; they are counted all the same.
    [[nodiscard]] bool grow_to(std::uint64_t bytes) {
        const auto more = bytes - std::exchange(bytes_, bytes);
        return (*all_ += more) <= all_max_;
    }

private:
    const All all_;
    const std::uint64_t all_max_;
    std::uint64_t bytes_ = 0;
};

}  // namespace muster::http
