// Workspaces, their settings and plan, by the HTTP contract's table.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

std::string new_workspace(const std::string& more) {
    return R"({"name":"Fall Labs","owner":{"email":"bob@fall.example","name":"Bob"})" + more + "}";
}

}  // namespace

// ---- Workspaces.

TEST_CASE("a workspace is made with its first admin, who is active [S0-5]") {
    Api api(false);
    auto made = api.post("/v1/workspaces", new_workspace(R"(,"slug":"fall","plan_managed_by":"operator")"));
    REQUIRE(made.status == 201);
    CHECK(made.members() == Words{"created_at", "id", "name", "owner", "plan_managed_by", "preset", "slug"});
    CHECK(made.text("/id").starts_with("ws_"));
    CHECK(made.text("/id").size() == 3 + 26);
    CHECK(made.text("/slug") == "fall");
    CHECK(made.text("/preset") == "default");
    CHECK(made.text("/plan_managed_by") == "operator");
    CHECK(made.text("/created_at") == "2026-11-23T08:00:00.000Z");
    CHECK(made.text("/owner/status") == "active");
    CHECK(made.text("/owner/role") == "admin");
    CHECK(made.text("/owner/email") == "bob@fall.example");
    CHECK(made.position() == 2);
    CHECK(api.get("/v1/workspaces/fall").text("/id") == made.text("/id"));
    CHECK(api.get("/v1/workspaces/" + made.text("/id")).text("/slug") == "fall");
}

TEST_CASE("a slug that is not given is made from the name, and made unique") {
    Api api(false);
    CHECK(api.post("/v1/workspaces", new_workspace("")).text("/slug") == "fall-labs");
    auto second = api.post("/v1/workspaces", new_workspace(""));
    REQUIRE(second.status == 201);
    CHECK_THAT(second.text("/slug"), Catch::StartsWith("fall-labs-"));
}

TEST_CASE("a slug is one workspace's") {
    Api api;
    CHECK(refusal(api.post("/v1/workspaces", new_workspace(R"(,"slug":"spring")"))) == "409 slug_taken");
    REQUIRE(api.post("/v1/workspaces", new_workspace(R"(,"slug":"fall")")).status == 201);
    CHECK(refusal(api.patch("/v1/workspaces/fall", R"({"slug":"spring"})")) == "409 slug_taken");
    CHECK(api.patch("/v1/workspaces/fall", R"({"slug":"autumn"})").text("/slug") == "autumn");
    CHECK(refusal(api.get("/v1/workspaces/fall")) == "404 not_found");
    CHECK(api.get("/v1/workspaces/autumn").status == 200);
}

TEST_CASE("the same request again answers as the first, by the slug that it took away [N2]") {
    Api api;
    Headers key{{"Idempotency-Key", "k"}};
    REQUIRE(api.post("/v1/workspaces", new_workspace(R"(,"slug":"fall")")).status == 201);
    auto first = api.patch("/v1/workspaces/fall", R"({"slug":"autumn"})", key);
    REQUIRE(first.status == 200);
    auto head = api.head();
    auto again = api.patch("/v1/workspaces/fall", R"({"slug":"autumn"})", key);
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(api.head() == head);
    // Another request, another key, another caller or a trial is of no workspace.
    CHECK(refusal(api.patch("/v1/workspaces/fall", R"({"slug":"winter"})", key)) == "404 not_found");
    CHECK(refusal(api.patch("/v1/workspaces/fall", R"({"slug":"autumn"})", {{"Idempotency-Key", "l"}})) ==
          "404 not_found");
    CHECK(refusal(api.patch("/v1/workspaces/fall?dry_run=true", R"({"slug":"autumn"})", key)) == "404 not_found");
    CHECK(refusal(api.patch("/v1/workspaces/fall", R"({"slug":"autumn"})")) == "404 not_found");
    auto other = api.post("/api-keys", R"({"name":"K","permissions":["settings.manage"]})").text("/secret");
    CHECK(refusal(api.patch("/v1/workspaces/fall", R"({"slug":"autumn"})",
                            {{"Idempotency-Key", "k"}, {"Authorization", "Bearer " + other}})) == "404 not_found");
    // Of who has one workspace only, too.
    Headers by_key{{"Idempotency-Key", "m"}, {"Authorization", "Bearer " + other}};
    REQUIRE(api.patch("/v1/workspaces/spring", R"({"slug":"april"})", by_key).status == 200);
    CHECK(api.patch("/v1/workspaces/spring", R"({"slug":"april"})", by_key).header("idempotency-replayed") == "true");
}

TEST_CASE("all faults of a new workspace are said at once") {
    Api api(false);
    auto refused =
        api.post("/v1/workspaces",
                 R"({"slug":"No Slug","preset":"nothing","password":"x","owner":{"email":"nobody","phone":"1"}})");
    CHECK(refusal(refused) == "422 validation_failed");
    CHECK(refused.faults() == Words{"/name required", "/owner/email email_invalid", "/owner/name required",
                                    "/owner/phone unknown_field", "/password unknown_field", "/preset invalid_value",
                                    "/slug invalid_value"});
    CHECK(refusal(api.post("/v1/workspaces", new_workspace(R"(,"preset":"nothing")"))) == "422 invalid_value");
    CHECK(api.head() == 0);
}

TEST_CASE("a workspace's name changes; a patch that changes nothing makes no event") {
    Api api;
    auto before = api.head();
    auto renamed = api.patch("/v1/workspaces/spring", R"({"name":"Summer Labs"})");
    CHECK(renamed.status == 200);
    CHECK(renamed.text("/name") == "Summer Labs");
    CHECK(renamed.text("/slug") == "spring");
    CHECK(api.head() == before + 1);
    CHECK(api.patch("/v1/workspaces/spring", R"({"name":"Summer Labs"})").status == 200);
    CHECK(api.patch("/v1/workspaces/spring", "{}").position() == before + 1);
    CHECK(api.head() == before + 1);
    CHECK(refusal(api.patch("/v1/workspaces/spring", R"({"name":null})")) == "422 required");
}

TEST_CASE("what another workspace has is not there, as if it did not exist, N8 [trap 13]") {
    Api api;
    auto invitation = api.invite("grace@spring.example");
    auto member = api.member("alan@spring.example");
    auto team = api.team("Sales");
    auto resource = api.resource("Reception");
    REQUIRE(api.post("/v1/workspaces", new_workspace(R"(,"slug":"fall")")).status == 201);
    for (const auto& path : {"/invitations/" + invitation, "/invitations/" + invitation + "/link", "/members/" + member,
                             "/teams/" + team, "/resources/" + resource})
        CHECK(refusal(api.get("/v1/workspaces/fall" + path)) == "404 not_found");
    for (const auto& path : {"/invitations/" + invitation + "/resend", "/invitations/" + invitation + "/revoke",
                             "/members/" + member + "/deactivate", "/members/" + member + "/reactivate"})
        CHECK(refusal(api.post("/v1/workspaces/fall" + path)) == "404 not_found");
    for (const auto& path :
         {"/invitations/" + invitation, "/members/" + member, "/teams/" + team, "/resources/" + resource})
        CHECK(refusal(api.patch("/v1/workspaces/fall" + path, R"({"name":"X"})")) == "404 not_found");
    for (const auto& path : {"/members/" + member + "?confirm=" + member, "/teams/" + team, "/resources/" + resource})
        CHECK(refusal(api.remove("/v1/workspaces/fall" + path)) == "404 not_found");
    auto borrowed = api.post("/v1/workspaces/fall/invitations", R"({"email":"x@fall.example","teams":[")" + team +
                                                                    R"("],"resources":[{"id":")" + resource +
                                                                    R"(","access":"view"}]})");
    CHECK(borrowed.faults() == Words{"/resources/0/id unknown_resource", "/teams/0 unknown_team"});
}

// ---- Settings.

TEST_CASE("the settings have the contract's defaults [S1-7, S1-24]") {
    Api api;
    auto settings = api.get("/settings");
    CHECK(settings.members() == Words{"allowed_email_domains", "contact", "default_role", "invitation_requests",
                                      "invitation_ttl", "max_teams_per_member", "name_required", "password_min_length",
                                      "resend_limit_per_day", "sign_in", "teams_enabled", "upgrade_url"});
    CHECK(settings.number("/invitation_ttl") == 604'800);
    CHECK(settings.text("/default_role") == "member");
    CHECK(settings.text("/allowed_email_domains") == "[]");
    CHECK(settings.text("/max_teams_per_member") == "null");
    CHECK(settings.number("/password_min_length") == 8);
    CHECK(settings.text("/sign_in") == "password");
    CHECK(settings.number("/resend_limit_per_day") == 3);
    CHECK(settings.text("/teams_enabled") == "true");
}

TEST_CASE("settings are merged: absent stays, null clears, arrays replace") {
    Api api;
    auto changed = api.patch(
        "/settings",
        R"({"default_role":null,"allowed_email_domains":["Spring.example"],"upgrade_url":"https://spring.example/buy"})");
    CHECK(changed.status == 200);
    CHECK(changed.text("/default_role") == "null");
    CHECK(changed.text("/allowed_email_domains") == R"(["spring.example"])");
    CHECK(changed.number("/invitation_ttl") == 604'800);
    CHECK(api.patch("/settings", R"({"upgrade_url":null})").text("/upgrade_url") == "null");
    CHECK(api.get("/settings").text("/allowed_email_domains") == R"(["spring.example"])");
}

TEST_CASE("all faults of settings are said at once, those of the form and those of the rules") {
    Api api;
    auto refused = api.patch(
        "/settings",
        R"({"invitation_ttl":60,"password_min_length":5,"default_role":"nobody","sign_in":"magic","teams_enabled":"yes","colour":1})");
    CHECK(refusal(refused) == "422 validation_failed");
    CHECK(refused.faults() == Words{"/colour unknown_field", "/default_role unknown_role",
                                    "/invitation_ttl ttl_out_of_range", "/password_min_length invalid_value",
                                    "/sign_in invalid_value", "/teams_enabled invalid_type"});
    CHECK(refusal(api.patch("/settings", R"({"invitation_ttl":3599})")) == "422 ttl_out_of_range");
    CHECK(refusal(api.patch("/settings", R"({"name_required":null})")) == "422 required");
    CHECK(refusal(api.patch("/settings", R"({"upgrade_url":"http://spring.example"})")) == "422 invalid_value");
}

// ---- Plan.

TEST_CASE("a plan is put and read in one form [S3-5, S0-44]") {
    Api api;
    auto plan =
        R"({"user_limit":14,"trial_ends_at":"2026-12-01T01:00:00+01:00","licenses":[{"key":"organization","name":"Organization","kind":"base","paid":true,"seats":12},)"
        R"({"key":"ci","name":"Conversation Intelligence","kind":"add_on","paid":true,"seats":null,"requires":["organization"]}]})";
    auto put = api.put("/plan", plan);
    REQUIRE(put.status == 200);
    CHECK(put.text("/trial_ends_at") == "2026-12-01T00:00:00.000Z");
    CHECK(put.members("/licenses/1") == Words{"key", "kind", "name", "paid", "permissions", "requires", "seats"});
    CHECK(put.text("/licenses/1/requires") == R"(["organization"])");
    CHECK(api.get("/plan").body == put.body);
    auto head = api.head();
    CHECK(api.put("/plan", put.body).status == 200);
    CHECK(api.head() == head);
}

TEST_CASE("a plan with less than is used is refused, with pool and numbers [trap 2]") {
    Api api;
    api.licenses(2);
    api.invite("grace@spring.example", R"("license":"organization")");
    api.invite("alan@spring.example", R"("license":"organization")");
    auto fewer =
        R"({"user_limit":null,"licenses":[{"key":"organization","name":"Organization","kind":"base","seats":1}]})";
    auto refused = api.put("/plan", fewer);
    CHECK(refusal(refused) == "409 seats_in_use");
    CHECK(refused.text("/pool") == "organization");
    CHECK(refused.number("/used") == 2);
    CHECK(refusal(api.put("/plan", R"({"licenses":[]})")) == "409 seats_in_use");
    CHECK(refusal(api.put(
              "/plan", R"({"licenses":[{"key":"organization","name":"Organization","kind":"add_on","seats":9}]})")) ==
          "409 seats_in_use");
    auto users =
        api.put("/plan", R"({"user_limit":2,"licenses":[{"key":"organization","name":"O","kind":"base","seats":2}]})");
    CHECK(refusal(users) == "409 seats_in_use");
    CHECK(users.text("/pool") == "users");
    auto trial = api.put(
        "/plan",
        R"({"user_limit":2,"trial_ends_at":"2026-12-01T00:00:00Z","licenses":[{"key":"organization","name":"O","kind":"base","seats":2}]})");
    CHECK(trial.status == 200);
}

TEST_CASE("who may not put the plan is told so before anything of its body") {
    Api api;
    REQUIRE(api.post("/v1/workspaces",
                     R"({"name":"Fall","slug":"fall","plan_managed_by":"operator",)"
                     R"("owner":{"email":"bob@fall.example","name":"Bob","password":"an old engine room"}})")
                .status == 201);
    auto bob = api.post("/v1/auth/login",
                        R"({"workspace":"fall","email":"bob@fall.example","password":"an old engine room"})");
    Headers by{{"Authorization", "Bearer " + bob.text("/token")}};
    for (const char* body : {R"({"licenses":[]})", R"({"user_limit":"x"})", R"({"user_limit":-1})", "{"})
        CHECK(refusal(api.put("/v1/workspaces/fall/plan", body, by)) == "403 permission_denied");
    CHECK(api.get("/v1/workspaces/fall/plan", by).status == 200);
    CHECK(refusal(api.put("/v1/workspaces/fall/plan", "{")) == "400 invalid_json");
}

TEST_CASE("all faults of a plan are said at once") {
    Api api;
    auto refused = api.put(
        "/plan",
        R"({"user_limit":-1,"trial_ends_at":"2026-12-01T00:00:00","licenses":[{"key":"users","name":"U","kind":"base"},)"
        R"({"key":"a","name":"","kind":"base"},{"key":"b","name":"B","kind":"add_on","requires":["none"],"permissions":["x.y"]},)"
        R"({"key":"b","name":"B","kind":"base"}]})");
    CHECK(refusal(refused) == "422 validation_failed");
    CHECK(refused.faults() == Words{"/licenses/0/key invalid_value", "/licenses/1/name required",
                                    "/licenses/2/permissions unknown_permission",
                                    "/licenses/2/requires unknown_license", "/licenses/3/key invalid_value",
                                    "/trial_ends_at invalid_value", "/user_limit invalid_value"});
}

}  // namespace muster::test
