#include "api/http/open_connections.h"

#include "api/http/limits.h"

namespace muster::http {

OpenConnections::Admission OpenConnections::admit(const std::string& address) {
    const std::scoped_lock lock(mutex_);
    auto& here = served_by_address_[address];
    if (served_ < max_ && here < per_address_max_) {
        ++served_;
        ++here;
        return Admission::served;
    }
    if (here == 0) served_by_address_.erase(address);
    if (turned_away_ == limits::turned_away_max) return Admission::dropped;
    ++turned_away_;
    return Admission::turned_away;
}

void OpenConnections::left(const std::string& address, Admission admission) {
    const std::scoped_lock lock(mutex_);
    if (admission == Admission::turned_away) --turned_away_;
    if (admission != Admission::served) return;
    --served_;
    const auto here = served_by_address_.find(address);
    if (--here->second == 0) served_by_address_.erase(here);
}

void OpenConnections::add(const std::shared_ptr<Connection>& connection) {
    const std::scoped_lock lock(mutex_);
    open_.emplace(connection.get(), connection);
}

void OpenConnections::remove(const Connection* connection) {
    std::function<void()> call;
    {
        const std::scoped_lock lock(mutex_);
        open_.erase(connection);
        if (open_.empty()) call = when_empty_;
    }
    if (call) call();
}

std::vector<std::shared_ptr<Connection>> OpenConnections::all() const {
    std::vector<std::shared_ptr<Connection>> connections;
    const std::scoped_lock lock(mutex_);
    connections.reserve(open_.size());
    for (const auto& [address, weak] : open_) {
        if (auto connection = weak.lock()) connections.push_back(std::move(connection));
    }
    return connections;
}

void OpenConnections::when_empty(const std::function<void()>& call) {
    {
        const std::scoped_lock lock(mutex_);
        when_empty_ = call;
        if (!open_.empty()) return;
    }
    call();
}

}  // namespace muster::http
