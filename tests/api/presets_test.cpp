// A workspace of each preset as its admins find it, and the onboarding that its people begin with.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

// `fall`, of this preset.
struct Fall : Api {
    explicit Fall(const std::string& preset) : Api(false) {
        auto made = post("/v1/workspaces", R"({"name":"Fall Labs","slug":"fall","preset":")" + preset +
                                               R"(","owner":{"email":"bob@fall.example","name":"Bob"}})");
        INFO(made.body);
        REQUIRE(made.status == 201);
        CHECK(made.text("/preset") == preset);
        CHECK(made.text("/owner/role") == "admin");
    }
    Answer of(const std::string& path) { return get("/v1/workspaces/fall" + path); }
    Words role_names() { return of("/roles").each("/items", "name"); }
};

// What accepting answers of the steps, with these fields beside the token.
std::string onboarding(Api& api, const std::string& more, bool with_password = true) {
    auto invitation = api.invite("p" + std::to_string(api.head()) + "@spring.example");
    auto accepted = api.post("/v1/invitations/accept",
                             R"({"token":")" + api.token(invitation) + "\"" +
                                 (with_password ? R"(,"password":"an old engine room")" : "") + more + "}");
    INFO(accepted.body);
    REQUIRE(accepted.status == 201);
    return accepted.text("/member/onboarding");
}

}  // namespace

TEST_CASE("avoma over HTTP: a free licence, paid ones without seats yet, add-ons that need one [S0-9, S0-15]") {
    Fall fall("avoma");
    CHECK(fall.role_names() == Words{"Admin", "Guest", "Member"});
    auto seats = fall.of("/seats");
    CHECK(seats.each("/licenses", "key") ==
          Words{"basic", "organization", "conversation_intelligence", "revenue_intelligence"});
    CHECK(seats.each("/licenses", "kind") == Words{"base", "base", "add_on", "add_on"});
    CHECK(seats.each("/licenses", "paid") == Words{"false", "true", "true", "true"});
    CHECK(seats.each("/licenses", "remaining") == Words{"null", "0", "0", "0"});
    CHECK(seats.each("/licenses", "requires") == Words{"[]", "[]", R"(["organization"])", R"(["organization"])"});
    CHECK(seats.text("/users/limit") == "null");
    CHECK(refusal(fall.post("/v1/workspaces/fall/invitations",
                            R"({"email":"a@fall.example","license":"organization"})")) == "409 no_seats_remaining");
}

TEST_CASE("salesos over HTTP: a role and a name for everybody, one team at most [S1-3, S1-4]") {
    Fall fall("salesos");
    CHECK(fall.role_names() == Words{"Admin", "Manager", "Sales Rep"});
    auto settings = fall.of("/settings");
    CHECK(settings.text("/default_role") == "null");
    CHECK(settings.text("/name_required") == "true");
    CHECK(settings.number("/max_teams_per_member") == 1);
    CHECK(settings.number("/invitation_ttl") == 7 * day);
    CHECK(fall.post("/v1/workspaces/fall/invitations", R"({"email":"a@fall.example"})").faults() ==
          Words{"/name name_required", "/role role_required"});
}

TEST_CASE("agents over HTTP: five permissions of its own, shorter passwords [S2-7 to S2-11]") {
    Fall fall("agents");
    CHECK(fall.role_names() == Words{"Admin", "Member"});
    CHECK(fall.of("/permissions").each("/items", "key") ==
          Words{"agents.edit", "crm.access", "editor.advanced", "minutes.view", "recordings.view"});
    CHECK(fall.of("/settings").number("/password_min_length") == 6);
    CHECK(fall.of("/settings").text("/name_required") == "true");
    CHECK(fall.of("/roles/member").text("/permissions") == "[]");
}

TEST_CASE("awork over HTTP: five users after a trial of 14 days, which ends by itself [S3-2, S3-4]") {
    Fall fall("awork");
    auto plan = fall.of("/plan");
    CHECK(plan.number("/user_limit") == 5);
    CHECK(plan.text("/trial_ends_at") == "2026-12-07T08:00:00.000Z");
    CHECK(fall.of("/settings").text("/default_role") == "null");
    auto invite = [&](int i) {
        return fall.post("/v1/workspaces/fall/invitations",
                         R"({"email":"p)" + std::to_string(i) + R"(@fall.example","role":"member","ttl":31536000})");
    };
    for (int i = 0; i < 6; ++i) CHECK(invite(i).status == 201);
    fall.clock.advance(14 * day - 1);
    CHECK(invite(6).status == 201);
    fall.clock.advance(1);
    CHECK(refusal(invite(7)) == "409 no_seats_remaining");
    CHECK(fall.of("/seats").number("/users/over") == 3);
}

TEST_CASE("omni over HTTP: organization admins, members, and no requests yet [S4-1, S4-3]") {
    Fall fall("omni");
    CHECK(fall.role_names() == Words{"Organization Admin", "Member"});
    CHECK(fall.of("/settings").text("/invitation_requests") == "false");
    CHECK(fall.of("/settings").text("/default_role") == "member");
}

TEST_CASE("accepting answers the steps: which are done, and which is next [S1-34, S1-35, S1-36, S1-37]") {
    Api api;
    CHECK(onboarding(api, "") ==
          R"({"completed":["password"],"next":"profile","skipped":[],"steps":["password","profile","tour"]})");
    for (const char* more :
         {R"(,"name":"Grace Hopper")", R"(,"phone":"+49 30 1")", R"(,"photo_url":"https://x.example/g.png")"})
        CHECK(
            onboarding(api, more) ==
            R"({"completed":["password","profile"],"next":"tour","skipped":[],"steps":["password","profile","tour"]})");
    REQUIRE(api.patch("/settings", R"({"sign_in":"both"})").status == 200);
    CHECK(onboarding(api, "") ==
          R"({"completed":["password"],"next":"profile","skipped":[],"steps":["password","profile","tour"]})");
    REQUIRE(api.patch("/settings", R"({"sign_in":"sso"})").status == 200);
    CHECK(onboarding(api, "", false) ==
          R"({"completed":["sso"],"next":"profile","skipped":[],"steps":["sso","profile","tour"]})");
}

}  // namespace muster::test
