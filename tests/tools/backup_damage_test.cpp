// Damage in any kind of file of a backup, in any way: it is named, and nothing is restored from it.
#include "eventstore/erasures.h"
#include "tests/tools/backups.h"
#include "tools/backup_folder.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

void flip_a_bit(const std::string& path) {
    auto bytes = contents(path);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}
void cut(const std::string& path) { fs::resize_file(path, fs::file_size(path) / 2); }
void zero(const std::string& path) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << std::string(fs::file_size(path), '\0');
}
void remove(const std::string& path) { fs::remove(path); }

struct Damage {
    const char* name;
    void (*to)(const std::string&);
};
constexpr Damage damages[] = {{"a flipped bit", flip_a_bit}, {"cut", cut}, {"zeros", zero}, {"deleted", remove}};

// Every kind of file that a backup consists of, by how its path ends. There are no write-ahead logs: what was in them
// is in tables when a copy is made.
struct Kind {
    const char* of;
    const char* ending;
};
constexpr Kind kinds[] = {{"log", ".sst"},      {"log", "CURRENT"},    {"log", "anchor"},     {"log", "erasures"},
                          {"log", "STORE"},     {"log", "MANIFEST"},   {"log", "OPTIONS"},    {"vault", ".sst"},
                          {"vault", "CURRENT"}, {"vault", "MANIFEST"}, {"vault", "erasures"}, {"vault", "OPTIONS"}};

struct Damaged : Backups {
    Damaged() {
        // One who was erased, so that there is a list.
        auto gone = data.send("POST", "/v1/workspaces/spring/members",
                              R"({"email":"gone@spring.example","name":"Gone","send_email":false})");
        auto id = gone.substr(gone.find("mem_"), 30);
        data.send("DELETE", "/v1/workspaces/spring/members/" + id + "?confirm=" + id);
        REQUIRE(create().code == tools::well);
    }
    // MANIFEST-000012 and the like end with a number.
    [[nodiscard]] std::string file(const Kind& kind) const {
        const auto name = names(kind.of).back();
        if (auto found = stored(kind.of, name, kind.ending); !found.empty()) return found;
        std::ifstream lines(folder + "/" + kind.of + "/" + name + ".backup");
        for (std::string line; std::getline(lines, line);)
            if (line.find("/" + std::string(kind.ending) + "-") != std::string::npos)
                return folder + "/" + kind.of + "/files/" + line.substr(5, 64);
        return {};
    }
};

}  // namespace

TEST_CASE("[N12] a damaged file of a backup is named by verify and by restore, which refuse it") {
    Damaged backups;
    for (const auto& kind : kinds) {
        const auto path = backups.file(kind);
        INFO(kind.of << " " << kind.ending);
        REQUIRE_FALSE(path.empty());
        const auto whole = contents(path);
        for (const auto& damage : damages) {
            INFO(damage.name);
            damage.to(path);
            const auto verified = backups.verify();
            CHECK(verified.code == tools::damaged);
            CHECK_THAT(verified.out, Contains(path));
            const auto restored = backups.restore();
            // Of the vault's backup all that is used is the vault; its list of erasures is read with those of all.
            CHECK(restored.code == tools::damaged);
            CHECK_THAT(restored.err, Contains(path));
            CHECK_FALSE(fs::exists(backups.restored()));
            fs::remove(path);
            std::ofstream(path, std::ios::binary) << whole;
        }
    }
    CHECK(backups.verify().code == tools::well);
    CHECK(backups.restore().code == tools::well);
}

TEST_CASE("[N12] a damaged list of files is named, and no file is thrown away for it") {
    Damaged backups;
    for (const std::string kind : {"log", "vault"}) {
        const auto path = backups.folder + "/" + kind + "/" + backups.names(kind).back() + ".backup";
        const auto whole = contents(path);
        for (const auto& damage : damages) {
            INFO(kind << " " << damage.name);
            damage.to(path);
            const auto verified = backups.verify();
            const auto restored = backups.restore();
            const bool gone = !fs::exists(path);
            CHECK(verified.code == (gone ? tools::failed : tools::damaged));
            CHECK(restored.code == (gone ? tools::failed : tools::damaged));
            if (gone)
                CHECK_THAT(verified.out, Contains("no backup names"));
            else
                CHECK_THAT(verified.out + restored.err, Contains(path));
            std::ofstream(path, std::ios::binary | std::ios::trunc) << whole;
        }
    }
    CHECK(backups.verify().code == tools::well);
}

TEST_CASE("[N12] a log that lost its end is not backed up as whole") {
    DataDirectory data;
    const Scratch scratch;
    {
        auto anchor = open_anchor(data.path() + "/anchor");
        anchor->write({9, anchor->read()->running});
    }
    const auto ran = muster({"backup", "create", "--data", data.path(), "--to", scratch / "backups"});
    CHECK(ran.code == tools::damaged);
    CHECK_THAT(ran.err, Contains("its anchor has seen 9"));
    CHECK(muster({"backup", "list", "--from", scratch / "backups"}).out == "no backups\n");
}

TEST_CASE("[N12] a damaged log or vault is not backed up, and no other backup is forgotten for it") {
    Damaged backups;
    backups.data.stop();
    const auto part = GENERATE(as<std::string>{}, "log", "vault");
    std::string largest;
    for (const auto& each : fs::directory_iterator(backups.data.path() + "/" + part))
        if (each.path().extension() == ".sst" && (largest.empty() || each.file_size() > fs::file_size(largest)))
            largest = each.path();
    REQUIRE_FALSE(largest.empty());
    {
        auto bytes = contents(largest);
        bytes[10] = static_cast<char>(bytes[10] ^ 1);  // in the first block
        std::ofstream(largest, std::ios::binary | std::ios::trunc) << bytes;
    }
    const auto before = backups.names("log");
    const auto ran = backups.create({"--keep", "1", "--keep-vault", "1"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == tools::damaged);
    CHECK_THAT(ran.err, Contains(largest));
    CHECK(backups.names("log") == before);
    CHECK(backups.names("vault").size() == 1);
    CHECK_THAT(backups.verify().out, !Contains("damaged:"));
    CHECK(backups.restore().code == tools::well);
}

TEST_CASE("[N12] a list of erasures that lacks some is not backed up; a start makes it whole") {
    Damaged backups;
    fs::remove(backups.data.path() + "/erasures");
    const auto ran = backups.create();
    CHECK(ran.code == tools::damaged);
    CHECK_THAT(ran.err, Contains("lists 0 destroyed keys of 1"));
    // The log tells which, so the next start lists them again.
    backups.data.serve();
    backups.data.stop();
    CHECK(backups.create().code == tools::well);
    CHECK(backups.verify().code == tools::well);
}

TEST_CASE("[N12] a backup whose list of erasures lacks some is found by verify") {
    Damaged backups;
    // As a program made it that did not count them.
    const tools::BackupFolder folder(backups.folder + "/vault", tools::BackupKind::vault);
    auto backup = folder.all().back();
    const auto list = backups.scratch / "erasures";
    std::ofstream(list) << erasures_file({});
    for (auto& file : backup.files)
        if (file.path == "erasures") file = folder.put(list, file.path);
    folder.publish(backup);
    const auto ran = backups.verify({"--backup", backup.name});
    CHECK(ran.code == tools::damaged);
    CHECK_THAT(ran.out, Contains("vault " + backup.name + ": ") && Contains("lists 0 destroyed keys of 1"));
}

TEST_CASE("[N12] a history that was altered before it was backed up is found by verify") {
    Backups backups;
    {
        auto log = backups.data.log();
        WriteBatch batch;
        batch.erase(family(LogFamily::claims), std::string(log->scan(family(LogFamily::claims), {})->key()));
        log->write(batch, Sync::yes);
    }
    REQUIRE(backups.create().code == tools::well);
    const auto ran = backups.verify();
    CHECK(ran.code == tools::damaged);
    CHECK_THAT(ran.out, Contains("the row of a claim is missing"));
}

}  // namespace muster::test
