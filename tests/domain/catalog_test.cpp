// Roles, permissions and teams.
#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const RoleKey lead{"lead"};
const PermissionKey read{"members.read"};

}  // namespace

// ---- Roles.

TEST_CASE("a role is defined with its permissions and its home") {
    auto outcome =
        given(with_permission(crm)).when(DefineRole{lead, named("Lead"), {read, crm, read}, made<Path>("/desk")});
    outcome.then(RoleDefined{{lead, named("Lead"), {read, crm}, made<Path>("/desk")}});
    CHECK(outcome.workspace().roles.at(lead).changed == 3);
    given().when(DefineRole{.key = lead, .name = named("Lead")}).then<RoleDefined>([](const auto& event) {
        CHECK(event.role.home.value == "/");
        CHECK(event.role.permissions.empty());
    });
}

TEST_CASE("a role of unknown permissions is refused, each named") {
    given()
        .when(DefineRole{.key = lead, .name = named("Lead"), .permissions = {read, crm, recordings}})
        .faults({{"/permissions/1", Code::unknown_permission}, {"/permissions/2", Code::unknown_permission}});
    given()
        .when(guest, ChangeRole{.name = Patch<Name>::cleared(), .permissions = std::vector{crm}})
        .faults({{"/name", Code::required}, {"/permissions/0", Code::unknown_permission}});
}

TEST_CASE("a role's key is used once, also `admin`'s") {
    given().when(DefineRole{.key = guest, .name = named("Guest")}).refused(Code::key_taken);
    given().when(DefineRole{.key = admin, .name = named("Admin")}).refused(Code::key_taken);
}

TEST_CASE("a workspace has at most 200 roles") {
    auto world = given();
    for (int i = 0; i < 197; ++i) with_role(RoleKey{"r" + std::to_string(i)})(world.world);
    world.when(DefineRole{.key = lead, .name = named("Lead")}).refused(Code::limit_reached).with("limit", 200);
    world.when(DefineRole{.key = guest, .name = named("Guest")}).refused(Code::key_taken);
}

TEST_CASE("a role is patched: absent stays, null clears") {
    auto world = given(with_role(lead, {read}));
    world.when(lead, ChangeRole{.name = named("Leader"), .home = made<Path>("/desk")})
        .then<RoleChanged>([](const RoleChanged& event) {
            CHECK(event.from.name == named("lead"));
            CHECK(event.to == Role{lead, named("Leader"), {read}, made<Path>("/desk")});
        });
    world
        .when(lead,
              ChangeRole{.permissions = Patch<std::vector<PermissionKey>>::cleared(), .home = Patch<Path>::cleared()})
        .then<RoleChanged>([](const auto& event) { CHECK(event.to == Role{lead, named("lead"), {}}); });
    world.when(lead, ChangeRole{}).nothing_happens();
    world.when(lead, ChangeRole{.permissions = std::vector{read, read}}).nothing_happens();
}

TEST_CASE("[S0-5] the role admin always holds all: only its name and home change") {
    given().when(admin, ChangeRole{.permissions = std::vector{read}}).refused(Code::role_protected);
    given().when(admin, RemoveRole{}).refused(Code::role_protected);
    given().when(admin, ChangeRole{.name = named("Organization Admin")}).then_types({"RoleChanged"});
}

TEST_CASE("a role that nobody has is removed, and stays so until the append") {
    auto outcome = given(invited).when(guest, RemoveRole{});
    outcome.then_types({"RoleRemoved"}).bounded({{Counter::role("guest"), 0}});
    CHECK_FALSE(outcome.workspace().roles.contains(guest));
}

TEST_CASE("a role that a pending, expired, active or deactivated person has is not removed") {
    const Assignment as_guest{.role = guest};
    given(invited_as(as_guest)).when(guest, RemoveRole{}).refused(Code::role_in_use).with("used", 1);
    given(invited_as(as_guest), expired).when(guest, RemoveRole{}).refused(Code::role_in_use);
    given(joined_as(as_guest)).when(guest, RemoveRole{}).refused(Code::role_in_use);
    given(joined_as(as_guest), deactivated).when(guest, RemoveRole{}).refused(Code::role_in_use);
    given(joined_as(as_guest), deleted).when(guest, RemoveRole{}).then_types({"RoleRemoved"});
}

TEST_CASE("the default role is not removed") { given().when(plain, RemoveRole{}).refused(Code::role_in_use); }

TEST_CASE("a role that is not there is not found, and a changed one not overwritten") {
    given().when(lead, ChangeRole{.name = named("Lead")}).refused(Code::not_found);
    given().when(lead, RemoveRole{}).refused(Code::not_found);
    given(if_match(9)).when(guest, ChangeRole{.name = named("Visitor")}).refused(Code::version_mismatch);
    given(if_match(9)).when(admin, RemoveRole{}).refused(Code::version_mismatch);
    given(with_role(lead), if_match(1)).when(guest, RemoveRole{}).then_types({"RoleRemoved"});
}

// ---- Permissions of the workspace's own.

TEST_CASE("[S2-7, S2-8] a workspace defines permissions of its own") {
    auto outcome = given().when(DefinePermission{crm, named("Can access CRM"), made<FreeText>("Contacts.")});
    outcome.then(PermissionDefined{{crm, named("Can access CRM"), made<FreeText>("Contacts.")}});
    CHECK(outcome.workspace().permissions.at(crm).defined == 3);
}

TEST_CASE("a permission's key is used once, and never one that is built in") {
    given(with_permission(crm)).when(DefinePermission{crm, named("CRM"), {}}).refused(Code::key_taken);
    for (auto key : built_in_permissions)
        given().when(DefinePermission{PermissionKey{std::string(key)}, named("Mine"), {}}).refused(Code::key_taken);
}

TEST_CASE("a workspace has at most 500 permissions of its own") {
    auto world = given();
    for (int i = 0; i < 500; ++i) with_permission(PermissionKey{"p" + std::to_string(i)})(world.world);
    world.when(DefinePermission{crm, named("CRM"), {}}).refused(Code::limit_reached).with("limit", 500);
}

TEST_CASE("a removed permission is taken from everybody: roles, licences and people") {
    auto gold = base(organization, 1);
    gold.permissions = {crm};
    auto outcome = given(with_permission(crm), with_role(lead, {crm, read}), plan({.licenses = {gold}}),
                         joined_as({.role = plain, .permissions = {{crm, 3}}}))
                       .when(crm, RemovePermission{});
    outcome.then_types({"PermissionRemoved"});
    const auto& workspace = outcome.workspace();
    CHECK(workspace.roles.at(lead).value.permissions == std::set{read});
    CHECK(workspace.roles.at(lead).changed == workspace.version);
    CHECK(workspace.roles.at(guest).changed == 1);
    CHECK(workspace.license(organization)->permissions.empty());
    CHECK(workspace.plan.changed == workspace.version);
    CHECK_FALSE(effective_permissions(workspace, outcome.person(grace).assignment).has(crm.value));
}

TEST_CASE("a permission that is not the workspace's own is not found") {
    given().when(crm, RemovePermission{}).refused(Code::not_found);
    given().when(read, RemovePermission{}).refused(Code::not_found);
}

// ---- Teams.

TEST_CASE("a permission's name and description change, and who has it keeps it") {
    auto world = given(with_permission(crm));
    world.when(crm, ChangePermission{.name = named("CRM"), .description = made<FreeText>("Contacts.")})
        .then<PermissionChanged>([](const auto& event) {
            CHECK(event.to == OwnPermission{crm, named("CRM"), made<FreeText>("Contacts.")});
        });
    world.when(crm, ChangePermission{}).nothing_happens();
    world.when(crm, ChangePermission{.name = Patch<Name>::cleared()}).faults({{"/name", Code::required}});
    given().when(crm, ChangePermission{.name = named("CRM")}).refused(Code::not_found);
}

TEST_CASE("a team is created under a fresh id") {
    auto outcome = given().when(CreateTeam{team_name("Sales")});
    outcome.then(TeamCreated{{TeamId{newcomer.uuid}, team_name("Sales")}});
    CHECK(outcome.workspace().team_named("sales") != nullptr);
}

TEST_CASE("a team's name is used once, in any case, and free again when the team is deleted") {
    given(with_team(sales, "Sales")).when(CreateTeam{team_name("SALES")}).refused(Code::name_taken);
    given(with_team(sales, "Sales"), with_team(support, "Support"))
        .when(support, RenameTeam{team_name("sales")})
        .refused(Code::name_taken);
    given(with_team(sales, "Sales"), without_team(sales))
        .when(CreateTeam{team_name("Sales")})
        .then_types({"TeamCreated"});
}

TEST_CASE("[S3-10] where teams are off, none is created") {
    given(settings([](Settings& to) { to.teams_enabled = false; }))
        .when(CreateTeam{team_name("Sales")})
        .refused(Code::teams_disabled);
}

TEST_CASE("a workspace has at most 2,000 teams") {
    auto world = given();
    for (int i = 0; i < 2000; ++i) {
        auto id = numbered<TeamId>(static_cast<std::uint8_t>(i % 250));
        id.uuid.bytes[14] = static_cast<std::uint8_t>(i / 250);
        evolve(world.world.workspace, TeamCreated{{id, team_name("Team " + std::to_string(i))}}, Meta{});
    }
    world.when(CreateTeam{team_name("Sales")}).refused(Code::limit_reached).with("limit", 2000);
    world.when(CreateTeam{team_name("Team 7")}).refused(Code::name_taken);
}

TEST_CASE("a team is renamed, also only in its case; to the same is no event") {
    auto world = given(with_team(sales, "Sales"));
    world.when(sales, RenameTeam{team_name("Selling")})
        .then(TeamRenamed{sales, team_name("Sales"), team_name("Selling")});
    world.when(sales, RenameTeam{team_name("SALES")}).then_types({"TeamRenamed"});
    world.when(sales, RenameTeam{team_name("Sales")}).nothing_happens();
    world.when(sales, RenameTeam{}).nothing_happens();
    world.when(sales, RenameTeam{Patch<FoldedName>::cleared()}).faults({{"/name", Code::required}});
}

TEST_CASE("a team is deleted, with people in it or without") {
    auto outcome =
        given(with_team(sales, "Sales"), joined_as({.role = plain, .teams = {sales}})).when(sales, DeleteTeam{});
    outcome.then(TeamDeleted{{sales, team_name("Sales")}});
    CHECK(outcome.workspace().teams.empty());
}

TEST_CASE("[trap 13] a team that is not there is not found, and a changed one not overwritten") {
    given().when(sales, RenameTeam{team_name("Selling")}).refused(Code::not_found);
    given().when(sales, DeleteTeam{}).refused(Code::not_found);
    given(with_team(sales, "Sales"), if_match(9))
        .when(sales, RenameTeam{team_name("Selling")})
        .refused(Code::version_mismatch);
    given(with_team(sales, "Sales"), if_match(9)).when(sales, DeleteTeam{}).refused(Code::version_mismatch);
    given(with_team(sales, "Sales"), if_match(2)).when(sales, DeleteTeam{}).then_types({"TeamDeleted"});
}

}  // namespace muster::spec
