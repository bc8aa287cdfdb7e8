// What all commands have in common: who may, the order of checks, idempotency keys, dry runs, versions.
#include "tests/api/one_of_each.h"

#include <thread>

namespace muster::test {
namespace {

const Headers nobody{{"Authorization", "Bearer nobody"}};

Headers key(const std::string& text) { return {{"Idempotency-Key", text}}; }
Headers if_match(const std::string& etag) { return {{"If-Match", etag}}; }

}  // namespace

TEST_CASE("a dry run of every command decides and answers, and nothing is appended") {
    OneOfEach one;
    auto& api = one.api;
    auto head = api.head();
    auto commands = one.commands();
    std::size_t routes_of_commands = 0;
    for (const auto& route : routes()) routes_of_commands += route.command ? 1 : 0;
    CHECK(commands.size() == routes_of_commands);
    for (const auto& command : commands) {
        const auto& [method, path, body, type, by] = command;
        auto dry = api.send(method, path + (path.contains('?') ? "&" : "?") + "dry_run=true", body,
                            command.with({{"Idempotency-Key", "dry " + path}}));
        INFO(method << " " << path << ": " << dry.body);
        CHECK(dry.header("etag").empty());
        bool bad_key = dry.status == 400;
        CHECK_FALSE(bad_key);  // a dry run keeps nothing, so it does not look at the key
        CHECK(dry.text("/dry_run") == "true");
        CHECK(dry.position() >= 0);
        CHECK(dry.body.find("mbi_") == std::string::npos);
        if (dry.status == 201 && dry.has("/id")) CHECK(dry.text("/id") == "null");
        CHECK(api.head() == head);
    }
    auto invited = api.post("/invitations?dry_run=true", R"({"email":"new@spring.example"})");
    CHECK(invited.status == 201);
    CHECK(invited.text("/accept_url") == "null");
    auto batch = api.post("/invitations:batch?dry_run=true", R"({"emails":"a@spring.example"})");
    CHECK(batch.text("/batch_id") == "null");
    CHECK(batch.text("/results/0/id") == "null");
    CHECK(batch.text("/results/0/accept_url") == "null");
    CHECK(api.post("/v1/workspaces?dry_run=true", commands[0].body).text("/owner/id") == "null");
    // And for real each has the same status and the same fields.
    for (const auto& command : commands) {
        const auto& [method, path, body, type, by] = command;
        if (path.ends_with("/revoke") || (method == "DELETE" && path.starts_with("/members")))
            continue;  // of those that others changed
        auto dry = api.send(method, path + (path.contains('?') ? "&" : "?") + "dry_run=true", body, command.with({}));
        auto real = api.send(method, path, body, command.with({}));
        INFO(method << " " << path << ": " << real.body);
        CHECK(real.status == dry.status);
        auto members = real.members();
        members.push_back("dry_run");
        std::ranges::sort(members);
        CHECK(members == dry.members());
    }
}

TEST_CASE("a dry run is refused as the real one, guards included, and by routes that are no commands") {
    Api api;
    api.licenses(0);
    CHECK(refusal(api.post("/invitations?dry_run=true", R"({"email":"a@spring.example","license":"organization"})")) ==
          "409 no_seats_remaining");
    CHECK(refusal(api.get("/seats?dry_run=true")) == "400 dry_run_unsupported");
    CHECK(refusal(api.post("/invitations?dry_run=yes", R"({"email":"a@spring.example"})")) == "422 invalid_value");
    CHECK(api.post("/invitations?dry_run=false", R"({"email":"a@spring.example"})").status == 201);
    // A parameter with a mistake in its name must not make it a real one.
    CHECK(refusal(api.post("/invitations?dryrun=true", R"({"email":"b@spring.example"})")) == "422 unknown_field");
}

// ---- Who may, and the order of checks.

TEST_CASE("without a valid token: 401, before anything is looked up") {
    Api api;
    for (const char* path : {"/v1/workspaces", "/v1/workspaces/nowhere", "/seats", "/members/nobody"}) {
        auto refused = api.get(path, nobody);
        CHECK(refusal(refused) == "401 unauthorized");
        CHECK(refused.header("www-authenticate") == "Bearer");
    }
    for (const char* token : {"", "Bearer", "Bearer ", "Basic operator", "operator", "Bearer operator2",
                              "Bearer operato", "Bearer  operator"})
        CHECK(refusal(api.get("/seats", {{"Authorization", token}})) == "401 unauthorized");
    CHECK(api.get("/seats", {{"Authorization", "bEARER operator"}}).status == 200);
    for (const char* path : {"/livez", "/readyz", "/metrics", "/openapi.json", "/docs"})
        CHECK(api.get(path, nobody).status == 200);
}

TEST_CASE("the order of checks, each before the next") {
    Api api;
    api.licenses(0);
    REQUIRE(api.post("/invitations", R"({"email":"used@spring.example"})", key("used")).status == 201);
    auto bad_json = "{";
    CHECK(refusal(api.post("/nowhere", bad_json, nobody)) == "404 not_found");
    auto wrong_method = api.send("PUT", "/members", bad_json, nobody);
    CHECK(refusal(wrong_method) == "405 method_not_allowed");
    CHECK(wrong_method.header("allow") == "GET, POST");
    CHECK(api.send("POST", "/members/x", "{}").header("allow") == "GET, PATCH, DELETE");
    CHECK(refusal(api.post("/v1/workspaces/nowhere/invitations", bad_json, nobody)) == "401 unauthorized");
    CHECK(refusal(api.post("/v1/workspaces/nowhere/invitations", bad_json)) == "404 not_found");
    CHECK(refusal(api.post("/invitations", bad_json, key("used"))) == "400 invalid_json");
    CHECK(refusal(api.post("/invitations", "{}", {{"Content-Type", "text/plain"}, {"Idempotency-Key", "used"}})) ==
          "415 unsupported_media_type");
    CHECK(refusal(api.post("/invitations", R"({"email":"bad"})", key("used"))) == "422 idempotency_key_reused");
    CHECK(refusal(api.patch("/members/mem_00000000000000000000000000", R"({"role":"boss"})", if_match("\"9\""))) ==
          "422 unknown_role");
    CHECK(refusal(api.patch("/members/mem_00000000000000000000000000", "{}", if_match("\"9\""))) == "404 not_found");
    CHECK(refusal(api.patch("/members/" + api.ada, R"({"role":"guest"})", if_match("\"9\""))) ==
          "412 version_mismatch");
    CHECK(refusal(api.patch("/members/" + api.ada, R"({"role":"guest","license":"organization"})")) ==
          "409 no_seats_remaining");
    CHECK(refusal(api.patch("/members/" + api.ada, R"({"role":"guest"})")) == "409 last_admin");
}

TEST_CASE("bodies that are no JSON") {
    Api api;
    for (const auto& body : Words{"{", "[]x", "\xff", R"({"email":"\ud800"})", "{'a':1}", R"({"a":1,})"})
        CHECK(refusal(api.post("/invitations", body)) == "400 invalid_json");
    CHECK(refusal(api.post("/invitations", "[]")) == "422 invalid_type");
    CHECK(refusal(api.post("/invitations", "{}", {{"Content-Type", "application/jsonx"}})) ==
          "415 unsupported_media_type");
    for (const char* type : {"application/merge-patch+json; charset=utf-8", "Application/JSON"})
        CHECK(api.patch("/settings", R"({"contact":"x"})", {{"Content-Type", type}}).status == 200);
    CHECK(refusal(api.post("/invitations", "{}", {{"Content-Encoding", "gzip"}})) == "415 unsupported_media_type");
    CHECK(api.post("/teams?dry_run=true&dry_run=false", R"({"name":"Sales"})").faults() ==
          Words{"?dry_run duplicate_key"});
    CHECK(refusal(api.post("/invitations", std::string(40, '[') + std::string(40, ']'))) == "400 invalid_json");
}

// ---- Idempotency keys.

TEST_CASE("the same request again is answered as the first, links included, N2") {
    OneOfEach one;
    auto& api = one.api;
    for (const auto& command : one.commands()) {
        const auto& [method, path, body, type, by] = command;
        if (path == "/v1/me/password") continue;  // it ends the session that would ask again
        if (path.ends_with("/revoke") || path.ends_with("/deactivate") || path.ends_with("/send") ||
            (method == "DELETE" && !path.starts_with("/members")))
            continue;
        auto first = api.send(method, path, body, command.with({{"Idempotency-Key", "k-" + method + path}}));
        INFO(method << " " << path << ": " << first.body);
        REQUIRE(first.status < 300);
        CHECK(first.header("idempotency-replayed").empty());
        auto head = api.head();
        api.clock.advance(60);
        auto again =
            api.send(method, path, body,
                     command.with({{"Idempotency-Key", "\"k-" + method + path + "\""}}));  // quoted is the same
        CHECK(again.status == first.status);
        bool shown_once = path.ends_with("/accept") || path == "/api-keys" || path == "/webhooks" ||
                          path.ends_with("/rotate-secret");  // sessions and secrets
        if (!shown_once) CHECK(again.body == first.body);
        CHECK(again.position() == first.position());
        CHECK(again.header("etag") == first.header("etag"));
        CHECK(again.header("idempotency-replayed") == "true");
        CHECK(api.head() == head);
    }
}

TEST_CASE("no body is the same as {} under a used key") {
    Api api;
    auto member = api.member("grace@spring.example");
    REQUIRE(api.post("/members/" + member + "/deactivate", "", key("k")).status == 200);
    auto again = api.post("/members/" + member + "/deactivate", "{}", key("k"));
    CHECK(again.status == 200);
    CHECK(again.header("idempotency-replayed") == "true");
}

TEST_CASE("another body or route under a used key is refused; a refusal is not kept") {
    Api api;
    api.licenses(0);
    auto body = R"({"email":"grace@spring.example","license":"organization"})";
    CHECK(refusal(api.post("/invitations", body, key("k"))) == "409 no_seats_remaining");
    api.licenses(1);
    auto made = api.post("/invitations", body, key("k"));
    CHECK(made.status == 201);
    CHECK(made.header("idempotency-replayed").empty());
    CHECK(refusal(api.post("/invitations", R"({"email":"alan@spring.example"})", key("k"))) ==
          "422 idempotency_key_reused");
    CHECK(refusal(api.post("/members", body, key("k"))) == "422 idempotency_key_reused");
    CHECK(api.post("/invitations", body, key("k")).body == made.body);
    // Another workspace's keys are others.
    REQUIRE(api.post("/v1/workspaces",
                     R"({"name":"Fall","slug":"fall","owner":{"email":"bob@fall.example","name":"Bob"}})", key("k"))
                .status == 201);
    CHECK(api.post("/v1/workspaces/fall/teams", R"({"name":"A"})", key("k")).status == 201);
}

TEST_CASE("an idempotency key is 1 to 255 visible ASCII characters") {
    Api api;
    int n = 0;
    auto invite = [&](const std::string& text) {
        return api.post("/invitations", R"({"email":"p)" + std::to_string(++n) + R"(@spring.example"})", key(text));
    };
    CHECK(invite(std::string(255, 'k')).status == 201);
    for (const auto& bad : Words{std::string(256, 'k'), "a b", "\"\"", "\xc3\xa9", ""})
        CHECK(refusal(invite(bad)) == "400 idempotency_key_invalid");
}

TEST_CASE("a key is kept for seven days") {
    Api api;
    auto body = R"({"email":"grace@spring.example","ttl":31536000})";
    REQUIRE(api.post("/invitations", body, key("k")).status == 201);
    api.clock.advance(7 * day - 1);
    CHECK(api.post("/invitations", body, key("k")).header("idempotency-replayed") == "true");
    api.clock.advance(2);
    CHECK(refusal(api.post("/invitations", body, key("k"))) == "409 already_invited");
}

TEST_CASE("what is kept forgets a person who was erased, N7") {
    Api api;
    auto body = R"({"email":"grace@spring.example","name":"Grace Hopper"})";
    auto made = api.post("/members", body, key("k"));
    auto id = made.text("/id");
    auto deleted = api.remove("/members/" + id + "?confirm=" + id, key("d"));
    REQUIRE(deleted.status == 200);
    auto again = api.post("/members", body, key("k"));
    CHECK(again.status == 201);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(again.text("/id") == id);
    for (const char* gone : {"/email", "/name", "/initials"}) CHECK(again.text(gone) == "null");
    auto deleted_again = api.remove("/members/" + id + "?confirm=" + id, key("d"));
    CHECK(deleted_again.body == deleted.body);
    CHECK(deleted_again.header("idempotency-replayed") == "true");
}

TEST_CASE("an accept's key is the invitation's own") {
    Api api;
    auto token = [&](const std::string& id) {
        return R"({"token":")" + api.token(id) + R"(","password":"an old engine room"})";
    };
    auto grace = token(api.invite("grace@spring.example")), alan = token(api.invite("alan@spring.example"));
    auto accepted = api.post("/v1/invitations/accept", grace, key("k"));
    CHECK(accepted.status == 201);
    CHECK(api.post("/v1/invitations/accept", alan, key("k")).status == 201);
    auto again = api.post("/v1/invitations/accept", grace, key("k"));
    CHECK(again.text("/member") == accepted.text("/member"));
    CHECK(again.header("idempotency-replayed") == "true");
}

TEST_CASE("an accept that is repeated after its person was deleted is answered as their dead link is") {
    Api api;
    auto body =
        R"({"token":")" + api.token(api.invite("grace@spring.example")) + R"(","password":"an old engine room"})";
    auto accepted = api.post("/v1/invitations/accept", body, key("k"));
    REQUIRE(accepted.status == 201);
    auto id = accepted.text("/member/id");
    REQUIRE(api.remove("/members/" + id + "?confirm=" + id).status == 200);
    CHECK(refusal(api.post("/v1/invitations/accept", body, key("k"))) == "404 token_invalid");
    CHECK(refusal(api.post("/v1/invitations/accept", body, key("another"))) == "404 token_invalid");
    CHECK(refusal(api.post("/v1/invitations/accept", body)) == "404 token_invalid");
}

TEST_CASE("the same request at the same time: one effect, and one answer or `in progress`") {
    Api api;
    std::vector<Answer> answers(8);
    std::vector<std::thread> threads;
    for (auto& answer : answers)
        threads.emplace_back(
            [&] { answer = api.post("/invitations", R"({"email":"grace@spring.example"})", key("k")); });
    for (auto& each : threads) each.join();
    Words ids;
    for (const auto& each : answers) {
        if (each.status == 201)
            ids.push_back(each.text("/id"));
        else
            CHECK(refusal(each) == "409 idempotency_in_progress");
    }
    REQUIRE_FALSE(ids.empty());
    for (const auto& id : ids) CHECK(id == ids.front());
    CHECK(api.get("/invitations").size("/items") == 1);
}

TEST_CASE("once a request is answered, any number who repeat it at once are told, N2") {
    Api api;
    std::string emails;
    for (int i = 0; i < 300; ++i) emails += "p" + std::to_string(i) + "@spring.example ";
    const auto body = R"({"emails":")" + emails + "\"}";
    const auto first = api.post("/invitations:batch", body, key("k"));
    REQUIRE(first.status == 200);
    std::vector<Answer> answers(8);
    std::vector<std::thread> threads;
    for (auto& answer : answers) threads.emplace_back([&] { answer = api.post("/invitations:batch", body, key("k")); });
    for (auto& each : threads) each.join();
    for (const auto& each : answers) CHECK(each.body == first.body);
}

// ---- Versions.

TEST_CASE("each thing has an ETag that its changes honour") {
    OneOfEach one;
    auto& api = one.api;
    const std::vector<std::pair<std::string, std::string>> things{{"/v1/workspaces/spring", R"({"name":"N"})"},
                                                                  {"/settings", R"({"contact":"N"})"},
                                                                  {"/roles/lead", R"({"name":"N"})"},
                                                                  {"/teams/" + one.team, R"({"name":"N"})"},
                                                                  {"/resources/" + one.resource, R"({"name":"N"})"},
                                                                  {"/invitations/" + one.pending, R"({"name":"N"})"},
                                                                  {"/members/" + one.member, R"({"name":"N"})"},
                                                                  {"/webhooks/" + one.webhook, R"({"enabled":false})"}};
    for (const auto& [path, body] : things) {
        INFO(path);
        auto seen = api.get(path).header("etag");
        CHECK(seen.size() >= 3);
        CHECK(refusal(api.patch(path, body, if_match("\"999\""))) == "412 version_mismatch");
        CHECK(refusal(api.patch(path, body, if_match("W/" + seen))) == "412 version_mismatch");
        auto unchanged = api.patch(path, "{}", if_match(seen));
        CHECK(unchanged.status == 200);
        CHECK(unchanged.header("etag") == seen);
        auto changed = api.patch(path, body, if_match(seen));
        CHECK(changed.status == 200);
        CHECK(changed.header("etag") != seen);
        CHECK(api.get(path).header("etag") == changed.header("etag"));
        CHECK(refusal(api.patch(path, body, if_match(seen))) == "412 version_mismatch");
        CHECK(api.patch(path, body, if_match("*")).status == 200);
        REQUIRE(api.post("/teams", R"({"name":"Beside )" + path + "\"}").status ==
                201);  // what changes beside it is no change of it
        CHECK(api.get(path).header("etag") == changed.header("etag"));
    }
    auto plan = api.get("/plan");
    CHECK(refusal(api.put("/plan", R"({"user_limit":9})", if_match("\"999\""))) == "412 version_mismatch");
    auto put = api.put("/plan", R"({"user_limit":9})", if_match(plan.header("etag")));
    CHECK(put.status == 200);
    CHECK(api.get("/plan").header("etag") == put.header("etag"));
    auto own = api.post("/permissions", R"({"key":"crm.read","name":"CRM"})");
    auto renamed = api.patch("/permissions/crm.read", R"({"name":"Customers"})", if_match(own.header("etag")));
    CHECK(renamed.status == 200);
    CHECK(refusal(api.remove("/permissions/crm.read", if_match(own.header("etag")))) == "412 version_mismatch");
    CHECK(api.remove("/permissions/crm.read", if_match(renamed.header("etag"))).status == 200);
    for (const auto& path : {"/members/" + one.member + "/deactivate", "/members/" + one.left + "/reactivate",
                             "/invitations/" + one.pending + "/resend", "/invitations/" + one.pending + "/revoke"})
        CHECK(refusal(api.post(path, "", if_match("\"999\""))) == "412 version_mismatch");
    for (const auto& path : {"/members/" + one.member + "?confirm=" + one.member, "/teams/" + one.team,
                             std::string("/roles/lead"), "/resources/" + one.resource})
        CHECK(refusal(api.remove(path, if_match("\"999\""))) == "412 version_mismatch");
}

TEST_CASE("every answer says its position, and what is made its version") {
    OneOfEach one;
    auto& api = one.api;
    for (const auto& command : one.commands()) {
        const auto& [method, path, body, type, by] = command;
        if (method == "DELETE" || path.ends_with("/revoke") || path.ends_with("/send")) continue;
        auto answer = api.send(method, path, body, command.with({}));
        INFO(method << " " << path << ": " << answer.body);
        REQUIRE(answer.status < 300);
        // An erasure's last event says that the data is destroyed; the answer names the command's own.
        CHECK(answer.position() == (path == "/people:erase" ? api.head() - 1 : api.head()));
        bool one_thing = path != "/invitations:batch" && path != "/people:erase" && !path.ends_with("/dismiss") &&
                         !path.starts_with("/imports") && !path.starts_with("/batches") && path != "/api-keys";
        CHECK(answer.header("etag").empty() != one_thing);
    }
    for (const char* path :
         {"/v1/workspaces", "/v1/workspaces/spring", "/settings", "/plan", "/seats", "/roles", "/roles/guest",
          "/permissions", "/teams", "/resources", "/members", "/invitations", "/audit", "/audit/verify"})
        CHECK(api.get(path).position() >= 0);
}

}  // namespace muster::test
