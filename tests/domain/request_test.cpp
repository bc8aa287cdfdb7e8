#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const Fact requests_on = settings([](Settings& each) { each.invitation_requests = true; });

void filed_by(World& world, const EmailAddress& email) {
    world.happens(stream_of(wish), InvitationRequested{email, claim_of(email), Applicant{named("Nina"), {}}});
}
void filed(World& world) { filed_by(world, new_address); }
void filed_by_grace(World& world) { filed_by(world, grace_address); }
void dismissed(World& world) { world.happens(stream_of(wish), RequestDismissed{}); }
void approved(World& world) { world.happens(stream_of(wish), RequestApproved{InvitationId{newcomer.uuid}}); }

const RequestInvitation asking{new_address, named("Nina North"), made<FreeText>("I sell your product.")};

}  // namespace

// ---- Asking.

TEST_CASE("[S4-2] where the setting is on, somebody asks for an invitation") {
    auto outcome = given(requests_on).when(asking);
    outcome.then<InvitationRequested>([](const auto& event) {
        CHECK(event.email.or_blank() == new_address);
        CHECK(event.email_claim == claim_of(new_address));
        CHECK(event.applicant.or_blank() == Applicant{asking.name, asking.message});
    });
    CHECK(outcome.request().open());
    CHECK(outcome.request().requested_at == monday);
    CHECK(holdings(outcome.request()).claims == std::set{EmailClaim{claim_of(new_address)}.request()});
    CHECK(holdings(outcome.request()).takes.empty());  // asking takes no seat
}

TEST_CASE("[S4-3] where the setting is off, nobody can ask; admins still invite [S4-16]") {
    given().when(asking).refused(Code::not_found);
    given().when(InviteMember{.email = new_address}).then_types({"MemberInvited"});
    given(requests_on).when(InviteMember{.email = new_address}).then_types({"MemberInvited"});
}

TEST_CASE("an address has one open request; asking again, in any case of letters, changes nothing [trap 8]") {
    given(requests_on, filed).when(asking).nothing_happens();
    given(requests_on, filed).when(RequestInvitation{.email = address("NINA.North@Spring.Example")}).nothing_happens();
    given(requests_on, filed, dismissed).when(asking).then_types({"InvitationRequested"});
}

TEST_CASE("who is a member already asks for nothing; who is only invited, or locked out, does") {
    const RequestInvitation by_grace{.email = grace_address};
    given(requests_on, joined).when(by_grace).nothing_happens();
    given(requests_on, invited).when(by_grace).then_types({"InvitationRequested"});
    given(requests_on, joined, deactivated).when(by_grace).then_types({"InvitationRequested"});
}

TEST_CASE("only addresses of the workspace's domains may ask") {
    auto own_domain = settings([](Settings& each) {
        each.invitation_requests = true;
        each.allowed_email_domains = {EmailDomain{"autumn.example"}};
    });
    given(own_domain).when(asking).refused(Code::email_domain_not_allowed);
}

// ---- Approving.

TEST_CASE("[S4-15] approving invites who asked, with the name that they gave, in one step") {
    auto outcome = given(requests_on, filed).when(ApproveRequest{.role = guest});
    outcome.then_types({"MemberInvited", "RequestApproved"});
    CHECK(outcome.person().phase == Phase::pending);
    CHECK(outcome.person().email.or_blank() == new_address);
    CHECK(outcome.person().profile.or_blank().name == "Nina");
    CHECK(outcome.person().assignment.role == guest);
    CHECK(outcome.request().phase == RequestPhase::approved);
    CHECK(outcome.request().invitation == InvitationId{newcomer.uuid});
    CHECK(holdings(outcome.request()).claims.empty());
    outcome.used(Counter::users(), 2);
    CHECK(given(requests_on, filed).when(ApproveRequest{.name = named("N. North")}).person().profile.or_blank().name ==
          "N. North");
}

TEST_CASE("approving is inviting: its rules are the same") {
    given(requests_on, filed).when(ApproveRequest{.role = RoleKey{"pilot"}}).refused(Code::unknown_role);
    given(requests_on, filed, user_limit(1)).when(ApproveRequest{}).refused(Code::no_seats_remaining);
    given(requests_on, filed_by_grace, joined).when(ApproveRequest{}).refused(Code::already_member);
    given(requests_on, filed_by_grace, invited).when(ApproveRequest{}).refused(Code::already_invited);
    given(requests_on, filed, who_may({"requests.manage"}))
        .when(ApproveRequest{.role = admin})
        .refused(Code::role_above_own);
}

TEST_CASE("the same decision twice is no event, the other one afterwards is refused") {
    given(requests_on, filed, approved).when(ApproveRequest{}).nothing_happens();
    given(requests_on, filed, dismissed).when(DismissRequest{}).nothing_happens();
    given(requests_on, filed, approved).when(DismissRequest{}).refused(Code::request_approved);
    // Whom it led to may be gone by now.
    auto gone = [](World& world) { world.happens(newcomer, MemberDeleted{}); };
    given(requests_on, filed, approved, created_as(newcomer, new_address, {}), gone)
        .when(ApproveRequest{})
        .refused(Code::member_deleted);
    given(requests_on, filed, dismissed).when(ApproveRequest{}).refused(Code::request_dismissed);
}

TEST_CASE("a request that is not there can't be decided; what is wrong with the body is said first") {
    given().when(ApproveRequest{}).refused(Code::not_found);
    given().when(DismissRequest{}).refused(Code::not_found);
    given().when(ApproveRequest{.role = RoleKey{"pilot"}}).refused(Code::unknown_role);
    given(filed, if_match(7)).when(ApproveRequest{}).refused(Code::version_mismatch);
    given(filed, if_match(7)).when(DismissRequest{}).refused(Code::version_mismatch);
}

TEST_CASE("of a request that was decided already, a wrong body and what the caller may not are said first") {
    const ApproveRequest wrong{.role = RoleKey{"pilot"}}, above{.role = admin};
    given(requests_on, filed, dismissed).when(wrong).refused(Code::unknown_role);
    given(requests_on, filed, approved).when(wrong).refused(Code::unknown_role);
    given(requests_on, filed, dismissed, who_may({"requests.manage"})).when(above).refused(Code::role_above_own);
}

TEST_CASE("what somebody asked for who was erased since is dismissed, not approved: it has no address") {
    auto erased = [](World& world) {
        world.happens(stream_of(wish), InvitationRequested{{}, claim_of(new_address), {}});
    };
    given(requests_on, erased).when(ApproveRequest{}).refused(Code::member_deleted);
    given(requests_on, erased).when(DismissRequest{}).then_types({"RequestDismissed"});
}

TEST_CASE("whom a request led to is answered, with their link, only to who may give what they have by now") {
    const auto led_to_admin = created_as(newcomer, new_address, {.role = admin});
    given(requests_on, filed, approved, led_to_admin, who_may({"requests.manage"}))
        .when(ApproveRequest{})
        .refused(Code::role_above_own);
    given(requests_on, filed, approved, led_to_admin).when(ApproveRequest{}).nothing_happens();
}

// ---- Dismissing.

TEST_CASE("[S4-5, S4-6] a stale request is dismissed, and the membership stays as it is") {
    auto outcome = given(requests_on, filed_by_grace, joined).when(DismissRequest{});
    outcome.then(RequestDismissed{});
    CHECK(outcome.person(grace).phase == Phase::active);
    CHECK(outcome.request().phase == RequestPhase::dismissed);
    CHECK(outcome.request().closed_at == monday);
}

TEST_CASE("deleting a member dismisses what they once asked for") {
    given(filed_by_grace, joined)
        .when(DeleteMember{.confirm = grace.text()})
        .then_types({"MemberDeleted", "RequestDismissed"});
    given(filed, joined).when(DeleteMember{.confirm = grace.text()}).then_types({"MemberDeleted"});
}

}  // namespace muster::spec
