// Containment: nobody gives permissions outside their own, and nobody acts on a person who may more than they.
#include "domain/assignment.h"
#include "domain/permissions.h"
#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const RoleKey lead{"lead"};
const PermissionKey read{"members.read"};
const PermissionKey invite{"members.invite"};

const InviteMember invite_lead{.email = new_address, .role = lead};

// A role of two permissions, and a caller who has only one of them.
const Fact lead_role = with_role(lead, {read, invite});
const Fact lesser = who_may({"members.invite"});
const Fact equal = who_may({"members.invite", "members.read"});

}  // namespace

TEST_CASE("a set is within another that has all of its keys; the operator's holds everything") {
    PermissionSet none, one{false, {"a"}}, two{false, {"a", "b"}}, all{true, {}};
    CHECK(none.within(none));
    CHECK(none.within(one));
    CHECK(one.within(two));
    CHECK_FALSE(two.within(one));
    CHECK(two.within(all));
    CHECK_FALSE(all.within(two));
    CHECK(all.has("anything"));
    CHECK(one.has("a"));
    CHECK_FALSE(one.has("b"));
}

TEST_CASE("[S0-5] the admin role has every permission, also those that were defined later") {
    auto workspace = given(with_permission(crm)).world.workspace;
    auto may = effective_permissions(workspace, {.role = admin});
    for (auto key : built_in_permissions) CHECK(may.has(key));
    CHECK(may.has(crm.value));
}

TEST_CASE("[S0-7] members and guests have no built-in permission to begin with") {
    auto workspace = given().world.workspace;
    CHECK(effective_permissions(workspace, {.role = plain}).keys.empty());
    CHECK(effective_permissions(workspace, {.role = guest}).keys.empty());
}

TEST_CASE("[S0-6, S0-10, S0-31] effective permissions come of role, own, licence and add-ons") {
    auto gold = base(organization, 1);
    gold.permissions = {crm};
    auto extra = add_on(coaching, 1);
    extra.permissions = {recordings};
    auto world = given(with_permission(crm), with_permission(recordings), lead_role, plan({.licenses = {gold, extra}}));
    auto may = effective_permissions(world.world.workspace, {.role = lead,
                                                             .license = organization,
                                                             .add_ons = {coaching},
                                                             .permissions = {{PermissionKey{"audit.read"}, 0}}});
    CHECK(may.keys == std::set<std::string, std::less<>>{"audit.read", "crm.access", "members.invite", "members.read",
                                                         "recordings.view"});
}

TEST_CASE("a permission removed and defined again is another one: no old grant revives") {
    auto granted = joined_as({.role = plain, .permissions = {{crm, 3}}});
    auto may = [](const Given& world) {
        return effective_permissions(world.world.workspace, world.world.person(grace).assignment).has(crm.value);
    };
    CHECK(may(given(with_permission(crm), granted)));
    CHECK_FALSE(may(given(with_permission(crm), granted, without_permission(crm))));
    CHECK_FALSE(may(given(with_permission(crm), granted, without_permission(crm), with_permission(crm))));
}

// ---- Giving.

TEST_CASE("[S2-1] an admin invites members, assigns resources and gives permissions") {
    given(with_permission(crm), with_resource(robot, "Reception"), by_member(ada))
        .when(InviteMember{.email = new_address, .permissions = {crm}, .resources = {{robot, Access::edit}}})
        .then<MemberInvited>([](const MemberInvited& event) {
            CHECK(event.assignment.permissions.size() == 1);
            CHECK(event.assignment.resources == std::set<ResourceAccess>{{robot, Access::edit}});
        });
    given(with_permission(crm), joined, by_member(ada))
        .when(ChangeMember{.permissions = std::vector{crm}})
        .then_types({"MemberChanged"});
}

TEST_CASE("[S3-18] nobody invites or creates with a role above their own") {
    given(lead_role, lesser).when(invite_lead).refused(Code::role_above_own);
    given(lead_role, equal).when(invite_lead).then_types({"MemberInvited"});
    given(lead_role, lesser)
        .when(CreateMember{.email = new_address, .name = Name{"Nina New"}, .role = lead})
        .refused(Code::role_above_own);
    given(lead_role, lesser).when(InviteMember{.email = new_address}).then_types({"MemberInvited"});
}

TEST_CASE("nobody gives a default role, a permission, a licence or an add-on above their own") {
    auto gold = base(organization, 5);
    gold.permissions = {crm};
    auto world = given(with_permission(crm), plan({.licenses = {gold}}), lesser);
    world.when(InviteMember{.email = new_address, .permissions = {crm}}).refused(Code::role_above_own);
    world.when(InviteMember{.email = new_address, .permissions = {read}}).refused(Code::role_above_own);
    world.when(InviteMember{.email = new_address, .license = organization}).refused(Code::role_above_own);
    given(lead_role, settings([](Settings& to) { to.default_role = lead; }), lesser)
        .when(InviteMember{.email = new_address})
        .refused(Code::role_above_own);
}

TEST_CASE("nobody raises a person, or themselves, above their own") {
    given(lead_role, invited, lesser).when(EditInvitation{.role = lead}).refused(Code::role_above_own);
    given(lead_role, joined, lesser).when(ChangeMember{.role = lead}).refused(Code::role_above_own);
    given(joined_as({.role = plain, .permissions = {{PermissionKey{"members.manage"}, 0}}}), by_member(grace))
        .when(ChangeMember{.role = admin})
        .refused(Code::role_above_own);
}

TEST_CASE("nobody defines or widens a role above their own") {
    DefineRole define{.key = RoleKey{"boss"}, .name = named("Boss"), .permissions = {read}};
    given(lesser).when(define).refused(Code::role_above_own);
    given(equal).when(define).then_types({"RoleDefined"});
    ChangeRole widen{.permissions = std::vector{read, invite}};
    given(with_role(lead, {invite}), lesser).when(lead, widen).refused(Code::role_above_own);
    given(with_role(lead, {invite}), equal).when(lead, widen).then_types({"RoleChanged"});
    // To keep or take away is not to give.
    given(lead_role, lesser).when(lead, ChangeRole{.name = named("Leader")}).then_types({"RoleChanged"});
    given(lead_role, lesser).when(lead, ChangeRole{.permissions = std::vector{invite}}).then_types({"RoleChanged"});
}

TEST_CASE("nobody puts a default role or a plan that gives more than they have") {
    given(lead_role, lesser).when(ChangeSettings{.default_role = lead}).refused(Code::role_above_own);
    given(lead_role, equal).when(ChangeSettings{.default_role = lead}).then_types({"SettingsChanged"});
    auto gold = base(organization, 5);
    gold.permissions = {crm};
    ChangePlan put{.licenses = {gold}};
    given(with_permission(crm), lesser).when(put).refused(Code::role_above_own);
    given(with_permission(crm), who_may({"crm.access"})).when(put).then_types({"PlanChanged"});
    given(with_permission(crm), plan({.licenses = {gold}}), lesser)
        .when(ChangePlan{.user_limit = 5, .licenses = {gold}})
        .then_types({"PlanChanged"});
}

// ---- Acting on.

TEST_CASE("nobody edits, resends or revokes an invitation of somebody who will be above them") {
    auto world = given(lead_role, invited_as({.role = lead}), lesser);
    world.when(EditInvitation{.role = guest}).refused(Code::role_above_own);
    world.when(ResendInvitation{}).refused(Code::role_above_own);
    world.when(RevokeInvitation{}).refused(Code::role_above_own);
    given(lead_role, invited_as({.role = lead}), equal).when(RevokeInvitation{}).then_types({"InvitationRevoked"});
}

TEST_CASE("nobody changes, deactivates or deletes a member above them, nor reactivates one") {
    auto world = given(lead_role, joined_as({.role = lead}), lesser);
    world.when(ChangeMember{.role = guest}).refused(Code::role_above_own);
    world.when(DeactivateMember{}).refused(Code::role_above_own);
    world.when(DeleteMember{grace.text(), std::nullopt}).refused(Code::role_above_own);
    given(lead_role, joined_as({.role = lead}), deactivated, lesser)
        .when(ReactivateMember{})
        .refused(Code::role_above_own);
    given(lead_role, joined_as({.role = lead}), equal).when(DeactivateMember{}).then_types({"MemberDeactivated"});
}

TEST_CASE("expiring and accepting need nobody's permission") {
    given(lead_role, invited_as({.role = lead}), who_may({}), later(days(7)))
        .when(ExpireInvitation{})
        .then_types({"InvitationExpired"});
    given(lead_role, invited_as({.role = lead}), who_may({}))
        .when(AcceptInvitation{.password = made<Password>("an old engine room")})
        .leaves(Phase::active);
}

}  // namespace muster::spec
