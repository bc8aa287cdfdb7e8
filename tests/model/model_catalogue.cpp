// The workspace itself: plan, settings, roles, permissions, teams, resources.
#include "tests/model/rules.h"

#include <algorithm>

namespace muster::test {
namespace {

Answer seats_in_use(const PlaceOf& place, const std::string& pool, std::int64_t limit, std::int64_t now) {
    auto count = used(place, pool, now);
    if (count <= limit) return {};
    return {"seats_in_use", pool, limit, count, {}};
}

Answer change_plan(PlaceOf& place, const Ask& ask, std::int64_t now) {
    Faults faults;
    std::set<std::string> more;
    for (const auto& each : ask.plan.pools) {
        const auto* before = place.pool(each.key);
        for (const auto& key : each.permissions) {
            if (!place.find(place.permissions, key)) faults.push_back("unknown_permission");
            if (!before || !before->permissions.contains(key)) more.insert(key);
        }
        for (const auto& base : each.goes_with) {
            auto found = std::ranges::find(ask.plan.pools, base, &PoolOf::key);
            if (found == ask.plan.pools.end() || !found->base) faults.push_back("unknown_license");
        }
    }
    if (!faults.empty()) return no(faults);
    if (ask.stale) return no("version_mismatch");
    if (above(place, ask, more)) return no("role_above_own");
    if (ask.plan == place.plan) return {};
    auto trial = ask.plan.trial_ends && now < *ask.plan.trial_ends;
    Answer answer;
    if (ask.plan.users && !trial) answer = seats_in_use(place, "users", *ask.plan.users, now);
    for (const auto& each : ask.plan.pools)
        if (answer.done() && each.seats) answer = seats_in_use(place, each.key, *each.seats, now);
    for (const auto& each : place.plan.pools) {
        auto found = std::ranges::find(ask.plan.pools, each.key, &PoolOf::key);
        bool stays = found != ask.plan.pools.end() && found->base == each.base;
        if (answer.done() && !stays) answer = seats_in_use(place, each.key, 0, now);
    }
    if (answer.done()) place.plan = ask.plan;
    return answer;
}

Answer change_settings(PlaceOf& place, const Ask& ask) {
    const auto& to = ask.settings;
    auto* role = place.role(to.default_role);
    if (!role && !to.default_role.empty()) return no("unknown_role");
    if (ask.stale) return no("version_mismatch");
    Given given;
    given.role = to.default_role;
    if (to.default_role != place.settings.default_role && above(place, ask, given)) return no("role_above_own");
    place.settings = to;
    return {};
}

Answer define_or_change_role(PlaceOf& place, const Ask& ask) {
    Faults faults;
    const std::set<std::string> wanted(ask.permissions.begin(), ask.permissions.end());
    for (const auto& each : ask.permissions)
        if (!each.starts_with("members.") && !place.find(place.permissions, each))
            faults.push_back("unknown_permission");
    if (!faults.empty()) return no(faults);
    auto* role = place.role(ask.key);
    if (ask.what == Do::define_role) {
        if (above(place, ask, wanted)) return no("role_above_own");
        if (role) return no("key_taken");
        place.roles.push_back({ask.key, wanted});
        return {};
    }
    if (!role) return no("not_found");
    if (ask.stale) return no("version_mismatch");
    auto more = wanted;
    for (const auto& each : role->permissions) more.erase(each);
    if (above(place, ask, more)) return no("role_above_own");
    if (ask.key == "admin" && wanted != role->permissions) return no("role_protected");
    role->permissions = wanted;
    return {};
}

Answer remove_role(PlaceOf& place, const Ask& ask) {
    if (!place.role(ask.key)) return no("not_found");
    if (ask.stale) return no("version_mismatch");
    if (ask.key == "admin") return no("role_protected");
    if (place.settings.default_role == ask.key || of_role(place, ask.key) > 0) return no("role_in_use");
    std::erase_if(place.roles, [&](const auto& each) { return each.key == ask.key; });
    return {};
}

Answer add(PlaceOf& place, std::vector<ThingOf>& things, const Ask& ask, const char* taken) {
    if (taken && place.find(things, ask.key)) return no(taken);
    things.push_back({++place.made, ask.key, ask.fresh, false});
    return {};
}

Answer take_away(std::vector<ThingOf>& things, const Ask& ask, auto is_it) {
    for (auto& each : things) {
        if (each.gone || !is_it(each)) continue;
        if (ask.stale) return no("version_mismatch");
        each.gone = true;
        return {};
    }
    return no("not_found");
}

Answer remove_permission(PlaceOf& place, const Ask& ask) {
    auto answer = take_away(place.permissions, ask, [&](const auto& each) { return each.name == ask.key; });
    if (!answer.done()) return answer;
    for (auto& each : place.roles) each.permissions.erase(ask.key);
    for (auto& each : place.plan.pools) each.permissions.erase(ask.key);
    return answer;
}

}  // namespace

Answer ask_of_catalogue(PlaceOf& place, const Ask& ask, std::int64_t now) {
    switch (ask.what) {
        case Do::plan:
            return change_plan(place, ask, now);
        case Do::settings:
            return change_settings(place, ask);
        case Do::define_role:
        case Do::change_role:
            return define_or_change_role(place, ask);
        case Do::remove_role:
            return remove_role(place, ask);
        case Do::define_permission:
            return add(place, place.permissions, ask, "key_taken");
        case Do::remove_permission:
            return remove_permission(place, ask);
        case Do::create_team:
            if (!place.settings.teams) return no("teams_disabled");
            return add(place, place.teams, ask, "name_taken");
        case Do::delete_team:
            return take_away(place.teams, ask, [&](const auto& each) { return each.id == ask.team.uuid; });
        case Do::register_resource:
            return add(place, place.resources, ask, nullptr);
        default:
            return take_away(place.resources, ask, [&](const auto& each) { return each.id == ask.resource.uuid; });
    }
}

}  // namespace muster::test
