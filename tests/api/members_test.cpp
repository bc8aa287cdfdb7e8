// Members and seats.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

const Words member_members{"add_ons",   "deactivated_at", "email",     "id",   "initials",   "job_title",
                           "joined_at", "last_login_at",  "license",   "name", "onboarding", "permissions",
                           "phone",     "photo_url",      "resources", "role", "status",     "teams"};

}  // namespace

TEST_CASE("a member who is created is active at once [S2-16, S2-17]") {
    Api api;
    api.licenses(1);
    auto made = api.post(
        "/members",
        R"({"email":"grace@spring.example","name":"Grace Brewster Hopper","job_title":"Admiral","license":"organization","send_email":false})");
    REQUIRE(made.status == 201);
    auto fields = member_members;
    fields.push_back("set_password_url");
    std::ranges::sort(fields);
    CHECK(made.members() == fields);
    CHECK(made.text("/status") == "active");
    CHECK(made.text("/initials") == "GH");  // [S2-3]
    CHECK(made.text("/role") == "member");
    CHECK(made.text("/joined_at") == "2026-11-23T08:00:00.000Z");
    CHECK(made.text("/last_login_at") == "null");
    CHECK(made.text("/deactivated_at") == "null");
    CHECK(made.text("/onboarding") ==
          R"({"completed":[],"next":"password","skipped":[],"steps":["password","profile","tour"]})");
    auto shown = api.get("/members/" + made.text("/id")).body;
    CHECK(made.body.starts_with(shown.substr(0, shown.size() - 1) + ",\"set_password_url\":"));
    // Nobody invited them: there is no invitation of theirs.
    CHECK(refusal(api.get("/invitations/" + same(made.text("/id"), "inv"))) == "404 not_found");
    CHECK(refusal(api.post("/members", R"({"email":"x@spring.example"})")) == "422 name_required");
    CHECK(refusal(api.post("/members", R"({"email":"x@spring.example","name":"X","passwort":"12345678"})")) ==
          "422 unknown_field");
    CHECK(refusal(api.post("/members", R"({"email":"x@spring.example","name":"X","license":"organization"})")) ==
          "409 no_seats_remaining");
    CHECK(refusal(api.post("/members", R"({"email":"GRACE@spring.example","name":"X"})")) == "409 already_member");
    api.invite("alan@spring.example");
    CHECK(refusal(api.post("/members", R"({"email":"alan@spring.example","name":"Alan"})")) == "409 already_invited");
}

TEST_CASE("a member is changed as one unit; the address never [S0-22, S1-27, S1-28, S2-18 to S2-22]") {
    Api api;
    api.licenses(2);
    auto sales = api.team("Sales");
    auto id = api.member("grace@spring.example");
    auto changed = api.patch(
        "/members/" + id,
        R"({"name":"Grace H","job_title":"Admiral","phone":"+49 30 1","photo_url":"https://x.example/g.png","role":"guest","license":"organization","add_ons":["ci"],"teams":["sales"]})");
    REQUIRE(changed.status == 200);
    CHECK(changed.members() == member_members);
    CHECK(changed.text("/role") == "guest");
    CHECK(changed.text("/add_ons") == R"(["ci"])");
    CHECK(changed.text("/teams/0/id") == sales);
    CHECK(changed.text("/photo_url") == "https://x.example/g.png");
    CHECK(api.get("/members/" + id).body == changed.body);  // N10
    CHECK(refusal(api.patch("/members/" + id, R"({"license":null})")) == "422 add_on_not_eligible");
    CHECK(api.patch("/members/" + id, R"({"license":null,"add_ons":[],"phone":null})").text("/license") == "null");
    CHECK(refusal(api.patch("/members/" + id, R"({"email":"other@spring.example","name":"Other"})")) ==
          "409 email_immutable");
    CHECK(api.get("/members/" + id).text("/name") == "Grace H");
    auto faults =
        api.patch("/members/" + id, R"({"role":"boss","phone":5,"teams":["Nowhere"],"photo_url":"x","rank":1})")
            .faults();
    CHECK(faults == Words{"/phone invalid_type", "/photo_url invalid_value", "/rank unknown_field",
                          "/role unknown_role", "/teams/0 unknown_team"});
    CHECK(refusal(api.patch("/members/mem_00000000000000000000000000", R"({"role":"boss"})")) == "422 unknown_role");
    CHECK(refusal(api.patch("/members/mem_00000000000000000000000000", "{}")) == "404 not_found");
}

TEST_CASE("a full workspace still changes roles [trap 2]") {
    Api api;
    auto id = api.member("grace@spring.example");
    REQUIRE(api.put("/plan", R"({"user_limit":2,"licenses":[]})").status == 200);
    CHECK(refusal(api.post("/invitations", R"({"email":"x@spring.example"})")) == "409 no_seats_remaining");
    CHECK(api.patch("/members/" + id, R"({"role":"guest"})").status == 200);
}

TEST_CASE(
    "deactivating frees the seats and keeps the data; reactivating takes them again or fails [S0-43, S1-29, S1-30]") {
    Api api;
    api.licenses(1);
    auto id = api.member("grace@spring.example", R"("license":"organization")");
    auto left = api.post("/members/" + id + "/deactivate");
    REQUIRE(left.status == 200);
    CHECK(left.text("/status") == "deactivated");
    CHECK(left.text("/license") == "organization");
    CHECK(left.text("/deactivated_at") == "2026-11-23T08:00:00.000Z");
    auto head = api.head();
    CHECK(api.post("/members/" + id + "/deactivate").status == 200);
    CHECK(api.head() == head);
    auto other = api.member("alan@spring.example", R"("license":"organization")");  // [S0-34]
    CHECK(refusal(api.post("/members/" + id + "/reactivate")) == "409 no_seats_remaining");
    CHECK(api.patch("/members/" + id, R"({"name":"Grace H"})").text("/name") == "Grace H");
    REQUIRE(api.post("/members/" + other + "/deactivate").status == 200);
    auto back = api.post("/members/" + id + "/reactivate");
    CHECK(back.text("/status") == "active");
    CHECK(back.text("/deactivated_at") == "null");
    head = api.head();
    CHECK(api.post("/members/" + id + "/reactivate").status == 200);
    CHECK(api.head() == head);
    CHECK(refusal(api.post("/members/mem_00000000000000000000000000/deactivate")) == "404 not_found");
    CHECK(refusal(api.post("/members/nobody/reactivate")) == "404 not_found");
    CHECK(refusal(api.post("/members/" + id + "/reactivate", R"({"x":1})")) == "422 unknown_field");
}

TEST_CASE("the last active admin can't be lost on any path, N9 [trap 14]") {
    Api api;
    auto ada = "/members/" + api.ada;
    CHECK(refusal(api.post(ada + "/deactivate")) == "409 last_admin");
    CHECK(refusal(api.patch(ada, R"({"role":"guest"})")) == "409 last_admin");
    CHECK(refusal(api.remove(ada + "?confirm=" + api.ada)) == "409 last_admin");
    api.member("grace@spring.example", R"("role":"admin")");
    CHECK(api.patch(ada, R"({"role":"guest"})").status == 200);
}

TEST_CASE(
    "deleting is confirmed, for good, and destroys the person's data [S1-31, S1-32, S1-33, S2-23, S2-26, S2-27]") {
    Api api;
    auto id = api.member("grace@spring.example", R"("name":"Grace Hopper")");
    auto heir = api.member("alan@spring.example");
    auto asked = api.remove("/members/" + id);
    CHECK(refusal(asked) == "422 confirmation_required");
    CHECK_THAT(asked.text("/errors/0/detail"), Contains("deactivate"));
    CHECK(api.remove("/members/" + id + "?confirm=" + heir + "&reassign_to=mem_00000000000000000000000000").faults() ==
          Words{"?confirm confirmation_required", "?reassign_to unknown_member"});
    CHECK(api.remove("/members/" + id + "?confirm=" + id + "&force=1").faults() == Words{"?force unknown_field"});
    auto deleted = api.remove("/members/" + id + "?confirm=" + id + "&reassign_to=" + heir);
    REQUIRE(deleted.status == 200);
    CHECK(deleted.body == R"({"id":")" + id + R"(","status":"deleted"})");
    CHECK(refusal(api.get("/members/" + id)) == "410 member_deleted");
    CHECK(refusal(api.patch("/members/" + id, "{}")) == "410 member_deleted");
    CHECK(refusal(api.post("/members/" + id + "/reactivate")) == "410 member_deleted");
    CHECK(refusal(api.remove("/members/" + id + "?confirm=" + id)) == "410 member_deleted");
    for (const char* path : {"/audit", "/members", "/invitations?status=pending,accepted,expired,revoked"})
        CHECK_THAT(api.get(path).body, !Contains("Grace Hopper") && !Contains("grace@"));
    CHECK_THAT(api.get("/audit").body, Contains("member_deleted") && Contains(id));
    auto entry = api.get("/audit?type=member_deleted");
    CHECK(entry.text("/items/0/changes") == R"([{"field":"reassign_to","from":null,"to":")" + heir + R"("}])");
    CHECK(api.member("grace@spring.example") != id);
}

TEST_CASE("the link and the id of a deleted person who was invited are dead [trap 7]") {
    Api api;
    auto invitation = api.invite("grace@spring.example");
    auto token = api.token(invitation);
    auto id = api.accept(invitation);
    REQUIRE(api.remove("/members/" + id + "?confirm=" + id).status == 200);
    CHECK(refusal(api.get("/invitations/" + invitation)) == "410 member_deleted");
    CHECK(refusal(api.post("/invitations/" + invitation + "/resend")) == "410 member_deleted");
    CHECK(refusal(api.post("/v1/invitations/accept", R"({"token":")" + token + "\"}")) == "404 token_invalid");
}

// ---- Seats.

TEST_CASE("seats are counted by pool [S0-11, S0-18, S1-18, S1-19, S3-3]") {
    Api api;
    REQUIRE(
        api.put(
               "/plan",
               R"({"user_limit":14,"licenses":[{"key":"organization","name":"Organization","kind":"base","seats":12},{"key":"basic","name":"Basic","kind":"base","paid":false}]})")
            .status == 200);
    api.invite("grace@spring.example", R"("license":"organization")");
    api.member("alan@spring.example", R"("license":"basic")");
    auto seats = api.get("/seats");
    CHECK(seats.members("/users") ==
          Words{"active", "limit", "over", "pending", "remaining", "unlimited_until", "used"});
    CHECK(seats.text("/users") ==
          R"({"active":2,"limit":14,"over":0,"pending":1,"remaining":11,"unlimited_until":null,"used":3})");
    CHECK(
        seats.text("/licenses/0") ==
        R"({"assigned":0,"key":"organization","kind":"base","name":"Organization","over":0,"paid":true,"remaining":11,"requires":[],"reserved":1,"seats":12,"used":1})");
    CHECK(
        seats.text("/licenses/1") ==
        R"({"assigned":1,"key":"basic","kind":"base","name":"Basic","over":0,"paid":false,"remaining":null,"requires":[],"reserved":0,"seats":null,"used":1})");
}

TEST_CASE("no seats: which pool, its numbers, and where more are to be had [S0-23, S0-33, S3-2]") {
    Api api;
    api.licenses(1, 0);
    REQUIRE(
        api.patch("/settings", R"({"upgrade_url":"https://spring.example/pricing","contact":"Your manager"})").status ==
        200);
    api.invite("grace@spring.example", R"("license":"organization")");
    auto refused = api.post("/invitations", R"({"email":"alan@spring.example","license":"organization"})");
    CHECK(refusal(refused) == "409 no_seats_remaining");
    CHECK(refused.members() == Words{"code", "contact", "detail", "limit", "name", "pool", "remaining", "status",
                                     "title", "type", "upgrade_url", "used"});
    CHECK(refused.text("/pool") == "organization");
    CHECK(refused.text("/name") == "Organization");
    CHECK(refused.number("/limit") == 1);
    CHECK(refused.number("/used") == 1);
    CHECK(refused.number("/remaining") == 0);
    CHECK(refused.text("/upgrade_url") == "https://spring.example/pricing");
    CHECK(refused.text("/contact") == "Your manager");
    api.licenses(2, 0);  // [S0-35]
    CHECK(api.post("/invitations", R"({"email":"alan@spring.example","license":"organization"})").status == 201);
}

TEST_CASE("in a trial the user limit does not bind, and what is over it afterwards stays [S3-4]") {
    Api api;
    REQUIRE(api.put("/plan", R"({"user_limit":1,"trial_ends_at":"2026-11-24T08:00:00Z","licenses":[]})").status == 200);
    auto id = api.member("grace@spring.example");
    auto seats = api.get("/seats");
    CHECK(seats.text("/users/remaining") == "null");
    CHECK(seats.text("/users/unlimited_until") == "2026-11-24T08:00:00.000Z");
    api.clock.advance(day);
    seats = api.get("/seats");
    CHECK(seats.number("/users/remaining") == 0);
    CHECK(seats.number("/users/over") == 1);
    CHECK(seats.text("/users/unlimited_until") == "null");
    auto refused = api.post("/invitations", R"({"email":"alan@spring.example"})");
    CHECK(refusal(refused) == "409 no_seats_remaining");
    CHECK(refused.text("/pool") == "users");
    CHECK(api.patch("/members/" + id, R"({"role":"guest"})").status == 200);
}

}  // namespace muster::test
