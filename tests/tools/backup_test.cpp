// muster backup: made beside a server and at rest, kept apart, and restored as another store.
#include "tests/eventstore/stored_bytes.h"
#include "tests/tools/backups.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

}  // namespace

TEST_CASE("a data directory is backed up at rest and beside its server, and restored from either [N1]") {
    Backups backups;
    const bool serving = GENERATE(false, true);
    if (serving) backups.data.serve();
    const auto made = backups.create();
    INFO(made.out << made.err);
    CHECK(made.code == tools::well);
    CHECK_THAT(made.out, StartsWith("made log ") && Contains("made vault ") && Contains("not in it: the master key"));
    CHECK(fs::is_empty(backups.data.path() + "/checkpoints"));
    const auto whole = backups.verify();
    CHECK(whole.out == "whole: 2 backups, every checksum, and the history of each log\n");
    CHECK(whole.code == tools::well);
    // What comes after it is not in it.
    backups.data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
    backups.data.stop();

    const auto ran = backups.restore();
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("(position 4)") && Contains("--master-key-file"));
    CHECK_FALSE(fs::exists(backups.restored() + "/master.key"));
    CHECK_FALSE(fs::exists(backups.restored() + "/operator.key"));
    CHECK_FALSE(fs::exists(backups.restored() + "/views/roster"));
    CHECK(contents(backups.restored() + "/STORE") != contents(backups.data.path() + "/STORE"));
    Served served(backups);
    CHECK_THAT(served.get("/v1/workspaces/spring/members").body, Contains("ada@spring.example"));
    CHECK_THAT(served.get("/v1/workspaces/spring/invitations").body, Contains("grace@spring.example"));
    CHECK_THAT(served.get("/v1/workspaces/spring/teams").body, StartsWith(R"({"items":[])"));
    served.system.reset();
    CHECK(muster({"fsck", "--data", backups.restored()}).code == tools::well);
}

TEST_CASE("a restore says which invitations are open again, and which mails it does not send") {
    Backups backups;
    backups.data.clock.at = system_clock().now();
    auto fresh = backups.data.send("POST", "/v1/workspaces/spring/invitations", R"({"email":"kay@spring.example"})");
    fresh = fresh.substr(fresh.find("inv_"), 30);
    backups.create();
    const auto ran = backups.restore();
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("mails that were waiting and are not sent: 4\n"));  // nobody sent any in this test
    CHECK_THAT(ran.out, Contains("  position 4  invitation  ws_"));
    CHECK_THAT(ran.out, Contains("also where they were revoked or used later: 1\n  " + fresh + "  spring  until "));
    CHECK_THAT(ran.out, Contains("everybody has to sign in again"));
    fs::remove_all(backups.restored());
    const auto json = backups.restore({"--format", "json"});
    CHECK_THAT(json.out, Contains(R"("mails_not_sent":[{"position":)") && Contains(R"("position":5,"store":")"));
    // They are told of as not sent, and no follower sends them later.
    Served served(backups);
    CHECK_THAT(served.get("/v1/workspaces/spring/invitations").body,
               Contains(R"("delivery":{"status":"failed")") && Contains("restored"));
    CHECK(served.system->store().vault->checkpoint("mail") >= 4);
    CHECK(served.system->store().vault->mails().keys({}).empty());
}

TEST_CASE("a restore says where the history goes on, for whoever follows events from behind it") {
    Backups backups;
    backups.create();
    const auto ran = backups.restore();
    CHECK_THAT(ran.out, Contains("its history goes on behind position 4: ") && Contains("goes on with after=4\n"));
}

TEST_CASE("a file that did not change is kept once, and the oldest backups go") {
    Backups backups;
    {
        auto log = backups.data.log();
        log->flush();
    }
    REQUIRE(backups.create().code == tools::well);
    const auto first = backups.names("log").front();
    backups.data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
    REQUIRE(backups.create().code == tools::well);
    const auto second = backups.names("log").back();
    CHECK(backups.digests("log").size() < backups.files("log", first) + backups.files("log", second));
    CHECK_THAT(backups.list().out, Contains("log  " + first + "  position 4  ") && Contains("position 5"));
    CHECK_THAT(backups.list({"--format", "json"}).out, Contains(R"("kind":"vault","name":")"));

    const auto kept = backups.create({"--keep", "1", "--keep-vault", "2"});
    CHECK_THAT(kept.out, Contains("forgot 3 older backups\n"));
    CHECK(backups.names("log").size() == 1);
    CHECK(backups.names("vault").size() == 2);
    CHECK(backups.verify().code == tools::well);
}

TEST_CASE("what is there of another data directory is never forgotten, and it is said that it is there") {
    Backups backups, other;
    other.folder = backups.folder;
    REQUIRE(backups.create().code == tools::well);
    const auto kept = other.create({"--keep", "1", "--keep-vault", "1"});
    CHECK(kept.code == tools::well);
    CHECK_THAT(kept.out + kept.err,
               Contains("1 backups are of another store") && Contains("remove their .backup files"));
    CHECK(backups.names("log").size() == 2);
    CHECK(backups.names("vault").size() == 2);
    CHECK_THAT(other.create({"--keep", "1", "--keep-vault", "1"}).out, Contains("forgot 2 older backups\n"));
    CHECK(backups.restore({"--log", backups.names("log").front(), "--vault", backups.names("vault").front()}).code ==
          tools::well);
}

TEST_CASE("the vault has folders and a time of its own, but never an older one than the log") {
    Backups backups;
    const auto log = backups.scratch / "logs", vault = backups.scratch / "vaults";
    auto create = [&](std::vector<std::string> where) {
        where.insert(where.begin(), {"backup", "create", "--data", backups.data.path()});
        return muster(where);
    };
    auto restore = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"backup", "restore", "--log-from", log, "--vault-from", vault, "--to",
                                   backups.restored(), "--master-key-file", backups.master_key()});
        return muster(more);
    };
    REQUIRE(create({"--vault-to", vault}).code == tools::well);
    // A workspace with a claim key and people whose keys the vault does not have yet.
    backups.data.send("POST", "/v1/workspaces",
                      R"({"name":"Winter","slug":"winter","owner":{"email":"otto@w.example","name":"Otto"}})");
    REQUIRE(create({"--log-to", log}).code == tools::well);
    CHECK_THAT(muster({"backup", "verify", "--log-from", log, "--vault-from", vault}).out,
               Contains("no vault of the same or a later time"));
    const auto older = restore({});
    CHECK(older.code == tools::failed);
    CHECK_THAT(older.err, Contains("is older than the log") && Contains("It lacks 1 keys that the log names: ws_"));
    CHECK_FALSE(fs::exists(backups.restored()));

    backups.data.send("POST", "/v1/workspaces/winter/teams", R"({"name":"Sales"})");
    REQUIRE(create({"--vault-to", vault}).code == tools::well);
    const auto later = restore({});
    INFO(later.err);
    CHECK(later.code == tools::well);
}

TEST_CASE("a restore goes into a new directory, with the right master key, or not at all") {
    Backups backups;
    backups.create();
    SECTION("a directory that is there") {
        fs::create_directories(backups.restored());
        std::ofstream(backups.restored() + "/mine") << "mine";
        const auto ran = backups.restore();
        CHECK(ran.code == tools::failed);
        CHECK_THAT(ran.err, Contains("is there already"));
        CHECK(contents(backups.restored() + "/mine") == "mine");
        return;
    }
    SECTION("another master key") {
        fs::permissions(backups.master_key(), fs::perms::owner_all);
        std::ofstream(backups.master_key()) << std::string(32, 'x');
        CHECK(backups.restore().code == tools::failed);
    }
    SECTION("a backup that is not there") {
        const auto ran = backups.restore({"--log", "20200101T000000.000Z"});
        CHECK(ran.code == tools::failed);
        CHECK_THAT(ran.err, Contains("there is no backup 20200101T000000.000Z"));
    }
    SECTION("the vault of another directory") {
        const DataDirectory other;
        const auto vault = backups.scratch / "other";
        REQUIRE(muster({"backup", "create", "--data", other.path(), "--vault-to", vault}).code == tools::well);
        const auto ran = backups.restore({"--vault-from", vault});
        CHECK(ran.code == tools::failed);
        CHECK_THAT(ran.err, Contains("of different data directories"));
    }
    SECTION("no folder") { CHECK(muster({"backup", "list"}).code == tools::usage); }
    CHECK_FALSE(fs::exists(backups.restored()));
    CHECK_FALSE(fs::exists(backups.restored() + ".restoring"));
}

TEST_CASE("a backup is not made in the data directory, nor of what is none") {
    Backups backups;
    const auto ran =
        muster({"backup", "create", "--data", backups.data.path(), "--to", backups.data.path() + "/backups"});
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.err, Contains("lies in the data directory"));
    CHECK(muster({"backup", "create", "--data", backups.scratch / "none", "--to", backups.folder}).code ==
          tools::failed);
}

TEST_CASE("nothing in a backup can be read without the master key: no address, name, password, link or key, N7") {
    Backups backups;
    backups.data.serve();
    backups.data.send("POST", "/v1/workspaces/spring/members",
                      R"({"email":"kay@mauchly.example","name":"Kay Mauchly","password":"an old engine room"})");
    auto key =
        backups.data.send("POST", "/v1/workspaces/spring/api-keys", R"({"name":"K","permissions":["members.read"]})");
    key = key.substr(key.find("mbk_"), 40);
    backups.data.system().store().log->checkpoint(backups.scratch / "flushed");  // so that all is in tables
    REQUIRE(backups.create().code == tools::well);
    REQUIRE(backups.restore().code == tools::well);
    const std::vector<std::string> secrets{
        "kay@mauchly.example", "Kay Mauchly", "ada@spring.example",          "Ada Lovelace",
        "an old engine room",  key,           contents(backups.master_key())};
    CHECK(files_with(backups.folder, secrets).empty());
    CHECK(files_with(backups.restored(), secrets).empty());
    CHECK(files_with(backups.restored(), {"WorkspaceCreated"}) !=
          std::vector<std::string>{});  // what is not secret is found
}

TEST_CASE("sessions end with a restore, whatever position they were checked at [N5]") {
    Backups backups;
    backups.data.serve();
    auto& system = backups.data.system();
    const auto member = *MemberId::parse("mem" + backups.data.grace.substr(3));
    Sessions(*system.store().vault, *system.store().log, system_entropy()).open(member, 4, backups.data.clock.at, "");
    REQUIRE(backups.create().code == tools::well);
    backups.data.stop();
    REQUIRE(backups.restore().code == tools::well);
    Served served(backups);
    CHECK(served.system->store().vault->sessions().keys({}).empty());
}

TEST_CASE("the built program makes, lists, verifies and restores backups as well") {
    Backups backups;
    CHECK(program({"backup", "create", "--data", backups.data.path(), "--to", backups.folder}).code == tools::well);
    CHECK(program({"backup", "verify", "--from", backups.folder}).code == tools::well);
    CHECK(program({"backup", "restore", "--from", backups.folder, "--to", backups.restored(), "--master-key-file",
                   backups.master_key()})
              .code == tools::well);
    CHECK(program({"backup", "create", "--data", backups.data.path()}).code == tools::usage);
}

}  // namespace muster::test
