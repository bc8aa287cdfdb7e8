// Invitation requests, and erasing who is no member.
#include "tests/model/rules.h"

namespace muster::test {
namespace {

Answer file(PlaceOf& place, const Ask& ask) {
    Faults faults;
    identity(place, ask.email, true, faults);
    if (!faults.empty()) return no(faults);
    if (!place.settings.requests) return no("not_found");
    auto* holder = place.holder(ask.email);
    if (place.open_wish(ask.email) || (holder && holder->state == State::active)) return {};
    place.wishes.push_back({RequestId{ask.fresh}, ask.email, ask.fields.name.value_or(""), WishOf::open, false});
    place.kept.insert(ask.email);
    return {};
}

Answer approve(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto* wish = place.wish(ask.request);
    auto asked = ask;
    asked.email = wish && !wish->erased ? wish->email : "";
    if (!asked.fields.name && wish && !wish->erased && !wish->name.empty()) asked.fields.name = wish->name;
    Faults faults;
    identity(place, asked.email, asked.fields.name.has_value(), faults);
    auto given = choose(place, {}, asked.fields, true, faults);
    check_ttl(asked.ttl, faults);
    if (!faults.empty()) return no(faults);
    if (!wish) return no("not_found");
    if (ask.stale) return no("version_mismatch");
    if (wish->is == WishOf::approved && place.person(wish->led_to)->state == State::deleted)
        return no("member_deleted");
    if (above(place, ask, given)) return no("role_above_own");
    if (wish->is == WishOf::approved && above(place, ask, place.person(wish->led_to)->given))
        return no("role_above_own");
    if (wish->is == WishOf::approved) return {};
    if (wish->is == WishOf::dismissed) return no("request_dismissed");
    wish->is = WishOf::approved;
    wish->led_to = MemberId{ask.fresh};
    return invite(place, asked, now);
}

Answer dismiss(PlaceOf& place, const Ask& ask) {
    auto* wish = place.wish(ask.request);
    if (!wish) return no("not_found");
    if (ask.stale) return no("version_mismatch");
    if (wish->is == WishOf::approved) return no("request_approved");
    wish->is = WishOf::dismissed;
    return {};
}

Answer erase(PlaceOf& place, const Ask& ask, std::int64_t now) {
    if (!place.kept.contains(ask.email)) return no("not_found");
    if (auto* holder = place.holder(ask.email)) {
        if (above(place, ask, holder->given)) return no("role_above_own");
        if (holder->member()) return no("already_member");
        if (holder->waits(now)) return no("already_invited");
        holder->state = State::revoked;
    }
    if (auto* wish = place.open_wish(ask.email)) wish->is = WishOf::dismissed;
    for (auto& each : place.people)
        if (each.email == ask.email) each.erased = true;
    for (auto& each : place.wishes)
        if (each.email == ask.email) each.erased = true;
    place.kept.erase(ask.email);
    return {};
}

}  // namespace

Answer ask_of_wish(PlaceOf& place, const Ask& ask, std::int64_t now) {
    switch (ask.what) {
        case Do::erase:
            return erase(place, ask, now);
        case Do::request:
            return file(place, ask);
        case Do::approve:
            return approve(place, ask, now);
        default:
            return dismiss(place, ask);
    }
}

}  // namespace muster::test
