#pragma once
// What a stream holds of what many streams share: claims (one holder each) and units of counters. Seat accounting is
// nothing but the difference of holdings before and after an append; `used = sum of holdings` holds by construction.

#include "domain/describe.h"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

// A counter of one workspace: `users`, `license:KEY`, `active_admins`, `role:KEY`.
struct Counter {
    std::string name;
    auto operator<=>(const Counter&) const = default;
    static Counter users() { return {"users"}; }
    static Counter active_admins() { return {"active_admins"}; }
    static Counter license(const std::string& key) { return {"license:" + key}; }
    static Counter role(const std::string& key) { return {"role:" + key}; }
};

// What one stream alone may hold: `email:` or `request:` and the 32 bytes of an address's claim within its workspace,
// or `slug:` and a workspace's slug, over all workspaces.
struct Claim {
    std::string name;
    auto operator<=>(const Claim&) const = default;
};

struct Holdings {
    std::set<Claim> claims;
    std::map<Counter, std::int64_t> takes;
    bool operator==(const Holdings&) const = default;
};

// How much of each counter of a workspace is taken, as it stood when a decision was begun.
struct Counters {
    std::map<Counter, std::int64_t> used;
    [[nodiscard]] std::int64_t of(const Counter& counter) const {
        auto found = used.find(counter);
        return found == used.end() ? 0 : found->second;
    }
};

// A condition on a counter that the append leaves alone: at most so many are taken.
struct Bound {
    Counter counter;
    std::int64_t most;
    bool operator==(const Bound&) const = default;
};

}  // namespace muster
