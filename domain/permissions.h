#pragma once
// What a caller may do, as a set of permission keys, and the rule of containment: nobody gives permissions outside
// their own, and nobody acts on a person who may more than they.

#include "domain/values.h"

#include <array>
#include <set>
#include <string>
#include <string_view>

namespace muster {

// What Muster itself asks for. A workspace adds permissions of its own, for its own product.
inline constexpr std::array<std::string_view, 12> built_in_permissions = {
    "members.read",   "members.invite", "members.manage",  "members.delete", "members.provision", "requests.manage",
    "catalog.manage", "plan.manage",    "settings.manage", "audit.read",     "keys.manage",       "webhooks.manage"};

bool built_in(const PermissionKey& key);

struct PermissionSet {
    bool everything = false;  // the operator
    std::set<std::string, std::less<>> keys;

    [[nodiscard]] bool has(std::string_view key) const { return everything || keys.contains(key); }
    // Nothing in it is outside of `outer`.
    [[nodiscard]] bool within(const PermissionSet& outer) const;
};

}  // namespace muster
