// API keys: how machines call.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

Headers as(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

Answer make(Api& api, const std::string& permissions, const Headers& by = {}, const std::string& more = {}) {
    return api.post("/api-keys", R"({"name":"Importer","permissions":)" + permissions + more + "}", by);
}

std::string session_of(Api& api, const std::string& email, const std::string& more) {
    auto link = api.token(api.invite(email, more));
    return api
        .post("/v1/invitations/accept", R"({"token":")" + link + R"(","password":"an old engine room"})",
              {{"Authorization", "nobody"}})
        .text("/session/token");
}

}  // namespace

TEST_CASE("a key does what it is for, says who it is in the audit, and is dead once revoked") {
    Api api;
    auto made = make(api, R"(["members.read","members.invite"])");
    REQUIRE(made.status == 201);
    auto secret = made.text("/secret");
    CHECK(secret.starts_with("mbk_"));
    CHECK(api.get("/members", as(secret)).status == 200);
    CHECK(api.post("/invitations", R"({"email":"grace@spring.example"})", as(secret)).status == 201);
    CHECK(refusal(api.get("/settings", as(secret))) == "403 permission_denied");
    CHECK(refusal(api.get("/v1/me", as(secret))) == "403 permission_denied");
    auto invited = api.get("/audit?actor=" + made.text("/id"));
    CHECK(invited.each("/items", "type") == Words{"member_invited"});
    CHECK(invited.text("/items/0/actor/kind") == "api_key");
    CHECK(invited.text("/items/0/actor/id") == made.text("/id"));
    CHECK(invited.text("/items/0/actor/name") == "Importer");
    CHECK(invited.text("/items/0/summary") == "The API key Importer invited Grace as member");
    CHECK(api.get("/invitations").text("/items/0/invited_by/id") == made.text("/id"));
    CHECK(api.get("/invitations").text("/items/0/invited_by/name") == "Importer");
    CHECK(api.get("/audit?type=api_key_created").text("/items/0/target") ==
          R"({"id":")" + made.text("/id") + R"(","kind":"api_key","name":"Importer"})");
    auto listed = api.get("/api-keys");
    CHECK(listed.text("/items/0/name") == "Importer");
    CHECK(listed.text("/items/0/last_used_at") == "2026-11-23T08:00:00.000Z");
    CHECK_THAT(listed.body, !Contains("mbk_"));
    auto wrong = secret;
    wrong.back() = wrong.back() == 'A' ? 'E' : 'A';
    CHECK(refusal(api.get("/members", as(wrong))) == "401 unauthorized");
    REQUIRE(api.remove("/api-keys/" + made.text("/id")).status == 200);
    CHECK(refusal(api.get("/members", as(secret))) == "401 unauthorized");
    CHECK(refusal(api.remove("/api-keys/" + made.text("/id"))) == "404 not_found");
    // Who acted through it is told by its name all the same: that is when it is asked.
    CHECK(api.get("/audit?type=api_key_revoked").text("/items/0/target/name") == "Importer");
    CHECK(api.get("/audit?q=importer&type=member_invited").text("/items/0/actor/name") == "Importer");
    CHECK(api.get("/invitations").text("/items/0/invited_by/name") == "Importer");
}

TEST_CASE("a condition on a version that nobody was shown is not met: nothing is revoked or erased by chance") {
    Api api;
    auto key = "/api-keys/" + make(api, R"(["members.read"])").text("/id");
    CHECK(refusal(api.remove(key, {{"If-Match", "\"1\""}})) == "412 version_mismatch");
    CHECK(api.remove(key, {{"If-Match", "*"}}).status == 200);
    REQUIRE(api.post("/invitations/" + api.invite("grace@spring.example") + "/revoke").status == 200);
    const std::string grace = R"({"email":"grace@spring.example"})";
    CHECK(refusal(api.post("/people:erase", grace, {{"If-Match", "\"1\""}})) == "412 version_mismatch");
    CHECK(api.post("/people:erase", grace).status == 200);
}

TEST_CASE("a key ends when it says") {
    Api api;
    auto secret = make(api, R"(["members.read"])", {}, R"(,"expires_at":"2026-11-23T09:00:00Z")").text("/secret");
    api.clock.advance(3599);
    CHECK(api.get("/members", as(secret)).status == 200);
    api.clock.advance(1);
    CHECK(refusal(api.get("/members", as(secret))) == "401 unauthorized");
}

TEST_CASE("a key may what its maker may, and dies with their deactivation, N5; the operator's depends on nobody") {
    Api api;
    auto grace = session_of(api, "grace@spring.example", R"("permissions":["keys.manage","members.read"])");
    auto id = api.get("/v1/me", as(grace)).text("/id");
    CHECK(refusal(make(api, R"(["members.invite"])", as(grace))) == "403 role_above_own");
    auto hers = make(api, R"(["members.read","keys.manage"])", as(grace)).text("/secret");
    auto childs = make(api, R"(["members.read"])", as(hers)).text("/secret");
    auto operators = make(api, R"(["members.read"])").text("/secret");
    CHECK(api.get("/members", as(childs)).status == 200);
    REQUIRE(api.patch("/members/" + id, R"({"permissions":["keys.manage"]})").status == 200);
    CHECK(refusal(api.get("/members", as(hers))) == "403 permission_denied");
    CHECK(refusal(api.get("/members", as(childs))) == "403 permission_denied");
    REQUIRE(api.patch("/members/" + id, R"({"permissions":["keys.manage","members.read"]})").status == 200);
    CHECK(api.get("/members", as(hers)).status == 200);
    REQUIRE(api.post("/members/" + id + "/deactivate").status == 200);
    for (const auto& key : {hers, childs})
        for (const char* path : {"/members", "/resources", "/v1/workspaces/spring"})
            CHECK(refusal(api.get(path, as(key))) == "401 unauthorized");
    CHECK(api.get("/members", as(operators)).status == 200);
    REQUIRE(api.post("/members/" + id + "/reactivate").status == 200);
    // For good: whoever found it in the meantime has nothing.
    for (const auto& key : {hers, childs}) CHECK(refusal(api.get("/resources", as(key))) == "401 unauthorized");
    auto back = api.post("/v1/auth/login",
                         R"({"workspace":"spring","email":"grace@spring.example","password":"an old engine room"})");
    auto fresh = make(api, R"(["members.read"])", as(back.text("/token"))).text("/secret");
    CHECK(api.get("/members", as(fresh)).status == 200);
    CHECK(api.get("/api-keys").size("/items") == 4);
    REQUIRE(api.remove("/members/" + id + "?confirm=" + id).status == 200);
    for (const auto& key : {hers, childs}) CHECK(refusal(api.get("/resources", as(key))) == "401 unauthorized");
}

TEST_CASE("a key that was made by a key goes with it, and with whoever is behind both, N5") {
    Api api;
    auto grace = session_of(api, "grace@spring.example", R"("permissions":["keys.manage","members.read"])");
    auto id = api.get("/v1/me", as(grace)).text("/id");
    auto parent = make(api, R"(["members.read","keys.manage"])", as(grace));
    auto childs = make(api, R"(["members.read"])", as(parent.text("/secret"))).text("/secret");
    REQUIRE(api.get("/resources", as(childs)).status == 200);
    REQUIRE(api.remove("/api-keys/" + parent.text("/id")).status == 200);
    auto is_out = [&] {
        for (const char* path : {"/members", "/resources", "/v1/workspaces/spring"})
            CHECK(refusal(api.get(path, as(childs))) == "401 unauthorized");
    };
    is_out();
    REQUIRE(api.post("/members/" + id + "/deactivate").status == 200);
    is_out();
}

TEST_CASE("a key's secret is shown once: a repeat of the request has it no more, and a dry run never") {
    Api api;
    Headers key{{"Idempotency-Key", "k"}};
    auto body = R"({"name":"Importer","permissions":["members.read"]})";
    auto made = api.post("/api-keys", body, key), again = api.post("/api-keys", body, key);
    CHECK(again.text("/id") == made.text("/id"));
    CHECK(again.text("/secret") == "null");
    auto dry = api.post("/api-keys?dry_run=true", body);
    CHECK(dry.status == 201);
    CHECK(dry.text("/id") == "null");
    CHECK(dry.text("/secret") == "null");
    CHECK(api.get("/api-keys").size("/items") == 1);
    CHECK(make(api, R"(["members.fly"])").faults() == Words{"/permissions/0 unknown_permission"});
}

TEST_CASE("a key of one workspace sees no other, N8 [trap 13]") {
    Api api;
    REQUIRE(api.post("/v1/workspaces", R"({"name":"Fall","slug":"fall","owner":{"email":"o@fall.example","name":"O"}})")
                .status == 201);
    auto secret = make(api, R"(["members.read"])").text("/secret");
    CHECK(refusal(api.get("/v1/workspaces/fall/members", as(secret))) == "404 not_found");
    CHECK(refusal(api.get("/v1/workspaces", as(secret))) == "403 permission_denied");
}

}  // namespace muster::test
