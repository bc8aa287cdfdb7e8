// Invitations: inviting, editing, resending, revoking, and the link in the hand of whom it is for.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

const Words invitation_members{"accepted_at", "add_ons", "created_at",  "delivery",     "email",
                               "expires_at",  "id",      "invited_by",  "job_title",    "license",
                               "member_id",   "name",    "permissions", "resent_count", "resources",
                               "role",        "sent_at", "status",      "teams"};

Words and_also(Words words, const std::string& more) {
    words.push_back(more);
    std::ranges::sort(words);
    return words;
}

std::string token_in(const Answer& answer) {
    auto url = answer.text("/accept_url");
    return R"({"token":")" + url.substr(url.find('#') + 1) + "\"}";
}

std::string accepting(const Answer& answer) {
    auto body = token_in(answer);
    body.pop_back();
    return body + R"(,"password":"an old engine room"})";
}

}  // namespace

// ---- Inviting.

TEST_CASE("an invitation answers the contract's fields, and its link [S0-2, S0-21, S1-6]") {
    Api api;
    api.licenses(12);
    auto sales = api.team("Sales");
    auto desk = api.resource("Reception");
    REQUIRE(api.post("/permissions", R"({"key":"agents.edit","name":"Can edit agents"})").status == 201);
    auto made = api.post(
        "/invitations",
        R"({"email":" J.Smith+x@Spring.example","job_title":"Lead","role":"guest","license":"organization","add_ons":["ci"],)"
        R"("teams":["sales",")" +
            sales + R"("],"permissions":["agents.edit"],"resources":[{"id":")" + desk +
            R"(","access":"view"}],"ttl":7200})");
    REQUIRE(made.status == 201);
    CHECK(made.members() == and_also(invitation_members, "accept_url"));
    CHECK(made.text("/id").starts_with("inv_"));
    CHECK(made.text("/status") == "pending");
    CHECK(made.text("/email") == "J.Smith+x@Spring.example");  // as it was typed, to spot typos [S0-36]
    CHECK(made.text("/name") == "J Smith");                    // [S3-7]
    CHECK(made.text("/role") == "guest");
    CHECK(made.text("/license") == "organization");
    CHECK(made.text("/add_ons") == R"(["ci"])");
    CHECK(made.text("/teams") == R"([{"id":")" + sales + R"(","name":"Sales"}])");
    CHECK(made.text("/permissions") == R"(["agents.edit"])");
    CHECK(made.text("/resources") == R"([{"access":"view","id":")" + desk + R"(","name":"Reception"}])");
    CHECK(made.text("/invited_by") == R"({"id":null,"kind":"operator","name":null})");
    CHECK(made.text("/created_at") == "2026-11-23T08:00:00.000Z");
    CHECK(made.text("/expires_at") == "2026-11-23T10:00:00.000Z");
    CHECK(made.number("/resent_count") == 0);
    CHECK(made.text("/member_id") == "null");
    CHECK(made.text("/delivery") == R"({"attempts":0,"detail":null,"status":"queued","trouble":null})");
    CHECK_THAT(made.text("/accept_url"), Catch::StartsWith("https://muster.example/accept#mbi_"));
    CHECK(api.get("/invitations/" + made.text("/id")).members() == invitation_members);
}

TEST_CASE("left out: the default role, seven days, and nothing else [S0-4, S0-8, S0-13, S1-7, S2-29, S2-30]") {
    Api api;
    auto made = api.post("/invitations", R"({"email":"grace.hopper@navy.example"})");
    CHECK(made.text("/role") == "member");
    CHECK(made.text("/name") == "Grace Hopper");
    CHECK(made.text("/expires_at") == "2026-11-30T08:00:00.000Z");
    for (const char* empty : {"/add_ons", "/teams", "/permissions", "/resources"}) CHECK(made.text(empty) == "[]");
    CHECK(made.text("/license") == "null");
    CHECK(api.post("/invitations", R"({"email":"x@navy.example","name":"Rear Admiral"})").text("/name") ==
          "Rear Admiral");  // [S3-8]
}

TEST_CASE("all faults of an invitation are said at once, those of the form and those of the workspace") {
    Api api;
    api.licenses(12);
    auto refused = api.post(
        "/invitations",
        R"({"email":"grace@","role":"boss","license":"gold","add_ons":["ri"],"teams":["Nowhere"],"permissions":["no.such"],)"
        R"("resources":[{"id":"res_00000000000000000000000000"},{"id":"nothing","access":"own"}],"ttl":60,"password":"x","send_email":"no"})");
    CHECK(refusal(refused) == "422 validation_failed");
    CHECK(refused.faults() == Words{"/add_ons/0 unknown_add_on", "/email email_invalid", "/license unknown_license",
                                    "/password unknown_field", "/permissions/0 unknown_permission",
                                    "/resources/0/id unknown_resource", "/resources/1/access invalid_value",
                                    "/resources/1/id unknown_resource", "/role unknown_role",
                                    "/send_email invalid_type", "/teams/0 unknown_team", "/ttl ttl_out_of_range"});
    CHECK(refusal(api.post("/invitations", "{}")) == "422 required");
    CHECK(refusal(api.post("/invitations", R"({"email":"a@b.example","email":"c@d.example"})")) == "422 duplicate_key");
    CHECK(refusal(api.post("/invitations", R"({"email":null})")) == "422 invalid_type");
}

TEST_CASE("one fault is its own code") {
    Api api;
    api.licenses(12);
    auto invite = [&](const std::string& more) {
        return refusal(api.post("/invitations", R"({"email":"a@spring.example",)" + more + "}"));
    };
    CHECK(invite(R"("role":"boss")") == "422 unknown_role");
    CHECK(invite(R"("add_ons":["ci"])") == "422 add_on_not_eligible");  // [S0-15]
    CHECK(invite(R"("license":"basic","add_ons":["ci"])") == "422 add_on_not_eligible");
    CHECK(invite(R"("ttl":31536001)") == "422 ttl_out_of_range");
    CHECK(invite(R"("resources":[{"id":"res_00000000000000000000000000","access":"view"}])") == "422 unknown_resource");
    CHECK(invite(R"("name":")" + std::string(201, 'x') + "\"") == "422 too_long");
    REQUIRE(api.patch("/settings",
                      R"({"default_role":null,"allowed_email_domains":["spring.example"],"max_teams_per_member":1})")
                .status == 200);
    CHECK(invite(R"("job_title":"X")") == "422 role_required");  // [S1-4, S3-9]
    CHECK(refusal(api.post("/invitations", R"({"email":"a@other.example","role":"guest"})")) ==
          "422 email_domain_not_allowed");
    api.team("A");
    api.team("B");
    CHECK(invite(R"("role":"guest","teams":["A","B"])") == "422 too_many_teams");
    REQUIRE(api.patch("/settings", R"({"name_required":true,"teams_enabled":false})").status == 200);
    CHECK(invite(R"("role":"guest")") == "422 name_required");                            // [S1-3, S2-5]
    CHECK(invite(R"("role":"guest","name":"A","teams":["A"])") == "422 teams_disabled");  // [S3-10]
}

TEST_CASE("who is there already is said before seats, with the id [trap 3, trap 8, S4-7]") {
    Api api;
    api.licenses(1);
    auto invited = api.invite("Grace@Spring.example", R"("license":"organization")");
    auto member = api.member("alan@spring.example");
    auto again = api.post("/invitations", R"({"email":" grace@SPRING.example ","license":"organization"})");
    CHECK(refusal(again) == "409 already_invited");
    CHECK(again.text("/id") == invited);
    auto there = api.post("/invitations", R"({"email":"ALAN@spring.example","license":"organization"})");
    CHECK(refusal(there) == "409 already_member");
    CHECK(there.text("/id") == member);
    REQUIRE(api.post("/members/" + member + "/deactivate").status == 200);
    auto gone = api.post("/invitations", R"({"email":"alan@spring.example","license":"organization"})");
    CHECK(refusal(gone) == "409 member_deactivated");
    CHECK(gone.text("/id") == member);
}

TEST_CASE("nothing says that a mail was sent before one is, and a retry invites nobody twice [trap 9]") {
    Api api;
    auto head = api.head();
    Headers key{{"Idempotency-Key", "one-click"}};
    auto made = api.post("/invitations", R"({"email":"grace@spring.example"})", key);
    auto again = api.post("/invitations", R"({"email":"grace@spring.example"})", key);
    CHECK(again.body == made.body);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(api.head() == head + 1);
    CHECK(made.text("/delivery/status") == "queued");
    CHECK(api.post("/invitations/" + made.text("/id") + "/resend").text("/delivery/status") == "queued");
}

// ---- Editing.

TEST_CASE("a pending invitation is edited, its link stays, its seats change by the difference [S1-26, S3-13, S4-12]") {
    Api api;
    api.licenses(1);
    auto made = api.post("/invitations", R"({"email":"grace@spring.example","license":"organization"})");
    auto id = made.text("/id");
    auto edited =
        api.patch("/invitations/" + id, R"({"name":"Grace H","role":"guest","license":"basic","job_title":"Admiral"})");
    REQUIRE(edited.status == 200);
    CHECK(edited.members() == invitation_members);
    CHECK(edited.text("/name") == "Grace H");
    CHECK(edited.text("/role") == "guest");
    CHECK(api.get("/seats").number("/licenses/1/remaining") == 1);
    CHECK(api.get("/invitations/" + id + "/link").text("/accept_url") == made.text("/accept_url"));
    CHECK(api.patch("/invitations/" + id, R"({"job_title":null})").text("/job_title") == "null");
    CHECK(api.patch("/invitations/" + id, R"({"email":"GRACE@spring.example"})").status == 200);
    CHECK(refusal(api.patch("/invitations/" + id, R"({"email":"other@spring.example"})")) == "409 email_immutable");
    api.invite("alan@spring.example", R"("license":"organization")");
    CHECK(refusal(api.patch("/invitations/" + id, R"({"license":"organization"})")) == "409 no_seats_remaining");
    auto faults = api.patch("/invitations/" + id, R"({"role":"boss","teams":["X"],"name":5})").faults();
    CHECK(faults == Words{"/name invalid_type", "/role unknown_role", "/teams/0 unknown_team"});
    // The body is judged before whom it is about.
    CHECK(refusal(api.patch("/invitations/inv_00000000000000000000000000", R"({"role":"boss"})")) ==
          "422 unknown_role");
    CHECK(refusal(api.patch("/invitations/inv_00000000000000000000000000", "{}")) == "404 not_found");
    CHECK(refusal(api.patch("/invitations/" + same(id, "mem"), "{}")) == "404 not_found");
}

// ---- Resending.

TEST_CASE("resending keeps the id and begins the seven days anew, but never shortens [trap 6, S1-8, S1-24]") {
    Api api;
    auto id = api.invite("grace@spring.example");
    api.clock.advance(2 * day);
    auto resent = api.post("/invitations/" + id + "/resend");
    REQUIRE(resent.status == 200);
    CHECK(resent.members() == and_also(and_also(invitation_members, "accept_url"), "dropped"));
    CHECK(resent.text("/id") == id);
    CHECK(resent.text("/expires_at") == "2026-12-02T08:00:00.000Z");
    CHECK(resent.text("/sent_at") == "2026-11-25T08:00:00.000Z");
    CHECK(resent.number("/resent_count") == 1);
    CHECK(api.post("/invitations/" + id + "/resend", R"({"ttl":3600})").text("/expires_at") ==
          "2026-12-02T08:00:00.000Z");
    CHECK(refusal(api.post("/invitations/" + id + "/resend", R"({"ttl":1})")) == "422 ttl_out_of_range");
    CHECK(refusal(api.post("/invitations/nothing/resend")) == "404 not_found");
}

TEST_CASE("an expired one is good again with its seats, or says that there are none [S3-21]") {
    Api api;
    api.licenses(1);
    auto id = api.invite("grace@spring.example", R"("license":"organization")");
    api.clock.advance(7 * day);
    auto other = api.invite("alan@spring.example", R"("license":"organization")");
    auto refused = api.post("/invitations/" + id + "/resend");
    CHECK(refusal(refused) == "409 no_seats_remaining");
    CHECK(refused.text("/pool") == "organization");
    REQUIRE(api.post("/invitations/" + other + "/revoke").status == 200);
    CHECK(api.post("/invitations/" + id + "/resend").text("/status") == "pending");
    CHECK(api.get("/seats").number("/licenses/1/used") == 1);
}

TEST_CASE("a licence that the plan has no longer is dropped from a revived invitation, and named") {
    Api api;
    api.licenses(1);
    auto id = api.invite("grace@spring.example", R"("license":"organization")");
    api.clock.advance(7 * day);
    REQUIRE(api.get("/invitations/" + id).text("/status") == "expired");
    REQUIRE(api.put("/plan", R"({"licenses":[]})").status == 200);
    CHECK(api.post("/invitations/" + id + "/resend?dry_run=true").text("/dropped") == R"(["organization"])");
    auto resent = api.post("/invitations/" + id + "/resend");
    CHECK(resent.text("/dropped") == R"(["organization"])");
    CHECK(resent.text("/license") == "null");
}

TEST_CASE("resends are limited to three a day, saying when again") {
    Api api;
    auto id = api.invite("grace@spring.example");
    for (int i = 0; i < 3; ++i) CHECK(api.post("/invitations/" + id + "/resend").status == 200);
    auto refused = api.post("/invitations/" + id + "/resend");
    CHECK(refusal(refused) == "429 rate_limited");
    CHECK(refused.number("/limit") == 3);
    CHECK(refused.number("/window_seconds") == day);
    CHECK(refused.text("/scope") == "invitation");
    CHECK(refused.header("retry-after") == std::to_string(day));
    api.clock.advance(day);
    CHECK(api.post("/invitations/" + id + "/resend").status == 200);
}

TEST_CASE("with rotate_link the older links are superseded") {
    Api api;
    auto made = api.post("/invitations", R"({"email":"grace@spring.example"})");
    auto resent = api.post("/invitations/" + made.text("/id") + "/resend", R"({"rotate_link":true})");
    CHECK(resent.text("/accept_url") != made.text("/accept_url"));
    CHECK(refusal(api.post("/v1/invitations/accept", token_in(made))) == "409 invitation_superseded");
    CHECK(refusal(api.post("/v1/invitations/inspect", token_in(made))) == "409 invitation_superseded");
    CHECK(api.post("/v1/invitations/accept", accepting(resent)).status == 201);
}

// ---- Revoking.

TEST_CASE("revoking frees the seats at once, and the link is dead for ever, N4 [trap 7, S0-27, S0-28, S1-25, S4-14]") {
    Api api;
    api.licenses(1);
    auto made = api.post("/invitations", R"({"email":"grace@spring.example","license":"organization"})");
    auto id = made.text("/id");
    auto revoked = api.post("/invitations/" + id + "/revoke");
    REQUIRE(revoked.status == 200);
    CHECK(revoked.members() == invitation_members);
    CHECK(revoked.text("/status") == "revoked");
    CHECK(api.get("/seats").number("/licenses/1/remaining") == 1);
    auto again = api.post("/invitations", R"({"email":"grace@spring.example","license":"organization"})");
    CHECK(again.status == 201);
    CHECK(again.text("/id") != id);
    for (const char* path : {"/revoke", "/resend"})
        CHECK(refusal(api.post("/invitations/" + id + path)) == "409 invitation_revoked");
    CHECK(refusal(api.patch("/invitations/" + id, "{}")) == "409 invitation_revoked");
    CHECK(refusal(api.get("/invitations/" + id + "/link")) == "409 invitation_revoked");
    CHECK(refusal(api.post("/v1/invitations/accept", token_in(made))) == "409 invitation_revoked");
    CHECK(api.get("/invitations/" + id).text("/status") == "revoked");
}

// ---- The link.

TEST_CASE("inspecting changes nothing and shows what the link invites to [S0-39, S0-40]") {
    Api api;
    auto made = api.post("/invitations", R"({"email":"grace@spring.example","name":"Grace Hopper"})");
    auto head = api.head();
    for (int i = 0; i < 2; ++i) {
        auto seen = api.post("/v1/invitations/inspect", token_in(made), {{"Authorization", "nobody"}});
        REQUIRE(seen.status == 200);
        CHECK(seen.members() ==
              Words{"email", "expires_at", "inviter", "name", "role", "role_name", "steps", "workspace"});
        CHECK(seen.text("/workspace") == R"({"name":"Spring Labs","slug":"spring"})");
        CHECK(seen.text("/email") == "grace@spring.example");
        CHECK(seen.text("/role") == "member");
        CHECK(seen.text("/role_name") == "Member");
        CHECK(seen.text("/steps") == R"(["password","profile","tour"])");
        CHECK(seen.position() == head);
    }
    CHECK(api.head() == head);
    CHECK(refusal(api.post("/v1/invitations/inspect", R"({"token":"mbi_nothing"})")) == "404 token_invalid");
    CHECK(refusal(api.post("/v1/invitations/inspect", "{}")) == "422 required");
    CHECK(refusal(api.post("/v1/invitations/inspect?dry_run=true", token_in(made))) == "400 dry_run_unsupported");
}

TEST_CASE("accepting makes the same person a member, in the seat that was kept [trap 2, S1-22]") {
    Api api;
    api.licenses(1);
    REQUIRE(
        api.put("/plan", R"({"user_limit":2,"licenses":[{"key":"organization","name":"O","kind":"base","seats":1}]})")
            .status == 200);
    auto made = api.post("/invitations", R"({"email":"grace@spring.example","license":"organization"})");
    auto id = made.text("/id");
    auto token = token_in(made);
    token.pop_back();
    auto accepted = api.post(
        "/v1/invitations/accept",
        token +
            R"(,"password":"an old engine room","name":"Grace Hopper","phone":"+49 30 1","photo_url":"https://x.example/g.png"})",
        {{"Authorization", "nobody"}});
    REQUIRE(accepted.status == 201);
    CHECK(accepted.members() == Words{"home", "member", "session"});
    CHECK(accepted.text("/home") == "/");
    CHECK(accepted.text("/member/id") == same(id, "mem"));
    CHECK(accepted.text("/member/status") == "active");
    CHECK(accepted.text("/member/name") == "Grace Hopper");
    CHECK(accepted.text("/member/onboarding/completed") == R"(["password","profile"])");
    auto invitation = api.get("/invitations/" + id);
    CHECK(invitation.text("/status") == "accepted");
    CHECK(invitation.text("/member_id") == same(id, "mem"));
    CHECK(invitation.text("/accepted_at") == "2026-11-23T08:00:00.000Z");
    CHECK(api.get("/seats").text("/licenses/0/assigned") == "1");
    CHECK(refusal(api.post("/v1/invitations/accept", token_in(made))) == "409 invitation_accepted");
    CHECK(refusal(api.post("/v1/invitations/inspect", token_in(made))) == "409 invitation_accepted");
    for (const char* path : {"/revoke", "/resend"})
        CHECK(refusal(api.post("/invitations/" + id + path)) == "409 invitation_accepted");  // [S0-38]
    CHECK(refusal(api.patch("/invitations/" + id, "{}")) == "409 invitation_accepted");
}

TEST_CASE("refusals of an accept") {
    Api api;
    auto made = api.post("/invitations", R"({"email":"grace@spring.example"})");
    auto accept = [&](const std::string& body) { return api.post("/v1/invitations/accept", body); };
    CHECK(refusal(accept(R"({"token":"mbi_AAAA"})")) == "404 token_invalid");
    auto changed = token_in(made);
    changed[changed.size() - 5] = changed[changed.size() - 5] == 'A' ? 'B' : 'A';
    CHECK(refusal(accept(changed)) == "404 token_invalid");
    CHECK(accept(R"({"phone":5,"photo_url":"http://x.example","passwort":"12345678"})").faults() ==
          Words{"/passwort unknown_field", "/phone invalid_type", "/photo_url invalid_value", "/token required"});
    auto with = [&](const std::string& more) {
        auto body = token_in(made);
        body.pop_back();
        return accept(body + more);
    };
    CHECK(with(R"(,"password":"s","bogus":1})").faults() ==
          Words{"/bogus unknown_field", "/password password_too_short"});
    CHECK(with(R"(,"bogus":1})").faults() == Words{"/bogus unknown_field", "/password password_required"});
    CHECK(with(R"(,"password":5})").faults() == Words{"/password invalid_type"});
    api.clock.advance(7 * day);
    CHECK(with(R"(,"password":"s","bogus":1})").faults() == Words{"/bogus unknown_field"});
    CHECK(refusal(accept(token_in(made))) == "409 invitation_expired");
    CHECK(refusal(api.get("/invitations/" + made.text("/id") + "/link")) == "409 invitation_expired");
}

TEST_CASE("time alone expires: no job has to run, and a seat is not held back [trap 4, S1-23, S4-8]") {
    Api api;
    api.licenses(1);
    auto id = api.invite("grace@spring.example", R"("license":"organization")");
    api.clock.advance(7 * day);
    CHECK(api.get("/seats").number("/licenses/1/remaining") == 1);
    CHECK(api.get("/invitations?status=pending").size("/items") == 0);
    CHECK(api.get("/invitations").text("/items/0/status") == "expired");
    CHECK(api.get("/invitations/" + id, {{"Muster-Consistency", "eventual"}}).text("/status") == "expired");
    // Inviting the address again replaces it [S4-9].
    auto again = api.invite("grace@spring.example", R"("license":"organization")");
    CHECK(again != id);
    CHECK(api.get("/invitations/" + id).text("/status") == "revoked");
    CHECK(refusal(api.post("/invitations/" + id + "/resend")) == "409 invitation_revoked");
}

}  // namespace muster::test
