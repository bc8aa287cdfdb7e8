// Accepting an invitation.
#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const Password chosen = made<Password>("an old engine room");
const AcceptInvitation accepting{.password = chosen};

}  // namespace

TEST_CASE("[S0-21, S1-22, S3-15] whoever has the link accepts, and is an active member") {
    auto outcome = given(invited, later(days(2))).when(accepting);
    outcome.then(InvitationAccepted{Profile{.name = "Grace"}, {}, false}, PasswordSet{kept}).leaves(Phase::active);
    CHECK(outcome.person().accepted_at == moment(days(2)));
    CHECK(outcome.person().joined_at == moment(days(2)));
    CHECK_FALSE(outcome.person().profile_completed);
}

TEST_CASE("[S0-31] who accepts has what the invitation gave") {
    given(with_team(sales, "Sales"), invited_as({.role = guest, .teams = {sales}}))
        .when(accepting)
        .then<InvitationAccepted>([](const auto& event) { CHECK(event.teams == std::set{sales}); });
}

TEST_CASE("[S0-29, S1-35] who accepts may set name, phone and photo, which completes the profile") {
    given(invited)
        .when(AcceptInvitation{.password = chosen,
                               .name = named("Grace Hopper"),
                               .phone = made<Phone>("+1 555 0100"),
                               .photo_url = made<HttpsUrl>("https://spring.example/grace.png")})
        .then<InvitationAccepted>([](const InvitationAccepted& event) {
            CHECK(event.profile->name == "Grace Hopper");
            CHECK(event.profile->phone == made<Phone>("+1 555 0100"));
            CHECK(event.profile->photo_url == made<HttpsUrl>("https://spring.example/grace.png"));
            CHECK(event.profile_completed);
        });
    CHECK(given(invited)
              .when(AcceptInvitation{.password = chosen, .phone = made<Phone>("555 0100")})
              .person()
              .profile_completed);
}

TEST_CASE("[trap 2] a person is counted once: accepting needs no second seat, not even in an over-full workspace") {
    auto with_seat = invited_as({.role = plain, .license = organization});
    given(plan(sold(1, 0)), with_seat, user_limit(2)).when(accepting).used(Counter::users(), 2);
    given(with_seat, plan({.user_limit = 0, .licenses = {base(organization, 0)}}))
        .when(accepting)
        .then_types({"InvitationAccepted", "PasswordSet"})
        .used(Counter::users(), 2)
        .used(Counter::license("organization"), 1);
}

TEST_CASE("an admin who accepts is one more active admin; one who is only invited is none") {
    given(invited_as({.role = admin})).when(accepting).used(Counter::active_admins(), 2);
    given(invited_as({.role = admin})).when(ada, DeactivateMember{}).refused(Code::last_admin);
}

TEST_CASE("[trap 10] teams that were deleted before the acceptance are dropped") {
    given(with_team(sales, "Sales"), with_team(support, "Support"),
          invited_as({.role = plain, .teams = {sales, support}}), without_team(sales))
        .when(accepting)
        .then<InvitationAccepted>([](const auto& event) { CHECK(event.teams == std::set{support}); });
}

TEST_CASE("[trap 10] a role that an open invitation has can't be deleted before the acceptance") {
    given(invited_as({.role = guest})).when(guest, RemoveRole{}).refused(Code::role_in_use).with("used", 1);
    given(invited_as({.role = guest}), expired).when(guest, RemoveRole{}).refused(Code::role_in_use);
    given(invited_as({.role = guest}), revoked).when(guest, RemoveRole{}).then_types({"RoleRemoved"});
}

TEST_CASE("[S0-38, trap 7] a revoked invitation's link says so") {
    given(invited, revoked).when(accepting).refused(Code::invitation_revoked);
    given(invited, rotated, revoked).when(accepting).refused(Code::invitation_revoked);
}

TEST_CASE("[S1-23, S4-8, trap 4] an expired invitation is not accepted, whether or not a job has said so") {
    given(invited, expired).when(accepting).refused(Code::invitation_expired);
    given(invited, later(days(7))).when(accepting).refused(Code::invitation_expired);
    given(invited, later(days(7) - 1)).when(accepting).then_types({"InvitationAccepted", "PasswordSet"});
    given(invited).when(accepting).good_before(moment(days(7)));
}

TEST_CASE("[S0-40, S3-21] the link of an invitation that was resent is good, the old as the new") {
    given(invited, expired, resent).when(accepting).leaves(Phase::active);
}

TEST_CASE("a link that a newer one replaced is superseded") {
    given(invited, rotated).when(accepting).refused(Code::invitation_superseded);
    given(invited, rotated, holding_link(1)).when(accepting).leaves(Phase::active);
    given(invited, holding_link(1)).when(accepting).refused(Code::invitation_superseded);
}

TEST_CASE("[trap 5] an invitation is accepted once") {
    given(joined).when(accepting).refused(Code::invitation_accepted);
    given(joined, deactivated).when(accepting).refused(Code::invitation_accepted);
}

TEST_CASE("a link of nobody, of a deleted person, or of one who was never invited is not valid") {
    given().when(accepting).refused(Code::token_invalid);
    given(joined, deleted).when(accepting).refused(Code::token_invalid);
    given().when(ada, accepting).refused(Code::token_invalid);
}

}  // namespace muster::spec
