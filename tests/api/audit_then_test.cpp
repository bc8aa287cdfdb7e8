// What the audit says of what was: names that have changed since, values that the event does not tell, and words that
// nobody can take for another's.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

// The entries' sentences and changes, for people.
std::string sheet(Api& api) { return api.get("/audit/export?format=csv").body; }

std::string changes(Api& api, const std::string& type) {
    return api.get("/audit?type=" + type).text("/items/0/changes");
}

}  // namespace

TEST_CASE("teams, resources and keys are called in the audit as they were then, also when they are gone") {
    Api api;
    auto sales = api.team("Sales");
    auto bot = api.post("/resources", R"({"kind":"agent","name":"Old Bot"})").text("/id");
    auto key = api.post("/api-keys", R"({"name":"Importer","permissions":["members.invite"]})");
    api.invite("grace@spring.example",
               R"("teams":[")" + sales + R"("],"resources":[{"id":")" + bot + R"(","access":"view"}])");
    REQUIRE(api.post("/invitations", R"({"email":"alan@spring.example"})",
                     {{"Authorization", "Bearer " + key.text("/secret")}})
                .status == 201);
    REQUIRE(api.patch("/teams/" + sales, R"({"name":"Sold"})").status == 200);
    REQUIRE(api.patch("/resources/" + bot, R"({"name":"New Bot"})").status == 200);
    auto renamed = sheet(api);
    CHECK_THAT(renamed, Contains("teams: none -> Sales") && !Contains("teams: none -> Sold"));
    CHECK_THAT(renamed, Contains("resources: none -> Old Bot:view"));
    REQUIRE(api.remove("/teams/" + sales).status == 200);
    REQUIRE(api.remove("/resources/" + bot).status == 200);
    REQUIRE(api.remove("/api-keys/" + key.text("/id")).status == 200);
    auto gone = sheet(api);
    CHECK_THAT(gone, Contains("teams: none -> Sales") && Contains("resources: none -> Old Bot:view"));
    CHECK_THAT(gone, Contains("The API key Importer invited "));
}

TEST_CASE("an API key that is called as somebody is does not act as they do") {
    Api api;
    auto key = api.post("/api-keys", R"({"name":"The operator","permissions":["members.invite"]})").text("/secret");
    REQUIRE(
        api.post("/invitations", R"({"email":"grace@spring.example"})", {{"Authorization", "Bearer " + key}}).status ==
        201);
    CHECK(api.get("/audit?type=member_invited").text("/items/0/summary") ==
          "The API key The operator invited Grace as member");
}

TEST_CASE("what an invitee changes on accepting is told with what the invitation said") {
    Api api;
    auto id = api.invite("grace@spring.example", R"("name":"Grace")");
    REQUIRE(api.post("/v1/invitations/accept",
                     R"({"token":")" + api.token(id) +
                         R"(","password":"a long enough one","name":"Grace Hopper","phone":"+1 202 555 0100"})")
                .status == 201);
    CHECK(changes(api, "invitation_accepted") == R"([{"field":"name","from":"Grace","to":"Grace Hopper"},)"
                                                 R"({"field":"phone","from":null,"to":"+1 202 555 0100"}])");
    CHECK(api.get("/audit?type=invitation_accepted&q=0100").size("/items") == 1);
    // And of who takes it as it is, nothing.
    api.accept(api.invite("alan@spring.example", R"("name":"Alan")"));
    CHECK(changes(api, "invitation_accepted") == "[]");
}

TEST_CASE("who comes through the identity provider to an invitation has what it said as what was") {
    Api api;
    api.invite("grace@spring.example", R"("name":"Grace","role":"guest")");
    REQUIRE(api.post("/members:provision",
                     R"({"email":"grace@spring.example","name":"Grace Hopper","via":"sso","external_id":"x2"})")
                .status == 201);
    CHECK(changes(api, "member_provisioned") == R"([{"field":"name","from":"Grace","to":"Grace Hopper"},)"
                                                R"({"field":"external_id","from":null,"to":"x2"}])");
}

TEST_CASE("sending again tells until when the invitation is open, and that older links are dead") {
    Api api;
    auto id = api.invite("grace@spring.example");
    auto before = api.get("/invitations/" + id).text("/expires_at");
    api.clock.advance(hour);
    auto sent = api.post("/invitations/" + id + "/resend", R"({"rotate_link":true})");
    REQUIRE(sent.status == 200);
    CHECK(changes(api, "invitation_resent") == R"([{"field":"expires_at","from":")" + before + R"(","to":")" +
                                                   sent.text("/expires_at") +
                                                   R"("},{"field":"link_generation","from":0,"to":1}])");
}

TEST_CASE("an invitation that another one replaced says so, one that was revoked needs no reason") {
    Api api;
    api.invite("grace@spring.example", R"("ttl":3600)");
    api.clock.advance(2 * hour);
    api.invite("grace@spring.example");
    CHECK(changes(api, "invitation_revoked") == R"([{"field":"reason","from":null,"to":"replaced"}])");
    auto alan = api.invite("alan@spring.example");
    REQUIRE(api.post("/invitations/" + alan + "/revoke").status == 200);
    CHECK(changes(api, "invitation_revoked") == "[]");
}

TEST_CASE("for people, a value that looks like several or like none is in quotes, and no limit is unlimited") {
    Api api;
    api.team("Ghosts; role: none -> admin");
    api.invite("grace@spring.example", R"("name":"none")");
    REQUIRE(api.put("/plan", R"({"user_limit":25,"licenses":[]})").status == 200);
    REQUIRE(api.put("/plan", R"({"user_limit":null,"licenses":[]})").status == 200);
    auto text = sheet(api);
    CHECK_THAT(text, Contains(R"(name: none -> ""Ghosts; role: none -> admin"")"));
    CHECK_THAT(text, Contains(R"(name: none -> ""none"")"));
    CHECK_THAT(text, Contains("user_limit: unlimited -> 25") && Contains("user_limit: 25 -> unlimited"));
}

}  // namespace muster::test
