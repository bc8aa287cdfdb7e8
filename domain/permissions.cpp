#include "domain/permissions.h"

#include <algorithm>

namespace muster {

bool built_in(const PermissionKey& key) {
    return std::ranges::find(built_in_permissions, key.value) != built_in_permissions.end();
}

bool PermissionSet::within(const PermissionSet& outer) const {
    if (outer.everything) return true;
    return !everything && std::ranges::includes(outer.keys, keys);
}

}  // namespace muster
