// The last seat, through the whole server, by everybody at once.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <barrier>
#include <thread>

namespace muster::server {
namespace {

constexpr int callers = 64;
constexpr int rounds = 5;

std::string person(int round, int caller) {
    return R"({"email":"p)" + std::to_string(round) + "." + std::to_string(caller) +
           R"(@race.example","name":"P","license":"organization"})";
}

// Every other caller invites, the others create: two ways to one seat.
std::vector<Answer> race(const Served& server, int round) {
    std::vector<Answer> answers(callers);
    std::vector<std::thread> threads;
    std::barrier start(callers);
    for (int i = 0; i < callers; ++i)
        threads.emplace_back([&, i] {
            Client client(server.port(), server.operator_key());
            client.get("/v1/workspaces/spring");  // the connection stands before the race begins
            start.arrive_and_wait();
            auto path = std::string("/v1/workspaces/spring") + (i % 2 == 0 ? "/invitations" : "/members");
            answers[static_cast<std::size_t>(i)] = client.post(path, person(round, i));
        });
    for (auto& each : threads) each.join();
    return answers;
}

}  // namespace

TEST_CASE("64 callers for the last seat have one winner, N3 [trap 1]") {
    Scratch scratch;
    Served server(scratch / "data", {"--threads", "4"});
    Client admin(server.port(), server.operator_key());
    REQUIRE(admin
                .post("/v1/workspaces",
                      R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                .status == 201);
    for (int round = 0; round < rounds; ++round) {
        auto limit = std::to_string(round + 1);  // one more than is used
        auto plan =
            R"({"user_limit":null,"licenses":[{"key":"organization","name":"Organization","kind":"base","seats":)" +
            limit + "}]}";
        REQUIRE(admin.put("/v1/workspaces/spring/plan", plan).status == 200);
        int winners = 0;
        for (const auto& each : race(server, round)) {
            if (each.status == 201) {
                ++winners;
                continue;
            }
            INFO(each.body);
            CHECK(each.status == 409);
            CHECK(each.first("code") == "no_seats_remaining");
            CHECK(each.first("pool") == "organization");
            CHECK(each.first("limit") == limit);
            CHECK(each.first("used") == limit);
            CHECK(each.first("remaining") == "0");
        }
        CHECK(winners == 1);
        auto seats = admin.get("/v1/workspaces/spring/seats").body;
        INFO(seats);
        auto licenses = seats.substr(seats.find("\"licenses\""));
        Answer organization{200, {}, licenses};
        CHECK(organization.first("used") == limit);
        CHECK(organization.first("remaining") == "0");
        CHECK(organization.first("over") == "0");
    }
}

TEST_CASE("64 callers who invite one address have one winner [trap 8]") {
    Scratch scratch;
    Served server(scratch / "data", {"--threads", "4"});
    Client admin(server.port(), server.operator_key());
    REQUIRE(admin
                .post("/v1/workspaces",
                      R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                .status == 201);
    std::vector<Answer> answers(callers);
    std::vector<std::thread> threads;
    for (int i = 0; i < callers; ++i)
        threads.emplace_back([&, i] {
            Client client(server.port(), server.operator_key());
            auto email = i % 2 == 0 ? "Grace@Spring.example " : "grace@spring.example";
            answers[static_cast<std::size_t>(i)] =
                client.post("/v1/workspaces/spring/invitations", std::string(R"({"email":")") + email + "\"}");
        });
    for (auto& each : threads) each.join();
    std::string winner;
    for (const auto& each : answers)
        if (each.status == 201) winner += each.first("id");
    for (const auto& each : answers) {
        if (each.status == 201) continue;
        CHECK(each.status == 409);
        CHECK(each.first("code") == "already_invited");
        CHECK(each.first("id") == winner);
    }
    CHECK(winner.size() == std::string("inv_").size() + 26);
}

}  // namespace muster::server
