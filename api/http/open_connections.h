#pragma once
// The connections that are open: how many, from whom, and which, so that a stop can reach them. Any thread.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace muster::http {

class Connection;

class OpenConnections {
public:
    enum class Admission { served, turned_away, dropped };

    OpenConnections(std::size_t max, std::size_t per_address_max) : max_(max), per_address_max_(per_address_max) {}

    // Counts a new connection of this address, until left() with the same; one that is dropped is not counted.
    [[nodiscard]] Admission admit(const std::string& address);
    void left(const std::string& address, Admission admission);

    void add(const std::shared_ptr<Connection>& connection);
    void remove(const Connection* connection);
    [[nodiscard]] std::vector<std::shared_ptr<Connection>> all() const;
    // Calls this, on the thread of the last remove(), whenever none is open any more; at once if that is so now.
    void when_empty(const std::function<void()>& call);

private:
    const std::size_t max_;
    const std::size_t per_address_max_;
    mutable std::mutex mutex_;
    std::size_t served_ = 0;
    std::size_t turned_away_ = 0;
    std::unordered_map<std::string, std::size_t> served_by_address_;
    std::unordered_map<const Connection*, std::weak_ptr<Connection>> open_;
    std::function<void()> when_empty_;
};

}  // namespace muster::http
