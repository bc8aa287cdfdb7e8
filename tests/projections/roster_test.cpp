// What the roster lists after which events.
#include "tests/projections/roster_cast.h"

#include <catch2/catch.hpp>

namespace muster::recorded {
namespace {

using roster::InvitationFilter;
using roster::InvitationStatus;
using roster::MemberFilter;
using roster::Order;
using roster::Sort;

InvitationFilter with_status(std::vector<InvitationStatus> statuses) {
    InvitationFilter filter;
    filter.statuses = std::move(statuses);
    return filter;
}

Names invitations(const Scene& scene, const InvitationFilter& filter = {}) {
    return names(roster::invitations(*scene.table, spring, filter).items);
}

Names search(const Scene& scene, std::string_view q, MemberFilter filter = {}) {
    filter.words = words(q);
    return names(scene.members(filter).items);
}

TEST_CASE("an invitation becomes a member in one row") {
    Scene scene;
    scene.happens(person(1), invited("ada@spring.example", "Ada Lovelace", given(plain, {sales})));
    CHECK(invitations(scene) == Names{"Ada Lovelace"});
    CHECK(scene.members().items.empty());
    CHECK(roster::team_count(*scene.table, spring, sales) == 0);

    scene.happens(person(1), InvitationAccepted{profile_of("Ada King"), {sales}, true});
    CHECK(invitations(scene).empty());
    CHECK(invitations(scene, with_status({InvitationStatus::accepted})) == Names{"Ada King"});
    CHECK(names(scene.members().items) == Names{"Ada King"});
    CHECK(roster::team_count(*scene.table, spring, sales) == 1);
    CHECK(roster::name_of(*scene.table, person(1)) == "Ada King");
    CHECK(scene.now(person(1)).version == 2);
    CHECK(scene.rebuilds());
}

TEST_CASE("an invitation is listed by its status, the newest first") {
    Scene scene;
    for (std::uint32_t n = 1; n <= 5; ++n)
        scene.happens(person(n), invited("p" + std::to_string(n) + "@spring.example", "P" + std::to_string(n)));
    scene.happens(person(1), InvitationExpired{});
    scene.happens(person(2), InvitationRevoked{});
    scene.happens(person(3), InvitationAccepted{profile_of("P3"), {}, false});
    scene.happens(person(6), created("p6@spring.example", "P6"));
    CHECK(invitations(scene) == Names{"P5", "P4", "P1"});
    CHECK(invitations(scene, with_status({InvitationStatus::pending})) == Names{"P5", "P4"});
    CHECK(invitations(scene, with_status({InvitationStatus::expired, InvitationStatus::revoked})) == Names{"P2", "P1"});
    CHECK(invitations(scene, with_status({InvitationStatus::accepted})) == Names{"P3"});

    scene.happens(person(1), InvitationResent{86'400, true, {}});
    CHECK(invitations(scene, with_status({InvitationStatus::pending})) == Names{"P5", "P4", "P1"});
    scene.happens(person(3), MemberDeactivated{});
    CHECK(invitations(scene, with_status({InvitationStatus::accepted})) == Names{"P3"});
    CHECK(roster::invitation_status(scene.now(person(3))) == InvitationStatus::accepted);
    CHECK(roster::invitation_status(scene.now(person(6))) == std::nullopt);
    CHECK(names(roster::people(*scene.table, spring, {}).items) == Names{"P6", "P5", "P4", "P3", "P1"});
    CHECK(scene.rebuilds());
}

TEST_CASE("invitations are found by words, role and team") {
    Scene scene;
    scene.happens(person(1), invited("ada@spring.example", "Ada Lovelace", given(admin, {sales})));
    scene.happens(person(2), invited("grace@spring.example", "Grace Hopper", given(plain, {sales, support})));
    InvitationFilter filter;
    filter.roles = {admin};
    CHECK(invitations(scene, filter) == Names{"Ada Lovelace"});
    filter = {};
    filter.teams = {support, sales};
    CHECK(invitations(scene, filter) == Names{"Grace Hopper", "Ada Lovelace"});
    filter.words = words("hop spring");
    CHECK(invitations(scene, filter) == Names{"Grace Hopper"});
}

TEST_CASE("a workspace sees its own people only") {
    Scene scene;
    scene.happens(stream_of(person(1)), created("ada@spring.example", "Ada"), spring);
    scene.happens(stream_of(person(2)), created("ada@spring.example", "Eve"), autumn);
    scene.happens(stream_of(robot), ResourceRegistered{named("agent"), named("Robot"), {}}, autumn);
    CHECK(names(scene.members().items) == Names{"Ada"});
    CHECK(search(scene, "eve").empty());
    CHECK_FALSE(roster::member(*scene.table, spring, person(2)));
    CHECK_FALSE(roster::resource(*scene.table, spring, robot));
    CHECK(roster::resources(*scene.table, spring, {}).items.empty());
}

TEST_CASE("members sort by name, e-mail, joining and last sign-in, either way") {
    Scene scene;
    scene.happens(person(3), created("zoe@spring.example", "Émile"));
    scene.happens(person(1), created("bob@spring.example", "eve"));
    scene.happens(person(2), created("Amy@spring.example", "Ada"));
    auto sorted = [&](Sort sort, Order order) {
        MemberFilter filter;
        filter.sort = sort;
        filter.order = order;
        return names(scene.members(filter).items);
    };
    CHECK(sorted(Sort::name, Order::ascending) == Names{"Ada", "Émile", "eve"});
    CHECK(sorted(Sort::name, Order::descending) == Names{"eve", "Émile", "Ada"});
    CHECK(sorted(Sort::email, Order::ascending) == Names{"Ada", "eve", "Émile"});
    CHECK(sorted(Sort::email, Order::descending) == Names{"Émile", "eve", "Ada"});
    CHECK(sorted(Sort::joined_at, Order::ascending) == Names{"Émile", "eve", "Ada"});
    CHECK(sorted(Sort::joined_at, Order::descending) == Names{"Ada", "eve", "Émile"});
    CHECK(sorted(Sort::created_at, Order::ascending) == Names{"Émile", "eve", "Ada"});
    CHECK(sorted(Sort::last_login_at, Order::ascending) == Names{"eve", "Ada", "Émile"});  // nobody yet: by id
    scene.changes(person(1), profile_of("Aaron"), {});
    CHECK(sorted(Sort::name, Order::ascending) == Names{"Aaron", "Ada", "Émile"});
    CHECK(scene.rebuilds());
}

TEST_CASE("each filter lets through what it names, and all must hold") {
    Scene scene;
    Assignment one = given(admin, {sales});
    one.license = organization;
    one.resources = {{robot, Access::edit}};
    Assignment two = given(plain, {sales, support});
    two.license = organization;
    two.add_ons = {coaching};
    scene.happens(person(1), created("one@spring.example", "One", one));
    scene.happens(person(2), created("two@spring.example", "Two", two));
    scene.happens(person(3), created("three@spring.example", "Three", given(plain, {support})));
    scene.happens(person(3), MemberDeactivated{});
    scene.happens(robot, ResourceRegistered{named("agent"), named("Robot"), {}});
    auto listed = [&](auto change) {
        MemberFilter filter;
        change(filter);
        return names(scene.members(filter).items);
    };
    CHECK(listed([](auto& f) { f.statuses = {Phase::active}; }) == Names{"One", "Two"});
    CHECK(listed([](auto& f) { f.statuses = {Phase::deactivated}; }) == Names{"Three"});
    CHECK(listed([](auto& f) { f.statuses = {Phase::pending}; }).empty());
    CHECK(listed([](auto& f) { f.roles = {admin}; }) == Names{"One"});
    CHECK(listed([](auto& f) { f.roles = {plain, admin}; }) == Names{"One", "Two", "Three"});
    CHECK(listed([](auto& f) { f.teams = {sales}; }) == Names{"One", "Two"});
    CHECK(listed([](auto& f) { f.teams = {sales, support}; }) == Names{"One", "Two", "Three"});
    CHECK(listed([](auto& f) { f.licenses = {coaching}; }) == Names{"Two"});
    CHECK(listed([](auto& f) { f.licenses = {organization, coaching}; }) == Names{"One", "Two"});
    CHECK(listed([](auto& f) { f.resources = {robot, parrot}; }) == Names{"One"});
    CHECK(listed([](auto& f) { f.inactive_since = second(2); }) == Names{"One"});
    CHECK(listed([](auto& f) { f.inactive_since = second(60); }) == Names{"One", "Two"});
    CHECK(listed([](auto& f) {
              f.inactive_since = second(60);
              f.statuses = {Phase::deactivated};
          }).empty());
    CHECK(listed([](auto& f) {
              f.teams = {support};
              f.roles = {plain};
              f.sort = Sort::name;
          }) == Names{"Three", "Two"});
    CHECK(listed([](auto& f) {
              f.teams = {support};
              f.licenses = {organization};
              f.words = words("tw");
          }) == Names{"Two"});
    CHECK(roster::team_count(*scene.table, spring, sales) == 2);
    CHECK(roster::team_count(*scene.table, spring, support) == 1);

    scene.changes(person(2), profile_of("Two"), given(plain));
    CHECK(listed([](auto& f) { f.licenses = {organization, coaching}; }) == Names{"One"});
    CHECK(roster::team_count(*scene.table, spring, support) == 0);
    CHECK(scene.rebuilds());
}

TEST_CASE("a search finds the beginnings of words of name, e-mail and job title, in any script") {
    Scene scene;
    scene.happens(person(1), created("jose@spring.example", "José-Ángel Núñez", given(plain), "Chief Pilot"));
    scene.happens(person(2), created("li@autumn.example", "李小龍", given(plain)));
    scene.happens(person(3), created("olga@spring.example", "Ольга Петрова", given(plain)));
    scene.happens(person(4), created("strasse@spring.example", "Jürgen Straße", given(plain)));
    CHECK(search(scene, "jose") == Names{"José-Ángel Núñez"});
    CHECK(search(scene, "NUN ang") == Names{"José-Ángel Núñez"});
    CHECK(search(scene, "pilot") == Names{"José-Ángel Núñez"});
    CHECK(search(scene, "ilot").empty());
    CHECK(search(scene, "chief olga").empty());
    CHECK(search(scene, "李小") == Names{"李小龍"});
    CHECK(search(scene, "петр") == Names{"Ольга Петрова"});
    CHECK(search(scene, "STRASS") == Names{"Jürgen Straße"});
    CHECK(search(scene, "li@autumn.example") == Names{"李小龍"});
    CHECK(search(scene, "spring").size() == 3);
    CHECK(search(scene, "nunez").size() == 1);
    scene.changes(person(1), profile_of("Bob"), given(plain));
    CHECK(search(scene, "nunez").empty());
    CHECK(search(scene, "pilot").empty());
    CHECK(search(scene, "jose") == Names{"Bob"});  // by the address
    CHECK(scene.rebuilds());
}

TEST_CASE("whoever has a word twice is found once") {
    Scene scene;
    for (std::uint32_t n = 1; n <= 20; ++n) {
        auto text = std::to_string(n);
        scene.happens(person(n), created("ann" + text + ".anna@annex.example", "Ann Anna Annika " + text));
    }
    std::set<MemberId> seen;
    MemberFilter filter;
    filter.words = words("ann");
    filter.paging.limit = 3;
    for (;;) {
        auto page = roster::members(*scene.table, spring, filter, {.rows_walked_max = 5, .rows_gathered_max = 0});
        for (const auto& each : page.items) CHECK(seen.insert(each.id).second);
        if (!page.next) break;
        filter.paging.after = page.next;
    }
    CHECK(seen.size() == 20);
}

TEST_CASE("deleted people leave all lists and keep a row that says so") {
    Scene scene;
    scene.happens(person(1), created("ada@spring.example", "Ada Lovelace", given(admin, {sales})));
    scene.happens(person(1), MemberDeleted{});
    CHECK(scene.members().items.empty());
    CHECK(search(scene, "lovelace").empty());
    CHECK(roster::people(*scene.table, spring, {}).items.empty());
    CHECK(roster::team_count(*scene.table, spring, sales) == 0);
    auto row = scene.now(person(1));
    CHECK(row.phase == Phase::deleted);
    CHECK(row.email.erased());
    CHECK(row.profile.erased());
    CHECK_FALSE(roster::name_of(*scene.table, person(1)));
    for (const auto& [key, value] : dump(*scene.table)) {
        CHECK(key.find("lovelace") == std::string::npos);
        CHECK(value.find("ovelace") == std::string::npos);
    }
}

TEST_CASE("destroying a person's key erases each row that was sealed under it, and none of the next person's") {
    Scene scene;
    auto revoked = InvitationRevoked{RevokeReason::revoked};
    scene.happens(person(1), invited("ada@spring.example", "Ada One"));
    scene.happens(person(1), revoked);
    scene.happens(person(2), created("ada@spring.example", "Ada Two"));
    scene.happens(person(2), MemberDeleted{});
    scene.happens(person(3), invited("ada@spring.example", "Ada Three"));
    scene.happens(StreamId{StreamKind::store, {}}, PersonalDataDestroyed{{}, person(2)});
    CHECK(scene.now(person(1)).profile.erased());
    CHECK(scene.now(person(1)).email.erased());
    CHECK_FALSE(roster::name_of(*scene.table, person(1)));
    CHECK(roster::name_of(*scene.table, person(3)) == "Ada Three");
    InvitationFilter filter = with_status({InvitationStatus::revoked, InvitationStatus::pending});
    CHECK(invitations(scene, filter) == Names{"Ada Three", ""});
    filter.words = words("ada");
    CHECK(invitations(scene, filter) == Names{"Ada Three"});

    // A view made afterwards never sees what was erased, and comes to the same rows [N11].
    Story late;
    auto without = [](auto event) {
        event.email = {};
        event.profile = {};
        return event;
    };
    late.happens(spring, stream_of(person(1)), without(invited("ada@spring.example", "Ada One")));
    late.happens(spring, stream_of(person(1)), revoked);
    late.happens(spring, stream_of(person(2)), without(created("ada@spring.example", "Ada Two")));
    late.happens(spring, stream_of(person(2)), MemberDeleted{});
    late.happens(spring, stream_of(person(3)), invited("ada@spring.example", "Ada Three"));
    late.happens(spring, {StreamKind::store, {}}, PersonalDataDestroyed{{}, person(2)});
    auto rebuilt = open_memory_table(1);
    feed(scene.roster, *rebuilt, late.events());
    CHECK(dump(*rebuilt) == dump(*scene.table));
}

TEST_CASE("erasing someone who has only dead invitations") {
    Scene scene;
    scene.happens(person(1), invited("ada@spring.example", "Ada"));
    scene.happens(person(1), InvitationRevoked{});
    scene.happens(person(2), invited("ada@spring.example", "Ada"));
    scene.happens(person(2), InvitationRevoked{});
    scene.happens(StreamId{StreamKind::store, {}}, PersonalDataDestroyed{{}, person(2)});
    CHECK(invitations(scene, with_status({InvitationStatus::revoked})) == Names{"", ""});
    CHECK(scene.rebuilds());
}

TEST_CASE("a filter by a resource that was removed finds nobody, beside one that is there only that one's people") {
    Scene scene;
    for (std::uint32_t n : {1U, 2U}) {
        auto each = given(plain);
        each.resources = {{n == 1 ? robot : parrot, Access::view}};
        scene.happens(person(n), created("p" + std::to_string(n) + "@spring.example", "P" + std::to_string(n), each));
    }
    for (auto each : {robot, parrot}) scene.happens(each, ResourceRegistered{named("agent"), named("Robot"), {}});
    scene.happens(robot, ResourceRemoved{});
    for (auto sort : {Sort::created_at, Sort::name}) {
        MemberFilter filter{.resources = {robot}, .sort = sort, .paging = {.include_total = true}};
        CHECK(scene.members(filter).items.empty());
        CHECK(scene.members(filter).total == 0);
        filter.resources = {robot, parrot};
        CHECK(names(scene.members(filter).items) == Names{"P2"});
        CHECK(scene.members(filter).total == 1);
    }
}

TEST_CASE("resources of groups that differ in case alone stand together by group") {
    Scene scene;
    std::uint32_t n = 1;
    for (const char* group : {"Acme", "ACME", "Acme", "ACME", "acne"})
        scene.happens(numbered<ResourceId>(n++),
                      ResourceRegistered{named("agent"), named("R" + std::to_string(n)), named(group)});
    Names groups;
    for (const auto& each : roster::resources(*scene.table, spring, {}).items) groups.push_back(each.group->value);
    CHECK(groups == Names{"ACME", "ACME", "Acme", "Acme", "acne"});
}

TEST_CASE("resources are listed by group and name, by kind and by group") {
    Scene scene;
    auto third = numbered<ResourceId>(3);
    scene.happens(robot, ResourceRegistered{named("agent"), named("Robot"), named("Spring")});
    scene.happens(parrot, ResourceRegistered{named("agent"), named("émile"), {}});
    scene.happens(third, ResourceRegistered{named("project"), named("Fox"), named("autumn")});
    auto listed = [&](const roster::ResourceFilter& filter) {
        Names names;
        for (const auto& each : roster::resources(*scene.table, spring, filter).items) names.push_back(each.name.value);
        return names;
    };
    CHECK(listed({}) == Names{"émile", "Fox", "Robot"});
    CHECK(listed({.kinds = {named("agent")}}) == Names{"émile", "Robot"});
    CHECK(listed({.groups = {named("Spring"), named("autumn")}}) == Names{"Fox", "Robot"});
    CHECK(listed({.kinds = {named("agent")}, .groups = {named("Spring"), named("autumn")}}) == Names{"Robot"});

    roster::ResourceFilter filter;
    filter.paging.limit = 2;
    filter.paging.include_total = true;
    auto page = roster::resources(*scene.table, spring, filter);
    CHECK(page.total == 3);
    REQUIRE(page.next);
    filter.paging.after = page.next;
    CHECK(listed(filter) == Names{"Robot"});
    filter = {.kinds = {named("agent"), named("agent")}, .paging = {.include_total = true}};
    CHECK(roster::resources(*scene.table, spring, filter).total == 2);

    auto agent = named("agent");
    auto group = named("Spring");
    scene.happens(robot, ResourceChanged{agent, agent, named("Robot"), named("Aaron"), group, {}});
    CHECK(listed({}) == Names{"Aaron", "émile", "Fox"});
    scene.happens(robot, ResourceRemoved{});
    CHECK(listed({}) == Names{"émile", "Fox"});
    CHECK_FALSE(roster::resource(*scene.table, spring, robot)->exists());
    CHECK(scene.rebuilds());
}

}  // namespace
}  // namespace muster::recorded
