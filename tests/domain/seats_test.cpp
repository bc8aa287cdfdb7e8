// Seats: every path that takes one, every path that frees one, and what is said when none is left.
#include "domain/seats.h"

#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const InviteMember invite_nina{.email = new_address};
const Assignment with_seat{.role = plain, .license = organization};

// One seat of `organization`, which linus has.
Plan one_seat() { return sold(1, 1); }
void linus_has_it(World& world) { created_as(linus, linus_address, with_seat)(world); }

}  // namespace

// ---- The user limit.

TEST_CASE("[S1-18, S3-2] pending invitations count toward the user limit as members do") {
    given(invited, user_limit(3)).when(invite_nina).used(Counter::users(), 3);
    given(invited, user_limit(2)).when(invite_nina).refused(Code::no_seats_remaining).with("pool", "users");
    given(joined, user_limit(2)).when(invite_nina).refused(Code::no_seats_remaining);
}

TEST_CASE("[S0-33, S0-23] the refusal says which pool, its numbers, and where to get more") {
    given(invited, user_limit(2), settings([](Settings& to) {
              to.upgrade_url = made<HttpsUrl>("https://muster.example/pricing");
              to.contact = made<FreeText>("your Customer Success Manager");
          }))
        .when(invite_nina)
        .refused(Code::no_seats_remaining)
        .with("pool", "users")
        .with("name", "Users")
        .with("limit", 2)
        .with("used", 2)
        .with("remaining", 0)
        .with("upgrade_url", "https://muster.example/pricing")
        .with("contact", "your Customer Success Manager");
    given(user_limit(1)).when(invite_nina).with("upgrade_url", nullptr).with("contact", nullptr);
}

TEST_CASE("[S3-4] while the trial runs, users are not limited; licences always are") {
    auto trial = plan({.user_limit = 1, .trial_ends_at = moment(days(14)), .licenses = {base(organization, 0)}});
    given(trial).when(invite_nina).then_types({"MemberInvited"}).good_before(moment(days(14)));
    given(trial, later(days(14) - 1)).when(invite_nina).then_types({"MemberInvited"});
    given(trial, later(days(14))).when(invite_nina).refused(Code::no_seats_remaining).with("pool", "users");
    given(trial)
        .when(InviteMember{.email = new_address, .license = organization})
        .refused(Code::no_seats_remaining)
        .with("pool", "organization");
}

TEST_CASE("without a trial, time does not change whether somebody fits") {
    given().when(invite_nina).good_before(Instant::never());
    given(plan({.user_limit = 5, .trial_ends_at = monday})).when(invite_nina).good_before(Instant::never());
}

TEST_CASE("a decision is good until the trial ends or the invitation does, whichever is first") {
    auto trial = [](std::int64_t end) { return plan({.trial_ends_at = moment(end)}); };
    given(invited, trial(days(14))).when(EditInvitation{.role = guest}).good_before(moment(days(7)));
    given(invited, trial(days(3))).when(EditInvitation{.role = guest}).good_before(moment(days(3)));
    given(joined, deactivated, trial(days(3))).when(ReactivateMember{}).good_before(moment(days(3)));
    given(trial(days(3)))
        .when(CreateMember{.email = new_address, .name = Name{"Nina New"}})
        .good_before(moment(days(3)));
}

// ---- [trap 1] Every path that takes a seat refuses where none is left, and takes the last one.

TEST_CASE("[trap 1] inviting and creating take the last seat and no more") {
    auto world = given(plan(one_seat()));
    auto full = given(plan(one_seat()), linus_has_it);
    const InviteMember invite{.email = new_address, .license = organization};
    const CreateMember create{.email = new_address, .name = Name{"Nina New"}, .license = organization};
    world.when(invite).used(Counter::license("organization"), 1);
    world.when(create).used(Counter::license("organization"), 1);
    full.when(invite)
        .refused(Code::no_seats_remaining)
        .with("pool", "organization")
        .with("name", "Licence organization");
    full.when(create).refused(Code::no_seats_remaining).with("pool", "organization");
}

TEST_CASE("[trap 1, S0-34] editing, changing, reactivating and resending take a seat only where one is left") {
    given(plan(one_seat()), linus_has_it, invited)
        .when(EditInvitation{.license = organization})
        .refused(Code::no_seats_remaining);
    given(plan(one_seat()), linus_has_it, joined)
        .when(ChangeMember{.license = organization})
        .refused(Code::no_seats_remaining);
    given(plan(one_seat()), joined_as(with_seat), deactivated, linus_has_it)
        .when(ReactivateMember{})
        .refused(Code::no_seats_remaining);
    given(plan(one_seat()), invited_as(with_seat), expired, linus_has_it)
        .when(ResendInvitation{})
        .refused(Code::no_seats_remaining);
    given(joined, deactivated, user_limit(1)).when(ReactivateMember{}).refused(Code::no_seats_remaining);
    given(invited, expired, user_limit(1)).when(ResendInvitation{}).refused(Code::no_seats_remaining);
}

TEST_CASE("[S0-18] each add-on has a pool of its own") {
    auto world = given(plan(sold(2, 1)), created_as(linus, linus_address,
                                                    {.role = plain, .license = organization, .add_ons = {coaching}}));
    world.when(InviteMember{.email = new_address, .license = organization, .add_ons = {coaching}})
        .refused(Code::no_seats_remaining)
        .with("pool", "coaching")
        .with("name", "Add-on coaching");
    world.when(InviteMember{.email = new_address, .license = organization}).then_types({"MemberInvited"});
}

TEST_CASE("[S0-9] an unlimited licence is never out of seats") {
    given(plan(sold(0, 0)), crowd(20))
        .when(InviteMember{.email = new_address, .license = basic})
        .leaves(Phase::pending);
}

TEST_CASE("where several pools are short, the users come first, then the licences as the plan lists them") {
    auto world = given(plan({.user_limit = 1, .licenses = {base(organization, 0), add_on(coaching, 0)}}));
    const InviteMember both{.email = new_address, .license = organization, .add_ons = {coaching}};
    world.when(both).with("pool", "users");
    given(plan(sold(0, 0))).when(both).with("pool", "organization");
}

// ---- [trap 2] A person is counted once.

TEST_CASE("[trap 2] editing a role in a full workspace works, also in an over-full one") {
    for (std::int64_t limit : {2, 1, 0}) {
        given(invited, user_limit(limit)).when(EditInvitation{.role = guest}).then_types({"InvitationEdited"});
        given(joined, user_limit(limit)).when(ChangeMember{.role = guest}).then_types({"MemberChanged"});
        given(invited, user_limit(limit)).when(ResendInvitation{}).then_types({"InvitationResent"});
    }
}

TEST_CASE("in an over-full workspace people leave, and only what takes another seat is refused") {
    auto world = given(plan(sold(1, 1)), joined_as(with_seat), linus_has_it,
                       plan({.user_limit = 0, .licenses = {base(organization, 0)}}));
    world.when(DeactivateMember{}).used(Counter::users(), 2);
    world.when(ChangeMember{.license = Patch<LicenseKey>::cleared()}).used(Counter::license("organization"), 1);
    world.when(invite_nina).refused(Code::no_seats_remaining).with("remaining", 0).with("used", 3);
}

TEST_CASE("[trap 2] a seat is exchanged for another by the difference") {
    given(plan({.user_limit = 2, .licenses = {base(basic, 1), base(organization, 1)}}), joined_as(with_seat))
        .when(ChangeMember{.license = basic})
        .used(Counter::license("organization"), 0)
        .used(Counter::license("basic"), 1)
        .used(Counter::users(), 2);
}

TEST_CASE("[S0-34, S0-43, trap 2] a seat is free at once when its holder is deactivated, deleted, or gives it up") {
    auto world = given(plan(one_seat()), joined_as(with_seat));
    world.when(DeactivateMember{}).used(Counter::license("organization"), 0);
    world.when(DeleteMember{grace.text(), std::nullopt}).used(Counter::license("organization"), 0);
    world.when(ChangeMember{.license = Patch<LicenseKey>::cleared()}).used(Counter::license("organization"), 0);
}

TEST_CASE("[trap 2] a revoked or expired invitation holds no seat") {
    auto world = given(plan(one_seat()), invited_as(with_seat));
    world.when(RevokeInvitation{}).used(Counter::users(), 1).used(Counter::license("organization"), 0);
    given(plan(one_seat()), invited_as(with_seat), later(days(7)))
        .when(ExpireInvitation{})
        .used(Counter::users(), 1)
        .used(Counter::license("organization"), 0);
    given(invited, revoked, user_limit(2)).when(invite_nina).then_types({"MemberInvited"});
    given(invited, expired, user_limit(2)).when(invite_nina).then_types({"MemberInvited"});
}

TEST_CASE("[trap 4] an expired invitation's seat goes to whom its address is invited again, in the same append") {
    given(plan(one_seat()), invited_as(with_seat), expired, user_limit(2))
        .when(InviteMember{.email = grace_address})
        .then_types({"InvitationRevoked", "MemberInvited"})
        .used(Counter::users(), 2);
}

TEST_CASE("[S0-35] more seats make an invitation possible that was refused") {
    given(user_limit(1)).when(invite_nina).refused(Code::no_seats_remaining);
    given(user_limit(1), user_limit(2)).when(invite_nina).then_types({"MemberInvited"});
}

// ---- The arithmetic.

TEST_CASE("the difference of holdings leaves out what does not change") {
    Holdings before{{}, {{Counter::users(), 1}, {Counter::role("member"), 1}, {Counter::license("basic"), 1}}};
    Holdings after{{}, {{Counter::users(), 1}, {Counter::role("admin"), 1}, {Counter::active_admins(), 1}}};
    CHECK(difference(before, after) == std::map<Counter, std::int64_t>{{Counter::role("member"), -1},
                                                                       {Counter::role("admin"), 1},
                                                                       {Counter::license("basic"), -1},
                                                                       {Counter::active_admins(), 1}});
    CHECK(difference(after, after).empty());
}

TEST_CASE("a change fits where all that it takes fits") {
    auto world = given(user_limit(3)).world;
    auto takes = [](std::int64_t users) { return Holdings{{}, {{Counter::users(), users}}}; };
    CHECK_FALSE(misfit(world.workspace, {}, takes(2), world.context(0)));
    CHECK(misfit(world.workspace, {}, takes(3), world.context(0)));
    CHECK_FALSE(misfit(world.workspace, takes(1), takes(3), world.context(0)));
}

TEST_CASE("a pool is named by its key, and read by its name") {
    auto workspace = given(plan(sold(1, 1))).world.workspace;
    CHECK(pool_of(Counter::users()) == "users");
    CHECK(pool_of(Counter::license("organization")) == "organization");
    CHECK(pool_name(workspace, Counter::users()) == "Users");
    CHECK(pool_name(workspace, Counter::license("organization")) == "Licence organization");
}

TEST_CASE("[S0-11] a shortage reads like the count that people know") {
    auto refusal = given(user_limit(1)).when(invite_nina).refusal();
    CHECK(refusal.detail.starts_with("Users: 0 Remaining."));
    auto over = no_seats(given().world.workspace, Counter::users(), 7, 5);
    CHECK(over.detail.starts_with("Users: 0 Remaining."));  // never less than none
}

}  // namespace muster::spec
