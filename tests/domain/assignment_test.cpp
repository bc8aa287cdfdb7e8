// What a request wants a person to be given, looked up in the workspace: every fault with its place, all at once.
#include "domain/assignment.h"

#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

LicenseKey license(const std::string& key) { return LicenseKey{key}; }

std::vector<ResourceAccess> many_resources(std::size_t n) {
    std::vector<ResourceAccess> all;
    for (std::size_t i = 0; i < n; ++i) {
        auto id = numbered<ResourceId>(static_cast<std::uint8_t>(i % 200));
        id.uuid.bytes[14] = static_cast<std::uint8_t>(i / 200);
        all.push_back({id, Access::view});
    }
    return all;
}

Fact registered(const std::vector<ResourceAccess>& all) {
    return [all](World& world) {
        for (const auto& each : all) with_resource(each.id, "Robot")(world);
    };
}

}  // namespace

// ---- All faults of a body at once.

TEST_CASE("all faults of an invitation are named at once, each with its place") {
    given(plan(sold(1, 1)), settings([](Settings& to) {
              to.name_required = true;
              to.allowed_email_domains = {made<EmailDomain>("spring.example")};
          }))
        .when(InviteMember{.email = address("nina@elsewhere.example"),
                           .role = RoleKey{"boss"},
                           .license = license("gold"),
                           .add_ons = {coaching, license("magic")},
                           .teams = teams("Sales", "Support"),
                           .permissions = {PermissionKey{"audit.read"}, crm},
                           .resources = {{robot, Access::view}},
                           .ttl = 1})
        .faults({{"/email", Code::email_domain_not_allowed},
                 {"/name", Code::name_required},
                 {"/role", Code::unknown_role},
                 {"/license", Code::unknown_license},
                 {"/add_ons/0", Code::add_on_not_eligible},
                 {"/add_ons/1", Code::unknown_add_on},
                 {"/teams/0", Code::unknown_team},
                 {"/teams/1", Code::unknown_team},
                 {"/permissions/1", Code::unknown_permission},
                 {"/resources/0/id", Code::unknown_resource},
                 {"/ttl", Code::ttl_out_of_range}});
}

TEST_CASE("all faults of an edit are named at once") {
    given(invited)
        .when(EditInvitation{.role = RoleKey{"boss"}, .teams = teams("Sales"), .permissions = std::vector{crm}})
        .faults({{"/role", Code::unknown_role},
                 {"/teams/0", Code::unknown_team},
                 {"/permissions/0", Code::unknown_permission}});
    given(joined)
        .when(ChangeMember{.license = license("gold"), .resources = std::vector<ResourceAccess>{{robot, Access::edit}}})
        .faults({{"/license", Code::unknown_license}, {"/resources/0/id", Code::unknown_resource}});
}

TEST_CASE("one fault is refused by its own code, several as validation_failed") {
    CHECK(given().when(InviteMember{.email = new_address, .ttl = 1}).refusal().code == Code::ttl_out_of_range);
    CHECK(given().when(InviteMember{.email = new_address, .role = RoleKey{"boss"}, .ttl = 1}).refusal().code ==
          Code::validation_failed);
}

TEST_CASE("the faults that decide finds are there to be asked for beside other faults of the body") {
    auto world = given(invited).world;
    InviteMember command{.email = new_address, .role = RoleKey{"boss"}, .ttl = 1};
    CHECK(faults_of(world.workspace, command, world.context(command)).size() == 2);
    EditInvitation edit{.role = RoleKey{"boss"}};
    CHECK(faults_of(world.person(grace), world.workspace, edit, world.context(edit)).size() == 1);
    CreateMember nameless;  // the address was a fault of its own
    CHECK(faults_of(world.workspace, nameless, world.context(nameless)).size() == 1);
    ChangeMember none;
    CHECK(faults_of(world.person(grace), world.workspace, none, world.context(none)).empty());
}

// ---- Addresses.

TEST_CASE("only addresses of the allowed domains are taken, in any case") {
    auto strict = settings([](Settings& to) { to.allowed_email_domains = {made<EmailDomain>("Spring.example")}; });
    given(strict).when(InviteMember{.email = address("x@SPRING.example")}).then_types({"MemberInvited"});
    given(strict)
        .when(InviteMember{.email = address("x@mail.spring.example")})
        .faults({{"/email", Code::email_domain_not_allowed}});
    given(strict)
        .when(CreateMember{.email = address("x@autumn.example"), .name = Name{"Nina New"}})
        .faults({{"/email", Code::email_domain_not_allowed}});
}

// ---- Licences and add-ons.

TEST_CASE("[S0-15] an add-on needs an eligible base licence") {
    auto world = given(plan(sold(1, 1)));
    auto invite = [&](std::optional<LicenseKey> base_license) {
        return world.when(InviteMember{.email = new_address, .license = base_license, .add_ons = {coaching}});
    };
    invite(organization).then_types({"MemberInvited"});
    invite(basic).faults({{"/add_ons/0", Code::add_on_not_eligible}});
    invite(std::nullopt).faults({{"/add_ons/0", Code::add_on_not_eligible}});
}

TEST_CASE("[S0-15] an add-on that requires no certain licence goes with any, but not with none") {
    auto world = given(plan({.licenses = {base(basic, 1), add_on(coaching, 1)}}));
    world.when(InviteMember{.email = new_address, .license = basic, .add_ons = {coaching}})
        .then_types({"MemberInvited"});
    world.when(InviteMember{.email = new_address, .add_ons = {coaching}})
        .faults({{"/add_ons/0", Code::add_on_not_eligible}});
}

TEST_CASE("a licence is no add-on, and an add-on no licence") {
    given(plan(sold(1, 1)))
        .when(InviteMember{.email = new_address, .license = coaching, .add_ons = {basic}})
        .faults({{"/license", Code::unknown_license}, {"/add_ons/0", Code::unknown_add_on}});
}

TEST_CASE("naming the licence and the add-ons that are held is no change, whatever became of them in the plan") {
    auto other_plan = plan({.licenses = {base(basic, 1), base(organization, 1), add_on(coaching, 1, {basic})}});
    auto world = given(plan(sold(1, 1)), joined_as({.role = plain, .license = organization, .add_ons = {coaching}}),
                       deactivated, other_plan);
    world.when(ChangeMember{.license = organization}).nothing_happens();
    world.when(ChangeMember{.add_ons = std::vector{coaching}}).nothing_happens();
    world.when(ChangeMember{.license = basic, .add_ons = std::vector{coaching}}).then_types({"MemberChanged"});
}

TEST_CASE("a licence is not taken from under its add-ons") {
    auto world = given(plan(sold(1, 1)), joined_as({.role = plain, .license = organization, .add_ons = {coaching}}));
    world.when(ChangeMember{.license = Patch<LicenseKey>::cleared()}).faults({{"/license", Code::add_on_not_eligible}});
    world.when(ChangeMember{.license = basic}).faults({{"/license", Code::add_on_not_eligible}});
    world.when(ChangeMember{.license = basic, .add_ons = std::vector<LicenseKey>{}}).then_types({"MemberChanged"});
    world.when(ChangeMember{.add_ons = Patch<std::vector<LicenseKey>>::cleared()}).then_types({"MemberChanged"});
}

TEST_CASE("add-ons are a set") {
    given(plan(sold(1, 1)))
        .when(InviteMember{.email = new_address, .license = organization, .add_ons = {coaching, coaching}})
        .used(Counter::license("coaching"), 1);
}

TEST_CASE("who remembers an add-on that the plan lost can be edited otherwise") {
    given(plan(sold(1, 1)), joined_as({.role = plain, .license = organization, .add_ons = {coaching}}), deactivated,
          plan({.licenses = {base(basic, 1), base(organization, 1)}}))
        .when(ChangeMember{.license = basic})
        .then<MemberChanged>([](const auto& event) { CHECK(event.to.add_ons == std::set{coaching}); });
}

// ---- Teams.

TEST_CASE("[S0-12] a team is named by its id or its name in any case, and stands once") {
    given(with_team(sales, "Sales"), with_team(support, "Support"))
        .when(InviteMember{.email = new_address, .teams = teams("SALES", "sales", sales.text(), support.text())})
        .then<MemberInvited>([](const auto& event) { CHECK(event.assignment.teams == std::set{sales, support}); });
}

TEST_CASE("[S1-14] a team that is not there is a fault, also one that was deleted") {
    given(with_team(sales, "Sales"), without_team(sales))
        .when(InviteMember{.email = new_address, .teams = teams("Sales", sales.text())})
        .faults({{"/teams/0", Code::unknown_team}, {"/teams/1", Code::unknown_team}});
}

TEST_CASE("[S1-5, S3-10] a workspace may have one team per person, or none") {
    auto two_teams = [](World& world) {
        with_team(sales, "Sales")(world);
        with_team(support, "Support")(world);
    };
    const InviteMember in_both{.email = new_address, .teams = teams("Sales", "Support")};
    given(two_teams, settings([](Settings& to) { to.max_teams_per_member = 1; }))
        .when(in_both)
        .faults({{"/teams", Code::too_many_teams}})
        .with("limit", 1);
    auto off = settings([](Settings& to) { to.teams_enabled = false; });
    given(two_teams, off).when(in_both).faults({{"/teams", Code::teams_disabled}});
    given(two_teams, off).when(InviteMember{.email = new_address}).then_types({"MemberInvited"});
    given(two_teams, joined_as({.role = plain, .teams = {sales}}), off)
        .when(ChangeMember{.teams = teams()})
        .then_types({"MemberChanged"});
}

TEST_CASE("the teams that somebody is in stay, or become fewer, whatever the settings say by now") {
    auto in_both = [](World& world) {
        with_team(sales, "Sales")(world);
        with_team(support, "Support")(world);
        joined_as({.role = plain, .teams = {sales, support}})(world);
    };
    auto off = settings([](Settings& to) { to.teams_enabled = false; });
    auto one = settings([](Settings& to) { to.max_teams_per_member = 1; });
    for (const auto& later : {off, one}) {
        given(in_both, later).when(ChangeMember{.teams = teams("Sales", "Support")}).nothing_happens();
        given(in_both, later).when(ChangeMember{.teams = teams("Support")}).then_types({"MemberChanged"});
    }
    given(in_both, with_team(numbered<TeamId>(7), "Spare"), one)
        .when(ChangeMember{.teams = teams("Sales", "Spare")})
        .faults({{"/teams", Code::too_many_teams}});
}

TEST_CASE("a change that names all that is shown changes nothing: what was deleted since is not shown") {
    auto in_both = [](World& world) {
        with_team(sales, "Sales")(world);
        with_team(support, "Support")(world);
        with_permission(crm)(world);
        Assignment given{.role = plain, .teams = {sales, support}};
        given.permissions = {{crm, world.workspace.permissions.at(crm).defined}, {PermissionKey{"members.read"}, 0}};
        joined_as(given)(world);
    };
    auto world = given(in_both, without_team(sales), without_permission(crm));
    world.when(ChangeMember{.teams = teams("Support")}).nothing_happens();
    world.when(ChangeMember{.permissions = std::vector{PermissionKey{"members.read"}}}).nothing_happens();
    world.when(ChangeMember{.permissions = std::vector<PermissionKey>{}}).then_types({"MemberChanged"});
    world.when(ChangeMember{.teams = teams()}).then<MemberChanged>([](const auto& event) {
        CHECK(event.to.teams.empty());
    });
}

TEST_CASE("an add-on that is held is not judged where another one comes") {
    const LicenseKey training = license("training");
    auto before = plan({.licenses = {base(organization, 1), add_on(coaching, 1), add_on(training, 1)}});
    auto after =
        plan({.licenses = {base(organization, 1), add_on(coaching, 1, {basic}), base(basic, 1), add_on(training, 1)}});
    auto world = given(before, joined_as({.role = plain, .license = organization, .add_ons = {coaching}}), after);
    world.when(ChangeMember{.add_ons = std::vector{coaching, training}}).then_types({"MemberChanged"});
    world.when(ChangeMember{.license = organization, .add_ons = std::vector{training}}).then_types({"MemberChanged"});
    given(after)
        .when(InviteMember{.email = new_address, .license = organization, .add_ons = {coaching}})
        .faults({{"/add_ons/0", Code::add_on_not_eligible}});
}

TEST_CASE("a person is in at most 100 teams") {
    auto world = given();
    std::vector<TeamRef> all;
    for (std::uint8_t i = 0; i < 101; ++i) {
        all.push_back(team_name("Team " + std::to_string(i)));
        with_team(numbered<TeamId>(i), all.back().value)(world.world);
    }
    world.when(InviteMember{.email = new_address, .teams = all})
        .faults({{"/teams", Code::too_many_teams}})
        .with("limit", 100);
    all.pop_back();
    world.when(InviteMember{.email = new_address, .teams = all}).then_types({"MemberInvited"});
}

// ---- Permissions and resources.

TEST_CASE("a permission is one of the workspace's own or a built-in one") {
    given(with_permission(crm))
        .when(InviteMember{.email = new_address, .permissions = {crm, PermissionKey{"members.read"}}})
        .then<MemberInvited>([](const auto& event) {
            CHECK(event.assignment.permissions == std::set<Grant>{{crm, 3}, {PermissionKey{"members.read"}, 0}});
        });
    given(with_permission(crm), without_permission(crm))
        .when(InviteMember{.email = new_address, .permissions = {crm}})
        .faults({{"/permissions/0", Code::unknown_permission}});
}

TEST_CASE("a resource named twice is given with the greater access") {
    given(with_resource(robot, "Robot"))
        .when(InviteMember{.email = new_address, .resources = {{robot, Access::edit}, {robot, Access::view}}})
        .then<MemberInvited>([](const auto& event) {
            CHECK(event.assignment.resources == std::set<ResourceAccess>{{robot, Access::edit}});
        });
}

TEST_CASE("a removed resource is not given anew, but what was given before may stay") {
    auto removed = [](World& world) { world.happens(stream_of(robot), ResourceRemoved{}); };
    auto world =
        given(with_resource(robot, "Robot"), joined_as({.role = plain, .resources = {{robot, Access::view}}}), removed);
    world.when(InviteMember{.email = new_address, .resources = {{robot, Access::view}}})
        .faults({{"/resources/0/id", Code::unknown_resource}});
    world.when(ChangeMember{.resources = std::vector<ResourceAccess>{{robot, Access::view}}}).nothing_happens();
}

TEST_CASE("of a list that is wrong from end to end, twenty faults are told, and that they are not all") {
    std::vector<LicenseKey> add_ons;
    std::vector<PermissionKey> permissions;
    for (int i = 0; i < 1000; ++i) {
        add_ons.push_back(license("a" + std::to_string(i)));
        permissions.push_back(PermissionKey{"p" + std::to_string(i)});
    }
    auto of_invitation = [&](InviteMember invite) {
        World world;
        return faults_of(world.workspace, invite, world.context(invite));
    };
    for (const auto& faults : {of_invitation({.email = new_address, .add_ons = add_ons}),
                               of_invitation({.email = new_address, .permissions = permissions})}) {
        REQUIRE(faults.size() == limits::faults_per_list + 1);
        CHECK(faults.back().detail == "Only the first 20 faults of this list are told.");
    }
    auto long_name = of_invitation({.email = new_address, .role = RoleKey{std::string(8192, 'r')}});
    REQUIRE(long_name.size() == 1);
    CHECK(long_name.front().detail.size() < 300);
}

TEST_CASE("a person has at most 200 resources") {
    auto all = many_resources(201);
    auto world = given(registered(all));
    world.when(InviteMember{.email = new_address, .resources = all}).faults({{"/resources", Code::too_long}});
    all.pop_back();
    world.when(InviteMember{.email = new_address, .resources = all}).then_types({"MemberInvited"});
}

}  // namespace muster::spec
