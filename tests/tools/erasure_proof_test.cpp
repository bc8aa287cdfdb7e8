// muster audit erasure-proof: what of a person is left.
#include "api/purge.h"
#include "eventstore/checkpoints.h"
#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

struct Proving {
    DataDirectory data;
    std::string grace;
    Proving() {
        data.send("POST", "/v1/workspaces/spring/invitations/" + data.grace + "/revoke");
        auto made =
            data.send("POST", "/v1/workspaces/spring/members", R"({"email":"grace@spring.example","name":"Grace"})");
        grace = made.substr(made.find("mem_"), 30);
    }
    void remove() { data.send("DELETE", "/v1/workspaces/spring/members/" + grace + "?confirm=" + grace); }
    // As the server does once a minute.
    void purge() {
        auto& store = data.system().store();
        const auto head = store.log->head();
        for (int tries = 0; Purger::done(*store.vault) < head && tries < 1'000; ++tries) {
            data.system().tidy();
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        REQUIRE(Purger::done(*store.vault) >= head);
    }
    void purge_at_rest() {
        data.serve();
        purge();
        data.stop();
    }
    Ran prove(const std::string& member, std::vector<std::string> more = {}) {
        more.insert(more.begin(),
                    {"audit", "erasure-proof", "--data", data.path(), "--workspace", "spring", "--member", member});
        return muster(more);
    }
};

}  // namespace

TEST_CASE("of an erased person nothing readable is left, at rest and beside a server, N7") {
    Proving world;
    world.remove();
    world.purge_at_rest();
    for (const bool serving : {false, true}) {
        if (serving) world.data.serve();
        const auto ran = world.prove(world.grace);
        INFO(ran.out << ran.err);
        CHECK(ran.code == tools::well);
        // Her earlier invitation was sealed under the same key.
        CHECK_THAT(ran.out, Contains("MemberInvited  can't be read any more") &&
                                Contains("MemberCreated  can't be read any more") &&
                                Contains("MemberDeleted  nothing personal"));
        CHECK_THAT(ran.out, Contains("destroyed, listed in `erasures`") && Contains("nothing readable is left"));
        CHECK_THAT(world.prove(world.grace, {"--format", "json"}).out,
                   Contains(R"("key_destroyed":true,"key_listed":true,"left":[])"));
    }
    CHECK(world.prove(world.data.grace).code == tools::well);
}

TEST_CASE("of who was not erased it says what is left, and fails") {
    Proving world;
    const auto ran = world.prove(world.grace);
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.out, Contains("MemberCreated  can be read") && Contains("left: the address is still held") &&
                            Contains("is not destroyed") && !Contains("nothing readable"));
    CHECK_THAT(ran.out, !Contains("Grace"));
}

TEST_CASE("a copy of the vault that a killed backup left goes with the next erasure, N7") {
    Proving world;
    world.data.serve();
    const auto copies = world.data.path() + "/checkpoints";
    (void)make_vault_checkpoint(world.data.system().store());  // nobody holds it
    REQUIRE_FALSE(std::filesystem::is_empty(copies));
    world.remove();
    CHECK(std::filesystem::is_empty(copies));
    world.purge();
    CHECK(world.prove(world.grace).code == tools::well);
}

TEST_CASE("of a copy of the vault that a backup is made from it is said that it is there, until it is gone, N7") {
    Proving world;
    world.data.serve();
    const auto copies = world.data.path() + "/checkpoints";
    {
        const auto backup = make_vault_checkpoint(world.data.system().store());
        world.remove();
        CHECK_FALSE(std::filesystem::is_empty(copies));
        const auto ran = world.prove(world.grace);
        CHECK(ran.code == tools::failed);
        CHECK_THAT(ran.out, Contains("left: a copy of the vault") && Contains(copies + "/" + backup.name));
    }
    CHECK(world.prove(world.grace).code == tools::failed);  // the backup was broken off
    world.purge();
    CHECK(std::filesystem::is_empty(copies));
    CHECK(world.prove(world.grace).code == tools::well);
}

TEST_CASE("until the read models are purged of somebody it is said which, beside a server and at rest, N7") {
    Proving world;
    world.data.serve();
    // While one is made anew, nothing is purged.
    (void)world.data.system().runner().begin_next("roster");
    world.remove();
    world.data.system().tidy();
    const auto views = world.data.path() + "/views";
    for (const bool serving : {true, false}) {
        INFO(serving);
        const auto ran = world.prove(world.grace);
        INFO(ran.out << ran.err);
        CHECK(ran.code == tools::failed);
        CHECK_THAT(ran.out, Contains("left: what the read model roster has overwritten") &&
                                Contains("(" + views + "/roster)") && !Contains("nothing readable"));
        CHECK_THAT(world.prove(world.grace, {"--format", "json"}).out,
                   Contains(R"("left":["what the read model roster)"));
        if (serving) world.data.stop();
    }
    SECTION("by a server that runs again") {
        world.purge_at_rest();
        CHECK(world.prove(world.grace).code == tools::well);
    }
    SECTION("or removed") {
        std::filesystem::remove_all(views);
        CHECK(world.prove(world.grace).code == tools::well);
    }
}

TEST_CASE("who only asked for an invitation is proven to be erased by the id of the request, N7") {
    Proving world;
    world.data.send("PATCH", "/v1/workspaces/spring/settings", R"({"invitation_requests":true})");
    world.data.send("POST", "/v1/workspaces/spring/invitation-requests", R"({"email":"kay@spring.example"})");
    const auto listed = world.data.send("GET", "/v1/workspaces/spring/invitation-requests");
    const auto kay = listed.substr(listed.find("req_"), 30);
    const auto before = world.prove(kay);
    INFO(before.out << before.err);
    CHECK(before.code == tools::failed);
    CHECK_THAT(before.out, Contains("InvitationRequested  can be read") && Contains("the address is still held"));
    world.data.send("POST", "/v1/workspaces/spring/people:erase", R"({"email":"kay@spring.example"})");
    world.purge_at_rest();
    const auto after = world.prove(kay);
    INFO(after.out << after.err);
    CHECK(after.code == tools::well);
    CHECK_THAT(after.out, Contains("InvitationRequested  can't be read any more") && Contains("nothing readable"));
    CHECK(world.prove("req_00000000000000000000000000").code == tools::failed);
}

TEST_CASE("an address that is in an import again, by right, is nothing that was left of who had it before") {
    Proving world;
    world.data.serve();
    auto upload = [&] {
        const auto answer =
            world.data.system().call({"POST",
                                      "/v1/workspaces/spring/imports",
                                      {{"authorization", "Bearer operator"}, {"content-type", "text/csv"}},
                                      "email,name\ngrace@spring.example,Grace\n",
                                      "127.0.0.1"});
        REQUIRE(answer.status == 201);
    };
    upload();
    CHECK_THAT(world.prove(world.grace).out, Contains("left: 1 rows of imports with the address"));
    world.remove();
    world.data.clock.at = world.data.clock.at.plus_seconds(60);
    upload();
    world.purge();
    const auto ran = world.prove(world.grace);
    INFO(ran.out);
    CHECK(ran.code == tools::well);
}

TEST_CASE("a mail in the outbox that names an erased person is left, and is told, N7") {
    Proving world;
    world.remove();
    world.purge_at_rest();
    REQUIRE(world.prove(world.grace).code == tools::well);
    const auto outbox = world.data.path() + "/outbox";
    std::filesystem::create_directories(outbox);
    std::ofstream(outbox + "/evt_00000000000000000000000000.eml") << "Muster-Person: mem_00000000000000000000000000\r\n"
                                                                  << "Muster-Person: " << world.grace << "\r\n"
                                                                  << "Subject: Grace invites you\r\n";
    const auto ran = world.prove(world.grace);
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.out, Contains("left: 1 mails in the outbox"));
}

TEST_CASE("of nobody, and of nowhere, there is no proof") {
    Proving world;
    CHECK(world.prove("mem_00000000000000000000000000").code == tools::failed);
    CHECK(world.prove("grace").code == tools::usage);
    CHECK(muster(
              {"audit", "erasure-proof", "--data", world.data.path(), "--workspace", "winter", "--member", world.grace})
              .code == tools::failed);
}

TEST_CASE("an older vault that somebody puts back brings nobody back, with the list of erasures and without it, N7") {
    const bool list_is_kept = GENERATE(true, false);
    CAPTURE(list_is_kept);
    Proving world;
    const auto made = world.data.send("POST", "/v1/workspaces/spring/members",
                                      R"({"email":"tim@spring.example","name":"Tim","password":"an old engine room"})");
    world.grace = made.substr(made.find("mem_"), 30);
    const auto vault = world.data.path() + "/vault";
    const Scratch kept;
    std::filesystem::copy(vault, kept / "vault", std::filesystem::copy_options::recursive);
    world.remove();
    std::filesystem::remove_all(vault);
    std::filesystem::copy(kept / "vault", vault, std::filesystem::copy_options::recursive);
    if (!list_is_kept) std::filesystem::remove(world.data.path() + "/erasures");
    world.purge_at_rest();
    const auto ran = world.prove(world.grace);
    INFO(ran.out << ran.err);
    CHECK(ran.code == tools::well);
    CHECK(std::filesystem::exists(world.data.path() + "/erasures"));
}

}  // namespace muster::test
