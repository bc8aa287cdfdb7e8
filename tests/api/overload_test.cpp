// More requests than the server can work on: the rest is refused before anything of it is done, and taking somebody's
// access away gets through all the same.
#include "api/auth/passwords.h"
#include "api/route.h"
#include "tests/api/fixture.h"

#include <algorithm>
#include <future>
#include <latch>

namespace muster::test {
namespace {

constexpr std::size_t capacity = 8;

std::shared_future<http::Response> begin_on(Api& api, const std::string& path, const std::string& body) {
    auto answer = std::make_shared<std::promise<http::Response>>();
    http::Request request{
        "POST", path, {{"authorization", "Bearer operator"}, {"content-type", "application/json"}}, body, api.peer};
    api.system->handle(std::move(request),
                       [answer](http::Response response) { answer->set_value(std::move(response)); });
    return answer->get_future().share();
}

// Requests that are begun and not waited for: batches wait for the pool, whose threads are held.
class Crowd {
public:
    explicit Crowd(Api& api) : api_(api) {
        for (std::size_t i = 0; i < limits::pool_threads; ++i)
            REQUIRE(api_.system->service().pool.post([held = held_, free = free_] {
                held->count_down();
                free->wait();
            }));
        held_->wait();
    }
    ~Crowd() { let_go(); }
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    std::shared_future<http::Response> begin(const std::string& email) {
        return begin_on(api_, "/v1/workspaces/spring/invitations:batch", R"({"emails":")" + email + "\"}");
    }
    void let_go() {
        if (!gone_) free_->count_down();
        gone_ = true;
    }

private:
    Api& api_;
    std::shared_ptr<std::latch> held_ = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(limits::pool_threads));
    std::shared_ptr<std::latch> free_ = std::make_shared<std::latch>(1);
    bool gone_ = false;
};

bool answered(const std::shared_future<http::Response>& each) {
    return each.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

Answer answer_of(const std::shared_future<http::Response>& each) {
    const auto& response = each.get();
    return {response.status, response.body, response.headers};
}

}  // namespace

TEST_CASE("twenty times what can be worked on: the rest is shed, and nothing of it is done") {
    Api api(true, [](SystemOptions& options) { options.requests_in_flight = capacity; });
    auto leaves = api.member("leaves@spring.example");
    auto revoked = api.invite("revoked@spring.example");
    auto head = api.head();
    Crowd crowd(api);
    std::vector<std::shared_future<http::Response>> all;
    for (std::size_t i = 0; i < 20 * capacity; ++i)
        all.push_back(crowd.begin("p" + std::to_string(i) + "@spring.example"));
    for (std::size_t i = 0; i < all.size(); ++i) {
        INFO(i);
        REQUIRE(answered(all[i]) == (i >= capacity));
        if (i < capacity) continue;
        auto shed = answer_of(all[i]);
        CHECK(refusal(shed) == "503 overloaded");
        CHECK(shed.header("retry-after") == "1");
    }
    // Whatever is asked now, but what must get through.
    CHECK(refusal(api.post("/invitations", R"({"email":"late@spring.example"})")) == "503 overloaded");
    CHECK(refusal(api.get("/members")) == "503 overloaded");
    CHECK(refusal(api.get("/nowhere")) == "503 overloaded");
    CHECK(api.head() == head);
    CHECK(api.post("/invitations/" + revoked + "/revoke").text("/status") == "revoked");
    CHECK(api.post("/members/" + leaves + "/deactivate").text("/status") == "deactivated");
    CHECK(api.get("/livez").status == 200);
    // The crowd, and the one who asks.
    CHECK_THAT(api.get("/metrics").body,
               Catch::Contains("muster_http_requests_in_flight " + std::to_string(capacity + 1) + "\n"));
    crowd.let_go();
    for (std::size_t i = 0; i < capacity; ++i) CHECK(answer_of(all[i]).text("/summary/invited") == "1");
    // As soon as they are answered there is room again.
    CHECK(api.get("/members").status == 200);
    CHECK(api.get("/seats").number("/users/pending") == static_cast<std::int64_t>(capacity));
}

TEST_CASE("what has waited for the pool for too long is refused, not begun") {
    Api api(true, [](SystemOptions& options) { options.pool_wait = std::chrono::milliseconds(0); });
    auto head = api.head();
    Crowd crowd(api);
    auto late = crowd.begin("late@spring.example");
    crowd.let_go();
    CHECK(refusal(answer_of(late)) == "503 overloaded");
    CHECK(api.head() == head);
}

TEST_CASE("what is urgent has a share of its own, which ends too; health is always told") {
    InFlight places(2, 1);
    auto one = places.enter(Urgency::usual), two = places.enter(Urgency::usual);
    CHECK(one);
    CHECK(two);
    CHECK_FALSE(places.enter(Urgency::usual));
    auto three = places.enter(Urgency::urgent);
    CHECK(three);
    CHECK_FALSE(places.enter(Urgency::urgent));
    CHECK(places.enter(Urgency::health));
    CHECK(places.taken() == 3);
    one.reset();
    CHECK_FALSE(places.enter(Urgency::usual));  // the share stays what it is
    CHECK(places.enter(Urgency::urgent));
    two.reset();
    CHECK(places.enter(Urgency::usual));
}

TEST_CASE("the routes that take access away are the urgent ones") {
    std::vector<std::string_view> urgent;
    for (const auto& each : routes())
        if (each.urgency == Urgency::urgent) urgent.push_back(each.name);
    for (auto each : {"RevokeInvitation", "DeactivateMember"}) CHECK(std::ranges::find(urgent, each) != urgent.end());
}

TEST_CASE("passwords that wait to be checked keep nobody else waiting, and one address has only its share of them") {
    Api api;
    auto free = std::make_shared<std::latch>(1);
    auto held = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(limits::hashing_threads));
    for (std::size_t i = 0; i < limits::hashing_threads; ++i)
        REQUIRE(api.system->service().passwords.post([held, free] {
            held->count_down();
            free->wait();
        }));
    held->wait();
    std::vector<std::shared_future<http::Response>> all;
    auto sign_in = [&](std::size_t i) {
        all.push_back(begin_on(
            api, "/v1/auth/login",
            R"({"workspace":"spring","email":"p)" + std::to_string(i) + R"(@spring.example","password":"wrong"})"));
    };
    api.peer = "198.51.100.7";
    for (std::size_t i = 0; i < limits::requests_in_flight + 10; ++i) sign_in(i);
    for (std::size_t i = 0; i < all.size(); ++i) {
        INFO(i);
        REQUIRE(answered(all[i]) == (i >= limits::hashing_share));
        if (i >= limits::hashing_share) CHECK(refusal(answer_of(all[i])) == "503 overloaded");
    }
    CHECK(api.get("/members").status == 200);
    api.peer = "198.51.100.8";
    sign_in(0);
    CHECK_FALSE(answered(all.back()));
    free->count_down();
    for (const auto& each : all) each.wait();
    CHECK(refusal(answer_of(all.back())) == "401 invalid_credentials");
}

TEST_CASE("what a workspace has waiting keeps no other workspace from its own") {
    Api api;
    REQUIRE(api.post("/v1/workspaces",
                     R"({"name":"Autumn","slug":"autumn","owner":{"email":"o@autumn.example","name":"O"}})")
                .status == 201);
    Crowd crowd(api);
    std::vector<std::shared_future<http::Response>> all;
    for (std::size_t i = 0; i < limits::requests_in_flight + 10; ++i)
        all.push_back(crowd.begin("p" + std::to_string(i) + "@spring.example"));
    for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(answered(all[i]) == (i >= limits::pool_share));
    auto other = begin_on(api, "/v1/workspaces/autumn/invitations:batch", R"({"emails":"a@autumn.example"})");
    CHECK_FALSE(answered(other));
    crowd.let_go();
    CHECK(answer_of(other).number("/summary/invited") == 1);
    for (const auto& each : all) each.wait();
}

}  // namespace muster::test
