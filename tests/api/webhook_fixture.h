#pragma once
// The API with webhooks that may go to receivers on the loopback:
//
//     WebhookApi api;
//     WebhookReceiver receiver;
//     auto hook = api.hook(receiver.url());
//     api.invite("grace@navy.example");
//     CHECK(api.sent(receiver) == Words{"muster.member_invited"});

#include "api/webhooks/webhooks.h"
#include "tests/api/fixture.h"
#include "tests/api/webhook_receiver.h"
#include "tests/scratch.h"

#include <nlohmann/json.hpp>

namespace muster::test {

struct Hook {
    std::string id, secret;
    [[nodiscard]] std::string path(const std::string& more = {}) const { return "/webhooks/" + id + more; }
};

// A name of the receiver's own: what an answer of `text` is made from.
inline Answer as_answer(const std::string& json) { return {200, json, {}}; }

class WebhookApi : public Api {
public:
    explicit WebhookApi(const std::function<void(SystemOptions&)>& change = {})
        : Api(true, [&](SystemOptions& options) {
              REQUIRE(options.webhooks.client.allowed.add("127.0.0.0/8"));
              options.webhooks.client.connect_most = std::chrono::milliseconds(2000);
              options.webhooks.client.attempt_most = std::chrono::milliseconds(2000);
              if (change) change(options);
          }) {}

    Hook hook(const std::string& url, const std::string& more = {}) {
        auto made = post("/webhooks", R"({"url":")" + url + "\"" + (more.empty() ? "" : "," + more) + "}");
        INFO(made.body);
        REQUIRE(made.status == 201);
        return {made.text("/id"), made.text("/secret")};
    }
    void catch_up() { system->webhooks().catch_up(); }
    // All that is to be done now is done: the types of what the receiver has been sent so far.
    Words sent(const WebhookReceiver& receiver) {
        catch_up();
        Words types;
        for (const auto& each : receiver.taken()) types.push_back(event(each).text("/type"));
        return types;
    }
    // The event that a request brought.
    static Answer event(const std::string& request) { return as_answer(as_answer(request).text("/body")); }
    // `status attempts` of each delivery, the newest event first.
    Words deliveries(const Hook& hook, const std::string& query = {}) {
        auto page = get(hook.path("/deliveries" + query));
        INFO(page.body);
        REQUIRE(page.status == 200);
        Words all;
        for (std::size_t i = 0; i < page.size("/items"); ++i) {
            auto at = "/items/" + std::to_string(i);
            all.push_back(page.text(at + "/status") + " " + page.text(at + "/attempts"));
        }
        return all;
    }
    std::string detail(const Hook& hook) { return get(hook.path("/deliveries")).text("/items/0/detail"); }
};

// The same on a disk, with nothing in it at first, so that a test can start the server again.
class RestartedApi : public Api {
public:
    RestartedApi() : Api(false) { start(); }
    ~RestartedApi() { system.reset(); }  // before its directory goes
    // Ends the one that runs.
    void start() {
        system.reset();
        SystemOptions options;
        options.directory = scratch_ / "data";
        options.operator_key = token_of_operator;
        options.public_url = "https://muster.example";
        options.clock = &clock;
        options.webhooks.by_hand = true;
        REQUIRE(options.webhooks.client.allowed.add("127.0.0.0/8"));
        system = std::make_unique<System>(std::move(options));
    }

private:
    Scratch scratch_;
};

}  // namespace muster::test
