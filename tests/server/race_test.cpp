// The last seat, through the whole server, by everybody at once.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

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
    std::vector<Request> requests;
    for (int i = 0; i < callers; ++i)
        requests.push_back({"POST", std::string("/v1/workspaces/spring") + (i % 2 == 0 ? "/invitations" : "/members"),
                            person(round, i)});
    return all_at_once(server.port(), server.operator_key(), requests);
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
    std::vector<Request> requests;
    for (int i = 0; i < callers; ++i) {
        auto email = i % 2 == 0 ? "Grace@Spring.example " : "grace@spring.example";
        requests.push_back({"POST", "/v1/workspaces/spring/invitations", std::string(R"({"email":")") + email + "\"}"});
    }
    auto answers = all_at_once(server.port(), server.operator_key(), requests);
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
