#pragma once
// How many requests are worked on at once. What comes beyond is refused before anything of it is executed (503
// overloaded, Retry-After), so that those that are taken are answered in time; a share is kept for what must get
// through when all else is too much: to take somebody's access away. Safe for use by any number of threads.

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace muster {

namespace limits {
// Requests that were routed and are not yet answered. More in flight would not be answered faster: a command waits for
// its group's one sync, and 256 fill several.
inline constexpr std::size_t requests_in_flight = 256;
// Beside them, for urgent routes only.
inline constexpr std::size_t urgent_in_flight = 64;
}  // namespace limits

// What a route is to an overloaded server.
enum class Urgency {
    usual,
    urgent,  // revoking and deactivating: gets the reserved share too
    health   // of the service itself: always answered, neither limited nor (while all is well) logged
};

class InFlight {
public:
    explicit InFlight(std::size_t usual_max = limits::requests_in_flight,
                      std::size_t urgent_max = limits::urgent_in_flight)
        : usual_max_(usual_max), all_max_(usual_max + urgent_max) {}

    // A request's place, until this is destroyed; may outlive the InFlight.
    class Place {
    public:
        explicit Place(std::shared_ptr<std::atomic<std::size_t>> taken) : taken_(std::move(taken)) {}
        ~Place() { --*taken_; }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

    private:
        std::shared_ptr<std::atomic<std::size_t>> taken_;
    };
    // nullptr where there is none left for such.
    [[nodiscard]] std::shared_ptr<Place> enter(Urgency urgency) {
        auto max = urgency == Urgency::usual ? usual_max_ : all_max_;
        if (++*taken_ <= max || urgency == Urgency::health) return std::make_shared<Place>(taken_);
        --*taken_;
        return nullptr;
    }
    [[nodiscard]] std::size_t taken() const { return *taken_; }

private:
    const std::size_t usual_max_;
    const std::size_t all_max_;
    const std::shared_ptr<std::atomic<std::size_t>> taken_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace muster
