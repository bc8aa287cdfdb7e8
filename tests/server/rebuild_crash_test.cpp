// kill -9 while read models are made anew: whenever it comes, each projection has one valid generation afterwards,
// which is what the log makes [N11].
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

namespace muster::server {
namespace {

namespace fs = std::filesystem;

void fill(const std::string& data, int people) {
    Served server(data);
    Client admin(server.port(), server.operator_key());
    const std::string spring = "/v1/workspaces/spring";
    REQUIRE(admin
                .post("/v1/workspaces",
                      R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                .status == 201);
    std::string emails;
    for (int i = 0; i < people; ++i) emails += "p" + std::to_string(i) + "@spring.example,";
    REQUIRE(admin.post(spring + "/invitations:batch", R"({"send_email":false,"emails":")" + emails + "\"}").status ==
            200);
    REQUIRE(admin.get(spring + "/members?limit=1").status == 200);
    REQUIRE(server.stop() == 0);
}

// Nor is anything left half made or half removed.
void check_one_generation_each(const std::string& data) {
    for (const auto& projection : fs::directory_iterator(data + "/views")) {
        INFO(projection.path().string());
        CHECK(std::ranges::count_if(fs::directory_iterator(projection), fs::directory_iterator(),
                                    [](const auto& each) { return each.is_directory(); }) == 1);
    }
}

}  // namespace

TEST_CASE("a rebuild that is killed at any moment leaves one valid generation, N11") {
    constexpr int people = 1500, kills = 12;
    Scratch scratch;
    const auto data = scratch / "data";
    fill(data, people);
    std::mt19937 random(Catch::rngSeed());
    std::uniform_int_distribution<int> moment(1, 400);
    int killed = 0;
    for (int i = 0; i < kills; ++i) {
        Process rebuild({muster_program(), "projections", "rebuild", "--data", data});
        std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
        rebuild.signal(SIGKILL);
        killed += rebuild.wait() == -SIGKILL ? 1 : 0;
        auto listed = finish({muster_program(), "projections", "list", "--data", data});
        INFO(listed.out << listed.err);
        CHECK(listed.exit_code == 0);
        CHECK_THAT(listed.out, !Catch::Contains("halted"));
    }
    CHECK(killed > 0);
    auto proven = finish({muster_program(), "projections", "verify", "--data", data});
    INFO(proven.out << proven.err);
    CHECK(proven.exit_code == 0);
    Served server(data);
    Client admin(server.port(), server.operator_key());
    auto listed = admin.get("/v1/workspaces/spring/invitations?limit=1&include_total=true");
    CHECK(listed.status == 200);
    CHECK(listed.first("total") == std::to_string(people));
    CHECK(server.stop() == 0);
    CHECK(finish({muster_program(), "projections", "rebuild", "--data", data}).exit_code == 0);
    check_one_generation_each(data);
}

// The server is killed, and the rebuild that it was making with it; the next one goes on.
TEST_CASE("a server that is killed while it makes read models anew serves the old ones, and goes on later, N11") {
    constexpr int people = 1500, kills = 6;
    Scratch scratch;
    const auto data = scratch / "data";
    fill(data, people);
    std::mt19937 random(Catch::rngSeed());
    std::uniform_int_distribution<int> moment(1, 600);
    auto invited = [&](Client& admin) {
        return admin.get("/v1/workspaces/spring/invitations?limit=1&include_total=true").first("total");
    };
    for (int i = 0; i < kills; ++i) {
        Served server(data);
        Client admin(server.port(), server.operator_key());
        Process rebuild({muster_program(), "projections", "rebuild", "--data", data});
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(moment(random));
        while (std::chrono::steady_clock::now() < until) CHECK(invited(admin) == std::to_string(people));
        server.kill();
        CHECK_THAT((std::vector<int>{0, 1}), Catch::VectorContains(rebuild.wait()));
    }
    Served server(data);
    Client admin(server.port(), server.operator_key());
    CHECK(invited(admin) == std::to_string(people));
    auto rebuilt = finish({muster_program(), "projections", "rebuild", "--data", data});
    INFO(rebuilt.out << rebuilt.err);
    CHECK(rebuilt.exit_code == 0);
    CHECK_THAT(rebuilt.out, Catch::Contains("the same as before") && !Catch::Contains("not the same"));
    CHECK(invited(admin) == std::to_string(people));
    CHECK(finish({muster_program(), "projections", "verify", "--data", data}).exit_code == 0);
    CHECK(server.stop() == 0);
    check_one_generation_each(data);
}

}  // namespace muster::server
