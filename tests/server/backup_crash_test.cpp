// Deleting a workspace, killed in the middle; and backups beside a server that is busy.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <thread>

namespace muster::server {

TEST_CASE("the deletion of a workspace of 10,000 people goes on where a crash cut it off, N2, N5") {
    constexpr int people = 10'000;
    constexpr int kills_most = 8;
    constexpr int asked_again_most = 20;  // a slow machine answers 504: not in time
    Scratch scratch;
    auto data = scratch / "data";
    std::mt19937 random(Catch::rngSeed());
    std::uniform_int_distribution<int> moment(20, 400);
    auto server = std::make_unique<Served>(data);
    auto made = Client(server->port(), server->operator_key())
                    .post("/v1/workspaces",
                          R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})");
    REQUIRE(made.status == 201);
    const auto spring = "/v1/workspaces/" + made.first("id");
    std::string body = R"({"emails":")";
    for (int i = 0; i < people; ++i) body += "p" + std::to_string(i) + "@spring.example\\n";
    body += R"(","send_email":false})";
    REQUIRE(Client(server->port(), server->operator_key()).post(spring + "/invitations:batch", body).status == 200);

    int cut_off = 0;
    Answer answer;
    for (int tries = 0; answer.status != 200 && tries <= kills_most + asked_again_most; ++tries) {
        std::thread killer;
        if (tries < kills_most) {
            auto wait = std::chrono::milliseconds(moment(random));
            killer = std::thread([&server, wait] {
                std::this_thread::sleep_for(wait);
                server->kill();
            });
        }
        try {
            Client client(server->port(), server->operator_key());
            answer = client.send("DELETE", spring + "?confirm=" + made.first("id"), {}, {{"Idempotency-Key", "bye"}});
        } catch (const Lost&) {
            ++cut_off;
        }
        if (killer.joinable()) {
            killer.join();
            server = std::make_unique<Served>(data);
        } else if (answer.status != 200) {
            std::this_thread::sleep_for(std::chrono::seconds(1));
        }
    }
    INFO(cut_off << " times cut off; " << answer.body.substr(0, 300));
    CHECK(cut_off > 0);
    REQUIRE(answer.status == 200);
    Client client(server->port(), server->operator_key());
    CHECK(client.get(spring).status == 410);
    CHECK(server->stop() == 0);
    // Everybody's key and the workspace's own, each once.
    std::istringstream lines(text_of(data + "/erasures"));
    std::set<std::string> erased;
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line) && line != "end"; ++count) erased.insert(line.substr(0, 26));
    CHECK(erased.size() == people + 2);
    CHECK(count == erased.size());
    auto checked = finish({muster_program(), "fsck", "--data", data});
    INFO(checked.out);
    CHECK(checked.exit_code == 0);
}

TEST_CASE("backups beside a busy server are whole, and what they hold is restored, N1, N12") {
    constexpr int rounds = 3;
    Scratch scratch;
    auto data = scratch / "data";
    auto server = std::make_unique<Served>(data);
    Client client(server->port(), server->operator_key());
    REQUIRE(client
                .post("/v1/workspaces",
                      R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                .status == 201);
    std::atomic<bool> ended = false;
    std::atomic<long> acknowledged = 0;
    std::thread busy([&] {
        Client other(server->port(), server->operator_key());
        for (int i = 0; !ended; ++i)
            if (other
                    .post("/v1/workspaces/spring/invitations",
                          R"({"send_email":false,"email":"p)" + std::to_string(i) + R"(@spring.example"})")
                    .status == 201)
                ++acknowledged;
    });
    long before_last = 0;
    std::vector<Finished> made;
    for (int i = 0; i < rounds; ++i) {
        before_last = acknowledged;
        made.push_back(finish({muster_program(), "backup", "create", "--data", data, "--to", scratch / "backups"}));
    }
    ended = true;
    busy.join();
    server->kill();
    for (const auto& each : made) {
        INFO(each.out << each.err);
        CHECK(each.exit_code == 0);
    }
    auto whole = finish({muster_program(), "backup", "verify", "--from", scratch / "backups"});
    INFO(whole.out << whole.err);
    CHECK(whole.exit_code == 0);
    auto restored = finish({muster_program(), "backup", "restore", "--from", scratch / "backups", "--to",
                            scratch / "restored", "--master-key-file", data + "/master.key"});
    INFO(restored.out << restored.err);
    REQUIRE(restored.exit_code == 0);
    CHECK(finish({muster_program(), "fsck", "--data", scratch / "restored"}).exit_code == 0);
    Served again(scratch / "restored", {"--master-key-file", data + "/master.key"});
    Client reader(again.port(), again.operator_key());
    auto listed = [&] { return reader.get("/v1/workspaces/spring/invitations?limit=1&include_total=true"); };
    auto page = listed();
    for (int tries = 0; tries < 120 && page.status == 503; ++tries) page = listed();  // each waits for a quarter second
    REQUIRE(page.status == 200);
    // All that was acknowledged before the last one was begun.
    CHECK(std::stol(page.first("total")) >= before_last);
    CHECK(again.stop() == 0);
}

}  // namespace muster::server
