#include "domain/presets.h"

namespace muster {
namespace {

std::set<PermissionKey> all_built_in() {
    std::set<PermissionKey> all;
    for (auto key : built_in_permissions) all.insert(PermissionKey{std::string(key)});
    return all;
}

Role role(const char* key, const char* name) { return {RoleKey{key}, Name{name}, {}, Path{"/"}}; }

}  // namespace

std::optional<Preset> preset(std::string_view name, Instant) {
    if (name != "default") return std::nullopt;
    Preset made;
    made.settings.default_role = RoleKey{"member"};
    made.roles = {role("admin", "Admin"), role("member", "Member"), role("guest", "Guest")};
    made.roles[0].permissions = all_built_in();
    return made;
}

}  // namespace muster
