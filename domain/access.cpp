#include "domain/access.h"

#include "domain/assignment.h"

#include <algorithm>
#include <utility>

namespace muster {
namespace {

// Keeps who gave what stays, drops what was taken, notes `by` for what is new.
template <class Key, class Now>
void follow(std::map<Key, GivenBy>& given, const Now& now, GivenBy by) {
    std::erase_if(given, [&](const auto& each) { return !now.contains(each.first); });
    for (const auto& each : now) given.try_emplace(each, by);
}

}  // namespace

Life life_of(const std::vector<RecordedPtr>& events) {
    Life life;
    for (const auto& event : events) {
        auto before = life.membership.assignment;
        evolve(life.membership, *event);
        const auto& now = life.membership.assignment;
        const GivenBy by = event->meta.position;
        if (now.role != before.role) life.role = by;
        if (now.license != before.license) life.license = by;
        follow(life.add_ons, now.add_ons, by);
        follow(life.permissions, now.permissions, by);
        follow(life.resources, now.resources, by);
    }
    return life;
}

namespace {

// Who holds a role or a licence has what it gives since the later of the two.
template <class Key>
GivenBy later(GivenBy person, const std::map<Key, AddedPermissions>& added, const Key& holder,
              const PermissionKey& permission) {
    auto found = added.find(holder);
    if (found == added.end()) return person;
    auto put = found->second.find(permission);
    return put == found->second.end() ? person : std::max(person, put->second);
}

// An admin has every permission from when it is defined.
GivenBy by_role(const Workspace& workspace, const Life& life, const PermissionKey& permission) {
    const auto& key = life.membership.assignment.role;
    auto since = std::max(life.role, workspace.roles.at(key).defined);
    if (key != admin_role) return later(since, workspace.added_to_roles, key, permission);
    auto own = workspace.permissions.find(permission);
    return own == workspace.permissions.end() ? since : std::max(since, own->second.defined);
}

Source of_role(const Workspace& workspace, const RoleKey& key, std::optional<GivenBy> given) {
    auto role = workspace.roles.find(key);
    auto name = role == workspace.roles.end() ? key.value : role->second.value.name.value;
    return {SourceKind::role, key.value, std::move(name), given};
}

Source of_license(const License& license, std::optional<GivenBy> given) {
    auto kind = license.kind == LicenseKind::base ? SourceKind::license : SourceKind::add_on;
    return {kind, license.key.value, license.name.value, given};
}

}  // namespace

Life once_active(const Workspace& workspace, Life life) {
    auto& given = life.membership.assignment;
    for (const auto& lost : lost_licenses(workspace, given)) {
        if (given.license == lost) given.license.reset();
        given.add_ons.erase(lost);
        life.add_ons.erase(lost);
    }
    return life;
}

std::vector<Source> given_to(const Workspace& workspace, const Life& life) {
    const auto& given = life.membership.assignment;
    std::vector<Source> sources{of_role(workspace, given.role, life.role)};
    // A licence that the plan lost is remembered by who was not active then.
    auto add = [&](SourceKind kind, const LicenseKey& key, GivenBy by) {
        const auto* license = workspace.license(key);
        sources.push_back({kind, key.value, license ? license->name.value : key.value, by});
    };
    if (given.license) add(SourceKind::license, *given.license, life.license);
    for (const auto& [key, by] : life.add_ons) add(SourceKind::add_on, key, by);
    return sources;
}

std::vector<HeldPermission> held_permissions(const Workspace& workspace, const Life& life) {
    std::map<PermissionKey, std::vector<Source>> held;
    const auto& given = life.membership.assignment;
    for (const auto& each : workspace.permissions_of(given.role).keys) {
        const PermissionKey key{each};
        held[key].push_back(of_role(workspace, given.role, by_role(workspace, life, key)));
    }
    for (const auto& [grant, by] : life.permissions) {
        if (holds(workspace, grant)) held[grant.key].push_back({SourceKind::own, std::nullopt, std::nullopt, by});
    }
    auto add = [&](const LicenseKey& key, GivenBy by) {
        if (const auto* license = workspace.license(key))
            for (const auto& each : license->permissions)
                held[each].push_back(of_license(*license, later(by, workspace.added_to_licenses, key, each)));
    };
    if (given.license) add(*given.license, life.license);
    for (const auto& [key, by] : life.add_ons) add(key, by);
    std::vector<HeldPermission> all;
    for (auto& [key, from] : held) all.push_back({key, std::move(from)});
    return all;
}

std::vector<Source> sources_of(const Workspace& workspace, const PermissionKey& permission) {
    std::vector<Source> sources;
    for (auto kind : {LicenseKind::add_on, LicenseKind::base})
        for (const auto& license : workspace.plan.value.licenses)
            if (license.kind == kind && license.permissions.contains(permission))
                sources.push_back(of_license(license, std::nullopt));
    for (const auto& [key, _] : workspace.roles)
        if (workspace.permissions_of(key).has(permission.value))
            sources.push_back(of_role(workspace, key, std::nullopt));
    return sources;
}

Phase phase_at(const Membership& membership, Instant now) {
    return membership.due(now) ? Phase::expired : membership.phase;
}

}  // namespace muster
