// One free seat, and everybody who could take it, by every path that takes one, at once.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <thread>

namespace muster::server {
namespace {

constexpr int callers_a_path = 6;
constexpr int rounds = 3;
constexpr std::chrono::milliseconds wait{5};
constexpr int waits_most = 4000;

struct Attempt {
    std::string path;  // to a seat
    Request request;
};

struct Spring {
    Scratch scratch;
    Served server{scratch / "data", {"--threads", "4"}};
    Client admin{server.port(), server.operator_key()};
    int people = 0;

    Spring() {
        made("POST", "/v1/workspaces",
             R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})");
        made("PATCH", at("settings"), R"({"invitation_requests":true})");
    }
    static std::string at(const std::string& path) { return "/v1/workspaces/spring/" + path; }
    Answer made(const std::string& verb, const std::string& target, const std::string& body,
                const std::string& type = "application/json") {
        auto answer = admin.send(verb, target, body, {{"Content-Type", type}});
        INFO(verb << " " << target << " " << body << " " << answer.body);
        REQUIRE(answer.status < 300);
        return answer;
    }
    std::string next_email() { return "p" + std::to_string(++people) + "@spring.example"; }
    std::string next_person(const std::string& more = {}) {
        return R"({"email":")" + next_email() + R"(","name":"P")" + more + "}";
    }
    std::string next_member(const std::string& more = {}) {
        return made("POST", at("members"), next_person(more)).first("id");
    }
    std::string next_request() {
        auto email = next_email();
        made("POST", at("invitation-requests"), R"({"email":")" + email + "\"}");
        for (int waited = 0; waited < waits_most; ++waited) {  // it is decided behind the answer
            auto listed = admin.get(at("invitation-requests?limit=1000")).body;
            auto found = listed.find("\"" + email + "\"");
            if (found != std::string::npos) return listed.substr(listed.rfind("req_", found), 30);
            std::this_thread::sleep_for(wait);
        }
        FAIL("the request of " + email + " is not listed");
        return {};
    }

    // Ways to a seat among the plan's users; with a licence, to one of its seats.
    void line_up(std::vector<Attempt>& attempts, const std::string& license) {
        auto more = license.empty() ? "" : R"(,"license":")" + license + "\"";
        for (int i = 0; i < callers_a_path; ++i) {
            attempts.push_back({"invite", {"POST", at("invitations"), next_person(more)}});
            attempts.push_back({"create", {"POST", at("members"), next_person(more)}});
            attempts.push_back(
                {"batch", {"POST", at("invitations:batch"), R"({"emails":")" + next_email() + "\"" + more + "}"}});
            auto import =
                made("POST", at("imports"), "email,license\n" + next_email() + "," + license + "\n", "text/csv");
            attempts.push_back({"import", {"POST", at("imports/" + import.first("id") + "/send"), ""}});
            auto left = next_member(more);
            made("POST", at("members/" + left + "/deactivate"), "");
            attempts.push_back({"reactivate", {"POST", at("members/" + left + "/reactivate"), ""}});
            attempts.push_back({"approve",
                                {"POST", at("invitation-requests/" + next_request() + "/approve"),
                                 more.empty() ? "" : "{" + more.substr(1) + "}"}});
        }
    }

    // Whether the seat was theirs; a refusal says that there was none.
    bool won(const Attempt& attempt, Answer answer) {
        for (int waited = 0; answer.first("status") == "sending" && waited < waits_most; ++waited) {
            std::this_thread::sleep_for(wait);
            answer = admin.get(attempt.request.target.substr(0, attempt.request.target.rfind('/')));
        }
        INFO(attempt.path << ": " << answer.status << " " << answer.body);
        bool refused = answer.body.find("no_seats_remaining") != std::string::npos;
        bool many = attempt.path == "import" || attempt.path == "batch";
        CHECK((answer.status < 300) == (many || !refused));
        if (refused && !many) CHECK(answer.status == 409);
        if (attempt.path == "import") CHECK(answer.first("sent") == (refused ? "0" : "1"));
        if (attempt.path == "batch") CHECK(answer.first("invited") == (refused ? "0" : "1"));
        return !refused;
    }

    int winners_of(const std::vector<Attempt>& attempts) {
        std::vector<Request> requests;
        for (const auto& each : attempts) requests.push_back(each.request);
        auto answers = all_at_once(server.port(), server.operator_key(), requests);
        int winners = 0;
        for (std::size_t i = 0; i < attempts.size(); ++i) winners += won(attempts[i], answers[i]) ? 1 : 0;
        return winners;
    }
};

}  // namespace

TEST_CASE("the plan's last user seat has one winner, whichever path they take, N3 [trap 1, S3-2]") {
    Spring spring;
    for (int round = 0; round < rounds; ++round) {
        std::vector<Attempt> attempts;
        spring.made("PUT", Spring::at("plan"), R"({"user_limit":null,"licenses":[]})");
        spring.line_up(attempts, "");
        for (int i = 0; i < callers_a_path; ++i) {
            auto person = spring.next_person(R"(,"via":"scim")");
            attempts.push_back({"provision", {"POST", Spring::at("members:provision"), person}});
        }
        auto limit = std::to_string(std::stoi(spring.admin.get(Spring::at("seats")).first("used")) + 1);
        spring.made("PUT", Spring::at("plan"), R"({"user_limit":)" + limit + R"(,"licenses":[]})");
        CHECK(spring.winners_of(attempts) == 1);
        auto users = spring.admin.get(Spring::at("seats"));
        CHECK(users.first("used") == limit);
        CHECK(users.first("over") == "0");
    }
}

TEST_CASE("a licence's last seat has one winner, also among those whose licence changes, N3 [trap 1]") {
    Spring spring;
    auto plan = [](int seats) {
        return R"({"licenses":[{"key":"organization","name":"Organization","kind":"base","seats":)" +
               std::to_string(seats) + "}]}";
    };
    for (int round = 0; round < rounds; ++round) {
        spring.made("PUT", Spring::at("plan"), plan(1000));
        std::vector<Attempt> attempts;
        spring.line_up(attempts, "organization");
        const std::string change = R"({"license":"organization"})";
        for (int i = 0; i < callers_a_path; ++i) {
            attempts.push_back({"member's licence", {"PATCH", Spring::at("members/" + spring.next_member()), change}});
            auto invited = spring.made("POST", Spring::at("invitations"), spring.next_person()).first("id");
            attempts.push_back({"invitation's licence", {"PATCH", Spring::at("invitations/" + invited), change}});
        }
        spring.made("PUT", Spring::at("plan"), plan(round + 1));  // one more than is used
        CHECK(spring.winners_of(attempts) == 1);
        auto seats = spring.admin.get(Spring::at("seats")).body;
        Answer organization{200, {}, seats.substr(seats.find("\"licenses\""))};
        CHECK(organization.first("used") == std::to_string(round + 1));
        CHECK(organization.first("over") == "0");
    }
}

TEST_CASE("accepting needs no second seat, however many come at once in a full workspace [trap 1, trap 2]") {
    Spring spring;
    constexpr int invited = 24;
    std::vector<std::string> links;
    for (int i = 0; i < invited; ++i) {
        auto token = spring.made("POST", Spring::at("invitations"), spring.next_person()).link_token();
        links.push_back(R"({"token":")" + token + R"(","password":"an old engine room"})");
    }
    spring.made("PUT", Spring::at("plan"), R"({"user_limit":25,"licenses":[]})");
    std::vector<std::thread> threads;
    std::atomic<int> accepted = 0, came_in_besides = 0;
    for (const auto& link : links)
        threads.emplace_back([&, link, person = spring.next_person()] {
            Client client(spring.server.port(), spring.server.operator_key());
            accepted += client.post("/v1/invitations/accept", link).status == 201;
            came_in_besides += client.post(Spring::at("invitations"), person).status == 201;
        });
    for (auto& each : threads) each.join();
    CHECK(accepted == invited);
    CHECK(came_in_besides == 0);
    CHECK(spring.admin.get(Spring::at("seats")).first("used") == "25");
}

}  // namespace muster::server
