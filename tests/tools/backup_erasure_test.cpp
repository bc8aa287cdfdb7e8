// A restore brings nobody back: who was erased after the backup stays erased.
#include "eventstore/codec.h"
#include "eventstore/erasures.h"
#include "eventstore/sealed_rows.h"
#include "tests/tools/backups.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

struct Erased : Backups {
    Erased() {
        auto made = data.send("POST", "/v1/workspaces/spring/members",
                              R"({"email":"kay@mauchly.example","name":"Kay Mauchly"})");
        kay = made.substr(made.find("mem_"), 30);
        REQUIRE(create().code == tools::well);
        data.send("DELETE", "/v1/workspaces/spring/members/" + kay + "?confirm=" + kay);
    }
    std::string kay;
};

void check_gone(const Erased& backups) {
    Served served(backups);
    CHECK(served.get("/v1/workspaces/spring/members/" + backups.kay).status == 410);
    for (const std::string path : {"members", "people", "audit?limit=1000", "members.csv", "members?q=kay"}) {
        const auto answer = served.get("/v1/workspaces/spring/" + path);
        INFO(path);
        CHECK(answer.status == 200);
        CHECK_THAT(answer.body, !Contains("auchly"));
    }
    CHECK(served.system->store().vault->checkpoint("mail") > 5);  // all that was in the backup
    CHECK(served.system->store().vault->mails().keys({}).empty());
    // The address can be invited again, as somebody new.
    CHECK(served.call("POST", "/v1/workspaces/spring/invitations", R"({"email":"kay@mauchly.example"})").status == 201);
}

}  // namespace

TEST_CASE("who was erased after the backup stays erased where a newer list of erasures is given, N7") {
    Erased backups;
    const auto ran = backups.restore({"--erasures", backups.data.path() + "/erasures"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("erased again, for they were erased later: 1 people, 0 workspaces"));
    check_gone(backups);
    CHECK(muster({"fsck", "--data", backups.restored()}).code == tools::well);
    const auto proof = muster({"audit", "erasure-proof", "--data", backups.restored(), "--workspace", "spring",
                               "--member", backups.kay, "--master-key-file", backups.master_key()});
    INFO(proof.out);
    CHECK(proof.code == tools::well);
}

TEST_CASE("a newer backup's list of erasures counts too, also that of the vault alone, N7") {
    Erased backups;
    const auto first = backups.names("log").front();
    REQUIRE(muster({"backup", "create", "--data", backups.data.path(), "--vault-to", backups.folder + "/vault"}).code ==
            tools::well);
    SECTION("with the newer vault") { REQUIRE(backups.restore().code == tools::well); }
    SECTION("with the old vault, which has the key") {
        REQUIRE(backups.restore({"--log", first, "--vault", first}).code == tools::well);
    }
    check_gone(backups);
}

TEST_CASE("a workspace that was deleted after the backup is deleted again") {
    Erased backups;
    auto shown = backups.data.send("GET", "/v1/workspaces/spring");
    const auto id = shown.substr(shown.find("ws_"), 29);
    backups.data.send("DELETE", "/v1/workspaces/" + id + "?confirm=" + id);
    const auto ran = backups.restore({"--erasures", backups.data.path() + "/erasures"});
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("1 workspaces"));
    {
        Served served(backups);
        CHECK(served.get("/v1/workspaces/" + id).status == 410);
    }
    CHECK(muster({"fsck", "--data", backups.restored()}).code == tools::well);
}

TEST_CASE("the only admin of a backup who was erased later signs in no more, N5") {
    Backups backups;
    auto& data = backups.data;
    const auto people = data.send("GET", "/v1/workspaces/spring/members");
    const auto ada = people.substr(people.find("mem_"), 30);
    data.send("PUT", "/v1/workspaces/spring/members/" + ada + "/password", R"({"password":"an old engine room"})");
    REQUIRE(backups.create().code == tools::well);
    data.send("POST", "/v1/workspaces/spring/members",
              R"({"email":"kay@mauchly.example","name":"Kay Mauchly","role":"admin"})");
    data.send("DELETE", "/v1/workspaces/spring/members/" + ada + "?confirm=" + ada);
    const auto log_in = [](Served& served) {
        return served
            .call("POST", "/v1/auth/login",
                  R"({"workspace":"spring","email":"ada@spring.example","password":"an old engine room"})")
            .status;
    };
    SECTION("without the list she is back, as a backup has her") {
        REQUIRE(backups.restore().code == tools::well);
        Served served(backups);
        CHECK(log_in(served) == 200);
    }
    SECTION("with it she is not") {
        const auto ran = backups.restore({"--erasures", data.path() + "/erasures"});
        REQUIRE(ran.code == tools::well);
        CHECK_THAT(ran.out, Contains("is one of them: create another with the operator key"));
        {
            Served served(backups);
            CHECK(log_in(served) == 401);
            // Another admin takes over, and deletes what is left of her, with what was written to it since.
            const auto made = served.call("POST", "/v1/workspaces/spring/members",
                                          R"({"email":"joan@spring.example","name":"Joan","role":"admin"})");
            CHECK(made.status == 201);
            const auto left = "/v1/workspaces/spring/members/" + ada;
            CHECK(served.call("PATCH", left, R"({"role":"member","job_title":"Gone"})").status == 200);
            CHECK(served.call("DELETE", left + "?confirm=" + ada).status == 200);
            served.system->tidy();  // read models too
        }
        const auto proof = muster({"audit", "erasure-proof", "--data", backups.restored(), "--workspace", "spring",
                                   "--member", ada, "--master-key-file", backups.master_key()});
        INFO(proof.out);
        CHECK(proof.code == tools::well);
    }
}

TEST_CASE("who comes after a restore has a key that nobody had in the history that was lost, N7") {
    Backups backups;
    auto& data = backups.data;
    REQUIRE(backups.create().code == tools::well);
    // Lost: somebody came and was erased, which only a list tells that turns up later.
    const auto kay =
        data.send("POST", "/v1/workspaces/spring/members", R"({"email":"kay@mauchly.example","name":"Kay Mauchly"})");
    const auto id = kay.substr(kay.find("mem_"), 30);
    data.send("DELETE", "/v1/workspaces/spring/members/" + id + "?confirm=" + id);
    REQUIRE(backups.restore().code == tools::well);
    {
        Served served(backups);
        REQUIRE(served
                    .call("POST", "/v1/workspaces/spring/members",
                          R"({"email":"joan@spring.example","name":"Joan Clarke"})")
                    .status == 201);
    }
    const auto list = load_erasures(data.path() + "/erasures").ids;
    REQUIRE(list.size() == 1);
    const auto store = open_store(backups.restored(), {.master_key_file = backups.master_key()});
    std::set<Uuid> keys;
    for (Position at = 1; at <= store.log->head(); ++at)
        if (const auto key = sealed_under(store.log->frame(at)->payload)) keys.insert(*key);
    REQUIRE(keys.size() >= 2);
    CHECK_FALSE(keys.contains(*list.begin()));
}

TEST_CASE("where older backups are named beside damaged lists, it is said that nobody knows whom those list, N7") {
    Erased backups;
    const auto first = backups.names("log").front();
    backups.data.clock.at = backups.data.clock.at.plus_seconds(60);
    REQUIRE(backups.create().code == tools::well);
    for (const std::string kind : {"log", "vault"}) backups.damage_list(kind, backups.names(kind).back());
    const auto ran = backups.restore({"--log", first, "--vault", first});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("whom it lists as erased nobody knows"));
}

TEST_CASE("a list of erasures that is older than the backups, or of another directory, counts and is noted") {
    Erased backups;
    REQUIRE(backups.create().code == tools::well);
    const auto other = backups.scratch / "other";
    std::ofstream(other, std::ios::binary) << erasures_file({Uuid{}});
    const auto ran = backups.restore({"--erasures", other});
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("note: " + other + " lacks 1 destroyed keys that the backups list: ") &&
                            Contains("of another data directory"));
    CHECK_THAT(ran.out, Contains("note: " + other + " lists 1 destroyed keys, and this log and the backups know none"));
    check_gone(backups);
    const Scratch elsewhere;
    const auto right =
        muster({"backup", "restore", "--from", backups.folder, "--to", elsewhere / "restored", "--master-key-file",
                backups.master_key(), "--erasures", backups.data.path() + "/erasures"});
    CHECK(right.code == tools::well);
    CHECK_THAT(right.out, !Contains("lacks") && !Contains("know none"));
}

TEST_CASE("what is no list of erasures, or a damaged one, is refused by its name: nobody is brought back by it [N12]") {
    Erased backups;
    const auto file = backups.scratch / "list";
    const auto whole = contents(backups.data.path() + "/erasures");
    REQUIRE(whole.ends_with("end\n"));
    auto flipped = whole;
    flipped[10] = static_cast<char>(flipped[10] ^ 1);
    for (const auto& list : {std::string("Kay Mauchly\n"), std::string(), flipped, whole.substr(0, whole.size() - 4),
                             whole.substr(0, 36), whole.substr(0, 10), whole.substr(1), whole + whole}) {
        INFO(list);
        std::ofstream(file, std::ios::binary | std::ios::trunc) << list;
        const auto ran = backups.restore({"--erasures", file});
        CHECK(ran.code == tools::damaged);
        CHECK_THAT(ran.err, Contains(file));
        CHECK_FALSE(fs::exists(backups.restored()));
    }
}

TEST_CASE("a list of erasures from before there were checksums counts, but not where it was torn, N7") {
    Erased backups;
    const auto file = backups.scratch / "list";
    std::string bare;
    for (const auto& id : load_erasures(backups.data.path() + "/erasures").ids) bare += base32(id) + "\n";
    std::ofstream(file, std::ios::binary) << bare.substr(0, bare.size() - 1);
    CHECK(backups.restore({"--erasures", file}).code == tools::damaged);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bare;
    REQUIRE(backups.restore({"--erasures", file}).code == tools::well);
    check_gone(backups);
}

TEST_CASE("[N12] a damaged list of erasures is not backed up as a whole one") {
    Erased backups;
    const auto list = backups.data.path() + "/erasures";
    const auto whole = contents(list);
    auto flipped = whole;
    flipped[10] = static_cast<char>(flipped[10] ^ 1);
    for (const auto& damaged : {flipped, whole.substr(0, whole.size() - 6)}) {
        std::ofstream(list, std::ios::binary | std::ios::trunc) << damaged;
        const auto ran = backups.create();
        CHECK(ran.code == tools::damaged);
        CHECK_THAT(ran.err, Contains(list));
    }
    std::ofstream(list, std::ios::binary | std::ios::trunc) << whole;
    CHECK(backups.create().code == tools::well);
}

}  // namespace muster::test
