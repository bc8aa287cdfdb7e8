// What somebody does to a webhook while an attempt is under way, and what clocks and disks do to it.
#include "tests/api/last_event.h"
#include "tests/api/webhook_fixture.h"

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

// Delivers on another thread; goes on here as soon as the receiver has so many requests and answers the last.
class Delivering {
public:
    Delivering(WebhookApi& api, const WebhookReceiver& receiver, std::size_t requests)
        : thread_([&api] { api.catch_up(); }) {
        for (int waited = 0; waited < 6000 && receiver.taken().size() < requests; ++waited)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        CHECK(receiver.taken().size() == requests);
    }
    ~Delivering() { thread_.join(); }
    Delivering(const Delivering&) = delete;
    Delivering& operator=(const Delivering&) = delete;

private:
    std::thread thread_;
};

// Attempts last until the receiver is let go, however busy the machine is.
void patient(SystemOptions& options) { options.webhooks.client.attempt_most = std::chrono::minutes(1); }

}  // namespace

TEST_CASE("a webhook that is mended during the attempt that was its last is not disabled, but tried as it is now") {
    WebhookApi api(patient);
    WebhookReceiver gone("gone_late"), good;
    auto hook = api.hook(gone.url());
    api.team("One");
    {
        Delivering last(api, gone, 1);
        REQUIRE(api.patch(hook.path(), R"({"url":")" + good.url() + "\"}").status == 200);
        gone.let_go();
    }
    api.catch_up();
    CHECK(api.get(hook.path()).text("/enabled") == "true");
    CHECK(api.sent(good) == Words{"muster.team_created", "muster.webhook_changed"});
    CHECK(api.deliveries(hook, "?status=failed").empty());
}

TEST_CASE("who asks for one event again during an attempt at another does not shorten that one's pause") {
    WebhookApi api(patient);
    WebhookReceiver receiver;
    auto hook = api.hook(receiver.url());
    api.team("One");
    REQUIRE(api.sent(receiver).size() == 1);
    auto one = api.get(hook.path("/deliveries")).text("/items/0/id");
    receiver.turns_to("fail_late");
    api.team("Two");
    {
        Delivering two(api, receiver, 2);
        REQUIRE(api.post(hook.path("/deliveries/" + one + "/retry")).status == 200);
        receiver.let_go();
    }
    api.catch_up();
    CHECK(receiver.taken().size() == 3);
    CHECK(api.deliveries(hook) == Words{"pending 1", "failed 2"});
}

TEST_CASE("who asks for the event in trouble again during its attempt has it tried again as soon as that is over") {
    WebhookApi api(patient);
    WebhookReceiver receiver("fail_late");
    auto hook = api.hook(receiver.url(), R"("events":["muster.team_created"])");
    api.team("One");
    receiver.let_go();
    api.catch_up();
    auto one = api.get(hook.path("/deliveries")).text("/items/0/id");
    receiver.hold();
    api.clock.advance(60);
    {
        Delivering again(api, receiver, 2);
        REQUIRE(api.post(hook.path("/deliveries/" + one + "/retry")).status == 200);
        receiver.let_go();
    }
    CHECK(receiver.taken().size() == 3);
    CHECK(api.deliveries(hook) == Words{"pending 3"});
}

TEST_CASE("a clock that is set back by a day holds up no webhook for longer than a pause") {
    WebhookApi api;
    WebhookReceiver receiver("fail"), broken("fail");
    std::vector<Hook> hooks;
    for (const auto* each : {&receiver, &broken, &receiver, &broken, &receiver})
        hooks.push_back(api.hook(each->url(), R"("events":["muster.team_created"])"));
    api.team("One");
    REQUIRE(api.sent(receiver).size() == 3);
    api.clock.advance(-day);
    receiver.turns_to("accept");
    CHECK(api.sent(receiver).size() == 6);  // also behind those that are in trouble again
    for (const auto& each : {hooks.at(0), hooks.at(2), hooks.at(4)})
        CHECK(api.deliveries(each) == Words{"delivered 2"});
    CHECK(api.deliveries(hooks.at(1)) == Words{"pending 2"});
}

TEST_CASE("an event that can't be read any more is not sent again by hand, and holds up nothing that can") {
    WebhookReceiver receiver;
    const Scratch scratch;
    const auto start = [&] {
        return std::make_unique<Api>(false, [&](SystemOptions& options) {
            options.directory = scratch / "data";
            REQUIRE(options.webhooks.client.allowed.add("127.0.0.0/8"));
        });
    };
    auto api = start();
    REQUIRE(api->post("/v1/workspaces", R"({"name":"S","slug":"spring","owner":{"email":"o@s.example","name":"O"}})")
                .status == 201);
    auto hook = "/webhooks/" + api->post("/webhooks", R"({"url":")" + receiver.url() + "\"}").text("/id");
    api->invite("grace@spring.example");
    api->invite("linus@spring.example");
    api->system->webhooks().catch_up();
    REQUIRE(receiver.taken().size() == 2);
    auto deliveries = api->get(hook + "/deliveries").each("/items", "id");
    REQUIRE(deliveries.size() == 2);
    api.reset();
    change_last_event(scratch / "data", [](Frame& frame) { frame.payload = "no event"; });
    api = start();
    for (const auto& each : {deliveries.at(0), deliveries.at(1)})
        REQUIRE(api->post(hook + "/deliveries/" + each + "/retry").status == 200);
    api->system->webhooks().catch_up();
    CHECK(receiver.taken().size() == 3);
    auto now = api->get(hook + "/deliveries");
    CHECK(now.each("/items", "status") == Words{"failed", "delivered"});
    CHECK(now.text("/items/0/detail") == "the event can't be read");
}

}  // namespace muster::test
