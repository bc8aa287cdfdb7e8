// Invitations: invite, edit, resend, revoke, accept.
#include "tests/model/rules.h"

#include <algorithm>

namespace muster::test {

Answer invite(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    Faults faults;
    PersonOf person;
    person.id = MemberId{ask.fresh};
    person.email = ask.email;
    identity(place, ask.email, ask.fields.name.has_value(), faults);
    person.given = choose(place, {}, ask.fields, true, faults);
    check_ttl(ask.ttl, faults);
    if (!faults.empty()) return no(faults);
    if (above(place, ask, person.given)) return no("role_above_own");
    if (auto taken = take_address(place, ask, ask.email, now); !taken.done()) return taken;
    person.name = ask.fields.name.value_or(guessed(ask.email));
    person.invited = true;
    person.expires = now + ask.ttl.value_or(place.settings.ttl) * 1000;
    place.people.push_back(person);
    place.kept.insert(ask.email);
    return fits(before, place, now);
}

namespace {

// 404 and 410, then 412, then 403.
Answer reach(const PlaceOf& place, const PersonOf* person, const Ask& ask) {
    if (!person || !person->invited) return no("not_found");
    if (person->state == State::deleted) return no("member_deleted");
    if (ask.stale) return no("version_mismatch");
    if (above(place, ask, person->given)) return no("role_above_own");
    return {};
}

Answer edit(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    auto* person = place.person(ask.person);
    Faults faults;
    auto given = choose(place, person ? person->given : Given{}, ask.fields, false, faults);
    if (!faults.empty()) return no(faults);
    if (auto out = reach(place, person, ask); !out.done()) return out;
    if (above(place, ask, given)) return no("role_above_own");
    if (person->member()) return no("invitation_accepted");
    if (person->state == State::revoked) return no("invitation_revoked");
    if (!person->waits(now)) return no("invitation_expired");
    if (!ask.email.empty() && ask.email != person->email) return no("email_immutable");
    person->given = given;
    if (ask.fields.name) person->name = *ask.fields.name;
    return fits(before, place, now);
}

Answer resend(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    Faults faults;
    check_ttl(ask.ttl, faults);
    if (!faults.empty()) return no(faults);
    auto* person = place.person(ask.person);
    if (auto out = reach(place, person, ask); !out.done()) return out;
    if (person->member()) return no("invitation_accepted");
    if (person->state == State::revoked) return no("invitation_revoked");
    if (!person->waits(now)) drop_lost(place, person->given);
    person->state = State::pending;
    person->expires = std::max(person->expires, now + ask.ttl.value_or(place.settings.ttl) * 1000);
    if (auto full = fits(before, place, now); !full.done()) return full;
    auto today = std::ranges::count_if(person->resends, [&](auto each) { return each + 86'400'000 > now; });
    if (place.settings.resend_limit && today >= *place.settings.resend_limit) return no("rate_limited");
    person->resends.push_back(now);
    ++person->resent;
    if (ask.rotate) ++person->generation;
    return {};
}

Answer revoke(PlaceOf& place, const Ask& ask) {
    auto* person = place.person(ask.person);
    if (auto out = reach(place, person, ask); !out.done()) return out;
    if (person->member()) return no("invitation_accepted");
    if (person->state == State::revoked) return no("invitation_revoked");
    person->state = State::revoked;
    return {};
}

Answer accept(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    auto* person = place.person(ask.person);
    if (!person || !person->invited || person->state == State::deleted) return no("token_invalid");
    if (person->state == State::revoked) return no("invitation_revoked");
    if (ask.generation != person->generation) return no("invitation_superseded");
    if (person->member()) return no("invitation_accepted");
    if (!person->waits(now)) return no("invitation_expired");
    person->state = State::active;
    person->joined = true;
    if (ask.fields.name) person->name = *ask.fields.name;
    drop_gone_teams(place, person->given);
    // It needs no second seat: this is never a refusal.
    return fits(before, place, now);
}

}  // namespace

Answer ask_of_invitation(PlaceOf& place, const Ask& ask, std::int64_t now) {
    switch (ask.what) {
        case Do::invite:
            return invite(place, ask, now);
        case Do::edit:
            return edit(place, ask, now);
        case Do::resend:
            return resend(place, ask, now);
        case Do::revoke:
            return revoke(place, ask);
        default:
            return accept(place, ask, now);
    }
}

}  // namespace muster::test
