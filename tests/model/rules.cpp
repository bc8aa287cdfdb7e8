#include "tests/model/rules.h"

#include <algorithm>

namespace muster::test {

Answer no(const std::string& code) { return {code, {}, 0, 0, {}}; }
Answer no(const Faults& faults) { return no(faults.size() == 1 ? faults.front() : "validation_failed"); }

namespace {

const std::set<std::string> built_in_keys{"members.read",      "members.invite",  "members.manage", "members.delete",
                                          "members.provision", "requests.manage", "catalog.manage", "plan.manage",
                                          "settings.manage",   "audit.read",      "keys.manage",    "webhooks.manage"};

std::set<std::string> of_licence(const PlaceOf& place, const std::string& key) {
    const auto* pool = place.pool(key);
    return pool ? pool->permissions : std::set<std::string>{};
}

}  // namespace

std::set<std::string> powers(const PlaceOf& place, const Given& given) {
    std::set<std::string> all;
    for (const auto& role : place.roles)
        if (role.key == given.role) all = role.permissions;
    if (given.role == "admin") {
        all = built_in_keys;
        for (const auto& each : place.permissions)
            if (!each.gone) all.insert(each.name);
    }
    for (const auto& [key, number] : given.permissions) {
        const auto* own = place.find(place.permissions, key);
        if (own ? own->number == number : built_in_keys.contains(key)) all.insert(key);
    }
    all.merge(of_licence(place, given.license));
    for (const auto& each : given.add_ons) all.merge(of_licence(place, each));
    return all;
}

bool above(const PlaceOf& place, const Ask& ask, const std::set<std::string>& wanted) {
    if (!ask.by) return false;
    const auto* caller = place.person(*ask.by);
    auto own = caller && caller->state == State::active ? powers(place, caller->given) : std::set<std::string>{};
    return std::ranges::any_of(wanted, [&](const auto& each) { return !own.contains(each); });
}
bool above(const PlaceOf& place, const Ask& ask, const Given& given) { return above(place, ask, powers(place, given)); }

namespace {

void choose_licences(const PlaceOf& place, const Given& had, Given& made, const Fields& fields, Faults& faults) {
    if (fields.license) made.license = *fields.license;
    if (fields.add_ons) made.add_ons = {fields.add_ons->begin(), fields.add_ons->end()};
    if (made.license == had.license && made.add_ons == had.add_ons) return;
    if (made.license != had.license && !made.license.empty()) {
        const auto* base = place.pool(made.license);
        if (!base || !base->base) faults.push_back("unknown_license");
    }
    for (const auto& each : made.add_ons) {
        if (made.license == had.license && had.add_ons.contains(each)) continue;
        const auto* pool = place.pool(each);
        if (!pool || pool->base) {
            if (fields.add_ons) faults.push_back("unknown_add_on");
        } else if (made.license.empty() || (!pool->goes_with.empty() && !pool->goes_with.contains(made.license))) {
            faults.push_back("add_on_not_eligible");
        }
    }
}

void choose_teams(const PlaceOf& place, Given& made, const std::vector<std::string>& teams, Faults& faults) {
    std::set<int> had, chosen;
    for (const auto& team : place.teams)
        if (!team.gone && made.teams.contains(team.number)) had.insert(team.number);
    std::size_t unknown = 0;
    for (const auto& each : teams) {
        if (const auto* team = place.find(place.teams, each))
            chosen.insert(team->number);
        else
            ++unknown;
    }
    if (unknown == 0 && chosen == had) return;
    made.teams = chosen;
    if (unknown == 0 && std::ranges::includes(had, chosen)) return;
    if (!place.settings.teams) return faults.push_back("teams_disabled");
    faults.insert(faults.end(), unknown, "unknown_team");
    auto most = place.settings.max_teams;
    if (most && static_cast<std::int64_t>(made.teams.size()) > *most) faults.push_back("too_many_teams");
}

}  // namespace

Given choose(const PlaceOf& place, Given had, const Fields& fields, bool newcomer, Faults& faults) {
    if (newcomer) had.role = place.settings.default_role;
    auto made = had;
    if (fields.role) made.role = *fields.role;
    if (made.role.empty() && (newcomer || fields.role))
        faults.push_back("role_required");
    else if (fields.role && !place.role_exists(made.role))
        faults.push_back("unknown_role");
    choose_licences(place, had, made, fields, faults);
    if (fields.teams) choose_teams(place, made, *fields.teams, faults);
    if (fields.permissions) {
        std::set<std::pair<std::string, int>> kept, chosen;
        for (const auto& each : had.permissions) {
            const auto* own = place.find(place.permissions, each.first);
            if (own ? own->number == each.second : built_in_keys.contains(each.first)) kept.insert(each);
        }
        for (const auto& each : *fields.permissions) {
            if (const auto* own = place.find(place.permissions, each))
                chosen.insert({each, own->number});
            else if (built_in_keys.contains(each))
                chosen.insert({each, 0});
            else
                faults.push_back("unknown_permission");
        }
        if (chosen != kept) made.permissions = chosen;
    }
    if (fields.resources) {
        made.resources.clear();
        for (const auto& [id, edit] : *fields.resources) {
            auto found = std::ranges::find(place.resources, id.uuid, &ThingOf::id);
            bool there = found != place.resources.end();
            if (there && (!found->gone || had.resources.contains(found->number)))
                made.resources[found->number] = edit || made.resources[found->number];
            else
                faults.push_back("unknown_resource");
        }
    }
    return made;
}

void identity(const PlaceOf& place, const std::string& email, bool named, Faults& faults) {
    if (place.settings.own_domain_only && !email.empty() && !email.ends_with("@spring.example"))
        faults.push_back("email_domain_not_allowed");
    if (place.settings.name_required && !named) faults.push_back("name_required");
}

void check_ttl(std::optional<std::int64_t> ttl, Faults& faults) {
    if (ttl && (*ttl < 3600 || *ttl > 31'536'000)) faults.push_back("ttl_out_of_range");
}

void drop_lost(const PlaceOf& place, Given& given) {
    const auto* base = place.pool(given.license);
    if (!base || !base->base) given.license.clear();
    std::erase_if(given.add_ons, [&](const auto& key) {
        const auto* pool = place.pool(key);
        bool goes = pool && (pool->goes_with.empty() || pool->goes_with.contains(given.license));
        return !pool || pool->base || given.license.empty() || !goes;
    });
}

void drop_gone_teams(const PlaceOf& place, Given& given) {
    for (const auto& each : place.teams)
        if (each.gone) given.teams.erase(each.number);
}

std::string guessed(const std::string& email) {
    auto name = email.substr(0, email.find('@'));
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
}

Answer take_address(PlaceOf& place, const Ask& ask, const std::string& email, std::int64_t now) {
    auto* holder = place.holder(email);
    if (!holder) return {};
    if (holder->state == State::active) return no("already_member");
    if (holder->state == State::deactivated) return no("member_deactivated");
    if (holder->waits(now)) return no("already_invited");
    if (above(place, ask, holder->given)) return no("role_above_own");
    holder->state = State::revoked;
    return {};
}

Answer fits(const PlaceOf& before, const PlaceOf& after, std::int64_t now) {
    std::vector<std::string> pools{"users"};
    for (const auto& each : after.plan.pools) pools.push_back(each.key);
    for (const auto& pool : pools) {
        auto limit = limit_of(after, pool, now);
        auto was = used(before, pool, now), is = used(after, pool, now);
        if (limit && is > was && is > *limit) return {"no_seats_remaining", pool, *limit, was, {}};
    }
    if (active_admins(after) < active_admins(before) && active_admins(after) < 1) return no("last_admin");
    return {};
}

}  // namespace muster::test
