// The damage matrix: every file of a data directory with a bit flipped, its end cut off, a part zeroed, or gone. What
// is found then is refused when it is opened (exit 78) or asked for (500), was mended, or was not needed: whatever is
// answered is what was answered before [N1 N12]. `master.key` and `operator.key` are the operator's to keep.
#include "eventstore/fsck.h"
#include "tests/api/signed_in.h"
#include "tests/eventstore/table_contract.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace muster::test {
namespace {

namespace fs = std::filesystem;

// Memory where there is any: thousands of small files are copied.
std::string somewhere_quick() { return fs::exists("/dev/shm") ? "/dev/shm" : fs::temp_directory_path().string(); }

// All of Muster on a directory, as often as it is started.
struct On {
    explicit On(const std::string& directory)
        : api(false, [&](SystemOptions& options) { options.directory = directory; }) {}
    Api api;
};

// What somebody who was there before knows.
struct Known {
    std::string token;    // of an invitation that waits
    std::string session;  // of somebody who accepted
};

Answer invite_grace(Api& api) {
    return api.post("/invitations", R"({"email":"grace@spring.example","send_email":false})",
                    {{"Idempotency-Key", "grace"}});
}

// What is asked of every copy, by name. Signing in moves things, so it comes last and only its status counts.
std::map<std::string, std::string> answers(Api& api, const Known& known) {
    std::map<std::string, std::string> all;
    const auto note = [&](const std::string& name, const Answer& answer, bool only_status = false) {
        all[name] = std::to_string(answer.status) + (only_status ? "" : " " + answer.body);
    };
    for (const char* path :
         {"/members?limit=1000", "/members?q=ada", "/invitations?status=pending,accepted,revoked,expired",
          "/audit?limit=1000", "/audit/verify", "/seats", "/roles", "/teams", "/settings", "/plan",
          "/invitation-requests"})
        note(path, api.get(path));
    note("the link of an invitation", api.post("/v1/invitations/inspect", R"({"token":")" + known.token + "\"}"));
    note("a session", api.get("/v1/me", {{"Authorization", "Bearer " + known.session}}));
    note("a request sent again", invite_grace(api));
    note("signing in, from the file", log_in(api, "early@spring.example"), true);
    note("signing in, from the log", log_in(api, "late@spring.example"), true);
    return all;
}

// Two lives, so that each table has rows in its sorted files and in its write-ahead log; and somebody erased.
Known live(const std::string& directory) {
    Known known;
    {
        On first(directory);
        auto answer = first.api.post(
            "/v1/workspaces",
            R"({"name":"Spring Labs","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})");
        REQUIRE(answer.status == 201);
        first.api.licenses(5);
        first.api.team("Sales");
        first.api.accept(first.api.invite("early@spring.example", R"("license":"organization")"));
        auto gone = first.api.member("gone@spring.example");
        REQUIRE(first.api.remove("/members/" + gone + "?confirm=" + gone).status == 200);
        for (int i = 0; i < 30; ++i) first.api.invite("p" + std::to_string(i) + "@spring.example");
    }
    On second(directory);
    REQUIRE(invite_grace(second.api).status == 201);
    auto late = second.api.invite("late@spring.example");
    known.token = second.api.token(second.api.invite("waits@spring.example"));
    second.api.accept(late);
    auto gone = second.api.member("gone.too@spring.example");
    REQUIRE(second.api.remove("/members/" + gone + "?confirm=" + gone).status == 200);
    known.session = log_in(second.api, "late@spring.example").text("/token");
    return known;
}

std::string bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& bytes) {
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

struct Damage {
    std::string name;
    std::function<void(std::string&)> change;  // of the bytes; none: the file is gone
};

Damage flipped(const std::string& where, double part) {
    return {
        "a bit flipped " + where, [part](std::string& bytes) {
            if (bytes.empty()) return;
            auto& byte =
                bytes[std::min(bytes.size() - 1, static_cast<std::size_t>(part * static_cast<double>(bytes.size())))];
            byte = static_cast<char>(byte ^ 4);
        }};
}

const std::vector<Damage> damages{
    {"gone", {}},
    {"emptied", [](std::string& bytes) { bytes.clear(); }},
    {"cut in the middle", [](std::string& bytes) { bytes.resize(bytes.size() / 2); }},
    {"its last byte cut off",
     [](std::string& bytes) { bytes.resize(bytes.size() - std::min<std::size_t>(1, bytes.size())); }},
    {"a part zeroed",
     [](std::string& bytes) {
         std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 3),
                   bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2), '\0');
     }},
    flipped("at its beginning", 0),
    flipped("in the first quarter", 0.2),
    flipped("in the middle", 0.5),
    flipped("in the last quarter", 0.8),
    flipped("at its end", 1),
};

// RocksDB's own notes, and what the operator keeps.
bool counts(const fs::path& path) {
    const auto name = path.filename().string();
    return name != "LOCK" && name != "IDENTITY" && !name.starts_with("OPTIONS") && !name.ends_with(".key");
}

struct Matrix {
    Matrix() : directory(scratch / "whole"), known(live(directory)) {
        fs::copy(directory, scratch / "asked", fs::copy_options::recursive);
        On asked(scratch / "asked");
        before = answers(asked.api, known);
        for (const auto& [name, answer] : before) {
            INFO(name << ": " << answer);
            CHECK(answer.starts_with("2"));
        }
    }

    // What became of one damage: "refused", "asked for, and refused", "the same"; or what is wrong.
    std::string outcome(const std::string& copy) {
        try {
            On damaged(copy);
            bool refused = false;
            for (const auto& [name, answer] : answers(damaged.api, known)) {
                if (answer == before.at(name)) continue;
                if (!answer.starts_with("5")) return name + ": " + answer.substr(0, 300);
                refused = true;
            }
            if (refused) return "refused when asked for";
            const auto& log = *damaged.api.system->store().log;
            const auto report = fsck(*log.table().snapshot(), nullptr);
            if (!report.clean()) return "fsck: " + report.findings.front().text();
            return "the same";
        } catch (const StorageError&) {
            return "refused";
        }
    }

    void run(const std::string& part) {
        std::map<std::string, int> tally;
        for (const auto& entry : fs::recursive_directory_iterator(directory)) {
            const auto name = fs::relative(entry.path(), directory).string();
            if (!entry.is_regular_file() || !counts(entry.path()) || !name.starts_with(part)) continue;
            for (const auto& damage : damages) {
                const auto copy = scratch / "damaged";
                fs::remove_all(copy);
                fs::copy(directory, copy, fs::copy_options::recursive);
                const fs::path file = copy + "/" + name;
                if (damage.change) {
                    auto bytes = bytes_of(file);
                    const auto whole = bytes;
                    damage.change(bytes);
                    if (bytes == whole) continue;
                    write(file, bytes);
                } else {
                    fs::remove(file);
                }
                const auto found = outcome(copy);
                const bool well = found.starts_with("refused") || found == "the same";
                ++tally[well ? found : "served as good"];
                if (!well) FAIL_CHECK(name << ", " << damage.name << ": " << found);
            }
        }
        std::string said;
        for (const auto& [what, times] : tally) said += what + ": " + std::to_string(times) + "  ";
        WARN(part << ": " << said);
    }

    Scratch scratch{somewhere_quick()};
    std::string directory;
    Known known;
    std::map<std::string, std::string> before;
};

}  // namespace

TEST_CASE("no damage of the log's files is served as good [N1 N12]") { Matrix().run("log/"); }
TEST_CASE("no damage of the vault's files is served as good, nor ends the server when somebody signs in [N1 N12]") {
    Matrix().run("vault/");
}
TEST_CASE("no damage of a read model's files is served as good [N11 N12]") { Matrix().run("views/"); }
TEST_CASE("no damage of the files beside them is served as good [N1 N12]") {
    Matrix matrix;
    for (const char* each : {"STORE", "anchor", "erasures"}) matrix.run(each);
}

}  // namespace muster::test
