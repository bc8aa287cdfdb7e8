// Which backup is the newest: by when it was made, whichever store it is of.
#include "tests/tools/backups.h"
#include "tools/backup_folder.h"
#include "tools/backup_locks.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

// Spring backed up twice, and its first backup restored to another store that has happened less.
struct Restored : Backups {
    Restored() {
        REQUIRE(create().code == tools::well);
        for (const char* team : {"One", "Two", "Three"})
            data.send("POST", "/v1/workspaces/spring/teams", R"({"name":")" + std::string(team) + "\"}");
        REQUIRE(create().code == tools::well);
        const auto first = names("log").front();
        REQUIRE(restore({"--log", first, "--vault", first}).code == tools::well);
    }
    Ran create_of_restored(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"backup", "create", "--data", restored(), "--to", folder});
        return muster(more);
    }
};

tools::Backup backup_of(std::uint8_t store, const std::string& made, Position position) {
    tools::Backup backup;
    backup.store.bytes[0] = store;
    backup.made = *Instant::parse(made);
    backup.position = position;
    return backup;
}

}  // namespace

TEST_CASE("what was just made is kept and restored, though the store that was lost had come further [N1]") {
    Restored backups;
    const auto made = backups.create_of_restored({"--keep", "1", "--keep-vault", "1"});
    INFO(made.out << made.err);
    CHECK(made.code == tools::well);
    // Those of the store that was lost are for a person to remove.
    REQUIRE(backups.names("log").size() == 3);
    CHECK_THAT(made.out, Contains("made log " + backups.names("log").back()));
    CHECK_THAT(made.out, Contains("made vault " + backups.names("vault").back()));

    const auto again = backups.scratch / "again";
    const auto ran = muster(
        {"backup", "restore", "--from", backups.folder, "--to", again, "--master-key-file", backups.master_key()});
    INFO(ran.out << ran.err);
    CHECK(ran.code == tools::well);
    CHECK(muster({"fsck", "--data", again}).code == tools::well);
}

TEST_CASE("a restore that names none takes the newest, of the store that was restored before") {
    Restored backups;
    REQUIRE(backups.create_of_restored().code == tools::well);
    CHECK(backups.names("log").size() == 3);
    const auto again = backups.scratch / "again";
    const auto restore = [&](std::vector<std::string> more) {
        fs::remove_all(again);
        more.insert(more.begin(), {"backup", "restore", "--from", backups.folder, "--to", again, "--master-key-file",
                                   backups.master_key()});
        return muster(more);
    };
    CHECK_THAT(restore({}).out, Contains("from the log " + backups.names("log").back()));
    // Of the one that was lost, whose vault need not be named.
    const auto lost = backups.names("log")[1];
    const auto ran = restore({"--log", lost});
    INFO(ran.err);
    CHECK_THAT(ran.out, Contains("from the log " + lost) && Contains("the vault " + lost));
}

TEST_CASE("backups of one store are in the order of what happened, also where the clock went back") {
    const Scratch scratch;
    const tools::BackupFolder folder(scratch / "log", tools::BackupKind::log);
    folder.make();
    auto publish = [&](tools::Backup backup) { folder.publish(backup); };
    publish(backup_of(1, "2026-03-02T09:00:00Z", 100));
    publish(backup_of(1, "2026-03-02T08:00:00Z", 200));  // an hour back
    publish(backup_of(2, "2026-03-02T10:00:00Z", 50));
    publish(backup_of(2, "2026-03-02T11:00:00Z", 60));
    publish(backup_of(1, "2026-03-02T12:00:00Z", 300));
    auto positions = [&] {
        std::vector<Position> all;
        for (const auto& each : folder.all()) all.push_back(each.position);
        return all;
    };
    CHECK(positions() == std::vector<Position>{100, 200, 50, 60, 300});
    // Made with a clock that stood wrong: it is kept all the same, and what is of another store is not counted.
    auto late = backup_of(1, "2020-01-01T00:00:00Z", 400);
    folder.publish(late);
    CHECK(folder.keep_newest(2, late) == 2);
    CHECK(positions() == std::vector<Position>{300, 50, 60, 400});
}

TEST_CASE("a restore tells of files whose backup is not there any more: it may have been newer") {
    Backups backups;
    REQUIRE(backups.create().code == tools::well);
    backups.data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
    REQUIRE(backups.create().code == tools::well);
    fs::remove(backups.folder + "/log/" + backups.names("log").back() + ".backup");
    const auto ran = backups.restore();
    INFO(ran.out << ran.err);
    CHECK(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("note: " + backups.folder + "/log/files has ") &&
                            Contains(" that no backup names: a list of files was removed"));
}

TEST_CASE("a damaged list of an older backup stands in no restore's way, and is told of") {
    Backups backups;
    REQUIRE(backups.create().code == tools::well);
    REQUIRE(backups.create().code == tools::well);
    for (const std::string kind : {"log", "vault"}) {
        INFO(kind);
        const auto path = backups.damage_list(kind, backups.names(kind).front());
        const auto listed = backups.list();
        CHECK(listed.code == tools::failed);
        CHECK_THAT(listed.out, Contains(kind + "  " + backups.names(kind).front() + "  " + path));
        fs::remove_all(backups.restored());
        const auto ran = backups.restore();
        INFO(ran.out << ran.err);
        CHECK(ran.code == tools::well);
        CHECK_THAT(ran.out, Contains("from the log " + backups.names("log").back()) &&
                                Contains("the vault " + backups.names("vault").back()));
        CHECK_THAT(ran.out, Contains("note: " + path + " is damaged: ") &&
                                Contains("it is older than " + backups.names(kind).back()));
    }
    // Where it is the newest, none is taken in its place.
    const auto newest = backups.damage_list("log", backups.names("log").back());
    fs::remove_all(backups.restored());
    const auto refused = backups.restore();
    CHECK(refused.code == tools::damaged);
    CHECK_THAT(refused.err, Contains(newest) && Contains("an older one can be named with --log"));
}

TEST_CASE("a damaged list stands where its name says, and as late as that allows where a clock went back") {
    Backups backups;
    const tools::BackupFolder folder(backups.folder + "/log", tools::BackupKind::log);
    folder.make();
    auto publish = [&](const char* made, Position position) {
        auto backup = backup_of(1, made, position);
        folder.publish(backup);
        return backup.name;
    };
    auto names = [&] {
        std::vector<std::string> all;
        for (const auto& each : folder.all()) all.push_back(each.name);
        return all;
    };
    const auto first = publish("2026-03-02T09:00:00Z", 100);
    const auto second = publish("2026-03-02T10:00:00Z", 200);
    const auto third = publish("2026-03-02T11:00:00Z", 300);
    backups.damage_list("log", second);
    CHECK(names() == std::vector{first, second, third});
    // The clock went back before it was made.
    const auto back = publish("2026-03-02T09:30:00Z", 400);
    CHECK(names() == std::vector{first, third, back, second});
    // One that was copied by hand says nothing of its time.
    backups.damage_list("log", "copy");
    CHECK(names() == std::vector{first, third, back, second, std::string("copy")});
}

TEST_CASE("beside a damaged list no file is thrown away, and each backup says so until it is gone") {
    Backups backups;
    REQUIRE(backups.create().code == tools::well);
    const auto path = backups.damage_list("log", backups.names("log").front());
    std::ofstream(backups.folder + "/log/files/" + std::string(64, 'a')) << "which it may name";
    const auto has_it = [&] { return fs::exists(backups.folder + "/log/files/" + std::string(64, 'a')); };
    for (const char* format : {"text", "json"}) {
        const auto ran = backups.create({"--keep", "1", "--format", format});
        INFO(ran.out << ran.err);
        CHECK(ran.code == tools::well);
        CHECK_THAT(ran.err, Contains("warning: " + path + " is damaged: ") &&
                                Contains("none is removed from " + backups.folder + "/log/files") &&
                                Contains("or remove it if that backup can be given up"));
        CHECK(lines_of(ran.err).size() == 1);
        CHECK(has_it());
    }
    fs::remove(path);
    CHECK(backups.create({"--keep", "1"}).err.empty());
    CHECK_FALSE(has_it());
}

TEST_CASE("what a backup that was broken off left in the folder is gone with the next one") {
    Backups backups;
    REQUIRE(backups.create().code == tools::well);
    for (const char* kind : {"/log/files/", "/vault/files/"}) {
        std::ofstream(backups.folder + kind + std::string(64, 'a')) << "a table that no backup names";
        std::ofstream(backups.folder + kind + "half.part") << "half of one";
    }
    CHECK_THAT(backups.verify().out, Contains("note: "));
    REQUIRE(backups.create().code == tools::well);
    CHECK(backups.verify().out == "whole: 4 backups, every checksum, and the history of each log\n");
}

TEST_CASE("a copy that a verification was killed over goes with the next backup, and the keys in it, N7") {
    Backups backups;
    REQUIRE(backups.create().code == tools::well);
    const auto left = tools::BackupFolder(backups.folder + "/vault", tools::BackupKind::vault).new_scratch();
    fs::create_directories(left + "/vault");
    std::ofstream(left + "/vault/000012.sst") << "keys";
    REQUIRE(backups.create().code == tools::well);
    CHECK_FALSE(fs::exists(left));
}

TEST_CASE("while backups are verified or restored none of them goes, and one may be made") {
    Backups backups;
    REQUIRE(backups.create().code == tools::well);
    const auto first = backups.names("vault");
    const tools::BackupFolder vault(backups.folder + "/vault", tools::BackupKind::vault);
    {
        const auto reading = tools::lock_for_reading(vault);
        REQUIRE(reading.held());
        CHECK(backups.verify().code == tools::well);  // beside another one
        const auto made = backups.create({"--keep", "1", "--keep-vault", "1"});
        CHECK(made.code == tools::well);
        CHECK_THAT(made.err, Contains("/vault is being read"));
        CHECK(backups.names("vault").size() == 2);
        CHECK(backups.names("log").size() == 1);
    }
    REQUIRE(backups.create({"--keep", "1", "--keep-vault", "1"}).err.empty());
    CHECK(backups.names("vault").size() == 1);
    CHECK(backups.names("vault") != first);
}

TEST_CASE("files of a backup that is being made are no strays") {
    Backups backups;
    REQUIRE(backups.create().code == tools::well);
    std::ofstream(backups.folder + "/vault/files/half.part") << "half of one";
    const tools::BackupFolder vault(backups.folder + "/vault", tools::BackupKind::vault);
    {
        const auto writing = tools::lock_for_writing(vault);
        CHECK_THROWS_AS(tools::lock_for_writing(vault), StorageError);
        CHECK(backups.verify().code == tools::well);
    }
    CHECK(backups.verify().code == tools::failed);
}

}  // namespace muster::test
