// Limits on how often, by a clock that is moved by hand: the counters themselves, and the routes that they stand
// before.
#include "api/rate_limits.h"

#include "tests/api/signed_in.h"

#include <set>
#include <thread>

namespace muster::test {
namespace {

const Headers nobody{{"Authorization", "nobody"}};
constexpr std::int64_t minute = 60;

// Nothing but ones, so that a test is the same each time.
struct SameBytes final : Entropy {
    void fill(std::uint8_t* bytes, std::size_t count) override { std::fill(bytes, bytes + count, std::uint8_t{1}); }
};

struct Limits {
    explicit Limits(const RateTable& table = default_rates(), std::size_t keys_max = limits::rate_keys)
        // NOLINTNEXTLINE(clang-analyzer-optin.cplusplus.UninitializedObject): its constructor is not seen here
        : rates(clock, entropy, table, keys_max) {}
    // How many of so many are let through.
    int taken(Rate rate, const std::string& key, int tries) {
        int count = 0;
        for (int i = 0; i < tries; ++i) count += !rates.take(rate, key);
        return count;
    }
    MovedClock clock;
    SameBytes entropy;
    RateLimits rates;
};

const RateLimit& row(const RateTable& table, Rate rate) { return table[static_cast<std::size_t>(rate)]; }

Answer ask(Api& api, const std::string& email) {
    return api.post("/invitation-requests", R"({"email":")" + email + "\"}", nobody);
}

// 429 in the form that the contract has.
void limited(const Answer& answer, std::int64_t limit, std::int64_t window, const std::string& scope) {
    CHECK(refusal(answer) == "429 rate_limited");
    CHECK(answer.number("/limit") == limit);
    CHECK(answer.number("/window_seconds") == window);
    CHECK(answer.text("/scope") == scope);
    CHECK(answer.header("retry-after") == std::to_string(window));
}

std::string guess(const std::string& token) { return R"({"token":")" + token + "\"}"; }

}  // namespace

// ---- The counters.

TEST_CASE("the defaults are those that are written down") {
    struct Row {
        Rate rate;
        RateScope scope;
        std::int64_t count, seconds;
    };
    for (const auto& each : {Row{Rate::sign_in_account_ip, RateScope::account, 10, 15 * minute},
                             {Rate::sign_in_account, RateScope::account, 100, 15 * minute},
                             {Rate::forgot_address, RateScope::address, 3, hour},
                             {Rate::forgot_ip, RateScope::ip, 20, hour},
                             {Rate::request_address, RateScope::address, 3, hour},
                             {Rate::request_ip, RateScope::ip, 20, hour},
                             {Rate::token_guess_ip, RateScope::ip, 30, minute}}) {
        INFO(name_of(each.rate));
        const auto& found = row(default_rates(), each.rate);
        CHECK(found.scope == each.scope);
        CHECK(found.count == each.count);
        CHECK(found.window_seconds == each.seconds);
    }
    // A batch and an import at their largest go through in one day.
    CHECK(row(default_rates(), Rate::mails_workspace).count >= 50'000);
}

TEST_CASE("so many pass within the window, and then again when it has ended") {
    Limits at;
    CHECK(at.taken(Rate::sign_in_account_ip, "ada", 12) == 10);
    at.clock.advance(10 * minute);
    auto refused = at.rates.take(Rate::sign_in_account_ip, "ada");
    REQUIRE(refused);
    CHECK(refused->code == Code::rate_limited);
    CHECK(refused->details ==
          Details{{"limit", 10}, {"window_seconds", 900}, {"scope", "account"}, {"retry_after", 300}});
    at.clock.advance(5 * minute - 1);
    CHECK(at.taken(Rate::sign_in_account_ip, "ada", 1) == 0);
    at.clock.advance(1);
    CHECK(at.taken(Rate::sign_in_account_ip, "ada", 12) == 10);
}

TEST_CASE("what a refusal says of when to come again is rounded up, and true") {
    Limits at;
    (void)at.taken(Rate::token_guess_ip, "192.0.2.1", 30);
    at.clock.ms += 59'001;
    CHECK(at.rates.take(Rate::token_guess_ip, "192.0.2.1")->details.back() == Details::value_type{"retry_after", 1});
    at.clock.ms += 999;
    CHECK_FALSE(at.rates.take(Rate::token_guess_ip, "192.0.2.1"));
}

TEST_CASE("each key and each limit is counted for itself") {
    Limits at;
    CHECK(at.taken(Rate::forgot_address, "ada@spring.example", 5) == 3);
    CHECK(at.taken(Rate::forgot_address, "alan@spring.example", 5) == 3);
    CHECK(at.taken(Rate::request_address, "ada@spring.example", 5) == 3);
    CHECK(at.rates.keys() == 3);
    CHECK(rate_key("a", "bc") != rate_key("ab", "c"));
    CHECK(rate_key("1", ":x") != rate_key("1:", "x"));
}

TEST_CASE("failures are counted afterwards, and asking counts nothing") {
    Limits at;
    for (int i = 0; i < 100; ++i) CHECK_FALSE(at.rates.exhausted(Rate::token_guess_ip, "192.0.2.1"));
    for (int i = 0; i < 29; ++i) at.rates.count(Rate::token_guess_ip, "192.0.2.1");
    CHECK_FALSE(at.rates.exhausted(Rate::token_guess_ip, "192.0.2.1"));
    CHECK(at.rates.exhausted(Rate::token_guess_ip, "192.0.2.1", 2));
    at.rates.count(Rate::token_guess_ip, "192.0.2.1");
    CHECK(at.rates.exhausted(Rate::token_guess_ip, "192.0.2.1"));
    at.clock.advance(minute);
    CHECK_FALSE(at.rates.exhausted(Rate::token_guess_ip, "192.0.2.1"));
}

TEST_CASE("what came to nothing is given back, and never more than was taken") {
    Limits at;
    CHECK(at.taken(Rate::forgot_address, "ada", 3) == 3);
    at.rates.give_back(Rate::forgot_address, "ada", 1);
    CHECK(at.taken(Rate::forgot_address, "ada", 3) == 1);
    at.rates.give_back(Rate::forgot_address, "ada", 99);
    CHECK(at.taken(Rate::forgot_address, "ada", 9) == 3);
    at.rates.give_back(Rate::forgot_address, "nobody", 1);
    CHECK(at.taken(Rate::forgot_address, "nobody", 9) == 3);
}

TEST_CASE("what was taken in a window that has ended is not given back to the next one") {
    Limits at;
    CHECK(at.taken(Rate::forgot_address, "ada", 3) == 3);
    const auto then = at.clock.now();
    at.clock.advance(hour);
    CHECK(at.taken(Rate::forgot_address, "ada", 3) == 3);
    at.rates.give_back(Rate::forgot_address, "ada", 3, then);
    CHECK(at.taken(Rate::forgot_address, "ada", 3) == 0);
    at.rates.give_back(Rate::forgot_address, "ada", 3, at.clock.now());
    CHECK(at.taken(Rate::forgot_address, "ada", 3) == 3);
}

TEST_CASE("a clock that is set back locks nobody out for longer than the window") {
    Limits at;
    (void)at.taken(Rate::token_guess_ip, "192.0.2.1", 30);
    at.clock.advance(-day);
    CHECK(at.rates.take(Rate::token_guess_ip, "192.0.2.1")->details.back() ==
          Details::value_type{"retry_after", minute});
}

TEST_CASE("a crowd of keys costs a bounded memory: the oldest window goes first, and no other limit's") {
    Limits at(default_rates(), 800);
    CHECK(at.taken(Rate::sign_in_account, "ada", 200) == 100);
    CHECK(at.taken(Rate::forgot_address, "first", 3) == 3);
    at.clock.advance(1);
    for (int i = 0; i < 20'000; ++i) (void)at.rates.take(Rate::forgot_address, "crowd " + std::to_string(i));
    CHECK(at.rates.keys() <= 801);
    CHECK(at.rates.keys() > 700);
    CHECK_FALSE(at.rates.take(Rate::forgot_address, "first"));
    CHECK(at.rates.take(Rate::sign_in_account, "ada"));
}

TEST_CASE("windows that have ended are forgotten as others begin") {
    Limits at;
    for (int i = 0; i < 1000; ++i) (void)at.rates.take(Rate::forgot_address, "early " + std::to_string(i));
    at.clock.advance(hour);
    for (int i = 0; i < 1000; ++i) (void)at.rates.take(Rate::forgot_address, "late " + std::to_string(i));
    CHECK(at.rates.keys() < 1200);
}

TEST_CASE("many threads take no more than there is") {
    Limits at;
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { taken += at.taken(Rate::sign_in_account, "ada", 50); });
    for (auto& each : threads) each.join();
    CHECK(taken == 100);
}

TEST_CASE("a limit is set by its name, or turned off, and nothing else is a setting") {
    auto table = default_rates();
    CHECK(set_rate(table, "token_guess_ip=5/10"));
    CHECK(set_rate(table, "requests_ip=off"));
    Limits at(table);
    CHECK(at.taken(Rate::token_guess_ip, "192.0.2.1", 9) == 5);
    at.clock.advance(10);
    CHECK(at.taken(Rate::token_guess_ip, "192.0.2.1", 9) == 5);
    CHECK(at.taken(Rate::requests_ip, "192.0.2.1", 100'000) == 100'000);
    CHECK_FALSE(at.rates.exhausted(Rate::requests_ip, "192.0.2.1"));
    at.rates.count(Rate::requests_ip, "192.0.2.1");
    CHECK(at.rates.keys() == 1);
    for (const char* each : {"", "token_guess_ip", "token_guess_ip=", "token_guess_ip=5", "token_guess_ip=5/", "=5/10",
                             "token_guess_ip=0/10", "token_guess_ip=-1/10", "token_guess_ip=5/0", "nothing=5/10",
                             "token_guess_ip=5/10s", "token_guess_ip=5/86401", "token_guess_ip=OFF"}) {
        INFO(each);
        CHECK_FALSE(set_rate(table, each));
    }
    CHECK(row(table, Rate::token_guess_ip).count == 5);
}

// ---- The routes.

TEST_CASE("an address asks for an invitation three times an hour, known or not, in any case of letters") {
    Api api;
    REQUIRE(api.patch("/settings", R"({"invitation_requests":true})").status == 200);
    api.member("grace@spring.example");
    for (const std::string each : {"grace@spring.example", "nobody@spring.example"}) {
        for (int i = 0; i < 3; ++i) CHECK(ask(api, each).status == 202);
        limited(ask(api, each), 3, hour, "address");
    }
    api.peer = "192.0.2.7";
    CHECK(ask(api, "GRACE@spring.example").status == 429);
    api.clock.advance(hour);
    CHECK(ask(api, "grace@spring.example").status == 202);
}

TEST_CASE("one IP asks for invitations twenty times an hour, also with bodies that are wrong") {
    Api api;
    CHECK(refusal(ask(api, "a@spring.example")) == "404 not_found");  // where none are taken nothing is counted
    REQUIRE(api.patch("/settings", R"({"invitation_requests":true})").status == 200);
    for (int i = 0; i < 10; ++i) CHECK(ask(api, "p" + std::to_string(i) + "@spring.example").status == 202);
    for (int i = 0; i < 10; ++i) CHECK(api.post("/invitation-requests", "{}", nobody).status == 422);
    limited(ask(api, "late@spring.example"), 20, hour, "ip");
    limited(api.post("/invitation-requests", "no JSON", nobody), 20, hour, "ip");
    api.peer = "192.0.2.7";
    CHECK(ask(api, "late@spring.example").status == 202);
    // A caller with IPv6 has a whole /64 to call from.
    for (int i = 0; i < 20; ++i) {
        api.peer = "2001:db8::" + std::to_string(i);
        CHECK(api.post("/invitation-requests", "{}", nobody).status == 422);
    }
    api.peer = "2001:db8:0:0:ffff::1";
    CHECK(api.post("/invitation-requests", "{}", nobody).status == 429);
    api.peer = "2001:db8:0:1::1";
    CHECK(api.post("/invitation-requests", "{}", nobody).status == 422);
}

TEST_CASE("one IP guesses thirty tokens a minute; who has a good one is not counted") {
    Api api;
    auto token = api.token(api.invite("grace@spring.example"));
    const std::string accept = "/v1/invitations/accept", inspect = "/v1/invitations/inspect";
    for (int i = 0; i < 40; ++i) CHECK(api.post(inspect, guess(token), nobody).status == 200);
    CHECK(refusal(api.post(inspect, "{}", nobody)) == "422 required");
    for (int i = 0; i < 10; ++i) {
        CHECK(refusal(api.post(inspect, guess("mbi_guess"), nobody)) == "404 token_invalid");
        CHECK(refusal(api.post(accept, guess("mbi_guess"), nobody)) == "404 token_invalid");
        // Trying it out tells as much.
        CHECK(refusal(api.post(accept + "?dry_run=true", guess("mbi_guess"), nobody)) == "404 token_invalid");
    }
    limited(api.post(inspect, guess("mbi_guess"), nobody), 30, minute, "ip");
    limited(api.post(accept, guess(token), nobody), 30, minute, "ip");
    api.peer = "192.0.2.7";
    CHECK(api.post(accept, R"({"token":")" + token + R"(","password":"an old engine room"})", nobody).status == 201);
    api.peer = "127.0.0.1";
    api.clock.advance(minute);
    CHECK(refusal(api.post(accept, guess(token), nobody)) == "409 invitation_accepted");
}

TEST_CASE("one IP has its requests; the operator's and those about the service's health are not counted") {
    Api api(true, [](SystemOptions& options) { REQUIRE(set_rate(options.rates, "requests_ip=3/60")); });
    for (int i = 0; i < 9; ++i) {
        CHECK(api.get("/seats").status == 200);
        CHECK(api.get("/livez", nobody).status == 200);
    }
    for (int i = 0; i < 3; ++i) CHECK(api.get("/sign-in", nobody).status == 200);
    limited(api.get("/sign-in", nobody), 3, minute, "ip");
    CHECK(api.get("/livez", nobody).status == 200);
    CHECK(api.get("/readyz", nobody).status != 429);
    CHECK(refusal(api.get("/seats", nobody)) == "401 unauthorized");  // who calls comes before how often
    api.clock.advance(minute);
    CHECK(api.get("/sign-in", nobody).status == 200);
}

TEST_CASE("a caller has their requests, wherever they call from; another one has others") {
    Api api(true, [](SystemOptions& options) { REQUIRE(set_rate(options.rates, "requests_caller=3/60")); });
    Person grace(api, "grace@spring.example"), alan(api, "alan@spring.example");
    for (int i = 0; i < 3; ++i) CHECK(grace.me().status == 200);
    api.peer = "192.0.2.7";
    limited(grace.me(), 3, minute, "caller");
    CHECK(alan.me().status == 200);
    CHECK(api.get("/seats").status == 200);  // the operator
    // A machine is a caller too.
    auto secret = api.post("/api-keys", R"({"name":"Importer","permissions":["members.read"]})").text("/secret");
    for (int i = 0; i < 3; ++i) CHECK(api.get("/members", Person::as(secret)).status == 200);
    limited(api.get("/members", Person::as(secret)), 3, minute, "caller");
    api.clock.advance(minute);
    CHECK(grace.me().status == 200);
}

TEST_CASE("a workspace has its requests, of all who call in it; another workspace has others") {
    Api api(true, [](SystemOptions& options) { REQUIRE(set_rate(options.rates, "requests_workspace=3/60")); });
    Person grace(api, "grace@spring.example"), alan(api, "alan@spring.example");
    REQUIRE(api.post("/v1/workspaces",
                     R"({"name":"Fall","slug":"fall","owner":{"email":"o@fall.example","name":"O","password":")" +
                         std::string(Api::password) + "\"}}")
                .status == 201);
    auto other = api.post("/v1/auth/login", R"({"workspace":"fall","email":"o@fall.example","password":")" +
                                                std::string(Api::password) + "\"}")
                     .text("/token");
    const std::string resources = "/resources";
    for (int i = 0; i < 2; ++i) CHECK(api.get(resources, grace.by()).status == 200);
    CHECK(api.get(resources, alan.by()).status == 200);
    limited(api.get(resources, alan.by()), 3, minute, "workspace");
    limited(api.get(resources, grace.by()), 3, minute, "workspace");
    CHECK(api.get("/v1/workspaces/fall/resources", Person::as(other)).status == 200);
    CHECK(api.get("/seats").status == 200);  // the operator
    api.clock.advance(minute);
    CHECK(api.get(resources, grace.by()).status == 200);
}

TEST_CASE("behind a trusted proxy the limits are those of whom it names") {
    Api api(true, [](SystemOptions& options) {
        REQUIRE(options.proxies.add("10.0.0.0/8"));
        REQUIRE(set_rate(options.rates, "requests_ip=1/60"));
    });
    auto from = [&](const std::string& peer, const std::string& forwarded) {
        api.peer = peer;
        return api.get("/sign-in", {{"Authorization", "nobody"}, {"X-Forwarded-For", forwarded}}).status;
    };
    CHECK(from("10.0.0.1", "198.51.100.1") == 200);
    CHECK(from("10.0.0.1", "198.51.100.1") == 429);
    CHECK(from("10.0.0.1", "198.51.100.2") == 200);
    CHECK(from("10.0.0.2", "203.0.113.9, 198.51.100.2") == 429);
    CHECK(from("192.0.2.1", "198.51.100.3") == 200);
    CHECK(from("192.0.2.1", "198.51.100.4") == 429);
}

}  // namespace muster::test
