// What one workspace's targets do holds up no other workspace's events. Whatever hangs here hangs until the test ends,
// so that nothing depends on how fast the machine is.
#include "tests/api/webhook_fixture.h"

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

constexpr std::chrono::seconds wait_most{60};

template <class Predicate>
bool comes_true(Predicate predicate) {
    for (auto end = std::chrono::steady_clock::now() + wait_most; std::chrono::steady_clock::now() < end;) {
        if (predicate()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return predicate();
}

// Two workspaces on one server, sent to by its own threads: spring, whose target hangs, and fall.
struct TwoWorkspaces {
    TwoWorkspaces() {
        auto made = api.post("/v1/workspaces",
                             R"({"name":"Fall","slug":"fall","owner":{"email":"o@fall.example","name":"O"}})");
        REQUIRE(made.status == 201);
        auto hook = api.post("/v1/workspaces/fall/webhooks",
                             R"({"url":")" + good.url() + R"(","events":["muster.team_created"]})");
        REQUIRE(hook.status == 201);
        fall = *WorkspaceId::parse(made.text("/id"));
        fall_hook = *WebhookId::parse(hook.text("/id"));
    }
    // One more event of fall comes to its webhook.
    bool fall_is_told() {
        auto before = good.taken().size();
        REQUIRE(api.post("/v1/workspaces/fall/teams", R"({"name":"Team )" + std::to_string(before) + "\"}").status ==
                201);
        return comes_true([&] { return good.taken().size() > before; });
    }
    Hook dead_hook() { return api.hook(dead.url(), R"("events":["muster.team_created"])"); }

    WebhookReceiver dead{"hang"}, good;
    WebhookApi api{[](SystemOptions& options) {
        options.webhooks.by_hand = false;
        options.webhooks.client.attempt_most = std::chrono::hours(1);
    }};
    WorkspaceId fall;
    WebhookId fall_hook;
};

// Webhooks that wait for their turn, without anybody who sends.
struct Waiting {
    Api api;
    Instant now = api.clock.now();
    webhooks::Endpoints endpoints{api.system->store().vault->webhooks(), now};

    WorkspaceId workspace() { return fresh<WorkspaceId>(); }
    void add(WorkspaceId workspace, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) endpoints.add({workspace, fresh<WebhookId>()}, 1);
        endpoints.more_for(workspace, now);
    }
    std::vector<webhooks::Endpoint> take_all() {
        std::vector<webhooks::Endpoint> taken;
        while (auto each = endpoints.take(now)) taken.push_back(*each);
        return taken;
    }
    // They were sent something, and have more to be sent.
    void put_back(std::vector<webhooks::Endpoint>& taken, bool slow) {
        for (auto& each : taken) {
            each.known = true;
            each.slow = slow;
            endpoints.put_back(each, now, now);
        }
    }

private:
    template <class Id>
    Id fresh() {
        Id id;
        id.uuid.bytes = {static_cast<std::uint8_t>(++made_ >> 8), static_cast<std::uint8_t>(made_)};
        return id;
    }
    unsigned made_ = 0;
};

}  // namespace

TEST_CASE("36 tests of a target that hangs hold up no other workspace's events, nor its tests") {
    TwoWorkspaces world;
    auto& webhooks = world.api.system->webhooks();
    webhooks::WebhookKey hanging{*WorkspaceId::parse(world.api.spring), *WebhookId::parse(world.dead_hook().id)};
    std::size_t taken = 0;
    for (int i = 0; i < 36; ++i)
        if (webhooks.test(hanging, [](const std::string&, const webhooks::Attempt&) {})) ++taken;
    CHECK(taken >= 1);
    CHECK(taken < 36);  // the rest is told that there is too much
    REQUIRE(comes_true([&] { return !world.dead.taken().empty(); }));
    CHECK(world.fall_is_told());
    std::atomic<int> status = -1;
    CHECK(webhooks.test({world.fall, world.fall_hook},
                        [&](const std::string&, const webhooks::Attempt& attempt) { status = attempt.status; }));
    CHECK(comes_true([&] { return status == 200; }));
    world.api.system.reset();
}

TEST_CASE(
    "a workspace has a share of the senders, and a part of it for targets that may hang, whatever it makes anew") {
    Waiting waiting;
    auto& endpoints = waiting.endpoints;
    const auto now = waiting.now;
    const auto spring = waiting.workspace(), fall = waiting.workspace();
    const auto share = limits::webhook_senders_of_workspace;
    waiting.add(spring, share + 5);
    waiting.add(fall, 1);
    auto taken = waiting.take_all();
    CHECK(taken.size() == share + 1);
    CHECK_FALSE(endpoints.next_due());
    waiting.put_back(taken, true);
    CHECK(endpoints.next_due() == now);
    taken = waiting.take_all();  // five who wait since before, those who were slow, and fall's
    CHECK(taken.size() == 5 + limits::webhook_senders_of_workspace_for_hanging + 1);
    endpoints.forget(spring);
    waiting.add(spring, share);
    CHECK(taken.size() + waiting.take_all().size() == share + 1);
    for (const auto& each : taken) endpoints.put_back(each, {}, now);
    CHECK(waiting.take_all().size() == taken.size() - 1);
}

TEST_CASE("whoever has answered waits for no workspace's new targets, however many there are") {
    Waiting waiting;
    const auto fall = waiting.workspace();
    waiting.add(fall, 1);
    auto known = waiting.take_all();
    REQUIRE(known.size() == 1);
    waiting.put_back(known, false);
    known = waiting.take_all();
    std::vector<std::size_t> senders;  // of one workspace after the other, whose targets all hang
    for (int workspaces = 0; workspaces < 9; ++workspaces) {
        waiting.add(waiting.workspace(), limits::webhooks_per_workspace);
        senders.push_back(waiting.take_all().size());
    }
    CHECK(senders == std::vector<std::size_t>{20, 12, 6, 6, 6, 6, 6, 2, 0});
    waiting.put_back(known, false);
    REQUIRE(waiting.take_all().size() == 1);
    CHECK(limits::webhook_senders >=
          limits::webhook_senders_for_new + limits::webhook_senders_for_hanging + limits::webhook_senders_of_workspace);
}

TEST_CASE("twenty targets of one workspace that are slow to answer hold up no other workspace's events") {
    TwoWorkspaces world;
    for (std::size_t i = 0; i < limits::webhooks_per_workspace; ++i) world.dead_hook();
    world.api.team("One");
    REQUIRE(comes_true([&] { return world.dead.taken().size() >= limits::webhook_senders_of_workspace; }));
    for (int i = 0; i < 3; ++i) REQUIRE(world.fall_is_told());
}

TEST_CASE("retries by hand at twenty targets that hang hold up no other workspace's events") {
    TwoWorkspaces world;
    std::vector<Hook> hooks;
    for (std::size_t i = 0; i < limits::webhooks_per_workspace; ++i) hooks.push_back(world.dead_hook());
    world.dead.turns_to("accept");
    world.api.team("One");
    for (const auto& hook : hooks)
        REQUIRE(comes_true([&] { return world.api.deliveries(hook, "?status=delivered").size() == 1; }));
    world.dead.turns_to("hang");
    auto before = world.dead.taken().size();
    for (const auto& hook : hooks) {
        auto id = world.api.get(hook.path("/deliveries")).text("/items/0/id");
        REQUIRE(world.api.post(hook.path("/deliveries/" + id + "/retry")).status == 200);
    }
    REQUIRE(comes_true([&] { return world.dead.taken().size() >= before + limits::webhook_senders_of_workspace; }));
    CHECK(world.fall_is_told());
}

TEST_CASE("a target that is slow to take has one event a turn, and who waits behind it comes next") {
    WebhookApi api([](SystemOptions& options) { options.webhooks.client.attempt_most = std::chrono::minutes(1); });
    WebhookReceiver receiver("slow");
    for (const char* name : {"?first", "?second"})
        api.hook(receiver.url() + name, R"("events":["muster.team_created"])");
    api.catch_up();
    for (const char* name : {"One", "Two"}) api.team(name);
    api.catch_up();
    Words paths;
    for (const auto& each : receiver.taken()) paths.push_back(as_answer(each).text("/path"));
    CHECK(paths == Words{"/hook?first", "/hook?second", "/hook?first", "/hook?second"});
}

}  // namespace muster::test
