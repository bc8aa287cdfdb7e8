// No file handle left. Who is connected is answered, who comes waits, and the server lives; where the log itself can't
// go on, nothing is acknowledged any more, and what was is there.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <sys/resource.h>

namespace muster::server {
namespace {

const std::string spring = "/v1/workspaces/spring";
const Arguments same_urls{"--public-url", "https://muster.example"};  // after a restart too

struct Spring {
    Scratch scratch;
    std::string data = scratch / "data";
    Served server{data, same_urls};
    Client admin{server.port(), server.operator_key()};
    rlimit as_started{};

    Spring() {
        REQUIRE(admin
                    .post("/v1/workspaces",
                          R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                    .status == 201);
        ::prlimit(server.process().id(), RLIMIT_NOFILE, nullptr, &as_started);
    }
    // The server gets none but those that it has: a new one would be the lowest that is free.
    void exhaust() {
        rlim_t free = 0;
        while (is_open(free)) ++free;
        limit(free);
    }
    void give_back() { limit(as_started.rlim_cur); }

private:
    void limit(rlim_t files) {
        const rlimit now{files, as_started.rlim_max};
        REQUIRE(::prlimit(server.process().id(), RLIMIT_NOFILE, &now, nullptr) == 0);
    }
    bool is_open(rlim_t handle) {
        return std::filesystem::exists(std::filesystem::symlink_status(
            "/proc/" + std::to_string(server.process().id()) + "/fd/" + std::to_string(handle)));
    }
};

// UBSan asks a pipe whether an object's memory can be read: without a file handle it takes every one for damaged.
bool sanitizer_needs_handles() {
#ifdef __SANITIZE_ADDRESS__
    WARN("SKIP (UBSan, built in beside ASan, needs file handles of its own)");
    return true;
#else
    return false;
#endif
}

std::string invitation(int number) { return R"({"email":"p)" + std::to_string(number) + R"(@spring.example"})"; }

}  // namespace

TEST_CASE("without a file handle left, who is connected is answered and who comes waits until there is one [N1 N10]") {
    if (sanitizer_needs_handles()) return;
    Spring world;
    world.exhaust();
    auto comes = std::async(std::launch::async, [&] {
        return Client(world.server.port(), world.server.operator_key()).get(spring).status;
    });
    for (int i = 0; i < 200; ++i) {
        CHECK(world.admin.post(spring + "/invitations", invitation(i)).status == 201);
        if (i % 50 != 0) continue;  // who is answered 503 waits for the next answer
        auto list = world.admin.get(spring + "/invitations?limit=1");
        CHECK((list.status == 200 || list.first("code") == "projection_lagging"));
        // A read model that can't write halts, and says so; it goes on by itself.
        if (list.status != 503) continue;
        CHECK_THAT(world.admin.get("/readyz?verbose").body,
                   Catch::Contains(R"("state":"halted")") && Catch::Contains("its disk failed"));
        CHECK_THAT(world.server.process().err(), Catch::Contains("Too many open files"));
    }
    // It waits until one is given back, or RocksDB lets go of a file, as on a slow machine it may by now.
    CHECK_THAT(world.server.process().err(), Catch::Contains("Cannot accept a connection"));
    world.give_back();
    CHECK(comes.get() == 200);
    const auto all = [&] { return world.admin.get(spring + "/invitations?limit=200&status=pending"); };
    auto invited = all();
    for (int tries = 0; tries < 120 && invited.status == 503; ++tries)
        invited = all();  // each waits for a quarter second
    CHECK_THAT(invited.body, Catch::Contains("p0@spring.example") && Catch::Contains("p199@spring.example"));
    CHECK(world.server.stop() == 0);

    Served again(world.data, same_urls);
    CHECK(again.stop() == 0);
    CHECK(finish({muster_program(), "fsck", "--data", world.data}).exit_code == 0);
}

TEST_CASE("where RocksDB gets no file handle, nothing is acknowledged that is not there afterwards [N1 N2 N12]") {
    if (sanitizer_needs_handles()) return;
    Spring world;
    world.exhaust();
    std::map<int, Answer> acknowledged;
    std::optional<int> refused;
    auto key_of = [](int number) { return Client::Headers{{"Idempotency-Key", "batch-" + std::to_string(number)}}; };
    try {
        for (int i = 0; i < 60; ++i) {
            auto answer = world.admin.post(spring + "/invitations:batch", people_of(i), key_of(i));
            INFO(answer.status << " " << answer.body.substr(0, 200));
            CHECK((answer.status == 200 ? !refused : answer.status >= 500));  // nothing after the first failure
            if (answer.status == 200) acknowledged[i] = answer;
            if (answer.status != 200 && !refused) refused = i;
        }
    } catch (const Lost&) {
        refused = static_cast<int>(acknowledged.size());
    }
    REQUIRE(refused);  // a file of the log's was full
    REQUIRE_FALSE(acknowledged.empty());
    CHECK(world.server.process().wait() == 1);
    CHECK_THAT(world.server.process().err(), Catch::Contains("Too many open files"));

    Served again(world.data, same_urls);
    Client admin(again.port(), again.operator_key());
    auto proof = admin.get(spring + "/audit/verify");
    CHECK(proof.first("intact") == "true");
    for (const auto& [number, answer] : acknowledged) {
        auto replayed = admin.post(spring + "/invitations:batch", people_of(number), key_of(number));
        CHECK((replayed.body == answer.body));
        CHECK(replayed.header("idempotency-replayed") == "true");
    }
    CHECK(admin.post(spring + "/invitations:batch", people_of(*refused), key_of(*refused)).status == 200);
    CHECK(again.stop() == 0);
    CHECK(finish({muster_program(), "fsck", "--data", world.data}).exit_code == 0);
}

}  // namespace muster::server
