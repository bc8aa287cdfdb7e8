// muster fsck --recover-to-point-in-time --accept-loss: a log whose end is damaged or lost serves again, without it.
#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace muster::test {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;

Ran recover(const DataDirectory& data, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"fsck", "--data", data.path(), "--recover-to-point-in-time", "--accept-loss"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return muster(arguments);
}
Ran fsck(const DataDirectory& data) { return muster({"fsck", "--data", data.path()}); }

std::string write_ahead_log(const DataDirectory& data) {
    fs::path largest;
    for (const auto& entry : fs::directory_iterator(data.path() + "/log"))
        if (entry.path().extension() == ".log" && (largest.empty() || entry.file_size() > fs::file_size(largest)))
            largest = entry.path();
    REQUIRE_FALSE(largest.empty());
    return largest.string();
}

// Of the last event: before it, all is whole.
void lose_the_end(const DataDirectory& data) {
    const auto file = write_ahead_log(data);
    fs::resize_file(file, fs::file_size(file) - 100);
}

void flip_a_byte(const DataDirectory& data, double where) {
    const auto path = write_ahead_log(data);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    const auto place = static_cast<std::streamoff>(static_cast<double>(fs::file_size(path)) * where);
    file.seekg(place);
    const char byte = static_cast<char>(file.get() ^ 0x55);
    file.seekp(place);
    file.put(byte);
}

}  // namespace

TEST_CASE("[N12] a log that lost its end is not served until somebody accepts that; then it serves without it") {
    DataDirectory data;
    lose_the_end(data);
    CHECK_THAT(fsck(data).out, Contains("the anchor has seen this position: the log's end was lost"));
    CHECK(muster({"fsck", "--data", data.path(), "--recover-to-point-in-time"}).code == tools::usage);
    CHECK(muster({"fsck", "--data", data.path(), "--accept-loss"}).code == tools::usage);
    CHECK(fsck(data).code == tools::failed);
    const auto ran = recover(data);
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("; at least 1 events behind it are lost\n") && Contains("it is another store now") &&
                            Contains("/before-recovery; remove it"));
    CHECK(fsck(data).code == tools::well);
    CHECK(fs::exists(data.path() + "/before-recovery/log/CURRENT"));
    CHECK_FALSE(fs::exists(data.path() + "/views"));  // They may hold who was erased in what is lost.
    data.serve();
    data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
    auto& runner = data.system().runner();
    for (const auto& each : runner.standings())
        REQUIRE(runner.wait(each.name, data.system().store().log->head(), std::chrono::seconds(60)));
    const auto verified = muster({"projections", "verify", "--data", data.path()});
    INFO(verified.out << verified.err);
    CHECK(verified.code == tools::well);
    data.stop();
    CHECK(fsck(data).code == tools::well);
}

TEST_CASE("[N12] behind a damaged record nothing is kept, and how much that is, is said") {
    DataDirectory data;
    flip_a_byte(data, 0.5);
    CHECK(fsck(data).code == tools::damaged);
    const auto ran = recover(data, {"--format", "json"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Catch::StartsWith(R"({"lost":)"));
    CHECK(fsck(data).code == tools::well);
}

TEST_CASE("[N12] a recovery that was broken off is gone on with, and nothing is served before") {
    DataDirectory data;
    lose_the_end(data);
    REQUIRE(recover(data).code == tools::well);
    std::ofstream(data.path() + "/RECOVERING") << "a recovery was begun\n";
    CHECK_THROWS_WITH(data.serve(), Contains("--recover-to-point-in-time --accept-loss"));
    const auto again = recover(data);
    INFO(again.out << again.err);
    CHECK(again.code == tools::well);
    data.serve();
    CHECK_THAT(recover(data).err, Contains("another process has") || Contains("this process has"));
}

TEST_CASE("[N1] what can't be recovered is left as it was found: the same files, and nothing beside them") {
    DataDirectory data;
    const auto outside = muster({"fsck", "--data", data.path()});  // makes table files of the write-ahead log
    REQUIRE(outside.code == tools::well);
    fs::path table;
    for (const auto& entry : fs::directory_iterator(data.path() + "/log"))
        if (entry.path().extension() == ".sst") table = entry.path();
    REQUIRE_FALSE(table.empty());
    fs::remove(table);
    const auto inode_of = [&](const fs::path& path) {
        struct stat is{};
        REQUIRE(::stat(path.c_str(), &is) == 0);
        return is.st_ino;
    };
    const auto current = inode_of(data.path() + "/log/CURRENT");
    const auto ran = recover(data);
    INFO(ran.out << ran.err);
    CHECK(ran.code == tools::damaged);
    CHECK(inode_of(data.path() + "/log/CURRENT") == current);
    CHECK_FALSE(fs::exists(data.path() + "/before-recovery"));
    CHECK_FALSE(fs::exists(data.path() + "/RECOVERING"));
}

TEST_CASE("[N1] a recovery that was broken off begins with what was found, wherever that was") {
    DataDirectory data;
    lose_the_end(data);
    const auto log = data.path() + "/log", kept = data.path() + "/before-recovery";
    std::ofstream(data.path() + "/RECOVERING") << "a recovery was begun\n";
    SECTION("before the log was set aside") {}
    SECTION("before it was copied") {
        fs::create_directory(kept);
        fs::copy(data.path() + "/anchor", kept + "/anchor");
        fs::rename(log, kept + "/log");
    }
    SECTION("while it was copied") {
        fs::create_directory(kept);
        fs::copy(data.path() + "/anchor", kept + "/anchor");
        fs::rename(log, kept + "/log");
        fs::copy(kept + "/log", log);
        fs::remove(write_ahead_log(data));
    }
    const auto ran = recover(data);
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == tools::well);
    CHECK_THAT(ran.out, Contains("at least 1 events behind it are lost\n"));
    CHECK(fs::exists(kept + "/log/CURRENT"));
    CHECK(fsck(data).code == tools::well);
    data.serve();
}

TEST_CASE("nothing is recovered from a log that is whole") {
    DataDirectory data;
    const auto ran = recover(data);
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.err, Contains("there is nothing to recover"));
    CHECK_FALSE(fs::exists(data.path() + "/before-recovery"));
    CHECK(fsck(data).code == tools::well);
}

}  // namespace muster::test
