// How often somebody may guess or ask: sign-ins, forgotten passwords, links.
#include "api/auth/passwords.h"
#include "tests/api/signed_in.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <latch>
#include <utility>

namespace muster::test {
namespace {

// Requests that wait side by side: whatever hashes is held until all of them have arrived.
class SideBySide {
public:
    explicit SideBySide(Api& api) : api_(api) {
        for (std::size_t i = 0; i < limits::hashing_threads; ++i)
            REQUIRE(api.system->service().passwords.post([held = held_, free = free_] {
                held->count_down();
                free->wait();
            }));
        held_->wait();
    }
    ~SideBySide() { let_go(); }
    SideBySide(const SideBySide&) = delete;
    SideBySide& operator=(const SideBySide&) = delete;

    void begin(const std::string& method, const std::string& path, const std::string& body,
               const std::string& token = "nobody") {
        auto answer = std::make_shared<std::promise<int>>();
        answers_.push_back(answer->get_future());
        http::Request request{method,
                              path,
                              {{"authorization", "Bearer " + token},
                               {"content-type", "application/json"},
                               {"idempotency-key", "k" + std::to_string(answers_.size())}},
                              body,
                              api_.peer};
        api_.system->handle(std::move(request),
                            [answer](const http::Response& response) { answer->set_value(response.status); });
    }
    // How many were answered so; lets all go on.
    std::ptrdiff_t answered(int status) {
        let_go();
        for (auto& each : answers_) statuses_.push_back(each.get());
        answers_.clear();
        return std::ranges::count(statuses_, status);
    }

private:
    void let_go() {
        if (!std::exchange(gone_, true)) free_->count_down();
    }

    Api& api_;
    std::shared_ptr<std::latch> held_ =
        std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(limits::hashing_threads));
    std::shared_ptr<std::latch> free_ = std::make_shared<std::latch>(1);
    bool gone_ = false;
    std::vector<std::future<int>> answers_;
    std::vector<int> statuses_;
};

std::string login_body(const std::string& email, const std::string& password) {
    return R"({"workspace":"spring","email":")" + email + R"(","password":")" + password + "\"}";
}

}  // namespace

TEST_CASE("ten wrong passwords from one place close the account there for a while, and nowhere else") {
    Api api;
    Person grace(api, "grace@spring.example");
    api.peer = "198.51.100.7";
    for (int i = 0; i < 10; ++i) CHECK(log_in(api, grace.email, "wrong").status == 401);
    auto closed = log_in(api, grace.email);  // the right one is not tried either
    CHECK(refusal(closed) == "429 rate_limited");
    CHECK(closed.number("/limit") == 10);
    CHECK(closed.number("/window_seconds") == 900);
    CHECK(closed.text("/scope") == "account");
    CHECK(closed.header("retry-after") == "900");
    CHECK(log_in(api, " GRACE@spring.example").status == 429);  // [trap 8]
    api.peer = "198.51.100.8";
    CHECK(log_in(api, grace.email).status == 200);
    api.peer = "198.51.100.7";
    api.clock.advance(900);
    CHECK(log_in(api, grace.email).status == 200);
}

TEST_CASE("a hundred wrong passwords from anywhere close the account everywhere") {
    Api api;
    Person grace(api, "grace@spring.example");
    for (int i = 0; i < 100; ++i) {
        api.peer = "198.51.100." + std::to_string(i);
        CHECK(log_in(api, grace.email, "wrong").status == 401);
    }
    api.peer = "203.0.113.1";
    auto closed = log_in(api, grace.email);
    CHECK(refusal(closed) == "429 rate_limited");
    CHECK(closed.number("/limit") == 100);
}

TEST_CASE("signing in rightly counts nothing, and an unknown address is limited like a known one") {
    Api api;
    Person grace(api, "grace@spring.example");
    for (int i = 0; i < 15; ++i) CHECK(log_in(api, grace.email).status == 200);
    api.peer = "198.51.100.7";
    for (int i = 0; i < 10; ++i) {
        CHECK(log_in(api, grace.email, "wrong").status == 401);
        CHECK(log_in(api, "nobody@spring.example", "wrong").status == 401);
    }
    CHECK(log_in(api, grace.email, "wrong").body == log_in(api, "nobody@spring.example", "wrong").body);
    CHECK(log_in(api, "nobody@spring.example", "wrong").status == 429);
}

TEST_CASE("the current password is guessed no more often than when signing in") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto change = [&](const std::string& current) {
        return api.put("/v1/me/password",
                       R"({"current_password":")" + current + R"(","password":"another engine room"})", grace.by());
    };
    for (int i = 0; i < 10; ++i) CHECK(change("wrong").status == 403);
    CHECK(refusal(change(Api::password)) == "429 rate_limited");
}

TEST_CASE("guesses that come side by side are judged no more often than those one after the other") {
    Api api;
    Person grace(api, "grace@spring.example");
    const int together = limits::hashing_share;
    {
        SideBySide crowd(api);
        for (int i = 0; i < together; ++i)
            crowd.begin("POST", "/v1/auth/login", login_body(grace.email, "wrong " + std::to_string(i)));
        CHECK(crowd.answered(401) == 10);
        CHECK(crowd.answered(429) == together - 10);
    }
    CHECK(refusal(log_in(api, grace.email)) == "429 rate_limited");
    api.clock.advance(900);
    {
        SideBySide crowd(api);
        for (int i = 0; i < together; ++i)
            crowd.begin("PUT", "/v1/me/password", R"({"current_password":"wrong","password":"another engine room"})",
                        grace.token);
        CHECK(crowd.answered(403) == 10);
        CHECK(crowd.answered(429) == together - 10);
    }
}

TEST_CASE("the password of an accepted invitation is guessed side by side no more often than when signing in") {
    Api api;
    auto token = api.token(api.invite("grace@spring.example"));
    auto accept = [&](const std::string& password) {
        return R"({"token":")" + token + R"(","password":")" + password + "\"}";
    };
    REQUIRE(api.post("/v1/invitations/accept", accept(Api::password)).status == 201);
    SideBySide crowd(api);
    for (int i = 0; i < 30; ++i) crowd.begin("POST", "/v1/invitations/accept", accept("not her engine room"));
    CHECK(crowd.answered(409) == 10);
    CHECK(crowd.answered(429) == 20);
    CHECK(refusal(api.post("/v1/invitations/accept", accept(Api::password))) == "429 rate_limited");
    api.clock.advance(900);
    for (int i = 0; i < 15; ++i) CHECK(api.post("/v1/invitations/accept", accept(Api::password)).status == 201);
}

TEST_CASE("a hundred guesses from many places side by side are all that an account has") {
    Api api(true, [](SystemOptions& options) { REQUIRE(set_rate(options.rates, "sign_in_account=100/60")); });
    Person grace(api, "grace@spring.example");
    SideBySide crowd(api);
    for (int i = 0; i < 120; ++i) {
        api.peer = "198.51.100." + std::to_string(i);
        crowd.begin("POST", "/v1/auth/login", login_body(grace.email, "wrong"));
    }
    CHECK(crowd.answered(401) == 100);
    CHECK(crowd.answered(429) == 20);
    // Who was refused for that has spent nothing of their own place's.
    api.clock.advance(60);
    for (int i = 0; i < 10; ++i) CHECK(log_in(api, grace.email, "wrong").status == 401);
    CHECK(log_in(api, grace.email, "wrong").number("/limit") == 10);
}

TEST_CASE("who changes their password or signs in rightly after nine wrong tries has still one left") {
    Api api;
    Person grace(api, "grace@spring.example");
    for (int i = 0; i < 9; ++i) CHECK(log_in(api, grace.email, "wrong").status == 401);
    for (int i = 0; i < 5; ++i) CHECK(log_in(api, grace.email).status == 200);
    CHECK(api.put("/v1/me/password", R"({"current_password":"an old engine room","password":"another engine room"})",
                  grace.by())
              .status == 200);
    CHECK(log_in(api, grace.email, "wrong").status == 401);
    CHECK(log_in(api, grace.email, "another engine room").status == 429);
}

TEST_CASE("a try that came too late to be judged is refused as too much, and not counted") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto& pool_wait = api.system->service().pool_wait;
    {
        SideBySide crowd(api);
        for (int i = 0; i < 10; ++i) crowd.begin("POST", "/v1/auth/login", login_body(grace.email, "wrong"));
        auto usual = std::exchange(pool_wait, std::chrono::milliseconds(0));
        CHECK(crowd.answered(503) == 10);
        pool_wait = usual;
    }
    for (int i = 0; i < 10; ++i) CHECK(log_in(api, grace.email, "wrong").status == 401);
    CHECK(log_in(api, grace.email).status == 429);
}

TEST_CASE("who waited too long to choose a password is refused, and may ask again with the same key") {
    Api api;
    auto path = "/v1/workspaces/spring/members/" + api.ada + "/password";
    auto body = R"({"password":"an old engine room"})";
    auto head = api.head();
    auto& pool_wait = api.system->service().pool_wait;
    {
        SideBySide crowd(api);
        crowd.begin("PUT", path, body, "operator");
        auto usual = std::exchange(pool_wait, std::chrono::milliseconds(0));
        CHECK(crowd.answered(503) == 1);
        pool_wait = usual;
    }
    CHECK(api.head() == head);
    CHECK(api.put(path, body, {{"Idempotency-Key", "k1"}}).status == 200);
}

TEST_CASE("a link for a forgotten password is asked for three times an hour, whether or not the address is known") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto forgot = [&](const std::string& email) {
        return api.post("/v1/auth/password/forgot", R"({"workspace":"spring","email":")" + email + "\"}");
    };
    for (const char* email : {"grace@spring.example", "nobody@spring.example"}) {
        for (int i = 0; i < 3; ++i) CHECK(forgot(email).status == 202);
        auto closed = forgot(email);
        CHECK(refusal(closed) == "429 rate_limited");
        CHECK(closed.number("/limit") == 3);
        CHECK(closed.number("/window_seconds") == 3600);
    }
    for (int i = 0; i < 12; ++i) CHECK(forgot("p" + std::to_string(i) + "@spring.example").status == 202);
    CHECK(refusal(forgot("another@spring.example")) == "429 rate_limited");  // twenty from one place
}

TEST_CASE("links to choose a password are not guessed") {
    Api api;
    auto reset = [&] {
        return api.post("/v1/auth/password/reset", R"({"token":"mbr_AAAA","password":"an old engine room"})");
    };
    for (int i = 0; i < 30; ++i) CHECK(reset().status == 404);
    CHECK(refusal(reset()) == "429 rate_limited");
    api.clock.advance(60);
    CHECK(reset().status == 404);
}

}  // namespace muster::test
