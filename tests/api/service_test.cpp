// The service about itself: how its read models stand, as figures and where it says whether it is ready; and what is
// said of a failure, and to whom.
#include "api/keeping.h"
#include "api/route.h"
#include "tests/api/fixture.h"
#include "tests/scratch.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <thread>

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using Catch::Matchers::Contains;

// What `/metrics` says of a projection, a line each, without what is 0.
Words figures(Api& api, const std::string& projection) {
    std::istringstream lines(api.get("/metrics").body);
    Words all;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with("muster_projection_") && line.contains("\"" + projection + "\"") && !line.ends_with(" 0"))
            all.push_back(line.substr(18));
    std::ranges::sort(all);
    return all;
}

void wait_for_all(System& system) {
    for (const auto& each : system.runner().standings())
        REQUIRE(system.runner().wait(each.name, system.store().log->head(), std::chrono::seconds(20)));
}

// A data directory with so many people that its views have several blocks, and one in the middle that was damaged.
struct Damaged {
    Damaged() {
        {
            Api before(false, on());
            auto made = before.post(
                "/v1/workspaces",
                R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada Lovelace"}})");
            REQUIRE(made.status == 201);
            for (int i = 0; i < 60; ++i) before.invite("p" + std::to_string(i) + "@spring.example");
            wait_for_all(*before.system);
        }
        {
            Api flushed(false, on());  // what it has read again at its start is in its files when it ends
            wait_for_all(*flushed.system);
            auto again = rebuild(flushed);
            REQUIRE(again.failure.empty());
        }
        for (const auto& file : fs::recursive_directory_iterator(directory + "/views/roster"))
            if (file.path().extension() == ".sst" && fs::file_size(file.path()) > several_blocks)
                flip_in_the_middle(file.path());
    }
    static Rebuilder::Ended rebuild(Api& api) {
        auto& rebuilder = api.system->rebuilder();
        rebuilder.begin({api.system->projections().front()});
        for (int i = 0; i < 6'000 && rebuilder.standing().under_way; ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        REQUIRE(rebuilder.standing().ended.size() == 1);
        return rebuilder.standing().ended.front();
    }
    static constexpr std::uintmax_t several_blocks = 8'192;  // of 4 KiB: the checkpoint is in another one
    static void flip_in_the_middle(const fs::path& path) {
        std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
        file.seekg(static_cast<std::streamoff>(fs::file_size(path) / 2));
        const char byte = static_cast<char>(file.get() ^ 4);
        file.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
        file.put(byte);
    }
    std::function<void(SystemOptions&)> on() {
        return [this](SystemOptions& options) {
            options.directory = directory;
            options.report = [this](const std::string& what) {
                std::lock_guard lock(mutex);
                log += what + "\n";
            };
        };
    }
    std::string logged() {
        std::lock_guard lock(mutex);
        return log;
    }
    Scratch scratch;
    std::string directory = scratch / "data";
    std::mutex mutex;
    std::string log;  // guarded by mutex
};

}  // namespace

TEST_CASE("figures tell of each read model its state, its lag, its last progress and its rebuilding") {
    Api api;
    wait_for_all(*api.system);
    const auto said = api.get("/metrics").body;
    for (const char* each :
         {R"(muster_projection_state{projection="roster",state="running"} 1)",
          R"(muster_projection_state{projection="roster",state="building"} 0)",
          R"(muster_projection_state{projection="roster",state="halted"} 0)",
          R"(muster_projection_up{projection="roster"} 1)", R"(muster_projection_lag_events{projection="roster"} 0)",
          R"(muster_projection_rebuilding{projection="roster"} 0)",
          R"(muster_projection_seconds_since_progress{projection="roster"} )"})
        CHECK_THAT(said, Contains(each));
    auto next = api.system->runner().begin_next("seats");
    api.system->runner().next_is_at("seats", 2);
    const auto making = figures(api, "seats");
    CHECK(std::ranges::count(making, R"(rebuilding{projection="seats"} 1)") == 1);
    CHECK(std::ranges::count(making, R"(rebuilding_position{projection="seats"} 2)") == 1);
    const auto ready = api.get("/readyz?verbose");
    CHECK(ready.status == 200);  // it serves meanwhile
    CHECK(ready.text("/projections/1/name") == "seats");
    CHECK(ready.number("/projections/1/rebuilding_at_position") == 2);
    CHECK(ready.text("/projections/0/rebuilding_at_position") == "null");
    CHECK(ready.number("/projections/0/last_progress_seconds_ago") >= 0);
    next.table.reset();
    api.system->runner().leave_next("seats");
}

TEST_CASE("a read model that can't be read says so where everybody looks, and callers see no file of the server's") {
    Damaged damaged;
    Api api(false, damaged.on());
    wait_for_all(*api.system);
    const auto refused = api.get("/invitations?limit=100");
    CHECK(refusal(refused) == "500 internal_error");
    CHECK(refused.text("/detail") == "Something failed on the server; its log says what.");
    CHECK_THAT(damaged.logged(), Contains(".sst") && Contains("views/roster"));

    for (int i = 0; i < 1'000 && api.get("/readyz").status == 200; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const auto ready = api.get("/readyz?verbose");
    CHECK(ready.status == 503);
    CHECK(ready.text("/projections/0/state") == "halted");
    CHECK(ready.text("/projections/0/reason") == "its rows are damaged");
    CHECK_THAT(ready.body, !Contains(".sst"));
    CHECK_THAT(api.get("/metrics").body, Contains(R"(muster_projection_state{projection="roster",state="halted"} 1)"));

    const auto made = Damaged::rebuild(api);
    CHECK(made.failure.empty());
    CHECK(made.made.not_compared == damaged_before);
    CHECK(api.get("/readyz").status == 200);
    CHECK(api.get("/invitations?limit=100").size("/items") == 60);
}

TEST_CASE("a request that was cut off with the server is let go of when the server is gone") {
    std::shared_ptr<Keeping> kept;
    {
        Api api;
        http::Request request{"POST", "/v1/workspaces", {{"idempotency-key", "k"}}, "{}", "127.0.0.1"};
        const Call call{
            api.system->service(), routes().front(), request, {}, {}, {}, {}, nullptr, 0, false, {}, {}, {}, {}};
        kept = begin_keeping(call);
        REQUIRE(kept);
    }
    CHECK(kept->key()->key == "k");
    kept.reset();
}

}  // namespace muster::test
