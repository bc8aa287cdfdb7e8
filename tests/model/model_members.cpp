// Members: create, provision, change, deactivate, reactivate, delete.
#include "tests/model/rules.h"

namespace muster::test {
namespace {

Answer create(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    Faults faults;
    PersonOf person;
    person.id = MemberId{ask.fresh};
    person.email = ask.email;
    identity(place, ask.email, true, faults);
    if (!ask.fields.name) faults.push_back("name_required");  // of a member, always
    person.given = choose(place, {}, ask.fields, true, faults);
    if (!faults.empty()) return no(faults);
    if (above(place, ask, person.given)) return no("role_above_own");
    if (auto taken = take_address(place, ask, ask.email, now); !taken.done()) return taken;
    person.name = *ask.fields.name;
    person.state = State::active;
    person.joined = true;
    place.people.push_back(person);
    place.kept.insert(ask.email);
    return fits(before, place, now);
}

Answer provision(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    auto* holder = place.holder(ask.email);
    bool waiting = holder && holder->waits(now);
    bool member = holder && holder->member();
    Faults faults;
    if (!member) identity(place, ask.email, true, faults);
    Fields role;
    role.role = ask.fields.role;
    // An invitation that waits brings its own role; of a member nothing is asked.
    auto given = member ? holder->given : choose(place, waiting ? holder->given : Given{}, role, !waiting, faults);
    if (!faults.empty()) return no(faults);
    if (holder && holder->state == State::active) return {};
    if (member) return take_address(place, ask, ask.email, now);
    if (waiting) {
        given = holder->given;
        drop_gone_teams(place, given);
    }
    if (above(place, ask, given)) return no("role_above_own");
    PersonOf newcomer;
    newcomer.id = MemberId{ask.fresh};
    newcomer.email = ask.email;
    if (!waiting) {
        if (auto taken = take_address(place, ask, ask.email, now); !taken.done()) return taken;
        place.people.push_back(newcomer);
        holder = &place.people.back();
    }
    holder->state = State::active;
    holder->joined = true;
    holder->name = *ask.fields.name;
    holder->given = given;
    place.kept.insert(ask.email);
    return fits(before, place, now);
}

Answer reach(const PlaceOf& place, const PersonOf* person, const Ask& ask) {
    if (person && person->state == State::deleted) return no("member_deleted");
    if (!person || !person->member()) return no("not_found");
    if (ask.stale) return no("version_mismatch");
    if (above(place, ask, person->given)) return no("role_above_own");
    return {};
}

Answer change(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    auto* person = place.person(ask.person);
    Faults faults;
    auto given = choose(place, person ? person->given : Given{}, ask.fields, false, faults);
    if (!faults.empty()) return no(faults);
    if (auto out = reach(place, person, ask); !out.done()) return out;
    if (above(place, ask, given)) return no("role_above_own");
    if (!ask.email.empty() && ask.email != person->email) return no("email_immutable");
    person->given = given;
    if (ask.fields.name) person->name = *ask.fields.name;
    return fits(before, place, now);
}

Answer switch_off_or_on(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    auto* person = place.person(ask.person);
    if (auto out = reach(place, person, ask); !out.done()) return out;
    bool on = ask.what == Do::reactivate;
    if (on && person->state == State::deactivated) drop_lost(place, person->given);
    person->state = on ? State::active : State::deactivated;
    return fits(before, place, now);
}

Answer remove(PlaceOf& place, const Ask& ask, std::int64_t now) {
    auto before = place;
    auto* person = place.person(ask.person);
    Faults faults;
    if (!ask.confirmed) faults.push_back("confirmation_required");
    if (ask.heir) {
        const auto* heir = place.person(*ask.heir);
        if (!heir || !heir->member() || *ask.heir == ask.person) faults.push_back("unknown_member");
    }
    if (!faults.empty()) return no(faults);
    if (auto out = reach(place, person, ask); !out.done()) return out;
    auto email = person->email;
    person->state = State::deleted;
    if (auto last = fits(before, place, now); !last.done()) return last;
    // All that is kept of them goes, with what they once asked for and invitations they once had.
    if (auto* wish = place.open_wish(email)) wish->is = WishOf::dismissed;
    for (auto& each : place.people)
        if (each.email == email) each.erased = true;
    for (auto& each : place.wishes)
        if (each.email == email) each.erased = true;
    place.kept.erase(email);
    return {};
}

}  // namespace

Answer ask_of_member(PlaceOf& place, const Ask& ask, std::int64_t now) {
    switch (ask.what) {
        case Do::create:
            return create(place, ask, now);
        case Do::provision:
            return provision(place, ask, now);
        case Do::change:
            return change(place, ask, now);
        case Do::remove:
            return remove(place, ask, now);
        default:
            return switch_off_or_on(place, ask, now);
    }
}

}  // namespace muster::test
