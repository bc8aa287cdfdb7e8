// kill -9 in the middle of a batch: the same request with the same Idempotency-Key goes on and answers for all rows
// [S0-19, S3-12].
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <memory>
#include <random>
#include <thread>

namespace muster::server {

TEST_CASE("a batch goes on where a crash cut it off, and answers as if nothing had been, N1, N2") {
    constexpr int people = 10'000;
    constexpr int kills_most = 12;
    constexpr int asked_again_most = 20;  // a slow machine answers 504: not in time
    Scratch scratch;
    auto data = scratch / "data";
    const std::string spring = "/v1/workspaces/spring";
    std::mt19937 random(Catch::rngSeed());
    std::uniform_int_distribution<int> moment(20, 400);
    auto server = std::make_unique<Served>(data);
    REQUIRE(Client(server->port(), server->operator_key())
                .post("/v1/workspaces",
                      R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                .status == 201);
    std::string body = R"({"emails":")";
    for (int i = 0; i < people; ++i) body += "p" + std::to_string(i) + "@spring.example\\n";
    body += R"(","send_email":false})";
    auto send = [&](Client& client) {
        return client.post(spring + "/invitations:batch", body,
                           {{"Content-Type", "application/json"}, {"Idempotency-Key", "monday"}});
    };
    int cut_off = 0;
    Answer answer;
    for (int tries = 0; answer.status != 200 && tries <= kills_most + asked_again_most; ++tries) {
        std::thread killer;
        if (tries < kills_most) {
            auto wait = std::chrono::milliseconds(moment(random));
            killer = std::thread([&server, wait] {
                std::this_thread::sleep_for(wait);
                server->kill();
            });
        }
        try {
            Client client(server->port(), server->operator_key());
            answer = send(client);
        } catch (const Lost&) {
            ++cut_off;
        }
        if (killer.joinable()) {
            killer.join();
            server = std::make_unique<Served>(data);
        } else if (answer.status != 200) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
        }
    }
    INFO(cut_off << " times cut off; " << answer.body.substr(0, 300));
    CHECK(cut_off > 0);
    REQUIRE(answer.status == 200);
    CHECK(answer.first("invited") == std::to_string(people));
    CHECK(answer.first("failed") == "0");
    Client client(server->port(), server->operator_key());
    auto again = send(client);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(again.body == answer.body);
    auto proof = client.get(spring + "/audit/verify");
    CHECK(proof.first("intact") == "true");
    // The workspace, its admin and their mail, and one for each person.
    CHECK(proof.first("events") == std::to_string(people + 3));
    CHECK(server->stop() == 0);
}

}  // namespace muster::server
