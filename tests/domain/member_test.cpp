#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const CreateMember create_nina{.email = new_address, .name = Name{"Nina New"}};

DeleteMember confirmed(MemberId id) { return {.confirm = id.text()}; }

void fellow_exists(World& world) { world.reassign_target_exists = true; }

}  // namespace

// ---- Creating.

TEST_CASE("[S2-15, S2-16, S2-17] a created member exists at once, with or without an e-mail") {
    for (bool send : {true, false}) {
        auto outcome = given(by_member(ada))
                           .when(CreateMember{.email = new_address, .name = Name{"Nina New"}, .send_email = send});
        outcome.leaves(Phase::active).then<MemberCreated>([&](const MemberCreated& event) {
            CHECK(event.email->text() == "nina.north@spring.example");
            CHECK(event.email_claim == claim_of(new_address));
            CHECK(event.profile->name == "Nina New");
            CHECK(event.send_email == send);
        });
        CHECK(outcome.person().joined_at == monday);
        CHECK_FALSE(outcome.person().invited);
    }
}

TEST_CASE("[S2-6, S2-12] a member is created with job title, permissions and agents") {
    given(with_permission(crm), with_resource(robot, "Robot"))
        .when(CreateMember{.email = new_address,
                           .name = Name{"Nina New"},
                           .job_title = named("Agent wrangler"),
                           .permissions = {crm},
                           .resources = {{robot, Access::view}}})
        .then<MemberCreated>([](const MemberCreated& event) {
            CHECK(event.profile->job_title == named("Agent wrangler"));
            CHECK(event.assignment ==
                  Assignment{.role = plain, .permissions = {{crm, 3}}, .resources = {{robot, Access::view}}});
        });
}

TEST_CASE("[S2-5] a member is created with their name") {
    given().when(CreateMember{.email = new_address}).faults({{"/name", Code::name_required}});
}

TEST_CASE("an address that somebody has is not created again") {
    const CreateMember again{.email = grace_address, .name = Name{"Nina New"}};
    given(joined, user_limit(2)).when(again).refused(Code::already_member).with("id", grace.text());
    given(invited, user_limit(2)).when(again).refused(Code::already_invited);
    given(joined, deactivated, user_limit(1)).when(again).refused(Code::member_deactivated);
    given(invited, expired).when(again).then_types({"InvitationRevoked", "MemberCreated"});
    given(invited, revoked).when(again).then_types({"MemberCreated"});
}

TEST_CASE("[S2-23] after a delete the same address is created, or another is for the same person") {
    given(joined, deleted)
        .when(CreateMember{.email = grace_address, .name = Name{"Nina New"}})
        .then_types({"MemberCreated"});
    given(joined, deleted)
        .when(CreateMember{.email = new_address, .name = Name{"Nina New"}})
        .then_types({"MemberCreated"});
}

// ---- Changing.

TEST_CASE("[S0-42, S1-27, S1-28, S2-18, S2-19, S2-20, S2-21] a member is changed as one unit") {
    given(joined, with_team(sales, "Sales"), with_permission(crm), with_resource(robot, "Robot"))
        .when(ChangeMember{.name = named("Grace Hopper"),
                           .job_title = named("Admiral"),
                           .phone = made<Phone>("555 0100"),
                           .role = guest,
                           .teams = teams("Sales"),
                           .permissions = std::vector{crm},
                           .resources = std::vector<ResourceAccess>{{robot, Access::edit}}})
        .then<MemberChanged>([](const MemberChanged& event) {
            CHECK(event.from_profile->name == "Grace");
            CHECK(event.to_profile->name == "Grace Hopper");
            CHECK(event.to_profile->job_title == named("Admiral"));
            CHECK(event.to_profile->phone == made<Phone>("555 0100"));
            CHECK(event.from == Assignment{.role = plain});
            CHECK(event.to == Assignment{.role = guest,
                                         .teams = {sales},
                                         .permissions = {{crm, 6}},
                                         .resources = {{robot, Access::edit}}});
        });
}

TEST_CASE("[S0-12, S3-11] a member joins further teams") {
    given(with_team(sales, "Sales"), with_team(support, "Support"), joined_as({.role = plain, .teams = {sales}}))
        .when(ChangeMember{.teams = teams("sales", "support")})
        .then<MemberChanged>([](const auto& event) { CHECK(event.to.teams == std::set{sales, support}); });
}

TEST_CASE("a change that changes nothing is no event") {
    given(joined).when(ChangeMember{}).nothing_happens();
    given(joined).when(ChangeMember{.email = address("GRACE@spring.example"), .role = plain}).nothing_happens();
}

TEST_CASE("null clears what may be empty, and is a fault elsewhere") {
    given(created_as(linus, linus_address, {.role = plain}))
        .when(linus, ChangeMember{.job_title = Patch<Name>::cleared(),
                                  .phone = Patch<Phone>::cleared(),
                                  .photo_url = Patch<HttpsUrl>::cleared()})
        .nothing_happens();
    given(joined)
        .when(ChangeMember{
            .email = Patch<EmailAddress>::cleared(), .name = Patch<Name>::cleared(), .role = Patch<RoleKey>::cleared()})
        .faults({{"/email", Code::required}, {"/name", Code::name_required}, {"/role", Code::role_required}});
}

TEST_CASE("[S2-22] a member's address does not change") {
    given(joined).when(ChangeMember{.email = linus_address}).refused(Code::email_immutable);
}

TEST_CASE("what was given before stays, whatever has become of it since") {
    given(with_team(sales, "Sales"), joined_as({.role = plain, .teams = {sales}}), without_team(sales),
          settings([](Settings& to) { to.teams_enabled = false; }))
        .when(ChangeMember{.role = guest})
        .then<MemberChanged>([](const auto& event) { CHECK(event.to.teams == std::set{sales}); });
}

TEST_CASE("a deactivated member is edited: licence and add-ons are remembered, not taken") {
    given(plan(sold(0, 0)), joined, deactivated)
        .when(ChangeMember{.license = organization, .add_ons = std::vector{coaching}})
        .then_types({"MemberChanged"})
        .used(Counter::license("organization"), 0);
}

TEST_CASE("who is no member is not changed") {
    given().when(ChangeMember{.role = guest}).refused(Code::not_found);
    given().when(ChangeMember{}).refused(Code::not_found);
    given(invited).when(ChangeMember{.role = guest}).refused(Code::not_found);
    given(joined, deleted).when(ChangeMember{.role = guest}).refused(Code::member_deleted);
}

// ---- Deactivating and reactivating.

TEST_CASE("[S0-43, S1-29, S1-30] a deactivated member keeps everything but seats and sessions") {
    auto outcome = given(plan(sold(1, 1)), joined_as({.role = plain, .license = organization, .add_ons = {coaching}}),
                         later(days(30)))
                       .when(DeactivateMember{});
    outcome.then(MemberDeactivated{}).leaves(Phase::deactivated).holds({{Counter::role("member"), 1}});
    CHECK(outcome.person().deactivated_at == moment(days(30)));
    CHECK(outcome.person().sessions_end_position == 6);
    CHECK(outcome.person().profile->name == "Grace");
    CHECK(outcome.person().assignment.license == organization);
}

TEST_CASE("[S1-30] a deactivated member is reactivated with what they had") {
    auto outcome =
        given(plan(sold(1, 1)), joined_as({.role = plain, .license = organization, .add_ons = {coaching}}), deactivated)
            .when(ReactivateMember{});
    outcome.then(MemberReactivated{}).leaves(Phase::active).used(Counter::license("organization"), 1);
    CHECK_FALSE(outcome.person().deactivated_at);
    CHECK(outcome.person().sessions_end_position == 6);  // the old sessions stay over
}

TEST_CASE("licences that the plan lost meanwhile are dropped at reactivation, and named") {
    given(plan(sold(1, 1)), joined_as({.role = plain, .license = organization, .add_ons = {coaching}}), deactivated,
          plan({.licenses = {add_on(coaching, 1)}}))
        .when(ReactivateMember{})
        .then(MemberReactivated{{organization, coaching}})
        .holds({{Counter::users(), 1}, {Counter::role("member"), 1}});
}

TEST_CASE("deactivating a deactivated or reactivating an active member is no event") {
    given(joined, deactivated).when(DeactivateMember{}).nothing_happens();
    given(joined).when(ReactivateMember{}).nothing_happens();
}

TEST_CASE("who is no member is neither deactivated nor reactivated") {
    given(invited).when(DeactivateMember{}).refused(Code::not_found);
    given(invited, expired).when(ReactivateMember{}).refused(Code::not_found);
    given(joined, deleted).when(DeactivateMember{}).refused(Code::member_deleted);
}

// ---- Deleting.

TEST_CASE("[S1-31, S2-27] a deleted member is gone for good, with all that is known of them") {
    auto outcome = given(joined).when(confirmed(grace));
    outcome.then(MemberDeleted{}).leaves(Phase::deleted).holds({});
    CHECK(outcome.person().email.erased());
    CHECK(outcome.person().profile.erased());
    CHECK(outcome.person().sessions_end_position == 5);
    given(joined, deactivated).when(confirmed(grace)).then_types({"MemberDeleted"});
}

TEST_CASE("[S1-33] a deleted member does not come back") {
    given(joined, deleted).when(ReactivateMember{}).refused(Code::member_deleted);
    given(joined, deleted).when(confirmed(grace)).refused(Code::member_deleted);
}

TEST_CASE("[S2-26] deleting has to be confirmed by the member's own id") {
    given(joined).when(DeleteMember{}).faults({{"?confirm", Code::confirmation_required}});
    given(joined).when(confirmed(ada)).faults({{"?confirm", Code::confirmation_required}});
    auto said = given(joined).when(DeleteMember{}).refusal().detail;
    CHECK(said.find("deactivate") != std::string::npos);
}

TEST_CASE("[S1-32] what a deleted member owned may go to another member, and to nobody else") {
    given(joined, fellow_exists)
        .when(DeleteMember{grace.text(), ada.text()})
        .then<MemberDeleted>([](const auto& event) { CHECK(event.reassign_to == ada); });
    given(joined).when(DeleteMember{grace.text(), linus.text()}).faults({{"?reassign_to", Code::unknown_member}});
    given(joined, fellow_exists)
        .when(DeleteMember{grace.text(), grace.text()})
        .faults({{"?reassign_to", Code::unknown_member}});
    given(joined, fellow_exists)
        .when(DeleteMember{"", "nobody"})
        .faults({{"?confirm", Code::confirmation_required}, {"?reassign_to", Code::unknown_member}});
}

TEST_CASE("an invitation is not deleted but revoked") {
    given(invited).when(confirmed(grace)).refused(Code::not_found);
}

// ---- The last admin.

TEST_CASE("[trap 14] the last active admin is not deactivated, deleted or demoted") {
    given().when(ada, DeactivateMember{}).refused(Code::last_admin);
    given().when(ada, confirmed(ada)).refused(Code::last_admin);
    given().when(ada, ChangeMember{.role = plain}).refused(Code::last_admin);
    given(created_as(grace, grace_address, {.role = admin}), deactivated)
        .when(ada, DeactivateMember{})
        .refused(Code::last_admin);
}

TEST_CASE("[trap 14] one of two admins may go") {
    given(second_admin).when(ada, DeactivateMember{}).used(Counter::active_admins(), 1);
    given(second_admin).when(ada, confirmed(ada)).used(Counter::active_admins(), 1);
    given(second_admin).when(ada, ChangeMember{.role = plain}).used(Counter::active_admins(), 1);
}

TEST_CASE("a deactivated admin may be demoted and deleted, for nobody counts on them") {
    given(second_admin, created_as(grace, grace_address, {.role = admin}), deactivated)
        .when(confirmed(grace))
        .used(Counter::active_admins(), 2);
}

}  // namespace muster::spec
