#include "domain/presets.h"
#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

Context at_monday(bool slug_taken = false) {
    return {
        .now = monday, .actor = {ActorKind::operator_, {}}, .actor_permissions = {true, {}}, .slug_taken = slug_taken};
}

WorkspaceCreated created(const CreateWorkspace& command, const Context& context) {
    auto decided = decide(Workspace{.id = spring}, command, context);
    REQUIRE(decided.has_value());
    REQUIRE(decided->events.size() == 1);
    CHECK(decided->events[0].stream == stream_of(spring));
    return std::get<WorkspaceCreated>(decided->events[0].event);
}

std::string slug_of(const std::string& workspace_name) {
    return slug_for(CreateWorkspace{.name = named(workspace_name)}).value;
}

}  // namespace

// ---- Creating.

TEST_CASE("a workspace begins with its preset's settings, plan, roles and permissions") {
    auto event = created({.name = named("Spring")}, at_monday());
    auto expected = *preset("default", monday);
    CHECK(event.name == named("Spring"));
    CHECK(event.preset == "default");
    CHECK(event.plan_managed_by == ManagedBy::workspace);
    CHECK(event.settings == expected.settings);
    CHECK(event.plan == expected.plan);
    CHECK(event.roles == expected.roles);
    CHECK(event.permissions == expected.permissions);
}

TEST_CASE("[S0-5, S0-6, S0-7] the default preset has admin, member and guest, of whom only admin may anything") {
    auto made_of = *preset("default", monday);
    REQUIRE(made_of.roles.size() == 3);
    CHECK(made_of.roles[0].key == admin);
    CHECK(made_of.roles[0].permissions.size() == built_in_permissions.size());
    CHECK(made_of.roles[1].key == plain);
    CHECK(made_of.roles[1].permissions.empty());
    CHECK(made_of.roles[2].key == guest);
    CHECK(made_of.roles[2].permissions.empty());
    CHECK(made_of.settings.default_role == plain);
    CHECK_FALSE(made_of.plan.user_limit);
    CHECK(made_of.plan.licenses.empty());
}

TEST_CASE("a preset that is not there is a fault") {
    auto decided =
        decide(Workspace{.id = spring}, CreateWorkspace{.name = named("Spring"), .preset = "summer"}, at_monday());
    REQUIRE_FALSE(decided.has_value());
    CHECK(decided.error().code == Code::invalid_value);
    CHECK(decided.error().faults.at(0).pointer == "/preset");
}

TEST_CASE("a slug is made from the name: what it can't hold becomes a hyphen") {
    CHECK(slug_of("Spring Labs") == "spring-labs");
    CHECK(slug_of("  Acme & Sons, Inc. ") == "acme-sons-inc");
    CHECK(slug_of("42") == "42");
    CHECK(slug_of("\u0412\u0435\u0441\u043d\u0430") == "workspace");  // nothing of it is left
    CHECK(slug_of(std::string(39, 'a') + " b") == std::string(39, 'a'));
    for (const auto* text : {"Spring Labs", "-a-", "A  B", "!", "ws_0"})
        CHECK(Slug::parse(slug_of(text), ascii).has_value());
    CHECK(slug_for(CreateWorkspace{.name = named("Spring"), .slug = made<Slug>("labs")}).value == "labs");
}

TEST_CASE("a slug that was asked for is refused where taken; one made from the name is made another") {
    CreateWorkspace asked{.name = named("Spring"), .slug = made<Slug>("spring")};
    auto decided = decide(Workspace{.id = spring}, asked, at_monday(true));
    REQUIRE_FALSE(decided.has_value());
    CHECK(decided.error().code == Code::slug_taken);

    auto slug = created({.name = named("Spring")}, at_monday(true)).slug.value;
    CHECK(slug == "spring-000001");
    CHECK(Slug::parse(slug, ascii).has_value());
}

TEST_CASE("a created workspace exists, with the version that made each of its parts") {
    auto workspace = given().world.workspace;
    CHECK(workspace.exists());
    CHECK(workspace.id == spring);
    CHECK(workspace.version == 1);
    CHECK(workspace.created_at == monday);
    CHECK(workspace.changed == 1);
    CHECK(workspace.settings.changed == 1);
    CHECK(workspace.plan.changed == 1);
    CHECK(workspace.roles.at(admin).changed == 1);
    CHECK(workspace.roles.at(admin).defined == 1);
    CHECK_FALSE(Workspace{}.exists());
}

// ---- Renaming.

TEST_CASE("a workspace changes its name, its slug, or both") {
    auto outcome = given().when(RenameWorkspace{.name = named("Summer"), .slug = made<Slug>("summer")});
    outcome.then(WorkspaceRenamed{named("Spring"), named("Summer"), made<Slug>("spring"), made<Slug>("summer")});
    CHECK(outcome.workspace().slug == made<Slug>("summer"));
    CHECK(outcome.workspace().changed == 2);
    CHECK(holdings(outcome.workspace()).claims == std::set<Claim>{{"slug:summer"}});
    given().when(RenameWorkspace{.name = named("Summer")}).then<WorkspaceRenamed>([](const auto& event) {
        CHECK(event.to_slug == event.from_slug);
    });
}

TEST_CASE("a renaming to the same is no event, even of a slug that is taken: by itself") {
    given().when(RenameWorkspace{}).nothing_happens();
    given(slug_is_taken).when(RenameWorkspace{.name = named("Spring"), .slug = made<Slug>("spring")}).nothing_happens();
    given(slug_is_taken).when(RenameWorkspace{.name = named("Summer")}).then_types({"WorkspaceRenamed"});
}

TEST_CASE("a workspace does not take another's slug") {
    given(slug_is_taken).when(RenameWorkspace{.slug = made<Slug>("summer")}).refused(Code::slug_taken);
}

TEST_CASE("a workspace has a name and a slug") {
    given()
        .when(RenameWorkspace{.name = Patch<Name>::cleared(), .slug = Patch<Slug>::cleared()})
        .faults({{"/name", Code::required}, {"/slug", Code::required}});
}

TEST_CASE("a renaming names the version of name and slug, which settings do not move") {
    auto renamed = RenameWorkspace{.name = named("Summer")};
    given(if_match(2)).when(renamed).refused(Code::version_mismatch);
    given(settings([](Settings& to) { to.name_required = true; }), if_match(1))
        .when(renamed)
        .then_types({"WorkspaceRenamed"});
    given(slug_is_taken, if_match(2)).when(RenameWorkspace{.slug = made<Slug>("x")}).refused(Code::version_mismatch);
}

// ---- What it knows of itself.

TEST_CASE("the limit that binds a counter is the plan's, and roles and admins have none") {
    auto workspace =
        given(plan({.user_limit = 5, .trial_ends_at = moment(1), .licenses = {base(organization, 2)}})).world.workspace;
    CHECK_FALSE(workspace.limit_of(Counter::users(), monday));
    CHECK(workspace.limit_of(Counter::users(), moment(1)) == 5);
    CHECK(workspace.limit_of(Counter::license("organization"), monday) == 2);
    CHECK_FALSE(workspace.limit_of(Counter::license("basic"), monday));
    CHECK_FALSE(workspace.limit_of(Counter::role("member"), monday));
    CHECK_FALSE(workspace.limit_of(Counter::active_admins(), monday));
    CHECK(workspace.permissions_of(RoleKey{"boss"}).keys.empty());
}

}  // namespace muster::spec
