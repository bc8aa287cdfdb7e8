// Asking for an invitation from the sign-in page, and what admins make of it [S4-2 to S4-6, S4-15].
#include "tests/api/fixture.h"

#include <algorithm>
#include <thread>

namespace muster::test {
namespace {

const Headers nobody{{"Authorization", "nobody"}};

void turn_requests_on(Api& api) { REQUIRE(api.patch("/settings", R"({"invitation_requests":true})").status == 200); }

Answer ask(Api& api, const std::string& email, Headers headers = nobody) {
    return api.post("/invitation-requests", R"({"email":")" + email + "\"}", headers);
}

// As it is listed, whatever became of it.
Answer listed(Api& api, const std::string& id) {
    auto all = api.get("/invitation-requests?limit=1000&status=open,approved,dismissed");
    auto ids = all.each("/items", "id");
    auto found = std::ranges::find(ids, id);
    REQUIRE(found != ids.end());
    auto item = "/items/" + std::to_string(found - ids.begin());
    return {200, all.text(item), {}};
}

Words emails(Api& api, const std::string& query = {}) {
    auto page = api.get("/invitation-requests" + query);
    INFO(page.body);
    REQUIRE(page.status == 200);
    return page.each("/items", "email");
}

Words names_of(const std::vector<http::Header>& headers) {
    Words names;
    for (const auto& each : headers) names.push_back(each.name);
    std::ranges::sort(names);
    return names;
}

}  // namespace

// ---- At the sign-in page.

TEST_CASE("the sign-in page shows the workspace to nobody in particular [S4-2]") {
    Api api;
    auto page = api.get("/sign-in", nobody);
    CHECK(page.status == 200);
    CHECK(page.body == R"({"name":"Spring Labs","slug":"spring","sign_in":"password","invitation_requests":false})");
    REQUIRE(api.patch("/settings", R"({"invitation_requests":true,"sign_in":"both"})").status == 200);
    page = api.get("/sign-in", nobody);
    CHECK(page.text("/invitation_requests") == "true");
    CHECK(page.text("/sign_in") == "both");
    CHECK(refusal(api.get("/v1/workspaces/nowhere/sign-in", nobody)) == "404 not_found");
}

TEST_CASE("the answer to a request is the same for every address, and says nothing of the log [S4-2]") {
    Api api;
    turn_requests_on(api);
    api.member("member@spring.example");
    api.invite("invited@spring.example");
    auto left = api.member("left@spring.example");
    REQUIRE(api.post("/members/" + left + "/deactivate").status == 200);
    api.request("waiting@spring.example");
    auto first = ask(api, "unknown@spring.example");
    CHECK(first.status == 202);
    CHECK(first.body == R"({"status":"received"})");
    CHECK(first.position() == -1);
    for (const char* each : {"member", "invited", "left", "waiting", "unknown"}) {
        INFO(each);
        auto answer = ask(api, std::string(each) + "@spring.example");
        CHECK(answer.status == first.status);
        CHECK(answer.body == first.body);
        CHECK(names_of(answer.headers) == names_of(first.headers));
    }
    api.request("last@spring.example");
    auto waiting = emails(api);
    CHECK(std::ranges::count(waiting, "unknown@spring.example") == 1);
    CHECK(std::ranges::count(waiting, "waiting@spring.example") == 1);
    CHECK(std::ranges::count(waiting, "member@spring.example") == 0);
}

TEST_CASE("where requests are off there is nothing to ask, and no other workspace is told of [S4-3]") {
    Api api;
    CHECK(refusal(ask(api, "grace@spring.example")) == "404 not_found");
    CHECK(refusal(api.post("/v1/workspaces/nowhere/invitation-requests", R"({"email":"a@b.example"})", nobody)) ==
          "404 not_found");
    auto waiting = api.request("grace@spring.example");
    REQUIRE(api.patch("/settings", R"({"invitation_requests":false})").status == 200);
    CHECK(refusal(ask(api, "alan@spring.example")) == "404 not_found");
    CHECK(emails(api) == Words{"grace@spring.example"});
    CHECK(api.post("/invitation-requests/" + waiting + "/approve").status == 201);
    CHECK(api.invite("one.off@spring.example").starts_with("inv_"));  // [S4-16]
}

TEST_CASE("what is wrong with a request is said at once; keys and dry runs are not for it") {
    Api api;
    turn_requests_on(api);
    auto faults = api.post("/invitation-requests", R"({"email":"nobody","name":5,"role":"admin"})", nobody).faults();
    CHECK(faults == Words{"/email email_invalid", "/name invalid_type", "/role unknown_field"});
    CHECK(refusal(api.post("/invitation-requests", "{}", nobody)) == "422 required");
    CHECK(refusal(api.post("/invitation-requests?dry_run=true", R"({"email":"a@spring.example"})", nobody)) ==
          "400 dry_run_unsupported");
    Headers with_key{{"Authorization", "nobody"}, {"Idempotency-Key", "not a key"}};
    CHECK(ask(api, "a@spring.example", with_key).status == 202);
    with_key[1].second = "same";
    for (const char* email : {"a@spring.example", "b@spring.example", "b@spring.example"}) {
        auto answer = ask(api, email, with_key);
        CHECK(answer.status == 202);
        CHECK(answer.header("idempotency-replayed").empty());
    }
    REQUIRE(api.patch("/settings", R"({"allowed_email_domains":["spring.example"]})").status == 200);
    CHECK(refusal(ask(api, "a@winter.example")) == "422 email_domain_not_allowed");
}

TEST_CASE("an address waits once, in any case of letters [trap 8]") {
    Api api;
    api.request("Grace@Spring.example");
    for (const char* again : {" grace@spring.example ", "GRACE@SPRING.EXAMPLE"}) CHECK(ask(api, again).status == 202);
    api.request("last@spring.example");
    CHECK(emails(api) == Words{"last@spring.example", "Grace@Spring.example"});
}

// ---- The list.

TEST_CASE("requests are listed apart, the newest first, the open ones unless asked otherwise [S4-4]") {
    Api api;
    auto grace = api.request("grace@spring.example", R"("name":"Grace Hopper","message":"Hello.")");
    api.clock.advance(60);
    auto alan = api.request("alan@spring.example");
    auto joan = api.request("joan@spring.example");
    auto shown = listed(api, grace);
    CHECK(shown.members() == Words{"closed_at", "closed_by", "email", "id", "invitation_id", "message", "name",
                                   "requested_at", "stale", "stale_because", "status"});
    CHECK(shown.text("/name") == "Grace Hopper");
    CHECK(shown.text("/message") == "Hello.");
    CHECK(shown.text("/requested_at") == "2026-11-23T08:00:00.000Z");
    CHECK(shown.text("/closed_by") == "null");
    CHECK(listed(api, alan).text("/name") == "null");
    REQUIRE(api.post("/invitation-requests/" + grace + "/approve").status == 201);
    REQUIRE(api.post("/invitation-requests/" + alan + "/dismiss").status == 200);
    CHECK(emails(api) == Words{"joan@spring.example"});
    CHECK(emails(api, "?status=approved") == Words{"grace@spring.example"});
    CHECK(emails(api, "?status=dismissed,approved") == Words{"alan@spring.example", "grace@spring.example"});
    CHECK(listed(api, alan).text("/closed_at") == "2026-11-23T08:01:00.000Z");
    CHECK(listed(api, alan).text("/closed_by/kind") == "operator");
    CHECK(refusal(api.get("/invitation-requests?status=stale")) == "422 invalid_value");
    CHECK(refusal(api.get("/invitation-requests", nobody)) == "401 unauthorized");
    CHECK(api.get("/people").size("/items") == 2);  // the admin, and Grace who is invited by now
    CHECK(joan.starts_with("req_"));
}

TEST_CASE("the list of requests comes in pages, each request once") {
    Api api;
    Words filed;
    for (int i = 0; i < 5; ++i) filed.push_back(api.request("p" + std::to_string(i) + "@spring.example"));
    std::ranges::reverse(filed);
    auto first = api.get("/invitation-requests?limit=2&include_total=true");
    CHECK(first.number("/total") == 5);
    auto cursor = "&cursor=" + first.text("/next_cursor");
    api.request("between@spring.example");
    auto second = api.get("/invitation-requests?limit=2" + cursor);
    auto third = api.get("/invitation-requests?limit=2&cursor=" + second.text("/next_cursor"));
    Words seen;
    for (const auto& page : {first, second, third})
        for (const auto& each : page.each("/items", "id")) seen.push_back(each);
    CHECK(seen == filed);
    CHECK(third.text("/next_cursor") == "null");
    CHECK(refusal(api.get("/invitation-requests?limit=2&status=approved" + cursor)) == "400 invalid_cursor");
    CHECK(refusal(api.get("/invitation-requests?limit=1001")) == "422 invalid_value");
}

TEST_CASE("a request is stale once its person is a member, by whichever door, and says by which event [S4-5]") {
    Api api;
    auto id = api.request("grace@spring.example");
    CHECK(listed(api, id).text("/stale") == "false");
    std::string member, type;
    SECTION("created") {
        member = api.member("GRACE@spring.example");
        type = "member_created";
    }
    SECTION("invited, and accepted") {
        auto invitation = api.invite("grace@spring.example");
        CHECK(listed(api, id).text("/invitation_id") == invitation);
        CHECK(listed(api, id).text("/stale") == "false");
        member = api.accept(invitation);
        type = "invitation_accepted";
    }
    SECTION("provisioned") {
        member = api.post("/members:provision", R"({"email":"grace@spring.example","name":"Grace","via":"sso"})")
                     .text("/id");
        type = "member_provisioned";
    }
    SECTION("reactivated") {
        member = api.member("grace@spring.example");
        REQUIRE(api.post("/members/" + member + "/deactivate").status == 200);
        CHECK(listed(api, id).text("/stale") == "false");
        CHECK(listed(api, id).text("/stale_because") == "null");
        REQUIRE(api.post("/members/" + member + "/reactivate").status == 200);
        type = "member_reactivated";
    }
    auto shown = listed(api, id);
    auto event = api.get("/audit?limit=1&type=" + type);
    CHECK(shown.text("/stale") == "true");
    CHECK(shown.text("/stale_because/type") == type);
    CHECK(shown.text("/stale_because/member_id") == member);
    CHECK(shown.text("/stale_because/event_id") == event.text("/items/0/id"));
    CHECK(shown.text("/stale_because/position") == event.text("/items/0/position"));
    CHECK(shown.text("/status") == "open");
    // Dismissed, it says so still, and the member is as before. [S4-6]
    auto before = api.get("/members/" + member).body;
    auto dismissed = api.post("/invitation-requests/" + id + "/dismiss");
    CHECK(dismissed.text("/status") == "dismissed");
    CHECK(dismissed.text("/stale") == "true");
    CHECK(dismissed.text("/stale_because") == shown.text("/stale_because"));
    CHECK(api.get("/members/" + member).body == before);
}

TEST_CASE("a request that was answered is stale too once its person is a member [S4-5]") {
    Api api;
    auto id = api.request("grace@spring.example");
    std::string member;
    SECTION("approved, and the invitation accepted") {
        auto made = api.post("/invitation-requests/" + id + "/approve");
        REQUIRE(made.status == 201);
        CHECK(listed(api, id).text("/stale") == "false");
        CHECK(listed(api, id).text("/invitation_id") == made.text("/id"));
        member = api.accept(made.text("/id"));
        CHECK(listed(api, id).text("/stale_because/type") == "invitation_accepted");
    }
    SECTION("dismissed, and created all the same") {
        REQUIRE(api.post("/invitation-requests/" + id + "/dismiss").status == 200);
        CHECK(listed(api, id).text("/stale") == "false");
        member = api.member("grace@spring.example");
        CHECK(listed(api, id).text("/stale_because/type") == "member_created");
    }
    auto shown = listed(api, id);
    CHECK(shown.text("/stale") == "true");
    CHECK(shown.text("/stale_because/member_id") == member);
    CHECK(shown.text("/invitation_id") == "null");
    REQUIRE(api.post("/members/" + member + "/deactivate").status == 200);
    CHECK(listed(api, id).text("/stale") == "false");
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    // Who was erased and comes back is another one.
    api.member("grace@spring.example");
    CHECK(listed(api, id).text("/email") == "null");
    CHECK(listed(api, id).text("/stale") == "false");
    CHECK(listed(api, id).text("/stale_because") == "null");
}

TEST_CASE("an approved request names its invitation only while that is pending") {
    Api api;
    auto id = api.request("grace@spring.example");
    auto invitation = api.post("/invitation-requests/" + id + "/approve").text("/id");
    CHECK(listed(api, id).text("/invitation_id") == invitation);
    SECTION("revoked") { REQUIRE(api.post("/invitations/" + invitation + "/revoke").status == 200); }
    SECTION("expired") { api.clock.advance(7 * day); }
    SECTION("replaced by another one") {
        REQUIRE(api.post("/invitations/" + invitation + "/revoke").status == 200);
        auto other = api.invite("grace@spring.example");
        CHECK(listed(api, id).text("/invitation_id") == other);
        REQUIRE(api.post("/invitations/" + other + "/revoke").status == 200);
    }
    CHECK(listed(api, id).text("/invitation_id") == "null");
}

TEST_CASE("an invitation that waits for whoever asked is named, while it waits") {
    Api api;
    auto id = api.request("grace@spring.example");
    CHECK(listed(api, id).text("/invitation_id") == "null");
    auto invitation = api.invite("grace@spring.example");
    CHECK(listed(api, id).text("/invitation_id") == invitation);
    api.clock.advance(7 * day);
    CHECK(listed(api, id).text("/invitation_id") == "null");
}

}  // namespace muster::test
