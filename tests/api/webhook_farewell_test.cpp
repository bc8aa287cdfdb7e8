// A workspace is deleted: its webhooks are told, as the last that they are sent, and then nothing of them is left.
#include "tests/api/webhook_fixture.h"

namespace muster::test {
namespace {

constexpr auto three_days = limits::webhook_tried_seconds;

struct Leaving {
    Answer leave() { return api.remove("/v1/workspaces/" + api.spring + "?confirm=" + api.spring); }
    Words rows() { return api.system->store().vault->webhooks().keys({}); }
    WebhookApi api;
};

}  // namespace

TEST_CASE("webhooks are told that their workspace is deleted, signed, and then their secrets are gone") {
    Leaving world;
    auto& api = world.api;
    WebhookReceiver all, some;
    auto hook = api.hook(all.url());
    api.hook(some.url(), R"("events":["muster.workspace_deleted"])");
    api.member("grace@spring.example", R"("name":"Grace Hopper")");
    REQUIRE(world.leave().status == 200);
    // What happened before it comes before it, without those whose data is destroyed by then; nothing comes behind it.
    CHECK(api.sent(all) == Words{"muster.webhook_created", "muster.member_created", "muster.workspace_deleted"});
    CHECK(api.sent(some) == Words{"muster.workspace_deleted"});
    for (const auto& each : all.taken()) CHECK(each.find("Grace") == std::string::npos);
    CHECK(all.signed_with(3, {hook.secret}) == "yes");
    auto last = WebhookApi::event(all.taken().back());
    CHECK(last.text("/subject") == api.spring);
    CHECK(last.text("/data/slug") == "spring");
    CHECK(world.rows().empty());
}

TEST_CASE("a target that does not take it is told again that its workspace is deleted, for three days and no longer") {
    Leaving world;
    auto& api = world.api;
    WebhookReceiver receiver("fail");
    api.hook(receiver.url(), R"("events":["muster.team_created","muster.workspace_deleted"])");
    api.team("One");
    REQUIRE(world.leave().status == 200);
    api.catch_up();
    CHECK(receiver.taken().size() == 1);
    SECTION("it takes it later") {
        receiver.turns_to("accept");
        api.clock.advance(5);
        CHECK(api.sent(receiver) == Words{"muster.team_created", "muster.team_created", "muster.workspace_deleted"});
    }
    SECTION("it says that it is gone") {
        receiver.turns_to("gone");
        api.clock.advance(5);
        CHECK(api.sent(receiver).size() == 2);
    }
    SECTION("it never does") {
        for (int hours = 0; hours * hour <= three_days; ++hours) {
            api.clock.advance(hour);
            api.catch_up();
        }
        CHECK(api.sent(receiver).size() > 20);
    }
    CHECK(world.rows().empty());
    auto sent = receiver.taken().size();
    api.clock.advance(three_days);
    CHECK(api.sent(receiver).size() == sent);
}

TEST_CASE("a webhook that is disabled is not told that its workspace is deleted, and nothing is kept for it") {
    Leaving world;
    WebhookReceiver receiver;
    world.api.hook(receiver.url(), R"("enabled":false)");
    REQUIRE(world.leave().status == 200);
    CHECK(world.api.sent(receiver).empty());
    CHECK(world.rows().empty());
}

TEST_CASE("a restart in between does not make webhooks miss that their workspace is deleted") {
    WebhookReceiver receiver("fail");
    RestartedApi api;
    auto made =
        api.post("/v1/workspaces", R"({"name":"S","slug":"spring","owner":{"email":"o@s.example","name":"O"}})");
    auto id = made.text("/id");
    auto hook = api.post("/webhooks", R"({"url":")" + receiver.url() + R"(","events":["muster.workspace_deleted"]})");
    REQUIRE(api.remove("/v1/workspaces/" + id + "?confirm=" + id).status == 200);
    SECTION("before the first attempt") {}
    SECTION("behind it") { api.system->webhooks().catch_up(); }
    auto before = receiver.taken().size();
    api.start();
    receiver.turns_to("accept");
    api.clock.advance(5);
    api.system->webhooks().catch_up();
    CHECK(receiver.taken().size() == before + 1);
    CHECK(receiver.signed_with(static_cast<int>(before) + 1, {hook.text("/secret")}) == "yes");
    CHECK(api.system->store().vault->webhooks().keys({}).empty());
}

}  // namespace muster::test
