// kill -9 while an import is being sent, again and again: each start goes on, and everybody is invited once [S1-17].
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <memory>
#include <random>
#include <thread>

namespace muster::server {

TEST_CASE("an import is sent once, however often the server is killed meanwhile, N2") {
    constexpr int people = 6000;
    constexpr int kills_most = 12;
    Scratch scratch;
    auto data = scratch / "data";
    const std::string spring = "/v1/workspaces/spring";
    std::mt19937 random(Catch::rngSeed());
    std::uniform_int_distribution<int> moment(20, 250);
    auto server = std::make_unique<Served>(data);
    std::string path;
    {
        Client admin(server->port(), server->operator_key());
        REQUIRE(admin
                    .post("/v1/workspaces",
                          R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                    .status == 201);
        std::string file = "email\n";
        for (int i = 0; i < people; ++i) file += "p" + std::to_string(i) + "@spring.example\n";
        auto preview = admin.post(spring + "/imports", file, {{"Content-Type", "text/csv"}});
        REQUIRE(preview.status == 201);
        path = spring + "/imports/" + preview.first("id");
        REQUIRE(admin.post(path + "/send", "").status == 202);
    }
    int kills = 0;
    std::string status = "sending";
    for (; status == "sending" && kills < kills_most; ++kills) {
        std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
        server->kill();
        server = std::make_unique<Served>(data);
        status = Client(server->port(), server->operator_key()).get(path + "?rows=none").first("status");
    }
    Client client(server->port(), server->operator_key());
    Answer stands;
    for (int waited = 0; waited < 6000; ++waited) {
        stands = client.get(path + "?rows=none");
        if (stands.first("status") != "sending") break;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    INFO(kills << " kills, then " << stands.body);
    CHECK(kills > 1);
    CHECK(stands.first("status") == "done");
    CHECK(stands.first("sent") == std::to_string(people));
    CHECK(stands.first("failed") == "0");
    auto proof = client.get(spring + "/audit/verify");
    CHECK(proof.first("intact") == "true");
    auto invited = client.get(spring + "/audit?type=member_invited&limit=1&include_total=true");
    CHECK(invited.first("total") == std::to_string(people));
    CHECK(server->stop() == 0);
}

}  // namespace muster::server
