#pragma once
// Where what a connection waits for arrives: the answer to the request in hand, or the next piece of one that is
// streamed. Shared by the connection, which waits on its own executor, and the function that gives it, which may be
// called on any thread, late, twice, after the server has gone, or never.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace muster::http {

template <class T>
class Arrival {
public:
    // The giver's side. The first one counts; nothing stands for "it failed".
    void give(std::optional<T> what) {
        const std::scoped_lock lock(mutex_);
        if (given_) return;
        given_ = true;
        what_ = std::move(what);
        if (wake_) std::exchange(wake_, nullptr)();
    }

    // The connection's side.
    [[nodiscard]] bool arrived() const {
        const std::scoped_lock lock(mutex_);
        return given_;
    }
    // True if it is there. Else `wake` is kept and called once, on the thread that gives it; it must only post. It is
    // not called after forget() has returned.
    [[nodiscard]] bool arrived_or_wake(std::function<void()> wake) {
        const std::scoped_lock lock(mutex_);
        if (!given_) wake_ = std::move(wake);
        return given_;
    }
    void forget() {
        const std::scoped_lock lock(mutex_);
        wake_ = nullptr;
    }
    // What was given, once it has arrived.
    [[nodiscard]] std::optional<T> take() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(what_, std::nullopt);
    }

private:
    mutable std::mutex mutex_;
    bool given_ = false;
    std::optional<T> what_;
    std::function<void()> wake_;
};

// Gives to this arrival. When the last copy of the function is destroyed uncalled, that is a failure.
template <class T>
[[nodiscard]] std::function<void(T)> giver_for(std::shared_ptr<Arrival<T>> arrival) {
    struct Ticket {
        explicit Ticket(std::shared_ptr<Arrival<T>> to) : arrival(std::move(to)) {}
        ~Ticket() { arrival->give(std::nullopt); }
        Ticket(const Ticket&) = delete;
        Ticket& operator=(const Ticket&) = delete;
        std::shared_ptr<Arrival<T>> arrival;
    };
    return [ticket = std::make_shared<Ticket>(std::move(arrival))](T what) { ticket->arrival->give(std::move(what)); };
}

}  // namespace muster::http
