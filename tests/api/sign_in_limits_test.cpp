// How often somebody may guess or ask: sign-ins, forgotten passwords, links.
#include "tests/api/signed_in.h"

namespace muster::test {

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
