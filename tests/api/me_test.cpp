// Accepting as somebody who is signed in or was here before, what members do for themselves, and the console's cookie.
#include "tests/api/signed_in.h"

namespace muster::test {

using Catch::Matchers::Contains;

// ---- Accepting, again and by others.

TEST_CASE(
    "accepted again with the right password it is the same member and a new session; else it was accepted [trap 5]") {
    Api api;
    auto token = api.token(api.invite("grace@spring.example"));
    auto accept = [&](const std::string& password) {
        return api.post("/v1/invitations/accept", R"({"token":")" + token + R"(","password":")" + password + "\"}",
                        {{"Authorization", "nobody"}});
    };
    auto first = accept(Api::password), second = accept(Api::password);
    CHECK(first.status == 201);
    CHECK(second.status == 201);
    CHECK(second.text("/member") == first.text("/member"));
    CHECK(second.header("etag") == first.header("etag"));
    CHECK(second.text("/session/token") != first.text("/session/token"));
    CHECK(refusal(accept("another password")) == "409 invitation_accepted");
    CHECK(refusal(api.post("/v1/invitations/accept", R"({"token":")" + token + "\"}")) == "409 invitation_accepted");
    CHECK(events(api, "invitation_accepted") == 1);
}

TEST_CASE("who is signed in with another address does not accept in somebody's place [trap 5]") {
    Api api;
    Person alan(api, "alan@spring.example");
    auto token = api.token(api.invite("grace@spring.example"));
    auto body = R"({"token":")" + token + R"(","password":"an old engine room"})";
    CHECK(refusal(api.post("/v1/invitations/accept", body, alan.by())) == "403 wrong_account");
    CHECK(api.get("/invitations").text("/items/0/status") == "pending");
    CHECK(api.post("/v1/invitations/accept", body, {{"Authorization", "nobody"}}).status == 201);
}

TEST_CASE("an accept that is repeated by its key opens a new session, for who has the password") {
    Api api;
    auto body =
        R"({"token":")" + api.token(api.invite("grace@spring.example")) + R"(","password":"an old engine room"})";
    Headers key{{"Idempotency-Key", "k"}, {"Authorization", "nobody"}};
    auto first = api.post("/v1/invitations/accept", body, key);
    auto again = api.post("/v1/invitations/accept", body, key);
    CHECK(again.status == 201);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(again.text("/session/token") != first.text("/session/token"));
    CHECK(api.get("/v1/me", Person::as(again.text("/session/token"))).status == 200);
    REQUIRE(
        api.put("/members/" + first.text("/member/id") + "/password", R"({"password":"another engine room"})").status ==
        200);
    CHECK(refusal(api.post("/v1/invitations/accept", body, key)) == "409 invitation_accepted");
}

TEST_CASE("an accept that is repeated opens no session where people come by an identity provider by now") {
    Api api;
    REQUIRE(api.put("/members/" + api.ada + "/password", R"({"password":"an old engine room"})").status == 200);
    auto body =
        R"({"token":")" + api.token(api.invite("grace@spring.example")) + R"(","password":"an old engine room"})";
    Headers key{{"Idempotency-Key", "k"}, {"Authorization", "nobody"}};
    REQUIRE(api.post("/v1/invitations/accept", body, key).status == 201);
    REQUIRE(api.patch("/settings", R"({"sign_in":"sso"})").status == 200);
    CHECK(refusal(api.post("/v1/invitations/accept", body, key)) == "409 invitation_accepted");
}

TEST_CASE("where people come by an identity provider they choose no password, and admins are not locked out [S0-32]") {
    Api api;
    REQUIRE(api.put("/members/" + api.ada + "/password", R"({"password":"an old engine room"})").status == 200);
    Person grace(api, "grace@spring.example");
    REQUIRE(api.patch("/settings", R"({"sign_in":"sso"})").status == 200);
    CHECK(log_in(api, grace.email).status == 401);
    CHECK(log_in(api, "ada@spring.example").status == 200);
    auto token = api.token(api.invite("alan@spring.example"));
    CHECK(api.post("/v1/invitations/accept", R"({"token":")" + token + R"(","password":"an old engine room"})")
              .faults() == Words{"/password password_not_used"});
    auto accepted = api.post("/v1/invitations/accept", R"({"token":")" + token + "\"}");
    CHECK(accepted.status == 201);
    CHECK(accepted.text("/session") == "null");
}

// ---- For oneself.

TEST_CASE("members change their own profile and go through the onboarding in its order [S1-34, S1-35, S1-36, S1-37]") {
    Api api;
    Person grace(api, "grace@spring.example", R"("name":"Grace")");
    auto step = [&](const std::string& body) { return api.put("/v1/me/onboarding", body, grace.by()); };
    CHECK(grace.me().text("/onboarding/next") == "profile");
    CHECK(refusal(step(R"({"completed":"tour"})")) == "409 onboarding_order");
    auto changed = api.patch("/v1/me", R"({"name":"Grace Hopper","phone":"+1 555 0100"})", grace.by());
    REQUIRE(changed.status == 200);
    CHECK(changed.text("/name") == "Grace Hopper");
    CHECK(changed.text("/onboarding/next") == "tour");
    CHECK(step(R"({"skipped":"profile"})").faults() == Words{"/skipped invalid_value"});
    auto head = api.head();
    CHECK(step("{}").status == 200);
    CHECK(api.head() == head);
    auto skipped = step(R"({"skipped":"tour"})");
    CHECK(skipped.text("/onboarding/skipped") == R"(["tour"])");
    CHECK(skipped.text("/onboarding/next") == "null");
    CHECK(api.patch("/v1/me", R"({"role":"admin"})", grace.by()).faults() == Words{"/role unknown_field"});
    CHECK(api.get("/members/" + grace.id).text("/name") == "Grace Hopper");
    auto refused = api.get("/v1/me");  // the operator is no member
    CHECK(refusal(refused) == "403 permission_denied");
    CHECK_THAT(refused.text("/detail"), Contains("Only a member"));
    CHECK_THAT(api.get("/v1/workspaces", grace.by()).text("/detail"), Contains("the operator key"));
}

TEST_CASE("a step is completed and the tour skipped in one request [S1-36]") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto both = api.put("/v1/me/onboarding", R"({"completed":"profile","skipped":"tour"})", grace.by());
    CHECK(both.status == 200);
    CHECK(both.text("/onboarding/completed") == R"(["password","profile"])");
    CHECK(both.text("/onboarding/skipped") == R"(["tour"])");
    CHECK(both.text("/onboarding/next") == "null");
}

TEST_CASE("a member without permissions sees themselves and what is assigned to them [S2-13]") {
    Api api;
    auto mine = api.resource("Scout"), other = api.resource("Ranger");
    Person grace(api, "grace@spring.example", R"("resources":[{"id":")" + mine + R"(","access":"view"}])");
    CHECK(api.get("/resources", grace.by()).each("/items", "id") == Words{mine});
    CHECK(api.get("/resources/" + mine, grace.by()).status == 200);
    CHECK(refusal(api.get("/resources/" + other, grace.by())) == "404 not_found");
    CHECK(refusal(api.get("/members", grace.by())) == "403 permission_denied");
    CHECK(api.get("/members/" + grace.id + "/access", grace.by()).status == 200);
    CHECK(api.get("/members/" + grace.id + "/history", grace.by()).status == 200);
    CHECK(refusal(api.get("/members/" + api.ada + "/history", grace.by())) == "403 permission_denied");
}

// ---- The console's cookie.

TEST_CASE(
    "the console's session is in a cookie that scripts do not see, and only its own pages change things with it") {
    Api api;
    Person grace(api, "grace@spring.example", R"("role":"admin")");
    auto in = log_in(api, grace.email, Api::password, R"(,"cookie":true)");
    REQUIRE(in.status == 200);
    CHECK_FALSE(in.has("/token"));
    auto cookie = in.header("set-cookie");
    CHECK(cookie.starts_with("__Host-muster=mbs_"));
    CHECK_THAT(cookie,
               Contains("; HttpOnly") && Contains("; SameSite=Lax") && Contains("; Secure") && Contains("Path=/"));
    auto by = [&](const Headers& more) {
        Headers headers{{"Authorization", ""}, {"Cookie", "theme=dark; " + cookie.substr(0, cookie.find(';'))}};
        headers.insert(headers.end(), more.begin(), more.end());
        return headers;
    };
    CHECK(api.get("/v1/me", by({})).status == 200);
    auto invite = [&](const Headers& more) {
        return api.post("/invitations", R"({"email":"p)" + std::to_string(api.head()) + R"(@spring.example"})",
                        by(more));
    };
    CHECK(refusal(invite({})) == "403 permission_denied");
    CHECK(refusal(invite({{"Sec-Fetch-Site", "cross-site"}})) == "403 permission_denied");
    CHECK(refusal(invite({{"Origin", "https://elsewhere.example"}})) == "403 permission_denied");
    CHECK(invite({{"Sec-Fetch-Site", "same-origin"}}).status == 201);
    CHECK(invite({{"Origin", "https://muster.example"}}).status == 201);
    auto out = api.post("/v1/auth/logout", {}, by({{"Sec-Fetch-Site", "same-origin"}}));
    CHECK_THAT(out.header("set-cookie"), Contains("Max-Age=0"));
    CHECK(api.get("/v1/me", by({})).status == 401);
}

}  // namespace muster::test
