// How events come to webhooks: in order, at least once, whatever the target does.
#include "api/webhooks/retry.h"
#include "tests/api/webhook_fixture.h"

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

Words ids(const WebhookReceiver& receiver) {
    Words all;
    for (const auto& each : receiver.taken()) all.push_back(as_answer(each).text("/headers/webhook-id"));
    return all;
}

constexpr auto three_days = limits::webhook_tried_seconds;

}  // namespace

TEST_CASE("a pause doubles up to four hours, and ends after three days") {
    Instant first = MovedClock().now();
    auto pause = [&](std::uint32_t attempts, std::uint64_t chance) {
        return webhooks::next_attempt(first, first, attempts, chance)->ms - first.ms;
    };
    for (std::uint32_t attempts : {1, 2, 3, 10, 40}) {
        auto whole = std::min<std::int64_t>(5000LL << std::min<std::uint32_t>(attempts - 1, 30), 4 * hour * 1000);
        for (std::uint64_t chance : {0ULL, 12'345ULL, ~0ULL}) {
            CHECK(pause(attempts, chance) >= whole / 2);
            CHECK(pause(attempts, chance) <= whole);
        }
    }
    // A target may ask for a longer one, not for a shorter one, nor for more than four hours.
    auto asked = [&](std::chrono::seconds at_least) {
        return webhooks::next_attempt(first, first, 1, 0, at_least)->ms - first.ms;
    };
    CHECK(asked(std::chrono::minutes(1)) == 60'000);
    CHECK(asked(std::chrono::seconds(1)) == 2'500);
    CHECK(asked(std::chrono::hours(9'000'000)) == 4 * hour * 1000);
    auto end = first.plus_seconds(three_days);
    CHECK(webhooks::next_attempt(first, end.plus_seconds(-1), 30, 7) == end);
    CHECK_FALSE(webhooks::next_attempt(first, end, 30, 7));
}

TEST_CASE("events come in the log's order, those that were chosen, from the making of the webhook on") {
    WebhookApi api;
    WebhookReceiver all, some;
    api.team("Before");
    api.hook(all.url());
    auto chosen = api.hook(some.url(), R"("events":["muster.team_created","muster.webhook_created"])");
    for (int i = 0; i < 40; ++i) api.team("T" + std::to_string(i));  // more than one turn
    api.invite("grace@navy.example");
    CHECK(api.sent(all).size() == 42);
    CHECK(api.sent(all).front() == "muster.webhook_created");
    CHECK(api.sent(all).back() == "muster.member_invited");
    CHECK(api.sent(some).size() == 40);
    Words names;
    for (const auto& each : some.taken()) names.push_back(WebhookApi::event(each).text("/data/team/name"));
    for (int i = 0; i < 40; ++i) CHECK(names.at(static_cast<std::size_t>(i)) == "T" + std::to_string(i));
    // One connection for a turn, not one for each.
    CHECK(as_answer(all.taken().back()).number("/connection") <= 3);
    CHECK(api.deliveries(chosen, "?limit=2&include_total=true").size() == 2);
    auto page = api.get(chosen.path("/deliveries?limit=30&include_total=true"));
    CHECK(page.number("/total") == 40);
    auto rest = api.get(chosen.path("/deliveries?limit=30&include_total=true&cursor=" + page.text("/next_cursor")));
    CHECK(rest.size("/items") == 10);
    CHECK(rest.text("/next_cursor") == "null");
}

TEST_CASE("what is not taken is tried again with the same id, and everything behind it waits") {
    WebhookApi api;
    WebhookReceiver receiver("once");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.team("Two");
    api.catch_up();
    CHECK(receiver.taken().size() == 1);
    CHECK(api.deliveries(hook) == Words{"pending 0", "pending 1"});
    auto waiting = api.get(hook.path("/deliveries"));
    CHECK(waiting.text("/items/0/next_attempt_at") == "null");
    CHECK(waiting.text("/items/1/response_status") == "500");
    CHECK(waiting.text("/items/1/detail") == "the target answered 500");
    CHECK(waiting.text("/items/1/next_attempt_at") > "2026-11-23T08:00:02");
    api.clock.advance(5);
    CHECK(api.sent(receiver) == Words(3, "muster.team_created"));
    CHECK(ids(receiver).at(0) == ids(receiver).at(1));
    CHECK(ids(receiver).at(1) != ids(receiver).at(2));
    CHECK(api.deliveries(hook) == Words{"delivered 1", "delivered 2"});
    CHECK(api.deliveries(hook, "?status=pending,failed").empty());
}

TEST_CASE("whatever a target does that is no 2xx, the event is sent again later, and the detail says why") {
    struct Mood {
        const char *mode, *detail;
    };
    for (const auto& [mode, detail] :
         {Mood{"fail", "the target answered 500"},
          Mood{"redirect", "the target redirects (302), which is not followed"},
          Mood{"close", "the connection to the target broke off"}, Mood{"hang", "the target did not answer in time"},
          Mood{"nonsense", "what the target answered is no HTTP"}, Mood{"big500", "the target answered 500"},
          Mood{"bighead", "the target answered with more than is read"}}) {
        INFO(mode);
        WebhookApi api;
        WebhookReceiver receiver(mode);
        auto hook = api.hook(receiver.url());
        api.team("One");
        auto begun = std::chrono::steady_clock::now();
        api.catch_up();
        CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
        CHECK(api.deliveries(hook) == Words{"pending 1"});
        CHECK(api.detail(hook) == detail);
        REQUIRE(receiver.taken().size() == 1);
        CHECK(as_answer(receiver.taken().at(0)).text("/path") == "/hook");
        receiver.turns_to("accept");
        api.clock.advance(5);
        api.catch_up();
        CHECK(api.deliveries(hook) == Words{"delivered 2"});
    }
}

TEST_CASE("who answers 429 with Retry-After: 600 is tried again after ten minutes, not after five seconds") {
    for (const char* mode : {"busy", "busy_date"}) {
        INFO(mode);
        WebhookApi api;
        WebhookReceiver receiver(mode);
        auto hook = api.hook(receiver.url());
        api.team("One");
        api.catch_up();
        CHECK(api.detail(hook) == "the target answered 429");
        api.clock.advance(590);  // a date is compared with the machine's clock, to the second
        api.catch_up();
        CHECK(receiver.taken().size() == 1);
        api.clock.advance(11);
        api.catch_up();
        CHECK(receiver.taken().size() == 2);
    }
}

TEST_CASE("a 2xx is taken, however much is behind it; no more than 64 KiB of that is read") {
    WebhookApi api;
    WebhookReceiver receiver("big");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.catch_up();
    CHECK(api.deliveries(hook) == Words{"delivered 1"});
}

TEST_CASE("after three days a delivery has failed, and the webhook is disabled by an event; enabled, it goes on") {
    WebhookApi api;
    WebhookReceiver receiver("fail");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.team("Two");
    api.catch_up();
    for (int hours = 0; hours <= 73; ++hours) {
        api.clock.advance(hour);
        api.catch_up();
    }
    auto disabled = api.get(hook.path());
    CHECK(disabled.text("/enabled") == "false");
    CHECK(disabled.text("/disabled_for") == "failing");
    auto attempts = receiver.taken().size();
    CHECK(attempts > 20);
    CHECK(attempts < 60);
    auto said = api.get("/audit?type=webhook_disabled");
    CHECK(said.text("/items/0/actor/kind") == "system");
    CHECK(said.text("/items/0/summary") ==
          "The webhook " + receiver.url() + " was disabled, because its target is failing");
    CHECK(api.deliveries(hook, "?status=failed").size() == 1);
    api.clock.advance(30 * day);
    api.catch_up();
    CHECK(receiver.taken().size() == attempts);
    receiver.turns_to("accept");
    REQUIRE(api.patch(hook.path(), R"({"enabled":true})").text("/disabled_for") == "null");
    api.catch_up();
    CHECK(api.deliveries(hook, "?status=delivered").size() == 3);  // Two, that it was disabled, that it was enabled
    CHECK(api.deliveries(hook, "?status=pending").empty());
}

TEST_CASE("410 disables a webhook at once") {
    WebhookApi api;
    WebhookReceiver receiver("gone");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.team("Two");
    api.catch_up();
    CHECK(receiver.taken().size() == 1);
    CHECK(api.get(hook.path()).text("/disabled_for") == "gone");
    CHECK(api.deliveries(hook, "?status=failed") == Words{"failed 1"});
    CHECK(api.get(hook.path("/deliveries?status=failed")).text("/items/0/response_status") == "410");
}

TEST_CASE("a webhook that is disabled waits, and one that is changed is tried at once") {
    WebhookApi api;
    WebhookReceiver broken("fail"), good;
    auto hook = api.hook(broken.url());
    REQUIRE(api.patch(hook.path(), R"({"enabled":false})").status == 200);
    api.team("One");
    api.catch_up();
    CHECK(broken.taken().empty());
    REQUIRE(api.patch(hook.path(), R"({"enabled":true})").status == 200);
    api.catch_up();
    CHECK(broken.taken().size() == 1);
    REQUIRE(api.patch(hook.path(), R"({"url":")" + good.url() + "\"}").status == 200);
    api.catch_up();
    CHECK(good.taken().size() == 4);
    CHECK(WebhookApi::event(good.taken().at(0)).text("/type") == "muster.webhook_changed");
    CHECK(ids(good).at(0) == ids(broken).at(0));
}

TEST_CASE("a secret that is rotated ends the pause: what waits is tried at once, signed by the new one too") {
    WebhookApi api;
    WebhookReceiver receiver("fail");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.catch_up();
    api.catch_up();
    CHECK(receiver.taken().size() == 1);
    REQUIRE(api.post(hook.path("/rotate-secret")).status == 200);
    api.catch_up();
    CHECK(receiver.taken().size() == 2);
    CHECK(ids(receiver).at(0) == ids(receiver).at(1));
}

TEST_CASE("a delivery is retried by hand: the one that is tried at once, one that is over again, with the same id") {
    WebhookApi api;
    WebhookReceiver receiver("fail");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.catch_up();
    auto id = api.get(hook.path("/deliveries")).text("/items/0/id");
    receiver.turns_to("accept");
    auto asked = api.post(hook.path("/deliveries/" + id + "/retry"));
    CHECK(asked.status == 200);
    CHECK(asked.text("/id") == id);
    CHECK(asked.text("/status") == "pending");
    api.catch_up();
    CHECK(api.deliveries(hook) == Words{"delivered 2"});
    REQUIRE(api.patch(hook.path(), R"({"enabled":false})").status == 200);
    REQUIRE(api.post(hook.path("/deliveries/" + id + "/retry")).status == 200);
    CHECK(api.get(hook.path("/deliveries?status=pending")).size("/items") == 2);  // and that it was changed
    api.catch_up();
    CHECK(api.deliveries(hook, "?status=delivered") == Words{"delivered 3"});
    CHECK(ids(receiver) == Words(3, ids(receiver).at(0)));
    receiver.turns_to("fail");
    REQUIRE(api.post(hook.path("/deliveries/" + id + "/retry")).status == 200);
    api.catch_up();
    CHECK(api.deliveries(hook, "?status=failed") == Words{"failed 4"});
    CHECK(refusal(api.post(hook.path("/deliveries/dlv_00000000000000000000000000/retry"))) == "404 not_found");
    CHECK(refusal(api.post(hook.path("/deliveries/nothing/retry"))) == "404 not_found");
}

TEST_CASE("what waits behind another, or at a disabled webhook, is sent by hand before its turn, and not again in it") {
    WebhookApi api;
    WebhookReceiver receiver("fail");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.team("Two");
    api.team("Three");
    api.catch_up();
    REQUIRE(api.deliveries(hook) == Words{"pending 0", "pending 0", "pending 1"});
    auto retry = [&](const std::string& nth) {
        auto id = api.get(hook.path("/deliveries")).text("/items/" + nth + "/id");
        auto asked = api.post(hook.path("/deliveries/" + id + "/retry"));
        CHECK(asked.text("/next_attempt_at") == api.clock.now().text());
        REQUIRE(asked.status == 200);
        api.catch_up();
    };

    // Two, behind One: refused, it goes on waiting; taken, its turn is over.
    retry("1");
    CHECK(api.deliveries(hook) == Words{"pending 0", "pending 1", "pending 1"});
    receiver.turns_to("accept");
    retry("1");
    CHECK(api.deliveries(hook) == Words{"pending 0", "delivered 2", "pending 1"});

    // One, whose turn it would be if the webhook were not disabled.
    REQUIRE(api.patch(hook.path(), R"({"enabled":false})").status == 200);
    api.catch_up();
    receiver.turns_to("fail");
    retry("3");
    CHECK(api.deliveries(hook) == Words{"pending 0", "pending 0", "delivered 2", "pending 2"});
    receiver.turns_to("accept");
    retry("3");
    CHECK(api.deliveries(hook) == Words{"pending 0", "pending 0", "delivered 2", "delivered 3"});

    auto before = receiver.taken().size();
    REQUIRE(api.patch(hook.path(), R"({"enabled":true})").status == 200);
    api.catch_up();
    CHECK(api.deliveries(hook, "?status=pending").empty());
    Words then;
    for (std::size_t i = before; i < receiver.taken().size(); ++i)
        then.push_back(WebhookApi::event(receiver.taken().at(i)).text("/type"));
    CHECK(then == Words{"muster.team_created", "muster.webhook_changed", "muster.webhook_changed"});
}

TEST_CASE("a webhook that is deleted is sent nothing more") {
    WebhookApi api;
    WebhookReceiver receiver("fail");
    auto hook = api.hook(receiver.url());
    api.team("One");
    api.catch_up();
    receiver.turns_to("accept");
    REQUIRE(api.remove(hook.path()).status == 200);
    api.clock.advance(day);
    api.team("Two");
    api.catch_up();
    CHECK(receiver.taken().size() == 1);
    CHECK(api.system->store().vault->webhooks().keys({}).empty());
}

TEST_CASE("targets that hang hold up nobody else's") {
    WebhookApi api([](SystemOptions& options) {
        options.webhooks.by_hand = false;
        options.webhooks.client.attempt_most = std::chrono::milliseconds(6000);
    });
    WebhookReceiver dead("hang"), good;
    for (int i = 0; i < 12; ++i) api.hook(dead.url());  // more than may be in trouble at once
    auto hook = api.hook(good.url(), R"("events":["muster.team_created"])");
    auto comes_to = [](std::size_t count, auto counted) {
        for (int waited = 0; waited < 3000 && counted() < count; ++waited)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        return counted() >= count;
    };
    std::this_thread::sleep_for(std::chrono::milliseconds(6500));  // until the first attempts have timed out
    for (std::size_t i = 1; i <= 5; ++i) {
        api.clock.advance(5);  // the dead ones are due again
        auto begun = std::chrono::steady_clock::now();
        api.team("T" + std::to_string(i));
        CHECK(comes_to(i, [&] { return good.taken().size(); }));
        CHECK(std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(5000));
    }
    auto delivered = [&] { return api.deliveries(hook, "?status=delivered").size(); };
    CHECK(comes_to(5, delivered));  // the receiver has it before its answer is noted
    CHECK(delivered() == 5);
}

TEST_CASE("a restart goes on where it stood, with the same ids, and collects secrets that nobody names") {
    WebhookReceiver receiver("fail");
    RestartedApi api;
    REQUIRE(api.post("/v1/workspaces", R"({"name":"S","slug":"spring","owner":{"email":"o@s.example","name":"O"}})")
                .status == 201);
    auto made = api.post("/webhooks", R"({"url":")" + receiver.url() + "\"}");
    Hook hook{made.text("/id"), made.text("/secret")};
    api.team("One");
    api.system->webhooks().catch_up();
    api.team("Two");
    webhooks::WebhookKey key{*WorkspaceId::parse(api.get("/v1/workspaces/spring").text("/id")),
                             *WebhookId::parse(hook.id)};
    api.system->webhooks().keep_secret(key, api.system->execute().fresh());
    CHECK(api.system->store().vault->webhooks().keys("\1").size() == 2);
    api.start();
    CHECK(api.system->store().vault->webhooks().keys("\1").size() == 1);
    receiver.turns_to("accept");
    api.clock.advance(5);
    api.system->webhooks().catch_up();
    REQUIRE(receiver.taken().size() == 3);
    CHECK(ids(receiver).at(0) == ids(receiver).at(1));
    CHECK(receiver.signed_with(3, {hook.secret}) == "yes");
}

}  // namespace muster::test
