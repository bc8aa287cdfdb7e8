// Signing in and out, sessions, and the ways to a password.
#include "api/auth/passwords.h"
#include "api/auth/sessions.h"
#include "api/tokens.h"
#include "eventstore/log_rows.h"
#include "tests/api/signed_in.h"

#include <thread>

namespace muster::test {
using Catch::Matchers::Contains;

TEST_CASE("who accepts is signed in, and signs in again with the password they chose [S0-29, S1-35, S3-15]") {
    Api api;
    Person grace(api, "grace@spring.example", R"("name":"Grace Hopper","permissions":["members.read"])");
    CHECK(grace.token.starts_with("mbs_"));
    auto me = grace.me();
    REQUIRE(me.status == 200);
    CHECK(me.text("/id") == grace.id);
    CHECK(me.text("/workspace/slug") == "spring");
    CHECK(me.text("/effective_permissions") == R"(["members.read"])");
    CHECK(me.text("/home") == "/");
    CHECK(me.text("/last_login_at") == "null");
    api.clock.advance(hour);
    auto again = log_in(api, " GRACE@spring.example ");  // [trap 8]
    REQUIRE(again.status == 200);
    CHECK(again.members() == Words{"expires_at", "home", "member", "token"});
    CHECK(again.text("/expires_at") == "2026-11-23T21:00:00.000Z");
    CHECK(again.text("/member/last_login_at") == "2026-11-23T09:00:00.000Z");
    CHECK(api.get("/v1/me", Person::as(again.text("/token"))).status == 200);
    CHECK(api.get("/members/" + grace.id).text("/last_login_at") == "2026-11-23T09:00:00.000Z");
    CHECK(api.get("/members?sort=last_login_at&order=desc").text("/items/0/id") == grace.id);
    CHECK(api.get("/audit?type=member_signed_in").text("/items/0/summary") == "Grace Hopper signed in");
}

TEST_CASE("who signed in since is not inactive") {
    Api api;
    Person grace(api, "grace@spring.example");
    api.clock.advance(day);
    REQUIRE(log_in(api, grace.email).status == 200);
    CHECK(api.get("/members?inactive_since=2026-11-24T00:00:00Z").each("/items", "id") == Words{api.ada});
    api.clock.advance(day);
    CHECK(api.get("/members?inactive_since=2026-11-25T00:00:00Z").size("/items") == 2);
}

TEST_CASE("a wrong password, an unknown address and somebody who may not come in are answered alike") {
    Api api;
    Person grace(api, "grace@spring.example"), alan(api, "alan@spring.example"), kurt(api, "kurt@spring.example");
    api.member("noether@spring.example");  // has no password yet
    REQUIRE(api.post("/members/" + alan.id + "/deactivate").status == 200);
    REQUIRE(api.remove("/members/" + kurt.id + "?confirm=" + kurt.id).status == 200);
    auto wrong = log_in(api, grace.email, "not her password");
    CHECK(refusal(wrong) == "401 invalid_credentials");
    CHECK(wrong.header("www-authenticate") == "Bearer");
    for (const char* email :
         {"nobody@spring.example", "alan@spring.example", "kurt@spring.example", "noether@spring.example"})
        CHECK(log_in(api, email).body == wrong.body);
    auto nowhere = api.post("/v1/auth/login", R"({"workspace":"nowhere","email":"a@b.example","password":"x"})");
    CHECK(nowhere.body == wrong.body);
    CHECK(api.post("/v1/auth/login", "{}").faults() ==
          Words{"/email required", "/password required", "/workspace required"});
}

TEST_CASE("who is deactivated or deleted is out at once, and reactivating revives no session, N5 [S1-29, S1-30]") {
    Api api;
    Person grace(api, "grace@spring.example");
    REQUIRE(api.post("/members/" + grace.id + "/deactivate").status == 200);
    CHECK(refusal(grace.me()) == "401 unauthorized");
    CHECK(log_in(api, grace.email).status == 401);
    REQUIRE(api.post("/members/" + grace.id + "/reactivate").status == 200);
    CHECK(grace.me().status == 401);
    auto back = log_in(api, grace.email);
    REQUIRE(back.status == 200);
    REQUIRE(api.remove("/members/" + grace.id + "?confirm=" + grace.id).status == 200);
    CHECK(api.get("/v1/me", Person::as(back.text("/token"))).status == 401);
    // What they signed in with is gone too.
    auto& vault = api.system->service().vault;
    auto rows_of = rows::bytes_of(MemberId::parse(grace.id)->uuid);
    CHECK(vault.passwords().keys(rows_of).empty());
    CHECK(vault.sessions().keys(rows_of).empty());
}

TEST_CASE("a session ends when it was idle for twelve hours, and after thirty days") {
    Api api;
    Person grace(api, "grace@spring.example");
    api.clock.advance(12 * hour - 1);
    CHECK(grace.me().status == 200);
    api.clock.advance(12 * hour);
    CHECK(grace.me().status == 401);
    auto token = log_in(api, grace.email).text("/token");
    for (int hours = 0; hours < 30 * 24 - 10; hours += 10) {
        CHECK(api.get("/v1/me", Person::as(token)).status == 200);
        api.clock.advance(10 * hour);
    }
    api.clock.advance(10 * hour);
    CHECK(api.get("/v1/me", Person::as(token)).status == 401);
}

TEST_CASE("one's sessions are listed and ended, one or all") {
    Api api;
    Person grace(api, "grace@spring.example"), alan(api, "alan@spring.example");
    api.clock.advance(60);
    auto second = log_in(api, grace.email).text("/token");
    auto listed = api.get("/v1/me/sessions", Person::as(second));
    REQUIRE(listed.size("/items") == 2);
    CHECK(listed.text("/items/0/current") == "true");
    CHECK(listed.text("/items/1/current") == "false");
    auto first = listed.text("/items/1/id");
    CHECK(refusal(api.remove("/v1/me/sessions/" + first, alan.by())) == "404 not_found");
    CHECK(api.remove("/v1/me/sessions/" + first, Person::as(second)).status == 200);
    CHECK(grace.me().status == 401);
    CHECK(api.remove("/v1/me/sessions", Person::as(second)).status == 200);
    CHECK(api.get("/v1/me", Person::as(second)).status == 401);
    CHECK(alan.me().status == 200);
    CHECK(api.post("/v1/auth/logout", {}, alan.by()).status == 200);
    CHECK(alan.me().status == 401);
}

TEST_CASE("one's sessions come in pages like any list, the last used first") {
    Api api;
    Person grace(api, "grace@spring.example");
    std::string last;
    for (int i = 0; i < 4; ++i) {
        if (i % 2 == 0) api.clock.advance(60);  // some are of one moment
        last = log_in(api, grace.email).text("/token");
    }
    const auto by = Person::as(last);
    const auto all = api.get("/v1/me/sessions", by);
    REQUIRE(all.size("/items") == 5);
    Words listed;
    std::string cursor;
    do {
        auto page = api.get("/v1/me/sessions?limit=2&include_total=true" + cursor, by);
        CHECK(page.number("/total") == 5);
        CHECK(page.size("/items") <= 2);
        for (auto& each : page.each("/items", "id")) listed.push_back(each);
        auto next = page.text("/next_cursor");
        cursor = next == "null" ? "" : "&cursor=" + next;
    } while (!cursor.empty() && listed.size() < 10);
    CHECK(listed == all.each("/items", "id"));
}

TEST_CASE("a member has a hundred sessions at most: one more ends the one used the longest ago, as the API says") {
    Api api;
    Person grace(api, "grace@spring.example");
    api.clock.advance(1);
    auto second = log_in(api, grace.email).text("/token");
    api.clock.advance(limits::session_touch_seconds);
    CHECK(grace.me().status == 200);  // the first one is used, the second is not
    for (std::size_t i = 2; i < limits::sessions_per_member; ++i) REQUIRE(log_in(api, grace.email).status == 200);
    CHECK(api.get("/v1/me/sessions?limit=1000", grace.by()).size("/items") == limits::sessions_per_member);
    auto further = log_in(api, grace.email).text("/token");
    CHECK(refusal(api.get("/v1/me", Person::as(second))) == "401 unauthorized");
    CHECK(grace.me().status == 200);
    CHECK(api.get("/v1/me", Person::as(further)).status == 200);
    CHECK(api.get("/v1/me/sessions?limit=1000", grace.by()).size("/items") == limits::sessions_per_member);
    CHECK_THAT(api.get("/openapi.json").text("/paths/~1v1~1auth~1login/post/description"),
               Contains("at most " + std::to_string(limits::sessions_per_member) + " sessions"));
}

TEST_CASE("an admin sets a password: the old one is none, and all sessions end [S2-24, S2-25]") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto path = "/members/" + grace.id + "/password";
    auto set = api.put(path, R"({"password":"another engine room"})");
    REQUIRE(set.status == 200);
    CHECK(set.text("/id") == grace.id);
    CHECK(grace.me().status == 401);
    CHECK(log_in(api, grace.email).status == 401);
    CHECK(log_in(api, grace.email, "another engine room").status == 200);
    CHECK(api.put(path, R"({"password":"short"})").faults() == Words{"/password password_too_short"});
    CHECK(api.put(path, R"({"password":"7 chars"})").faults() == Words{"/password password_too_short"});
    CHECK(api.put(path, R"({"password":"password1"})").faults() == Words{"/password password_too_common"});
    CHECK(api.put(path, R"({"password":"grace@spring.example"})").faults() == Words{"/password password_too_common"});
    CHECK(refusal(api.put("/members/mem_00000000000000000000000000/password",
                          R"({"password":"an old engine room"})")) == "404 not_found");
    REQUIRE(api.patch("/settings", R"({"password_min_length":6})").status == 200);
    CHECK(api.put(path, R"({"password":"abc12"})").faults() == Words{"/password password_too_short"});
    CHECK(api.put(path, R"({"password":"abc123"})").status == 200);
    CHECK(log_in(api, grace.email, "another engine room").status == 401);
    CHECK(log_in(api, grace.email, "abc123").status == 200);
    CHECK_THAT(api.get("/audit").body, !Contains("abc123") && !Contains("engine room"));
}

TEST_CASE("one's own password is changed with the current one; other sessions end, and the answer has a new one") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto other = log_in(api, grace.email).text("/token");
    auto change = [&](const std::string& current) {
        return api.put("/v1/me/password",
                       R"({"current_password":")" + current + R"(","password":"another engine room"})", grace.by());
    };
    CHECK(refusal(change("wrong")) == "403 invalid_credentials");
    // A body that is no good is said before the current one is looked at.
    for (const char* current : {"wrong", Api::password})
        CHECK(api.put("/v1/me/password", R"({"current_password":")" + std::string(current) + R"(","password":"short"})",
                      grace.by())
                  .faults() == Words{"/password password_too_short"});
    CHECK(api.put("/v1/me/password", R"({"password":"short"})", grace.by()).faults() ==
          Words{"/current_password required", "/password password_too_short"});
    CHECK(grace.me().status == 200);
    auto changed = change(Api::password);
    REQUIRE(changed.status == 200);
    CHECK(changed.text("/id") == grace.id);
    CHECK(grace.me().status == 401);
    CHECK(api.get("/v1/me", Person::as(other)).status == 401);
    CHECK(api.get("/v1/me", Person::as(changed.text("/session/token"))).status == 200);
    CHECK(log_in(api, grace.email, "another engine room").status == 200);
}

TEST_CASE("a repeat of changing one's password says so where another one holds by now") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto by = [](const std::string& token) {
        return Headers{{"Authorization", "Bearer " + token}, {"Idempotency-Key", "k"}};
    };
    auto body = R"({"current_password":")" + std::string(Api::password) + R"(","password":"another engine room"})";
    auto changed = api.put("/v1/me/password", body, by(grace.token));
    REQUIRE(changed.status == 200);
    auto token = changed.text("/session/token");
    CHECK(api.put("/v1/me/password", body, by(token)).header("idempotency-replayed") == "true");
    REQUIRE(api.put("/members/" + grace.id + "/password", R"({"password":"a third engine room"})").status == 200);
    auto anew = log_in(api, grace.email, "a third engine room").text("/token");
    CHECK(refusal(api.put("/v1/me/password", body, by(anew))) == "403 invalid_credentials");
}

TEST_CASE("who forgot their password is answered like anybody, and a link is asked for where there is somebody") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto forgot = [&](const std::string& email) {
        return api.post("/v1/auth/password/forgot", R"({"workspace":"spring","email":")" + email + "\"}");
    };
    auto unknown = forgot("nobody@spring.example"), known = forgot(grace.email);
    CHECK(known.status == 202);
    CHECK(unknown.status == 202);
    CHECK(known.body == unknown.body);
    CHECK(known.position() == -1);
    // It is decided behind the answer.
    for (int waited = 0; waited < 1000 && events(api, "password_reset_requested") == 0; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    CHECK(events(api, "password_reset_requested") == 1);
}

TEST_CASE("a link to choose a password is good once, for an hour, and any change spends it") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto id = *MemberId::parse(grace.id);
    auto& service = api.system->service();
    auto link = [&] {
        auto member = service.directory.membership_anywhere(id);
        auto ends = service.execute.now().plus_seconds(limits::reset_link_seconds);
        return password_token(service.vault, {member->workspace, id, member->credential, ends});
    };
    auto reset = [&](const std::string& token, const std::string& password = "another engine room") {
        return api.post("/v1/auth/password/reset", R"({"token":")" + token + R"(","password":")" + password + "\"}",
                        {{"Authorization", "nobody"}});
    };
    auto token = link(), late = link();
    CHECK(reset(token, "short").faults() == Words{"/password password_too_short"});
    auto done = reset(token);
    REQUIRE(done.status == 200);
    CHECK(done.members() == Words{"home", "member"});
    CHECK(grace.me().status == 401);
    CHECK(log_in(api, grace.email, "another engine room").status == 200);
    for (const auto& dead : {token, late, std::string("mbr_AAAA"), token.substr(0, token.size() - 2) + "AA"})
        CHECK(refusal(reset(dead)) == "404 token_invalid");
    auto hour_old = link();
    api.clock.advance(hour);
    CHECK(refusal(reset(hour_old)) == "404 token_invalid");
    CHECK(api.post("/v1/auth/password/reset", "{}").faults() == Words{"/password required", "/token required"});
}

TEST_CASE("a member is created with a password, or gets a link to choose one where nobody mails it [S2-16, S2-17]") {
    Api api;
    auto with = api.post("/members", R"({"email":"a@spring.example","name":"A","password":"an old engine room"})");
    REQUIRE(with.status == 201);
    CHECK(with.text("/set_password_url") == "null");
    CHECK(log_in(api, "a@spring.example").status == 200);
    CHECK(api.post("/members", R"({"email":"b@spring.example","name":"B","password":"password1"})").faults() ==
          Words{"/password password_too_common"});
    Headers key{{"Idempotency-Key", "k"}};
    auto body = R"({"email":"c@spring.example","name":"C","send_email":false})";
    auto made = api.post("/members", body, key);
    auto url = made.text("/set_password_url");
    CHECK(url.starts_with("https://muster.example/reset#mbr_"));
    CHECK(api.post("/members", body, key).body == made.body);
    // The link ends when it was to, however long newer ones are good.
    REQUIRE(api.patch("/settings", R"({"invitation_ttl":31536000})").status == 200);
    CHECK(api.post("/members", body, key).body == made.body);
    auto token = url.substr(url.find('#') + 1);
    CHECK(
        api.post("/v1/auth/password/reset", R"({"token":")" + token + R"(","password":"an old engine room"})").status ==
        200);
    CHECK(log_in(api, "c@spring.example").status == 200);
    CHECK(api.post("/members", R"({"email":"d@spring.example","name":"D"})").text("/set_password_url") == "null");
}

TEST_CASE("the owner of a new workspace may come with a password") {
    Api api;
    auto make = [&](const std::string& password) {
        return api.post("/v1/workspaces",
                        R"({"name":"Fall","slug":"fall","owner":{"email":"o@fall.example","name":"O","password":")" +
                            password + "\"}}");
    };
    CHECK(make("short").faults() == Words{"/owner/password password_too_short"});
    REQUIRE(make("an old engine room").status == 201);
    CHECK(api.post("/v1/auth/login", R"({"workspace":"fall","email":"o@fall.example","password":"an old engine room"})")
              .status == 200);
}

}  // namespace muster::test
