// Which refusal is given where several would be: body 422, thing 404 and 410, version 412, containment 403, then how
// things stand 409 (own phase, whose the address is, seats, last admin), and the resend limit 429 at last.
#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const RoleKey nobody_has_it{"boss"};
const Fact powerless = who_may({});
const Fact stale = if_match(99);
const Assignment as_admin{.role = admin};

void exhausted(World& world) {
    for (int i = 0; i < 3; ++i) resent(world);
}

}  // namespace

TEST_CASE("a wrong body is said before that there is no such thing") {
    given().when(EditInvitation{.role = nobody_has_it}).refused(Code::unknown_role);
    given().when(ChangeMember{.role = nobody_has_it}).refused(Code::unknown_role);
    given().when(ResendInvitation{.ttl = 1}).refused(Code::ttl_out_of_range);
    given().when(DeleteMember{}).refused(Code::confirmation_required);
    given(joined, deleted).when(ChangeMember{.role = nobody_has_it}).refused(Code::unknown_role);
}

TEST_CASE("that there is no such thing is said before that it changed") {
    given(stale).when(EditInvitation{.role = guest}).refused(Code::not_found);
    given(joined, deleted, stale).when(DeactivateMember{}).refused(Code::member_deleted);
}

TEST_CASE("that it changed is said before that the caller may not") {
    given(invited_as(as_admin), powerless, stale).when(EditInvitation{.role = guest}).refused(Code::version_mismatch);
    given(invited_as(as_admin), powerless, stale).when(ResendInvitation{}).refused(Code::version_mismatch);
    given(invited_as(as_admin), powerless, stale).when(RevokeInvitation{}).refused(Code::version_mismatch);
    given(joined_as(as_admin), powerless, stale).when(ChangeMember{.role = guest}).refused(Code::version_mismatch);
    given(joined_as(as_admin), powerless, stale).when(DeactivateMember{}).refused(Code::version_mismatch);
    given(joined_as(as_admin), powerless, stale).when(ReactivateMember{}).refused(Code::version_mismatch);
    given(joined_as(as_admin), powerless, stale)
        .when(DeleteMember{grace.text(), std::nullopt})
        .refused(Code::version_mismatch);
}

TEST_CASE("that the caller may not is said before how things stand") {
    given(joined_as(as_admin), powerless).when(RevokeInvitation{}).refused(Code::role_above_own);
    given(invited_as(as_admin), revoked, powerless).when(ResendInvitation{}).refused(Code::role_above_own);
    given(invited, powerless).when(InviteMember{.email = grace_address, .role = admin}).refused(Code::role_above_own);
    given(powerless).when(ada, DeactivateMember{}).refused(Code::role_above_own);
    given(powerless).when(ada, ChangeMember{.email = linus_address}).refused(Code::role_above_own);
}

TEST_CASE("an invitation's own phase is said before all else of how things stand") {
    given(joined).when(EditInvitation{.email = linus_address}).refused(Code::invitation_accepted);
    given(plan(sold(0, 0)), invited, expired)
        .when(EditInvitation{.license = organization})
        .refused(Code::invitation_expired);
    given(invited, exhausted, revoked).when(ResendInvitation{}).refused(Code::invitation_revoked);
}

TEST_CASE("an address that can't change is said before the seats") {
    given(plan(sold(0, 0)), joined)
        .when(ChangeMember{.email = linus_address, .license = organization})
        .refused(Code::email_immutable);
}

TEST_CASE("[trap 3] whose the address is, is said before the seats") {
    given(plan(sold(0, 0)), invited)
        .when(InviteMember{.email = grace_address, .license = organization})
        .refused(Code::already_invited);
}

TEST_CASE("the seats are said before the last admin") {
    given(plan(sold(0, 0)))
        .when(ada, ChangeMember{.role = plain, .license = organization})
        .refused(Code::no_seats_remaining);
}

TEST_CASE("the seats are said before the resend limit") {
    given(invited, exhausted, expired, user_limit(1)).when(ResendInvitation{}).refused(Code::no_seats_remaining);
    given(invited, exhausted).when(ResendInvitation{}).refused(Code::rate_limited);
}

TEST_CASE("the version that the caller saw is the one that counts") {
    given(invited, if_match(1)).when(EditInvitation{.role = guest}).then_types({"InvitationEdited"});
    given(invited, resent, if_match(1)).when(EditInvitation{.role = guest}).refused(Code::version_mismatch);
    given(joined, if_match(2)).when(DeactivateMember{}).then_types({"MemberDeactivated"});
    given(joined, if_match(1)).when(DeactivateMember{}).refused(Code::version_mismatch);
}

}  // namespace muster::spec
