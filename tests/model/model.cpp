#include "tests/model/model.h"

#include "tests/model/rules.h"

namespace muster::test {

PersonOf* PlaceOf::person(MemberId id) {
    for (auto& each : people)
        if (each.id == id) return &each;
    return nullptr;
}
const PersonOf* PlaceOf::person(MemberId id) const { return const_cast<PlaceOf*>(this)->person(id); }

PersonOf* PlaceOf::holder(const std::string& email) {
    for (auto& each : people)
        if (each.email == email && each.state != State::revoked && each.state != State::deleted) return &each;
    return nullptr;
}

WishOf* PlaceOf::wish(RequestId id) {
    for (auto& each : wishes)
        if (each.id == id) return &each;
    return nullptr;
}
WishOf* PlaceOf::open_wish(const std::string& email) {
    for (auto& each : wishes)
        if (each.email == email && each.is == WishOf::open) return &each;
    return nullptr;
}

RoleOf* PlaceOf::role(const std::string& key) {
    for (auto& each : roles)
        if (each.key == key) return &each;
    return nullptr;
}

bool PlaceOf::role_exists(const std::string& key) const { return const_cast<PlaceOf*>(this)->role(key) != nullptr; }

const ThingOf* PlaceOf::find(const std::vector<ThingOf>& things, const std::string& name) const {
    for (const auto& each : things)
        if (each.name == name && !each.gone) return &each;
    return nullptr;
}

const PoolOf* PlaceOf::pool(const std::string& key) const {
    for (const auto& each : plan.pools)
        if (each.key == key) return &each;
    return nullptr;
}

std::int64_t used(const PlaceOf& place, const std::string& pool, std::int64_t now, bool late) {
    std::int64_t count = 0;
    for (const auto& each : place.people) {
        bool holds = each.state == State::active || each.waits(now) || (late && each.due(now));
        if (!holds) continue;
        if (pool == "users") ++count;
        if (each.given.license == pool) ++count;
        if (each.given.add_ons.contains(pool)) ++count;
    }
    return count;
}

std::int64_t active_admins(const PlaceOf& place) {
    std::int64_t count = 0;
    for (const auto& each : place.people)
        if (each.state == State::active && each.given.role == "admin") ++count;
    return count;
}

std::int64_t of_role(const PlaceOf& place, const std::string& role) {
    std::int64_t count = 0;
    for (const auto& each : place.people)
        if (each.given.role == role && each.state != State::revoked && each.state != State::deleted) ++count;
    return count;
}

std::optional<std::int64_t> limit_of(const PlaceOf& place, const std::string& pool, std::int64_t now) {
    if (pool == "users") {
        if (place.plan.trial_ends && now < *place.plan.trial_ends) return std::nullopt;
        return place.plan.users;
    }
    const auto* found = place.pool(pool);
    return found ? found->seats : std::nullopt;
}

Answer Model::ask(const Ask& ask) {
    if (!ask.repeat.empty()) {
        constexpr std::int64_t week = 7 * 86'400'000;
        auto before = keys.find(ask.repeat);
        if (before != keys.end() && now < before->second + week) return no("idempotency_in_progress");
    }
    auto& place = places[ask.place];
    auto after = place;
    Answer answer;
    switch (ask.what) {
        case Do::batch: {
            bool refused = false;
            std::vector<std::string> rows;
            for (const auto& row : ask.rows) {
                auto one = after;
                rows.push_back(invite(one, row, now).code);
                if (rows.back() == "done") after = one;
                refused = refused || rows.back() != "done";
            }
            answer.rows = rows;
            if (refused && ask.all_or_nothing) return answer;
            break;
        }
        case Do::invite:
        case Do::edit:
        case Do::resend:
        case Do::revoke:
        case Do::accept:
            answer = ask_of_invitation(after, ask, now);
            break;
        case Do::create:
        case Do::provision:
        case Do::change:
        case Do::deactivate:
        case Do::reactivate:
        case Do::remove:
            answer = ask_of_member(after, ask, now);
            break;
        case Do::erase:
        case Do::request:
        case Do::approve:
        case Do::dismiss:
            answer = ask_of_wish(after, ask, now);
            break;
        default:
            answer = ask_of_catalogue(after, ask, now);
    }
    if (!answer.done() || ask.dry) return answer;
    place = after;
    if (!ask.repeat.empty()) keys[ask.repeat] = now;
    return answer;
}

}  // namespace muster::test
