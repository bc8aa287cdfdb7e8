// The program on a machine whose clock jumps, forth and back, while it serves and while it does not: time is the log's,
// and what has ended does not begin anew.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <thread>

namespace muster::server {
namespace {

constexpr std::int64_t hour = 3600, day = 24 * hour;
const std::string spring = "/v1/workspaces/spring";

class MachineClock {
public:
    explicit MachineClock(std::string file) : file_(std::move(file)) { stands(0); }
    // So many seconds beside the time of day.
    void stands(std::int64_t offset) const {
        std::fstream file(file_, std::ios::binary | std::ios::in | std::ios::out);
        if (!file) file.open(file_, std::ios::binary | std::ios::out);
        file.write(reinterpret_cast<const char*>(&offset), sizeof offset);
    }
    [[nodiscard]] Environment environment() const {
        const char* sanitizer = std::getenv("ASAN_OPTIONS");
        return {{"LD_PRELOAD", set_clock_library()},
                {"MUSTER_TEST_CLOCK", file_},
                {"ASAN_OPTIONS", std::string(sanitizer ? sanitizer : "") + ":verify_asan_link_order=0"}};
    }

private:
    std::string file_;
};

std::string accepted(const Served& server, const std::string& token) {
    auto answer =
        Client(server.port(), "")
            .post("/v1/invitations/accept", R"({"token":")" + token + R"(","password":"an old engine room"})");
    return answer.status < 300 ? "done" : answer.first("code");
}

}  // namespace

TEST_CASE("a clock that jumps revives no invitation, does nothing twice, and the log's time never falls [N2 N4 N6]") {
    Scratch scratch;
    const auto data = scratch / "data";
    const MachineClock clock(scratch / "clock");
    std::string dead, alive, kept;
    const Client::Headers key{{"Idempotency-Key", "linus-once"}};
    const std::string linus = R"({"email":"linus@spring.example","ttl":7200})";
    {
        Served server(data, {}, clock.environment());
        Client admin(server.port(), server.operator_key());
        REQUIRE(admin
                    .post("/v1/workspaces",
                          R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                    .status == 201);
        auto grace = admin.post(spring + "/invitations", R"({"email":"grace@spring.example","ttl":3600})");
        dead = grace.link_token();
        auto first = admin.post(spring + "/invitations", linus, key);
        REQUIRE(first.status == 201);
        kept = first.body;

        clock.stands(hour + 1);
        CHECK(accepted(server, dead) == "invitation_expired");
        auto now = admin.post(spring + "/invitations", R"({"email":"new@spring.example","ttl":3600})");
        REQUIRE(now.status == 201);
        alive = now.link_token();

        for (const std::int64_t stands : {std::int64_t{0}, -day, -400 * day}) {
            INFO(stands);
            clock.stands(stands);
            CHECK(accepted(server, dead) == "invitation_expired");
            auto again = admin.post(spring + "/invitations", linus, key);
            CHECK(again.body == kept);
            CHECK(again.header("idempotency-replayed") == "true");
            CHECK(admin.post(spring + "/invitations", R"({"email":"linus@spring.example"})").first("code") ==
                  "already_invited");
        }
        CHECK(server.stop() == 0);
    }
    {
        // Started again a year in the past.
        Served server(data, {}, clock.environment());
        Client admin(server.port(), server.operator_key());
        CHECK(accepted(server, dead) == "invitation_expired");
        CHECK(accepted(server, alive) == "done");  // its hour is the log's, and the log's has only begun
        auto audit = admin.get(spring + "/audit?limit=100").body;
        std::string later = "9999";
        int events = 0;
        for (auto at = audit.find("\"at\":\""); at != std::string::npos;
             at = audit.find("\"at\":\"", at + 1), ++events) {
            auto time = audit.substr(at + 6, audit.find('"', at + 6) - at - 6);
            CHECK(time <= later);  // newest first
            later = time;
        }
        CHECK(events >= 6);

        // And forth again: what has an end meets it, without a command.
        clock.stands(9 * day);
        auto seen = [&] { return admin.get(spring + "/invitations?status=expired").body; };
        for (int i = 0; i < 600 && !seen().contains("linus@"); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        CHECK_THAT(seen(), Catch::Contains("linus@"));
        CHECK(server.stop() == 0);
    }
    CHECK(finish({muster_program(), "audit", "verify", "--data", data}).exit_code == 0);
    CHECK(finish({muster_program(), "fsck", "--data", data}).exit_code == 0);
}

}  // namespace muster::server
