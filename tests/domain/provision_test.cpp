#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const ProvisionMember nina{
    .email = new_address, .name = named("Nina North"), .external_id = named("00u-7"), .role = {}, .via = Via::sso};
const ProvisionMember grace_comes{
    .email = grace_address, .name = named("Grace Hopper"), .external_id = {}, .role = {}, .via = Via::scim};

}  // namespace

TEST_CASE("who comes through the identity provider is an active member at once, in a seat") {
    auto outcome = given().when(nina);
    outcome.then<MemberProvisioned>([](const auto& event) {
        CHECK(event.email.or_blank() == new_address);
        CHECK(event.email_claim == claim_of(new_address));
        CHECK(event.assignment.role == plain);  // the default role
        CHECK(event.via == Via::sso);
        CHECK(event.external_id.or_blank() == named("00u-7"));
    });
    CHECK(outcome.person().phase == Phase::active);
    CHECK(outcome.person().joined_at == monday);
    CHECK_FALSE(outcome.person().invited);
    outcome.used(Counter::users(), 2);
    given(user_limit(1)).when(nina).refused(Code::no_seats_remaining);
}

TEST_CASE("a waiting invitation is completed, with its role, its seats and the provider's name") {
    Assignment seller{.role = guest, .license = organization};
    auto outcome = given(plan(sold(1, 0)), user_limit(2), invited_as(seller)).when(grace_comes);
    outcome.then_types({"MemberProvisioned"});
    outcome.good_before(moment(days(7)));
    CHECK(outcome.person(grace).phase == Phase::active);
    CHECK(outcome.person(grace).invited);
    CHECK(outcome.person(grace).accepted_at == monday);
    CHECK(outcome.person(grace).assignment == seller);
    CHECK(outcome.person(grace).profile.or_blank().name == "Grace Hopper");
    outcome.used(Counter::users(), 2);
    auto as_admin = grace_comes;
    as_admin.role = admin;
    CHECK(given(invited).when(as_admin).person(grace).assignment.role == plain);
}

TEST_CASE("an invitation that has expired is replaced: they join anew, with the role that is asked") {
    auto as_guest = grace_comes;
    as_guest.role = guest;
    auto outcome = given(invited, later(days(8))).when(as_guest);
    outcome.then_types({"InvitationExpired", "InvitationRevoked", "MemberProvisioned"});
    CHECK(outcome.person(newcomer).phase == Phase::active);
    CHECK(outcome.person(newcomer).assignment.role == guest);
    CHECK(outcome.person(grace).phase == Phase::revoked);
}

TEST_CASE("who is a member already comes again without an event; who is locked out stays out") {
    given(joined).when(grace_comes).nothing_happens();
    given(joined, deactivated).when(grace_comes).refused(Code::member_deactivated);
}

TEST_CASE("a member comes in without a role, whatever the workspace asks of newcomers by now") {
    auto strict = settings([](Settings& to) {
        to.default_role.reset();
        to.allowed_email_domains = {made<EmailDomain>("elsewhere.example")};
    });
    given(joined, strict).when(grace_comes).nothing_happens();
    auto as_pilot = grace_comes;
    as_pilot.role = RoleKey{"pilot"};
    given(joined).when(as_pilot).nothing_happens();
    given(joined, deactivated, strict).when(grace_comes).refused(Code::member_deactivated);
    given(joined_as({.role = admin}), deactivated, who_may({"members.provision"}))
        .when(grace_comes)
        .refused(Code::member_deactivated);
    auto by_nothing = grace_comes;
    by_nothing.via = {};
    given(joined).when(by_nothing).refused(Code::required);
}

TEST_CASE("provisioning needs a role, of the request or by default, and a way") {
    auto no_default = settings([](Settings& each) { each.default_role.reset(); });
    given(no_default).when(nina).refused(Code::role_required);
    given(no_default, invited).when(grace_comes).then_types({"MemberProvisioned"});
    auto as_pilot = nina;
    as_pilot.role = RoleKey{"pilot"};
    given().when(as_pilot).refused(Code::unknown_role);
    auto by_nothing = nina;
    by_nothing.via = {};
    given().when(by_nothing).refused(Code::required);
}

TEST_CASE("teams that were deleted meanwhile are dropped [trap 10]") {
    auto outcome = given(with_team(sales, "Sales"), invited_as({.role = plain, .teams = {sales}}), without_team(sales))
                       .when(grace_comes);
    CHECK(outcome.person(grace).assignment.teams.empty());
}

TEST_CASE("nobody lets in who may more than they") {
    auto as_admin = nina;
    as_admin.role = admin;
    given(who_may({"members.provision"})).when(as_admin).refused(Code::role_above_own);
}

}  // namespace muster::spec
