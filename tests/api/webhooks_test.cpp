// Webhooks as an admin has them: made, changed, rotated, tested, deleted; what each request looks like.
#include "tests/api/webhook_fixture.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

const std::string anywhere = R"({"url":"https://hooks.example/a"})";

}  // namespace

TEST_CASE("a webhook has a secret that is shown once: never in a list, a repeat or a dry run, N7") {
    Api api;
    Headers key{{"Idempotency-Key", "k"}};
    auto made = api.post("/webhooks", anywhere, key);
    REQUIRE(made.status == 201);
    auto secret = made.text("/secret");
    CHECK_THAT(secret, Catch::Matchers::Matches("whsec_[A-Za-z0-9+/]{43}="));
    CHECK(made.members() == Words{"created_at", "created_by", "disabled_for", "enabled", "events",
                                  "former_secret_until", "id", "secret", "url"});
    auto again = api.post("/webhooks", anywhere, key);
    CHECK(again.text("/id") == made.text("/id"));
    CHECK(again.text("/secret") == "null");
    auto dry = api.post("/webhooks?dry_run=true", anywhere);
    CHECK(dry.status == 201);
    CHECK(dry.text("/id") == "null");
    CHECK(dry.text("/secret") == "null");
    CHECK(api.get("/webhooks").size("/items") == 1);
    auto bare = secret.substr(6, 20);
    for (const char* path : {"/webhooks", "/audit", "/audit/verify"}) CHECK_THAT(api.get(path).body, !Contains(bare));
    CHECK_THAT(api.get("/webhooks/" + made.text("/id")).body, !Contains(bare));
    CHECK_THAT(api.get("/metrics").body, !Contains(bare));
}

TEST_CASE("a webhook is listed, changed under its ETag, and deleted") {
    Api api;
    auto id =
        api.post("/webhooks", R"({"url":"https://hooks.example/a","events":["muster.member_invited"],"enabled":false})")
            .text("/id");
    auto path = "/webhooks/" + id;
    auto one = api.get(path);
    CHECK(one.text("/url") == "https://hooks.example/a");
    CHECK(one.text("/events/0") == "muster.member_invited");
    CHECK(one.text("/enabled") == "false");
    auto changed = api.patch(path, R"({"events":null,"enabled":true})", {{"If-Match", one.header("etag")}});
    REQUIRE(changed.status == 200);
    CHECK(changed.size("/events") == 0);
    CHECK(changed.text("/enabled") == "true");
    CHECK(refusal(api.patch(path, R"({"enabled":false})", {{"If-Match", one.header("etag")}})) ==
          "412 version_mismatch");
    CHECK(api.get("/audit").text("/items/0/summary") == "The operator changed the webhook https://hooks.example/a");
    CHECK(api.get("/audit").text("/items/0/target") ==
          R"({"id":")" + id + R"(","kind":"webhook","name":"https://hooks.example/a"})");
    REQUIRE(api.remove(path).status == 200);
    CHECK(api.get("/audit").text("/items/0/target/name") == "https://hooks.example/a");  // as it was
    for (const auto& answer : {api.get(path), api.patch(path, "{}"), api.remove(path), api.post(path + "/test"),
                               api.get(path + "/deliveries"), api.post(path + "/rotate-secret")})
        CHECK(refusal(answer) == "404 not_found");
    CHECK(api.get("/webhooks?include_total=true").text("/total") == "0");
}

TEST_CASE("what is wrong with a webhook is said, all of it at once") {
    Api api;
    CHECK(api.post("/webhooks", R"({"url":"hooks.example","events":["member_invited","muster.nothing"]})").faults() ==
          Words{"/events/0 invalid_value", "/events/1 invalid_value", "/url invalid_value"});
    CHECK(api.post("/webhooks", "{}").faults() == Words{"/url required"});
    CHECK(api.post("/webhooks", R"({"url":"http://hooks.example/"})").faults() == Words{"/url invalid_value"});
    CHECK(api.post("/webhooks", R"({"url":"https://ada:pw@hooks.example/"})").faults() == Words{"/url invalid_value"});
    for (int i = 0; i < 20; ++i) REQUIRE(api.post("/webhooks", anywhere).status == 201);
    auto full = api.post("/webhooks", anywhere);
    CHECK(refusal(full) == "409 limit_reached");
    CHECK(full.text("/limit") == "20");
}

TEST_CASE("a request is a CloudEvent in JSON, signed as Standard Webhooks says") {
    WebhookApi api;
    WebhookReceiver receiver;
    auto hook = api.hook(receiver.url());
    auto invited = api.post("/invitations", R"({"email":"grace@navy.example","name":"Grace Hopper"})");
    REQUIRE(api.sent(receiver) == Words{"muster.member_invited"});
    auto request = as_answer(receiver.taken().at(0));
    CHECK(request.text("/method") == "POST");
    CHECK(request.text("/path") == "/hook");
    CHECK(request.text("/headers/content-type") == "application/json");
    CHECK(request.text("/headers/user-agent") == "Muster-Webhooks/1");
    CHECK(request.text("/headers/webhook-timestamp") == std::to_string(MovedClock::monday_ms / 1000));
    auto event = WebhookApi::event(receiver.taken().at(0));
    CHECK(event.text("/specversion") == "1.0");
    CHECK(event.text("/id") == request.text("/headers/webhook-id"));
    CHECK(event.text("/source") == "https://muster.example/v1/workspaces/" + api.spring);
    CHECK(event.text("/subject") == invited.text("/id"));
    CHECK(event.text("/time") == "2026-11-23T08:00:00.000Z");
    CHECK(event.text("/position") == invited.header("muster-position"));
    CHECK(event.text("/data/email") == "grace@navy.example");
    CHECK(receiver.signed_with(1, {hook.secret, "whsec_" + std::string(43, 'A') + "="}) == "yes no");
    auto delivery = api.get(hook.path("/deliveries"));
    CHECK(delivery.members("/items/0") == Words{"attempts", "detail", "event_id", "first_attempt_at", "id",
                                                "last_attempt_at", "next_attempt_at", "position", "response_status",
                                                "status", "type"});
    CHECK(delivery.text("/items/0/event_id") == event.text("/id"));
    CHECK(delivery.text("/items/0/response_status") == "200");
}

TEST_CASE("while two secrets are good both sign, the new one first") {
    WebhookApi api;
    WebhookReceiver receiver;
    auto hook = api.hook(receiver.url(), R"("events":["muster.member_invited"])");
    auto rotated = api.post(hook.path("/rotate-secret"), R"({"overlap_seconds":3600})");
    REQUIRE(rotated.status == 200);
    auto fresh = rotated.text("/secret");
    CHECK(fresh != hook.secret);
    CHECK(rotated.text("/former_secret_until") == "2026-11-23T09:00:00.000Z");
    api.invite("a@navy.example");
    api.catch_up();
    CHECK(receiver.signed_with(1, {fresh, hook.secret}) == "yes yes");
    api.clock.advance(3600);
    api.invite("b@navy.example");
    api.catch_up();
    CHECK(receiver.signed_with(2, {fresh, hook.secret}) == "yes no");
    CHECK(api.get(hook.path()).text("/former_secret_until") == "null");
    // A third one ends the first at once.
    REQUIRE(api.post(hook.path("/rotate-secret")).status == 200);
    auto third = api.post(hook.path("/rotate-secret"), R"({"overlap_seconds":0})").text("/secret");
    api.invite("c@navy.example");
    api.catch_up();
    CHECK(receiver.signed_with(3, {third, fresh, hook.secret}) == "yes no no");
}

TEST_CASE("a webhook is tested whether it is enabled or not, and the answer says what came of it") {
    WebhookApi api;
    WebhookReceiver receiver, broken("fail");
    auto hook = api.hook(receiver.url(), R"("enabled":false)");
    auto tested = api.post(hook.path("/test"));
    REQUIRE(tested.status == 200);
    CHECK(tested.text("/status") == "delivered");
    CHECK(tested.text("/response_status") == "200");
    CHECK(WebhookApi::event(receiver.taken().at(0)).text("/type") == "muster.test");
    CHECK(WebhookApi::event(receiver.taken().at(0)).text("/id") == tested.text("/id"));
    CHECK(receiver.signed_with(1, {hook.secret}) == "yes");
    CHECK(refusal(api.post(hook.path("/test"), "{zz")) == "400 invalid_json");
    CHECK(api.post(hook.path("/test"), R"({"zz":1})").faults() == Words{"/zz unknown_field"});
    CHECK(api.post(hook.path("/test"), "{}").status == 200);
    auto failed = api.post(api.hook(broken.url()).path("/test"));
    CHECK(failed.text("/status") == "failed");
    CHECK(failed.text("/detail") == "the target answered 500");
    CHECK(api.deliveries(hook).empty());
}

TEST_CASE("reassign_to goes out with the deletion, and nothing of who was deleted [S1-32]") {
    WebhookApi api;
    WebhookReceiver receiver;
    auto grace = api.member("grace@navy.example", R"("name":"Grace Hopper")"),
         linus = api.member("linus@spring.example");
    api.hook(receiver.url(), R"("events":["muster.member_deleted"])");
    REQUIRE(api.remove("/members/" + grace + "?confirm=" + grace + "&reassign_to=" + linus).status == 200);
    REQUIRE(api.sent(receiver) == Words{"muster.member_deleted"});
    auto event = WebhookApi::event(receiver.taken().at(0));
    CHECK(event.text("/subject") == grace);
    CHECK(event.text("/data/reassign_to") == linus);
    CHECK_THAT(receiver.taken().at(0), !Contains("Hopper") && !Contains("navy"));
}

TEST_CASE("of who was erased before it was sent nothing goes out, and nothing of it waited") {
    WebhookApi api;
    WebhookReceiver receiver("fail");
    auto hook = api.hook(receiver.url());
    auto grace = api.member("grace@navy.example", R"("name":"Grace Hopper")");
    api.catch_up();
    CHECK_THAT(receiver.taken().at(0), Contains("Hopper"));
    REQUIRE(api.remove("/members/" + grace + "?confirm=" + grace).status == 200);
    receiver.turns_to("accept");
    api.clock.advance(5);
    api.catch_up();
    auto taken = receiver.taken();
    REQUIRE(taken.size() > 2);
    for (std::size_t i = 1; i < taken.size(); ++i) CHECK_THAT(taken[i], !Contains("Hopper") && !Contains("navy"));
    auto created = WebhookApi::event(taken[1]);
    CHECK(created.text("/type") == "muster.member_created");
    CHECK(created.text("/data/email") == "null");
    CHECK(created.text("/id") == WebhookApi::event(taken[0]).text("/id"));
}

TEST_CASE("webhooks of one workspace see nothing of another [N8]") {
    WebhookApi api;
    WebhookReceiver receiver;
    auto hook = api.hook(receiver.url());
    REQUIRE(api.post("/v1/workspaces", R"({"name":"Fall","slug":"fall","owner":{"email":"o@fall.example","name":"O"}})")
                .status == 201);
    REQUIRE(api.post("/v1/workspaces/fall/teams", R"({"name":"Leaves"})").status == 201);
    CHECK(api.sent(receiver).empty());
    CHECK(refusal(api.get("/v1/workspaces/fall/webhooks/" + hook.id)) == "404 not_found");
    api.team("Sales");
    CHECK(api.sent(receiver) == Words{"muster.team_created"});
}

TEST_CASE("no password, token or secret is in what webhooks are sent, N7") {
    WebhookApi api;
    WebhookReceiver receiver;
    auto hook = api.hook(receiver.url());
    auto invitation = api.invite("grace@navy.example");
    auto link = api.token(invitation);
    auto session = api.post("/v1/invitations/accept", R"({"token":")" + link + R"(","password":"an old engine room"})",
                            {{"Authorization", "nobody"}})
                       .text("/session/token");
    auto key = api.post("/api-keys", R"({"name":"K","permissions":["members.read"]})").text("/secret");
    auto fresh = api.post(hook.path("/rotate-secret")).text("/secret");
    api.catch_up();
    REQUIRE(receiver.taken().size() >= 4);
    for (const auto& each : receiver.taken())
        for (const auto& secret :
             {link, session, key, std::string("engine room"), hook.secret.substr(6), fresh.substr(6)})
            CHECK_THAT(each, !Contains(secret));
}

}  // namespace muster::test
