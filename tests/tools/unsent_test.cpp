// What had not been sent when a backup was made: a restore lists it and does not send it.
#include "api/webhooks/webhooks.h"
#include "tests/tools/backups.h"

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

struct Waiting : Backups {
    // The id of a webhook whose target nobody finds.
    std::string hook(const std::string& more = {}) {
        const auto made = data.send("POST", "/v1/workspaces/spring/webhooks",
                                    R"({"url":"https://nowhere.invalid/hook")" + more + "}");
        return made.substr(made.find("wh_"), 29);
    }
    void happen(int times) {
        for (int i = 0; i < times; ++i)
            data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Team )" + std::to_string(i) + "\"}");
    }
    // As it was noted.
    void wait_for_the_first_attempt() {
        const auto retrying = [&] { return data.system().webhooks().figures().standing.retrying; };
        for (int tries = 0; retrying() == 0 && tries < 6'000; ++tries)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        REQUIRE(retrying() == 1);
    }
    // One kind of copy alone.
    void create_one(const std::string& kind) {
        REQUIRE(muster({"backup", "create", "--data", data.path(), "--" + kind + "-to", folder + "/" + kind}).code ==
                tools::well);
    }
};

}  // namespace

TEST_CASE("a restore says of each webhook what it does not send, and which goes on elsewhere once it is enabled") {
    Waiting backups;
    const auto teams = backups.hook(R"(,"events":["muster.team_created"])");
    const auto nothing = backups.hook(R"(,"events":["muster.member_deleted"])");
    const auto disabled = backups.hook(R"(,"events":["muster.team_created"],"enabled":false)");
    backups.happen(3);
    REQUIRE(backups.create().code == tools::well);
    const auto ran = backups.restore();
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("webhooks that are not sent what happened before: 2\n"));
    CHECK_THAT(ran.out, Contains("  " + teams + "  spring  3 events"));
    CHECK_THAT(ran.out,
               Contains("  " + disabled + "  spring  3 events, disabled: once enabled, it goes on at the end"));
    CHECK_THAT(ran.out, !Contains(nothing));
    fs::remove_all(backups.restored());
    CHECK_THAT(backups.restore({"--format", "json"}).out,
               Contains(R"("events_not_delivered":[{"webhook":"wh_)") && Contains(R"("enabled":false,"events":3)"));
}

TEST_CASE("a restore says which webhooks are not told that their workspace was deleted") {
    Waiting backups;
    backups.data.serve();
    const auto hook = backups.hook(R"(,"events":["muster.workspace_deleted"])");
    const auto shown = backups.data.send("GET", "/v1/workspaces/spring");
    backups.data.send("DELETE", "/v1/workspaces/spring?confirm=" + shown.substr(shown.find("ws_"), 29));
    backups.wait_for_the_first_attempt();
    REQUIRE(backups.create().code == tools::well);
    const auto ran = backups.restore();
    INFO(ran.out << ran.err);
    CHECK_THAT(ran.out, Contains("webhooks that are not sent what happened before: 1\n") &&
                            Contains("  " + hook + "  spring  1 event, not taken"));
}

TEST_CASE("a mail that a later vault knows to be handled does not wait for ever: it is listed, and told of as such") {
    Waiting backups;
    backups.create_one("log");
    backups.data.serve();
    // As its follower leaves it when it has sent what there was.
    backups.data.system().store().vault->set_checkpoint("mail", backups.data.system().store().log->head());
    backups.happen(1);
    backups.data.stop();
    backups.create_one("vault");
    const auto ran = backups.restore();
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("mails that were waiting and are not sent: 3\n") &&
                            Contains(backups.data.grace.substr(3) + "  perhaps sent: the vault is later than the log"));
    Served served(backups);
    const auto invitation = served.get("/v1/workspaces/spring/invitations/" + backups.data.grace).body;
    CHECK_THAT(invitation, Contains(R"("delivery":{"status":"failed")") && Contains("restored"));
    CHECK_THAT(invitation, !Contains("queued"));
}

}  // namespace muster::test
