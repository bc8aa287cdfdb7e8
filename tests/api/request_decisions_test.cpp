// Approving and dismissing requests [S4-6, S4-15].
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

std::string path(const std::string& request) { return "/invitation-requests/" + request; }

}  // namespace

TEST_CASE("approving invites who asked, as any invitation; again it answers the same one [S4-15]") {
    Api api;
    api.licenses(1);
    auto id = api.request("grace@spring.example", R"("name":"Grace Hopper")");
    auto head = api.head();
    auto made = api.post(path(id) + "/approve", R"({"role":"guest","license":"organization","ttl":7200})");
    REQUIRE(made.status == 201);
    CHECK(made.text("/status") == "pending");
    CHECK(made.text("/email") == "grace@spring.example");
    CHECK(made.text("/name") == "Grace Hopper");
    CHECK(made.text("/role") == "guest");
    CHECK(made.text("/license") == "organization");
    CHECK(made.text("/expires_at") == "2026-11-23T10:00:00.000Z");
    CHECK(made.position() == head + 2);
    CHECK(made.header("etag") == api.get("/invitations/" + made.text("/id")).header("etag"));
    auto again = api.post(path(id) + "/approve", R"({"role":"member"})");
    CHECK(again.status == 200);
    CHECK(again.body == made.body);
    CHECK(api.head() == head + 2);
    CHECK(refusal(api.post(path(id) + "/dismiss")) == "409 request_approved");
    auto listed = api.get("/invitation-requests?status=approved");
    CHECK(listed.text("/items/0/invitation_id") == made.text("/id"));
    auto url = made.text("/accept_url");
    CHECK(api.post("/v1/invitations/accept",
                   R"({"token":")" + url.substr(url.find('#') + 1) + R"(","password":"an old engine room"})")
              .status == 201);
}

TEST_CASE("approving again what led to an invitation that was revoked answers that one, without a link") {
    Api api;
    auto id = api.request("grace@spring.example");
    auto made = api.post(path(id) + "/approve");
    REQUIRE(api.post("/invitations/" + made.text("/id") + "/revoke").status == 200);
    auto again = api.post(path(id) + "/approve");
    CHECK(again.status == 200);
    CHECK(again.text("/status") == "revoked");
    CHECK(again.text("/accept_url") == "null");
}

TEST_CASE("approving again what led to an invitation that is past its end answers an expired one [trap 4]") {
    Api api;
    auto id = api.request("grace@spring.example");
    auto made = api.post(path(id) + "/approve", R"({"ttl":3600})");
    REQUIRE(made.text("/status") == "pending");
    api.clock.advance(3600);
    auto again = api.post(path(id) + "/approve");
    CHECK(again.status == 200);
    CHECK(again.text("/id") == made.text("/id"));
    CHECK(again.text("/status") == "expired");
    CHECK(again.text("/accept_url") == "null");
    CHECK(api.post(path(id) + "/approve?dry_run=true").text("/id") == made.text("/id"));  // nothing new
}

TEST_CASE("approving is refused as inviting is, and the request stays open") {
    Api api;
    api.licenses(0);
    auto id = api.request("grace@spring.example");
    CHECK(
        api.post(path(id) + "/approve", R"({"role":"boss","teams":["Nowhere"],"email":"x@spring.example"})").faults() ==
        Words{"/email unknown_field", "/role unknown_role", "/teams/0 unknown_team"});
    auto refused = api.post(path(id) + "/approve", R"({"license":"organization"})");
    CHECK(refusal(refused) == "409 no_seats_remaining");
    CHECK(refused.text("/pool") == "organization");
    auto invited = api.invite("grace@spring.example");
    auto twice = api.post(path(id) + "/approve");
    CHECK(refusal(twice) == "409 already_invited");
    CHECK(twice.text("/id") == invited);
    auto member = api.accept(invited);
    auto there = api.post(path(id) + "/approve");
    CHECK(refusal(there) == "409 already_member");
    CHECK(there.text("/id") == member);
    REQUIRE(api.post("/members/" + member + "/deactivate").status == 200);
    CHECK(refusal(api.post(path(id) + "/approve")) == "409 member_deactivated");
    CHECK(api.get("/invitation-requests").each("/items", "status") == Words{"open"});
}

TEST_CASE("dismissing twice is once, and what was dismissed is not approved [S4-6]") {
    Api api;
    auto id = api.request("grace@spring.example");
    auto head = api.head();
    auto dismissed = api.post(path(id) + "/dismiss");
    CHECK(dismissed.status == 200);
    CHECK(dismissed.text("/status") == "dismissed");
    CHECK(dismissed.position() == head + 1);
    auto again = api.post(path(id) + "/dismiss");
    CHECK(again.status == 200);
    CHECK(again.body == dismissed.body);
    CHECK(api.head() == head + 1);
    CHECK(refusal(api.post(path(id) + "/approve")) == "409 request_dismissed");
    // Who was dismissed may ask anew.
    CHECK(api.request("grace@spring.example") != id);
}

TEST_CASE("keys and If-Match hold for decisions on requests") {
    Api api;
    auto id = api.request("grace@spring.example");
    CHECK(refusal(api.post(path(id) + "/approve", "{}", {{"If-Match", "\"7\""}})) == "412 version_mismatch");
    Headers key{{"Idempotency-Key", "approve-1"}};
    auto made = api.post(path(id) + "/approve", "{}", key);
    REQUIRE(made.status == 201);
    auto replayed = api.post(path(id) + "/approve", "{}", key);
    CHECK(replayed.status == 201);
    CHECK(replayed.body == made.body);
    CHECK(replayed.header("idempotency-replayed") == "true");
    CHECK(refusal(api.post(path(id) + "/dismiss", "", key)) == "422 idempotency_key_reused");
}

TEST_CASE("requests of another workspace, or of nobody, are not there [trap 13]") {
    Api api;
    auto id = api.request("grace@spring.example");
    REQUIRE(api.post("/v1/workspaces", R"({"name":"W","slug":"winter","owner":{"email":"o@w.example","name":"O"}})")
                .status == 201);
    for (const char* action : {"/approve", "/dismiss"}) {
        CHECK(refusal(api.post("/v1/workspaces/winter" + path(id) + action)) == "404 not_found");
        CHECK(refusal(api.post(path("req_00000000000000000000000000") + action)) == "404 not_found");
        CHECK(refusal(api.post(path("nothing") + action)) == "404 not_found");
        CHECK(refusal(api.post(path(same(id, "inv")) + action)) == "404 not_found");
    }
    CHECK(api.get("/v1/workspaces/winter/invitation-requests").size("/items") == 0);
}

}  // namespace muster::test
