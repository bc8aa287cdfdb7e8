// What goes wrong on the pool is the caller's answer, and no end of the server.
#include "api/pool.h"

#include "api/imports/imports.h"
#include "api/route.h"
#include "tests/api/fixture.h"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace muster::test {

TEST_CASE("what is thrown on the pool is that request's 500, and the server serves on") {
    Api api;
    auto& service = api.system->service();
    std::promise<std::string> told;
    service.report = [&](const std::string& what) { told.set_value(what); };
    std::promise<http::Response> answered;
    auto call = std::make_shared<Call>(
        Call{service, routes().front(), {}, {}, {}, {}, {}, nullptr, 0, false, {}, {}, {}, [&](http::Response answer) {
                 answered.set_value(std::move(answer));
             }});
    on_pool(call, [] { throw DamageError("a row is not as it was written"); });
    auto answer = answered.get_future().get();
    CHECK(answer.status == 500);
    CHECK(answer.body.contains("internal_error"));
    CHECK(told.get_future().get() == "a row is not as it was written");
    CHECK(api.get("/audit/verify").status == 200);
}

namespace {

// Has a thread until it is let go.
class Holding {
public:
    template <class Posts>
    explicit Holding(Posts& pool, const std::string& whose = {}) {
        std::promise<void> begun;
        REQUIRE(pool.post(
            [&begun, gone = goes_.get_future().share()] {
                begun.set_value();
                gone.wait();
            },
            whose));
        begun.get_future().wait();
    }
    void let_go() { goes_.set_value(); }

private:
    std::promise<void> goes_;
};

}  // namespace

TEST_CASE("what others wait for comes before all that waits, also where the queue is full") {
    Pool pool(1);
    Holding held(pool);
    std::vector<std::string> order;
    for (std::size_t i = 0; pool.post([&] { order.emplace_back("waits"); }); ++i) REQUIRE(i <= limits::pool_queue);
    CHECK(pool.post_first([&] { order.emplace_back("first"); }));
    held.let_go();
    pool.stop();
    CHECK(order.size() == limits::pool_queue + 1);
    CHECK(order.front() == "first");
    CHECK_FALSE(pool.post_first([] {}));
}

TEST_CASE("however much one workspace asks for, another one finds a thread that is free") {
    Pool pool;
    Holding large(pool, "large");
    std::promise<void> more, another;
    REQUIRE(pool.post([&] { more.set_value(); }, "large"));
    REQUIRE(pool.post([&] { another.set_value(); }, "another"));
    another.get_future().wait();
    CHECK(more.get_future().wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    large.let_go();
    pool.stop();
}

TEST_CASE("those for whom work waits take turns") {
    Pool pool(1);
    Holding held(pool);
    std::vector<std::string> order;
    for (const std::string whose : {"large", "large", "large", "small"})
        REQUIRE(pool.post([&order, whose] { order.push_back(whose); }, whose));
    held.let_go();
    pool.stop();
    CHECK(order == std::vector<std::string>{"large", "small", "large", "large"});
}

namespace {

const Headers csv{{"Content-Type", "text/csv"}};

// The thread of imports has something to do until this says otherwise.
class BusyImports {
public:
    explicit BusyImports(Api& api) : imports(*api.system->service().imports), held_(imports) {}
    void let_go() { held_.let_go(); }

    Imports& imports;

private:
    Holding held_;
};

}  // namespace

TEST_CASE("of one workspace few uploads wait: each may take seconds, and the others have their turn") {
    Api api;
    BusyImports busy(api);
    std::vector<std::thread> uploads;
    std::atomic<std::size_t> refused = 0, made = 0;
    for (std::size_t i = 0; i < limits::imports_share + 2; ++i)
        uploads.emplace_back(
            [&] { ++(api.post("/imports", "email\nx@spring.example\n", csv).status == 201 ? made : refused); });
    while (refused < 2) std::this_thread::yield();
    busy.let_go();
    for (auto& each : uploads) each.join();
    CHECK(made == limits::imports_share);
    CHECK(refused == 2);
}

TEST_CASE("somebody is erased however many imports wait") {
    Api api;
    auto grace = api.member("grace@spring.example");
    BusyImports busy(api);
    while (busy.imports.post([] {})) continue;
    std::atomic<int> status = 0;
    std::thread erasing([&] { status = api.remove("/members/" + grace + "?confirm=" + grace).status; });
    while (api.get("/members/" + grace).status != 410) std::this_thread::yield();
    busy.let_go();
    erasing.join();
    CHECK(status == 200);
}

TEST_CASE("an upload that has waited for too long is refused, not begun") {
    Api api(true, [](SystemOptions& options) { options.pool_wait = std::chrono::milliseconds(0); });
    BusyImports busy(api);
    std::thread releasing([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        busy.let_go();
    });
    auto answer = api.post("/imports", "email\nx@spring.example\n", csv);
    releasing.join();
    CHECK(refusal(answer) == "503 overloaded");
}

}  // namespace muster::test
