// muster fsck: a sound log is clean, whatever is planted is named, and what does not open is damaged.
#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace muster::test {
namespace {

namespace fs = std::filesystem;

Ran fsck(const DataDirectory& data, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"fsck", "--data", data.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return muster(arguments);
}

// Takes the first row of a family away.
void remove_first(const DataDirectory& data, LogFamily each) {
    auto log = data.log();
    WriteBatch batch;
    batch.erase(family(each), std::string(log->scan(family(each), {})->key()));
    log->write(batch, Sync::yes);
}

// Flips a bit in the middle of the largest table file.
std::string flip_a_bit(const std::string& directory) {
    fs::path largest;
    for (const auto& entry : fs::directory_iterator(directory))
        if (entry.path().extension() == ".sst" && (largest.empty() || entry.file_size() > fs::file_size(largest)))
            largest = entry.path();
    REQUIRE_FALSE(largest.empty());
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    const auto place = static_cast<std::streamoff>(fs::file_size(largest) / 4);
    file.seekg(place);
    const char byte = static_cast<char>(file.get() ^ 1);
    file.seekp(place);
    file.put(byte);
    return largest.filename().string();
}

}  // namespace

TEST_CASE("[N12] a sound log is clean, at rest without keys and beside a server") {
    DataDirectory data;
    const auto key = data.path() + "/master.key";
    fs::rename(key, key + ".away");
    const auto at_rest = fsck(data);
    CHECK(at_rest.err.empty());
    CHECK(at_rest.out == "clean: 4 events of 1 workspaces\n");
    CHECK(at_rest.code == tools::well);
    CHECK(fsck(data, {"--format", "json"}).out == R"({"events":4,"workspaces":1,"found":0,"findings":[]})"
                                                  "\n");
    fs::rename(key + ".away", key);
    data.serve();
    data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
    const auto beside = fsck(data);
    CHECK(beside.out == "clean: 5 events of 1 workspaces\n");
    CHECK(beside.code == tools::well);
    CHECK(fs::is_empty(data.path() + "/checkpoints"));
}

TEST_CASE("[N12] a row that is gone is named by its family, at rest and beside a server") {
    DataDirectory data;
    remove_first(data, LogFamily::claims);
    for (const bool serving : {false, true}) {
        if (serving) data.serve();
        const auto ran = fsck(data);
        CHECK(ran.code == tools::failed);
        const auto lines = lines_of(ran.out);
        REQUIRE(lines.size() == 2);
        CHECK_THAT(lines[0], Catch::StartsWith("claims ") && Catch::EndsWith(": the row of a claim is missing"));
        CHECK(lines[1] == "1 findings: 4 events of 1 workspaces");
        CHECK_THAT(fsck(data, {"--format", "json"}).out,
                   Catch::Contains(R"("found":1,"findings":[{"position":null,"row":"claims )") &&
                       Catch::Contains(R"("sentence":"the row of a claim is missing"})"));
    }
}

TEST_CASE("[N12] an event that is gone is named by its position") {
    DataDirectory data;
    {
        auto log = data.log();
        WriteBatch batch;
        batch.erase(family(LogFamily::events), rows::position(3));
        log->write(batch, Sync::yes);
    }
    const auto ran = fsck(data);
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.out, Catch::Contains("event 3: no event stands here\n"));
}

TEST_CASE("[N12] a log that ends before its anchor is found out") {
    DataDirectory data;
    {
        auto anchor = open_anchor(data.path() + "/anchor");
        anchor->write({6, anchor->read()->running});
    }
    const auto ran = fsck(data);
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.out, Catch::StartsWith("event 6: the anchor has seen this position: the log's end was lost\n"));
}

TEST_CASE("[N12] what does not open is damaged, and says which file") {
    DataDirectory data;
    std::string named;
    SECTION("a file of the log with a flipped bit") {
        data.log()->flush();
        named = flip_a_bit(data.path() + "/log");
    }
    SECTION("no CURRENT") {
        fs::remove(data.path() + "/log/CURRENT");
        named = "/log is missing or damaged";
    }
    SECTION("no anchor") {
        fs::remove(data.path() + "/anchor");
        named = "/anchor is missing";
    }
    SECTION("an anchor of zeros") {
        std::ofstream(data.path() + "/anchor") << std::string(1024, '\0');
        named = "anchor";
    }
    const auto ran = fsck(data);
    CHECK(ran.code == tools::damaged);
    CHECK_THAT(ran.err, Catch::StartsWith("muster: the data is damaged: ") && Catch::Contains(named));
}

TEST_CASE("what is no data directory is left as it is") {
    const Scratch scratch;
    fs::create_directories(scratch / "empty");
    const auto ran = muster({"fsck", "--data", scratch / "empty"});
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.err, Catch::Contains("this is no data directory of Muster"));
    CHECK(fs::is_empty(scratch / "empty"));
    CHECK(muster({"fsck"}).code == tools::usage);
}

TEST_CASE("the built program ends with the same codes and words") {
    DataDirectory data;
    auto ran = program({"fsck", "--data", data.path()});
    CHECK(ran.code == tools::well);
    CHECK(ran.out == "clean: 4 events of 1 workspaces\n");
    CHECK(ran.err.empty());
    data.serve();
    CHECK(program({"fsck", "--data", data.path()}).out == "clean: 4 events of 1 workspaces\n");
    CHECK(program({"projections", "list", "--data", data.path()}).out ==
          muster({"projections", "list", "--data", data.path()}).out);
    CHECK(program({"audit", "replay", "--data", data.path(), "--workspace", "spring"}).out ==
          muster({"audit", "replay", "--data", data.path(), "--workspace", "spring"}).out);
    data.stop();
    CHECK(program({"projections", "rebuild", "audit", "--data", data.path()}).code == tools::well);
    remove_first(data, LogFamily::claims);
    CHECK(program({"fsck", "--data", data.path()}).code == tools::failed);
    fs::remove(data.path() + "/log/CURRENT");
    CHECK(program({"fsck", "--data", data.path()}).code == tools::damaged);
    CHECK(program({"fsck", "--date", data.path()}).code == tools::usage);
}

}  // namespace muster::test
