// What only one of many may do: use a link, or leave an admin behind.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <set>

namespace muster::server {
namespace {

struct Spring {
    Scratch scratch;
    Served server{scratch / "data", {"--threads", "4"}};
    Client admin{server.port(), server.operator_key()};
    std::string ada;

    Spring() {
        ada = admin
                  .post("/v1/workspaces",
                        R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                  .body;
        ada = ada.substr(ada.find("mem_"), 30);
    }
    static std::string at(const std::string& path) { return "/v1/workspaces/spring/" + path; }

    std::vector<Answer> all_at_once(const std::vector<Request>& requests) {
        return muster::server::all_at_once(server.port(), server.operator_key(), requests);
    }
};

}  // namespace

TEST_CASE("a link that many follow at once makes one member, for all who chose the same password [trap 5]") {
    Spring spring;
    for (int round = 0; round < 2; ++round) {
        auto email = "grace" + std::to_string(round) + "@spring.example";
        auto invited = spring.admin.post(Spring::at("invitations"), R"({"email":")" + email + "\"}");
        auto token = invited.link_token();
        std::vector<Request> requests;
        for (int i = 0; i < 12; ++i)
            requests.push_back({"POST", "/v1/invitations/accept",
                                R"({"token":")" + token + R"(","password":")" +
                                    (i % 2 == 0 ? "an old engine room" : "a new engine room") + "\"}"});
        std::set<std::string> members;
        int accepted = 0;
        for (const auto& each : spring.all_at_once(requests)) {
            if (each.status == 201) {
                ++accepted;
                members.insert(each.first("id"));
                continue;
            }
            CHECK(each.status == 409);
            CHECK(each.first("code") == "invitation_accepted");
        }
        CHECK(accepted == 6);
        CHECK(members.size() == 1);
        auto seats = spring.admin.get(Spring::at("seats"));
        CHECK(seats.first("active") == std::to_string(round + 2));
        CHECK(seats.first("used") == std::to_string(round + 2));
    }
}

TEST_CASE("all admins leave at once, by every path, and one stays, N9 [trap 14]") {
    Spring spring;
    std::vector<std::string> admins{spring.ada};
    for (int round = 0; round < 5; ++round) {
        while (admins.size() < 12) {
            auto email = std::to_string(round) + "." + std::to_string(admins.size()) + "@spring.example";
            auto made =
                spring.admin.post(Spring::at("members"), R"({"email":")" + email + R"(","name":"A","role":"admin"})");
            REQUIRE(made.status == 201);
            admins.push_back(made.first("id"));
        }
        std::vector<Request> leaving;
        for (std::size_t i = 0; i < admins.size(); ++i) {
            auto member = Spring::at("members/" + admins[i]);
            if (i % 3 == 0) leaving.push_back({"POST", member + "/deactivate", ""});
            if (i % 3 == 1) leaving.push_back({"PATCH", member, R"({"role":"guest"})"});
            if (i % 3 == 2) leaving.push_back({"DELETE", member + "?confirm=" + admins[i], ""});
        }
        auto answers = spring.all_at_once(leaving);
        std::vector<std::string> staying;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            if (answers[i].status == 200) continue;
            INFO(answers[i].body);
            CHECK(answers[i].status == 409);
            CHECK(answers[i].first("code") == "last_admin");
            staying.push_back(admins[i]);
        }
        REQUIRE(staying.size() == 1);
        auto left = spring.admin.get(Spring::at("members?role=admin&status=active&include_total=true"));
        CHECK(left.first("total") == "1");
        CHECK(left.first("id") == staying.front());
        admins = staying;
    }
}

}  // namespace muster::server
