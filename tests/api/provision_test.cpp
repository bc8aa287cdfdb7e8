// Who comes in through the identity provider: members:provision.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

Answer provision(Api& api, const std::string& email, const std::string& more = {}, const Headers& headers = {}) {
    return api.post("/members:provision",
                    R"({"email":")" + email + R"(","name":"Grace Hopper","via":"scim")" + more + "}", headers);
}

}  // namespace

TEST_CASE("somebody new is an active member at once; coming again changes nothing [trap 3]") {
    Api api;
    REQUIRE(api.put("/plan", R"({"user_limit":2,"licenses":[]})").status == 200);
    auto made = provision(api, "Grace@Spring.example", R"(,"external_id":"00u7","role":"guest")");
    REQUIRE(made.status == 201);
    CHECK(made.text("/id").starts_with("mem_"));
    CHECK(made.text("/status") == "active");
    CHECK(made.text("/name") == "Grace Hopper");
    CHECK(made.text("/role") == "guest");
    CHECK(made.text("/joined_at") == "2026-11-23T08:00:00.000Z");
    CHECK(made.position() == api.head());
    CHECK(api.get("/members/" + made.text("/id")).body == made.body);
    CHECK(refusal(api.get("/invitations/" + same(made.text("/id"), "inv"))) == "404 not_found");
    // In a workspace that is full by now, and in other letters [trap 8].
    auto again = provision(api, " grace@SPRING.example ", R"(,"role":"member")");
    CHECK(again.status == 200);
    CHECK(again.body == made.body);
    CHECK(again.position() == made.position());
    CHECK(again.header("etag") == made.header("etag"));
    auto refused = provision(api, "alan@spring.example");
    CHECK(refusal(refused) == "409 no_seats_remaining");
    CHECK(refused.text("/pool") == "users");
}

TEST_CASE("who was invited with a role and accepted comes in by single sign-on without naming one") {
    Api api;
    auto made = provision(api, "grace@spring.example", R"(,"role":"guest")");
    REQUIRE(made.status == 201);
    REQUIRE(api.patch("/settings", R"({"default_role":null,"allowed_email_domains":["elsewhere.example"]})").status ==
            200);
    auto again = provision(api, "grace@spring.example");
    CHECK(again.status == 200);
    CHECK(again.text("/role") == "guest");
    CHECK(refusal(provision(api, "alan@elsewhere.example")) == "422 role_required");
}

TEST_CASE("a pending invitation is completed, with its role and its seats; its link is used") {
    Api api;
    api.licenses(1);
    auto team = api.team("Sales");
    auto invitation =
        api.invite("grace@spring.example", R"("role":"guest","license":"organization","teams":["Sales"])");
    auto token = api.token(invitation);
    CHECK(
        refusal(api.post("/members:provision", R"({"email":"grace@spring.example","name":"Grace Hopper","via":"sso"})",
                         {{"If-Match", "\"999\""}})) == "412 version_mismatch");
    auto joined = provision(api, "GRACE@spring.example", R"(,"role":"member")");
    REQUIRE(joined.status < 300);
    CHECK(joined.text("/id") == same(invitation, "mem"));
    CHECK(joined.text("/status") == "active");
    CHECK(
        refusal(api.post("/members:provision", R"({"email":"grace@spring.example","name":"Grace Hopper","via":"sso"})",
                         {{"If-Match", "\"999\""}})) == "412 version_mismatch");
    CHECK(joined.text("/role") == "guest");
    CHECK(joined.text("/license") == "organization");
    CHECK(joined.text("/teams/0/id") == team);
    CHECK(joined.text("/name") == "Grace Hopper");
    auto accepted = api.get("/invitations/" + invitation);
    CHECK(accepted.text("/status") == "accepted");
    CHECK(accepted.text("/member_id") == joined.text("/id"));
    CHECK(api.get("/seats").text("/licenses/1/assigned") == "1");
    CHECK(api.get("/seats").text("/licenses/1/reserved") == "0");
    CHECK(refusal(api.post("/v1/invitations/accept", R"({"token":")" + token + "\"}")) == "409 invitation_accepted");
}

TEST_CASE("an expired invitation is replaced; its link stays dead [trap 4, trap 7]") {
    Api api;
    auto invitation = api.invite("grace@spring.example", R"("role":"guest")");
    auto token = api.token(invitation);
    api.clock.advance(7 * day);
    auto joined = provision(api, "grace@spring.example");
    CHECK(joined.status == 201);
    CHECK(joined.text("/id") != same(invitation, "mem"));
    CHECK(joined.text("/role") == "member");
    CHECK(api.get("/invitations/" + invitation).text("/status") == "revoked");
    CHECK(refusal(api.post("/v1/invitations/accept", R"({"token":")" + token + "\"}")) == "409 invitation_revoked");
}

TEST_CASE("who is locked out stays out, with the id to let them in again") {
    Api api;
    auto member = api.member("grace@spring.example");
    REQUIRE(api.post("/members/" + member + "/deactivate").status == 200);
    auto refused = provision(api, "grace@spring.example");
    CHECK(refusal(refused) == "409 member_deactivated");
    CHECK(refused.text("/id") == member);
    CHECK(api.get("/members/" + member).text("/status") == "deactivated");
}

TEST_CASE("an open request becomes stale by provisioning [S4-5]") {
    Api api;
    api.request("grace@spring.example");
    auto member = provision(api, "grace@spring.example").text("/id");
    auto listed = api.get("/invitation-requests");
    CHECK(listed.text("/items/0/stale") == "true");
    CHECK(listed.text("/items/0/stale_because/type") == "member_provisioned");
    CHECK(listed.text("/items/0/stale_because/member_id") == member);
}

TEST_CASE("what is wrong with a provisioning is said at once") {
    Api api;
    auto faults = [&](const std::string& body) { return api.post("/members:provision", body).faults(); };
    CHECK(faults("{}") == Words{"/email required", "/name required", "/via required"});
    CHECK(faults(R"({"email":"nobody","name":"G","via":"ldap","role":"boss","license":"x"})") ==
          Words{"/email email_invalid", "/license unknown_field", "/role unknown_role", "/via invalid_value"});
    REQUIRE(api.patch("/settings", R"({"default_role":null,"allowed_email_domains":["spring.example"]})").status ==
            200);
    CHECK(refusal(provision(api, "grace@spring.example")) == "422 role_required");
    CHECK(refusal(provision(api, "grace@winter.example", R"(,"role":"guest")")) == "422 email_domain_not_allowed");
    CHECK(provision(api, "grace@spring.example", R"(,"role":"guest")").status == 201);
}

TEST_CASE("provisioning takes a key and a dry run as any command") {
    Api api;
    auto head = api.head();
    auto dry = api.post("/members:provision?dry_run=true", R"({"email":"g@spring.example","name":"G","via":"sso"})");
    CHECK(dry.status == 201);
    CHECK(dry.text("/id") == "null");
    // Of who is there the id is told.
    auto invited = api.invite("linus@spring.example");
    ++head;
    dry = api.post("/members:provision?dry_run=true", R"({"email":"linus@spring.example","name":"L","via":"sso"})");
    CHECK(dry.text("/id") == same(invited, "mem"));
    CHECK(api.head() == head);
    Headers key{{"Idempotency-Key", "scim-1"}};
    auto made = provision(api, "grace@spring.example", "", key);
    auto replayed = provision(api, "grace@spring.example", "", key);
    CHECK(made.status == 201);
    CHECK(replayed.status == 201);
    CHECK(replayed.body == made.body);
    CHECK(replayed.header("idempotency-replayed") == "true");
    CHECK(api.head() == head + 1);
}

}  // namespace muster::test
