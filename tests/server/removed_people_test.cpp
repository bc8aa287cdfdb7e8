// Who is deactivated or deleted, or whose password an admin sets, while requests of theirs are under way by every
// credential that they have: what they send after that was answered gets nowhere.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iterator>
#include <map>
#include <memory>
#include <thread>

namespace muster::server {
namespace {

using Time = std::chrono::steady_clock::time_point;

const std::string spring = "/v1/workspaces/spring", password = "an old engine room";

struct Sent {
    Time began;
    int status;
    std::string credential;
    std::string request;
};

// How somebody proves who they are; `#` in a request stands for a number that comes only once.
struct Credential {
    std::string name;
    Client::Headers headers;
    std::vector<Request> requests;
};

// Sends a credential's requests in turn, over one connection, on a thread of its own.
class Sender {
public:
    Sender(int port, const Credential& by, std::size_t number)
        : thread_([this, port, &by, number] {
              Client client(port, "");
              for (std::size_t i = 0; !stop_; ++i) {
                  auto request = by.requests[i % by.requests.size()];
                  if (auto at = request.body.find('#'); at != std::string::npos)
                      request.body.replace(at, 1, std::to_string(number) + "." + std::to_string(i));
                  auto began = std::chrono::steady_clock::now();
                  auto answer = client.send(request.verb, request.target, request.body, by.headers);
                  sent_.push_back({began, answer.status, by.name, request.verb + " " + request.target});
                  ++answered_;
              }
          }) {}
    ~Sender() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    [[nodiscard]] std::size_t answered() const { return answered_; }
    std::vector<Sent> stop() {
        stop_ = true;
        thread_.join();
        return std::move(sent_);
    }

private:
    std::atomic<bool> stop_ = false;
    std::atomic<std::size_t> answered_ = 0;
    std::vector<Sent> sent_;
    std::thread thread_;  // the last: it uses the others
};

struct Spring {
    Scratch scratch;
    Served server{scratch / "data", {"--threads", "4"}};
    Client ada{server.port(), ""};
    Client::Headers by_ada;

    Spring() {
        Client the_operator(server.port(), server.operator_key());
        REQUIRE(the_operator
                    .post("/v1/workspaces", R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example",)"
                                            R"("name":"Ada","password":")" +
                                                password + "\"}}")
                    .status == 201);
        by_ada = {{"Authorization", "Bearer " + log_in("ada@spring.example").first("token")}};
    }
    Answer log_in(const std::string& email, const std::string& more = {}) {
        auto answer = Client(server.port(), "").post("/v1/auth/login", login_of(email, more));
        REQUIRE(answer.status == 200);
        return answer;
    }
    static std::string login_of(const std::string& email, const std::string& more = {}) {
        return R"({"workspace":"spring","email":")" + email + R"(","password":")" + password + "\"" + more + "}";
    }

    struct Person {
        std::string id;
        std::vector<Credential> credentials;
    };
    // An admin, so that they might do anything, who has one of each credential.
    Person joins(const std::string& email) {
        auto invited =
            ada.send("POST", spring + "/invitations", R"({"email":")" + email + R"(","role":"admin"})", by_ada);
        REQUIRE(invited.status == 201);
        auto accept = R"({"token":")" + invited.link_token() + R"(","password":")" + password + "\"}";
        auto accepted = Client(server.port(), "").post("/v1/invitations/accept", accept);
        REQUIRE(accepted.status == 201);
        Client::Headers session{{"Authorization", "Bearer " + accepted.first("token")}},
            another{{"Authorization", "Bearer " + log_in(email).first("token")}};
        auto set_cookie = log_in(email, R"(,"cookie":true)").header("set-cookie");
        auto key = ada.send("POST", spring + "/api-keys",
                            R"({"name":"K","permissions":["members.read","members.invite"]})", session);
        REQUIRE(key.status == 201);
        const std::vector<Request> anybodys{{"GET", spring, ""},
                                            {"GET", spring + "/resources", ""},
                                            {"GET", spring + "/members?q=ada", ""},
                                            {"POST", spring + "/invitations", R"({"email":"p#@spring.example"})"}};
        auto own = anybodys;
        own.push_back({"GET", "/v1/me", ""});
        own.push_back({"PATCH", "/v1/me", R"({"name":"P #"})"});
        return {accepted.first("id"),
                {{"session", session, own},
                 {"another session", another, own},
                 {"cookie",
                  {{"Cookie", set_cookie.substr(0, set_cookie.find(';'))}, {"Sec-Fetch-Site", "same-origin"}},
                  own},
                 {"API key", {{"Authorization", "Bearer " + key.first("secret")}}, anybodys},
                 {"password", {}, {{"POST", "/v1/auth/login", login_of(email)}}},
                 {"link and password", {}, {{"POST", "/v1/invitations/accept", accept}}}}};
    }

    // All that was sent by each credential, over several connections, while Ada asked for that; and when she was
    // answered.
    std::pair<std::vector<Sent>, Time> during(const Person& person, const Request& removal) {
        std::vector<std::unique_ptr<Sender>> senders;
        for (bool another : {false, true})
            for (const auto& each : person.credentials)
                if (!another || !each.headers.empty())  // a password costs a hash each time
                    senders.push_back(std::make_unique<Sender>(server.port(), each, senders.size()));
        // Everybody is answered twice more: one request of each, at least, has begun since.
        auto going_on = [&] {
            std::vector<std::size_t> before;
            for (const auto& each : senders) before.push_back(each->answered());
            for (std::size_t i = 0; i < senders.size(); ++i)
                while (senders[i]->answered() < before[i] + 2)
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
        };
        going_on();
        auto answer = ada.send(removal.verb, removal.target, removal.body, by_ada);
        auto answered = std::chrono::steady_clock::now();
        going_on();
        std::vector<Sent> all;
        for (auto& each : senders) std::ranges::copy(each->stop(), std::back_inserter(all));
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return {std::move(all), answered};
    }
};

// Each credential let somebody in before; of what was sent afterwards nothing got anywhere, but by `stays`.
void check_out_at_once(const std::pair<std::vector<Sent>, Time>& during, const std::string& stays = {}) {
    struct Tally {
        int let_in_before = 0, sent_after = 0, let_in_after = 0;
    };
    std::map<std::string, Tally> tallies;
    for (const auto& each : during.first) {
        auto& tally = tallies[each.credential];
        bool let_in = each.status<300, after = each.began> during.second;
        (after ? tally.let_in_after : tally.let_in_before) += let_in;
        tally.sent_after += after;
        INFO(each.credential << ": " << each.request << " -> " << each.status);
        if (after && each.credential != stays) CHECK_FALSE(let_in);
    }
    CHECK(tallies.size() == 6);
    for (const auto& [credential, tally] : tallies) {
        INFO(credential);
        CHECK(tally.let_in_before > 0);
        CHECK(tally.sent_after > 0);
        if (credential == stays) CHECK(tally.let_in_after == tally.sent_after);
    }
}

}  // namespace

TEST_CASE("who is deactivated is out at once, whatever they came by and whatever is under way, N5 [S1-29]") {
    Spring spring_labs;
    auto grace = spring_labs.joins("grace@spring.example");
    check_out_at_once(spring_labs.during(grace, {"POST", spring + "/members/" + grace.id + "/deactivate", ""}));
}

TEST_CASE("who is deleted is out at once, whatever they came by and whatever is under way, N5 [S1-31, S2-27]") {
    Spring spring_labs;
    auto grace = spring_labs.joins("grace@spring.example");
    check_out_at_once(
        spring_labs.during(grace, {"DELETE", spring + "/members/" + grace.id + "?confirm=" + grace.id, ""}));
}

TEST_CASE("whose password an admin sets is out at once, but for the API keys they made, N5 [S2-25]") {
    Spring spring_labs;
    auto grace = spring_labs.joins("grace@spring.example");
    check_out_at_once(spring_labs.during(grace, {"PUT", spring + "/members/" + grace.id + "/password",
                                                 R"({"password":"another engine room"})"}),
                      "API key");
}

}  // namespace muster::server
