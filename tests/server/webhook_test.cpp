// Webhooks as an operator has them: networks that are allowed on the command line, and kill -9 meanwhile.
#include "tests/api/webhook_receiver.h"
#include "tests/places.h"
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <thread>

namespace muster::server {
namespace {

using test::WebhookReceiver;

const std::string spring = "/v1/workspaces/spring";

// The value of that name in the request's JSON, as it stands there.
std::string value_of(const std::string& request, const std::string& name) {
    auto at = request.find("\"" + name + "\": \"");
    if (at == std::string::npos) return {};
    at += name.size() + 5;
    return request.substr(at, request.find('"', at) - at);
}

}  // namespace

TEST_CASE("kill -9 at any moment: every event arrives, in order, and one that comes twice has the same id") {
    constexpr int people = 200;
    Scratch scratch;
    auto data = scratch / "data";
    WebhookReceiver receiver;
    const Arguments allowed{"--allow-target", "127.0.0.0/8"};
    std::mt19937 random(Catch::rngSeed());
    std::uniform_int_distribution<int> moment(20, 200);
    auto server = std::make_unique<Served>(data, allowed);
    {
        Client admin(server->port(), server->operator_key());
        REQUIRE(
            admin.post("/v1/workspaces", R"({"name":"S","slug":"spring","owner":{"email":"a@s.example","name":"A"}})")
                .status == 201);
        REQUIRE(
            admin
                .post(spring + "/webhooks", R"({"url":")" + receiver.url() + R"(","events":["muster.member_invited"]})")
                .status == 201);
        std::string emails;
        for (int i = 0; i < people; ++i) emails += "p" + std::to_string(i) + "@navy.example ";
        REQUIRE(admin.post(spring + "/invitations:batch", R"({"emails":")" + emails + "\"}").status == 200);
    }
    for (int kills = 0; kills < 4; ++kills) {
        std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
        server->kill();
        server = std::make_unique<Served>(data, allowed);
    }
    // In order of their first coming; what comes again is what was under way when the server was killed.
    std::vector<std::string> order;
    std::map<std::string, std::string> bodies;
    auto read = [&] {
        order.clear();
        for (const auto& each : receiver.taken()) {
            auto id = value_of(each, "webhook-id");
            auto body = value_of(each, "body");
            if (bodies.try_emplace(id, body).first->second != body) FAIL_CHECK("another body under " << id);
            if (std::find(order.begin(), order.end(), id) == order.end()) order.push_back(id);
        }
    };
    for (int waited = 0; waited < 600 && order.size() < people; ++waited) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        read();
    }
    CHECK(order.size() == people);
    CHECK(std::is_sorted(order.begin(), order.end()));  // ids sort by creation
}

TEST_CASE("a network that is none is refused, and without any the loopback is not sent to") {
    Scratch scratch;
    WebhookReceiver receiver;
    auto refused = finish({muster_program(), "serve", "--data", scratch / "none", "--allow-target", "intranet"});
    CHECK(refused.exit_code == 2);
    CHECK(refused.err.find("--allow-target") != std::string::npos);
    Served server(scratch / "data");
    Client admin(server.port(), server.operator_key());
    REQUIRE(admin.post("/v1/workspaces", R"({"name":"S","slug":"spring","owner":{"email":"a@s.example","name":"A"}})")
                .status == 201);
    CHECK(admin.post(spring + "/webhooks", R"({"url":")" + receiver.url() + "\"}").status == 422);
    auto made = admin.post(spring + "/webhooks", R"({"url":")" + receiver.url("https") + "\"}");
    REQUIRE(made.status == 201);
    auto tested = admin.post(spring + "/webhooks/" + made.first("id") + "/test", "");
    CHECK(tested.status == 200);
    CHECK(tested.first("detail") == "the target has an address that is not public");
    CHECK(receiver.taken().empty());
}

}  // namespace muster::server
