// Seats: what is shown is what is guarded, after every step of a person's life.
#include "projections/seats.h"

#include "projections/rebuild.h"
#include "tests/projections/following.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <set>

namespace muster::seats {
// What a failing test shows.
std::ostream& operator<<(std::ostream& out, const PoolUse& pool) {
    return out << pool.active << " active, " << pool.pending << " pending";
}
}  // namespace muster::seats

namespace muster::following {
namespace {

using seats::Holder;
using seats::Status;
using seats::Use;
using spec::ada;
using spec::coaching;
using spec::grace;
using spec::organization;
using spec::spring;

Assignment given(std::optional<LicenseKey> license = {}, std::set<LicenseKey> add_ons = {}) {
    Assignment assignment;
    assignment.role = spec::plain;
    assignment.license = std::move(license);
    assignment.add_ons = std::move(add_ons);
    return assignment;
}

MemberInvited invited(Assignment assignment = given()) {
    return {spec::grace_address, "claim", Profile{}, std::move(assignment), spec::days(7), true, {}};
}
MemberCreated created(Assignment assignment = given()) {
    return {spec::grace_address, "claim", Profile{}, std::move(assignment), true};
}

// A view that has seen all that happened so far.
struct Scene {
    FakeFeed feed;
    Seats seats;
    std::unique_ptr<Table> table = open_memory_table(1);

    Position happens(MemberId who, Event event) {
        const auto& recorded = feed.happens(who, std::move(event));
        Rows rows(*table);
        seats.on(recorded, rows);
        table->write(rows.take(), Sync::no);
        return recorded.meta.position;
    }
    [[nodiscard]] Use use() const { return seats::use(*table, spring); }
    [[nodiscard]] std::vector<Holder> holders(const std::string& pool) const {
        return seats::holders(*table, spring, pool, {}, 100);
    }
};

Holder holder(MemberId who, Status status, Position position) {
    return {who, status, spec::moment(static_cast<std::int64_t>(position)), position};
}

using Holders = std::vector<Holder>;

}  // namespace

TEST_CASE("[S0-33] pending reserves, active is assigned, all other phases hold nothing") {
    Scene scene;
    const Use reserved{{"users", {0, 1}}, {"organization", {0, 1}}, {"coaching", {0, 1}}};
    const Use assigned{{"users", {1, 0}}, {"organization", {1, 0}}, {"coaching", {1, 0}}};
    scene.happens(grace, invited(given(organization, {coaching})));
    CHECK(scene.use() == reserved);
    scene.happens(grace, InvitationExpired{});
    CHECK(scene.use().empty());
    scene.happens(grace, InvitationResent{spec::days(7), false, {}});
    CHECK(scene.use() == reserved);
    scene.happens(grace, InvitationAccepted{Profile{}, {}, false});
    CHECK(scene.use() == assigned);
    scene.happens(grace, MemberDeactivated{});
    CHECK(scene.use().empty());
    // What a deactivated person is given is remembered, not taken.
    scene.happens(grace, MemberChanged{Profile{}, Profile{}, given(organization, {coaching}), given(organization)});
    CHECK(scene.use().empty());
    scene.happens(grace, MemberReactivated{});
    CHECK(scene.use() == Use{{"users", {1, 0}}, {"organization", {1, 0}}});
    scene.happens(grace, MemberDeleted{});
    CHECK(scene.use().empty());
    scene.happens(grace, PersonalDataDestroyed{{}, grace});
    CHECK(scene.use().empty());
    CHECK(dump(*scene.table).rows == 0);
}

TEST_CASE("a revoked invitation, also an expired one, gives its seats back and leaves no row") {
    Scene scene;
    scene.happens(grace, invited(given(organization)));
    SECTION("pending") {}
    SECTION("expired") { scene.happens(grace, InvitationExpired{}); }
    scene.happens(grace, InvitationRevoked{});
    CHECK(scene.use().empty());
    CHECK(dump(*scene.table).rows == 0);
}

TEST_CASE("licences that the plan lost are dropped on the way back") {
    Scene scene;
    scene.happens(grace, invited(given(organization, {coaching})));
    scene.happens(grace, InvitationExpired{});
    scene.happens(grace, InvitationResent{spec::days(7), false, {coaching}});
    CHECK(scene.use() == Use{{"users", {0, 1}}, {"organization", {0, 1}}});
    scene.happens(ada, created(given(organization)));
    scene.happens(ada, MemberDeactivated{});
    scene.happens(ada, MemberReactivated{{organization}});
    CHECK(scene.use() == Use{{"users", {1, 1}}, {"organization", {0, 1}}});
}

TEST_CASE("an edit moves seats by the difference; those kept are held since they were taken") {
    Scene scene;
    const auto at = scene.happens(grace, invited(given(organization, {coaching})));
    const auto edited = scene.happens(
        grace, InvitationEdited{Profile{}, Profile{}, given(organization, {coaching}), given(spec::basic)});
    CHECK(scene.use() == Use{{"users", {0, 1}}, {"basic", {0, 1}}});
    CHECK(scene.holders("users") == Holders{holder(grace, Status::reserved, at)});
    CHECK(scene.holders("basic") == Holders{holder(grace, Status::reserved, edited)});
    CHECK(scene.holders("organization").empty());
    scene.happens(grace, InvitationAccepted{Profile{}, {}, false});
    CHECK(scene.holders("users") == Holders{holder(grace, Status::assigned, at)});
    scene.happens(grace, MemberDeactivated{});
    CHECK(scene.holders("users").empty());
    const auto back = scene.happens(grace, MemberReactivated{});
    CHECK(scene.holders("users") == Holders{holder(grace, Status::assigned, back)});
}

TEST_CASE("holders are paged in order of their ids, each pool and workspace for itself") {
    Scene scene;
    for (std::uint8_t i = 1; i <= 5; ++i) scene.happens(spec::numbered<MemberId>(i), created(given(organization)));
    // A pool whose name begins like another's.
    scene.happens(spec::numbered<MemberId>(6), created(given(LicenseKey{"organization_plus"})));
    std::vector<Holder> all;
    for (std::optional<MemberId> after;;) {
        auto page = seats::holders(*scene.table, spring, "organization", after, 2);
        if (page.empty()) break;
        all.insert(all.end(), page.begin(), page.end());
        after = page.back().member;
    }
    CHECK(all == scene.holders("organization"));
    CHECK(all.size() == 5);
    CHECK(scene.holders("users").size() == 6);
    CHECK(seats::use(*scene.table, spec::numbered<WorkspaceId>(2)).empty());
    CHECK(seats::holders(*scene.table, spec::numbered<WorkspaceId>(2), "users", {}, 9).empty());
}

TEST_CASE("[N3] at every position, use is the sum of what everybody holds, and holders are those who hold it") {
    Scene scene;
    std::map<MemberId, Membership> people;
    std::uint32_t seed = 20260105;  // of a linear congruence: the same life every time
    auto any = [&](std::uint32_t below) { return (seed = seed * 1664525 + 1013904223) / 65536 % below; };
    auto some = [&] {
        auto assignment = given();
        if (any(2)) assignment.license = any(2) ? spec::basic : organization;
        if (any(2)) assignment.add_ons.insert(coaching);
        return assignment;
    };
    for (int step = 0; step < 3000; ++step) {
        const auto who = spec::numbered<MemberId>(static_cast<std::uint8_t>(any(20)));
        auto& person = people[who];
        const auto changed = some();
        Event event;
        switch (person.phase) {
            case Phase::none:
            case Phase::revoked:
            case Phase::deleted:
                person = {};
                event = any(2) ? Event(invited(some())) : Event(created(some()));
                break;
            case Phase::pending:
                switch (any(5)) {
                    case 0:
                        event = InvitationRevoked{};
                        break;
                    case 1:
                        event = InvitationExpired{};
                        break;
                    case 2:
                        event = InvitationEdited{Profile{}, Profile{}, person.assignment, changed};
                        break;
                    default:
                        event = InvitationAccepted{Profile{}, {}, false};
                }
                break;
            case Phase::expired:
                event = any(3) ? Event(InvitationResent{60, false, {coaching}}) : InvitationRevoked{};
                break;
            case Phase::active:
                event = any(2) ? Event(MemberDeactivated{})
                               : MemberChanged{Profile{}, Profile{}, person.assignment, changed};
                break;
            case Phase::deactivated:
                event = any(3) ? Event(MemberReactivated{{organization}}) : Event(MemberDeleted{});
        }
        scene.happens(who, event);
        evolve(person, *scene.feed.after(scene.feed.head() - 1, 1).front());

        Use expected;
        std::map<std::string, std::set<MemberId>> holding;
        for (const auto& [id, each] : people)
            for (const auto& [counter, taken] : holdings(each).takes) {
                if (counter.name.starts_with("role:") || counter.name == "active_admins") continue;
                const auto pool = counter.name == "users" ? "users" : counter.name.substr(8);
                (each.phase == Phase::active ? expected[pool].active : expected[pool].pending) += taken;
                holding[pool].insert(id);
            }
        REQUIRE(scene.use() == expected);
        for (const std::string pool : {"users", "basic", "organization", "coaching"}) {
            std::set<MemberId> found;
            for (const auto& each : scene.holders(pool)) {
                found.insert(each.member);
                REQUIRE((each.status == Status::assigned) == (people[each.member].phase == Phase::active));
            }
            REQUIRE(found == holding[pool]);
        }
    }
    auto again = open_memory_table(1);
    Rows rows(*again);
    for (const auto& each : scene.feed.after(0, 3000)) scene.seats.on(*each, rows);
    again->write(rows.take(), Sync::no);
    CHECK(dump(*again) == dump(*scene.table));
}

}  // namespace muster::following
