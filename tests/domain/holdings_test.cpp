// What each phase of a membership holds, as a table, and that no event on any state fails.
#include "domain/holdings.h"

#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

// A membership in the phase, with everything that could be held.
Membership in_phase(Phase phase, const RoleKey& role = admin) {
    return {.id = grace,
            .phase = phase,
            .email_claim = claim_of(grace_address),
            .assignment = {.role = role, .license = organization, .add_ons = {coaching}}};
}

const std::vector<Phase> phases{Phase::none,   Phase::pending,     Phase::expired, Phase::revoked,
                                Phase::active, Phase::deactivated, Phase::deleted};

// One of each event, blank; every alternative of the variant by its number.
template <std::size_t... I>
std::vector<Event> one_of_each(std::index_sequence<I...>) {
    return {Event(std::in_place_index<I>)...};
}
const std::vector<Event> events = one_of_each(std::make_index_sequence<std::variant_size_v<EventTypes>>());

Recorded recorded(StreamId stream, const Event& event, Version version) {
    return {.meta = {version, version, monday, {}}, .stream = stream, .workspace = spring, .event = event};
}

}  // namespace

TEST_CASE("holdings by phase") {
    const std::set<Claim> address{{"email:" + claim_of(grace_address)}};
    const std::map<Counter, std::int64_t> role{{Counter::role("admin"), 1}};
    std::map<Counter, std::int64_t> seats = role;
    seats[Counter::users()] = seats[Counter::license("organization")] = seats[Counter::license("coaching")] = 1;
    std::map<Counter, std::int64_t> seats_and_admin = seats;
    seats_and_admin[Counter::active_admins()] = 1;

    const std::map<Phase, Holdings> table{
        {Phase::none, {}},    {Phase::pending, {address, seats}},          {Phase::expired, {address, role}},
        {Phase::revoked, {}}, {Phase::active, {address, seats_and_admin}}, {Phase::deactivated, {address, role}},
        {Phase::deleted, {}},
    };
    for (auto phase : phases) {
        INFO(name_of(phase));
        CHECK(print(holdings(in_phase(phase))) == print(table.at(phase)));
    }
}

TEST_CASE("only the role `admin` counts among the active admins") {
    CHECK_FALSE(holdings(in_phase(Phase::active, plain)).takes.contains(Counter::active_admins()));
}

TEST_CASE("who has no licence takes only a user's seat") {
    Membership person{.phase = Phase::active, .assignment = {.role = plain}};
    CHECK(holdings(person).takes ==
          std::map<Counter, std::int64_t>{{Counter::users(), 1}, {Counter::role("member"), 1}});
}

TEST_CASE("a workspace holds its slug, a resource nothing") {
    CHECK(holdings(given().world.workspace).claims == std::set<Claim>{{"slug:spring"}});
    CHECK(holdings(Workspace{}) == Holdings{});
    CHECK(holdings(Resource{}) == Holdings{});
}

TEST_CASE("a counter that nobody has touched is 0") {
    CHECK(Counters{}.of(Counter::users()) == 0);
    CHECK(Counters{{{Counter::users(), 3}}}.of(Counter::users()) == 3);
}

// ---- Evolving never refuses.

TEST_CASE("no event on a membership of any phase fails, and each counts as a version") {
    for (auto phase : phases)
        for (const auto& first : events)
            for (const auto& second : events) {
                auto person = in_phase(phase);
                INFO(name_of(phase) << ", " << type_of(first) << ", " << type_of(second));
                CHECK_NOTHROW(evolve(person, recorded(stream_of(grace), first, 1)));
                CHECK_NOTHROW(evolve(person, recorded(stream_of(grace), second, 2)));
                CHECK_NOTHROW(holdings(person));
                CHECK(person.version == 2);
            }
}

TEST_CASE("no event on a workspace, old or blank, or on a resource fails") {
    const auto begun = given(plan(sold(1, 1)), with_permission(crm), with_team(sales, "Sales")).world.workspace;
    for (const auto& before : {Workspace{}, begun})
        for (const auto& first : events)
            for (const auto& second : events) {
                auto workspace = before;
                INFO(type_of(first) << ", " << type_of(second));
                CHECK_NOTHROW(evolve(workspace, recorded(stream_of(spring), first, 90)));
                CHECK_NOTHROW(evolve(workspace, recorded(stream_of(spring), second, 91)));
                CHECK(workspace.version == 91);
            }
    for (const auto& event : events) {
        Resource resource;
        CHECK_NOTHROW(evolve(resource, recorded(stream_of(robot), event, 1)));
        CHECK(resource.version == 1);
    }
}

TEST_CASE("an event that is none of the state's own changes only its version") {
    auto person = in_phase(Phase::active);
    person.workspace = spring;
    auto expected = person;
    expected.version = 7;
    evolve(person, recorded(stream_of(grace), PersonalDataDestroyed{}, 7));
    CHECK(print(person) == print(expected));
}

TEST_CASE("the state of a person is a function of their events") {
    auto once = given(invited, resent, accepted, deactivated).world.person(grace);
    auto again = given(invited, resent, accepted, deactivated).world.person(grace);
    CHECK(once == again);
    CHECK(once.version == 4);
    CHECK(once.workspace == spring);
}

TEST_CASE("the type of an event is its struct's own name, and no two have the same") {
    CHECK(type_of(MemberInvited{}) == "MemberInvited");
    CHECK(type_of(PersonalDataDestroyed{}) == "PersonalDataDestroyed");
    std::set<std::string_view> names;
    for (const auto& event : events) names.insert(type_of(event));
    CHECK(names.size() == events.size());
}

TEST_CASE("resends older than a day are forgotten, so that a state stays small") {
    auto world = given(invited).world;
    for (int i = 0; i < 50; ++i) {
        later(hours(8))(world);
        resent(world);
    }
    CHECK(world.person(grace).resends.size() == 3);
    CHECK(world.person(grace).resent_count == 50);
    // Where there is no limit, a state is small all the same.
    for (int i = 0; i < 1100; ++i) resent(world);
    CHECK(world.person(grace).resends.size() == 1000);
}

}  // namespace muster::spec
