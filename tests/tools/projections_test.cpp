// muster projections: how they stand, made anew, and proven; and the progress bar.
#include "tests/tools/program.h"
#include "tools/commands.h"
#include "tools/progress.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace muster::test {
namespace {

Ran projections(const DataDirectory& data, const std::string& what, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"projections", what, "--data", data.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return muster(arguments);
}

std::string table(const std::string& state) {
    auto row = [&](const std::string& name, char version = '1') {
        return name + version + "           1           " + state + "4           0\n";
    };
    return "NAME        VERSION     GENERATION  STATE       POSITION    LAG\n" + row("roster      ", '7') +
           row("seats       ") + row("audit       ", '5') + row("requests    ");
}

// Puts a row into a live view that no event makes.
void damage(const DataDirectory& data, const std::string& projection) {
    const RocksShared shared;
    auto view = open_views(shared)(data.path() + "/views/" + projection + "/1", false);
    WriteBatch batch;
    batch.put(0, "zz", "planted");
    view->write(batch, Sync::yes);
}

const std::string planted_row = "key 7a7a: 706c616e746564, anew: no row";

// In its middle, far from what is read when it is opened.
void flip_a_bit_of_each_large_file(const std::string& view) {
    for (const auto& each : std::filesystem::recursive_directory_iterator(view)) {
        constexpr std::uintmax_t several_blocks = 8'192;  // of 4 KiB: the checkpoint is in another one
        if (each.path().extension() != ".sst" || std::filesystem::file_size(each.path()) < several_blocks) continue;
        const auto middle = static_cast<std::streamoff>(std::filesystem::file_size(each.path()) / 2);
        std::fstream file(each.path(), std::ios::binary | std::ios::in | std::ios::out);
        file.seekg(middle);
        const char byte = static_cast<char>(file.get() ^ 4);
        file.seekp(middle);
        file.put(byte);
    }
}

}  // namespace

TEST_CASE("how the projections stand, at rest and beside a server") {
    DataDirectory data;
    const auto at_rest = projections(data, "list");
    CHECK(at_rest.err.empty());
    CHECK(at_rest.code == tools::well);
    CHECK(at_rest.out == table("ready       "));
    CHECK_THAT(
        projections(data, "list", {"--format", "json"}).out,
        Catch::StartsWith(
            R"([{"name":"roster","version":7,"generation":1,"state":"ready","position":4,"lag":0,"reason":null},)"));
    data.serve();
    CHECK(projections(data, "list").out == table("running     "));
    CHECK_THAT(projections(data, "list", {"--format", "json"}).out,
               Catch::Contains(R"("state":"running","position":4)"));
}

TEST_CASE("views that are not there or do not fit are listed so") {
    const DataDirectory data;
    std::filesystem::remove_all(data.path() + "/views/seats");
    std::filesystem::remove(data.path() + "/views/audit/1/CURRENT");
    const auto listed = lines_of(projections(data, "list").out);
    REQUIRE(listed.size() == 6);
    CHECK(listed[2] == "seats       1           none        none        0           4");
    CHECK_THAT(listed[3], Catch::StartsWith("audit       5           1           stale "));
    CHECK_THAT(listed[4], Catch::EndsWith(": the next start makes it anew"));
    const auto verified = projections(data, "verify");
    CHECK(verified.code == tools::failed);
    CHECK_THAT(verified.out, Catch::Contains("roster: the same, "));
    CHECK_THAT(verified.out, Catch::Contains("seats: can't be read: there is no generation yet\n"));
}

TEST_CASE("[N11] rows made a second time are the same, at rest and beside a server") {
    DataDirectory data;
    for (const bool serving : {false, true}) {
        if (serving) data.serve();
        const auto ran = projections(data, "verify");
        CHECK(ran.code == tools::well);
        CHECK(ran.err.empty());
        const auto lines = lines_of(ran.out);
        REQUIRE(lines.size() == 4);
        CHECK_THAT(lines[0], Catch::StartsWith("roster: the same, ") && Catch::EndsWith(" rows at position 4"));
        CHECK_THAT(lines[2], Catch::StartsWith("audit: the same, "));
        CHECK(lines_of(projections(data, "verify", {"seats"}).out).size() == 1);
        CHECK_THAT(projections(data, "verify", {"seats", "--format", "json"}).out,
                   Catch::StartsWith(R"({"name":"seats","position":4,"rows":)") &&
                       Catch::EndsWith(R"("same":true,"difference":null})"
                                       "\n"));
    }
}

TEST_CASE("[N11] a planted row is found, named, and gone after a rebuild") {
    DataDirectory data;
    damage(data, "seats");
    for (const bool serving : {false, true}) {
        if (serving) data.serve();
        const auto ran = projections(data, "verify");
        CHECK(ran.code == tools::failed);
        CHECK_THAT(ran.out, Catch::Contains("roster: the same, "));
        CHECK_THAT(ran.out, Catch::Contains("seats: differs, ") && Catch::Contains("7a7a"));
    }
    data.stop();
    const auto rebuilt = projections(data, "rebuild", {"seats"});
    CHECK(rebuilt.code == tools::failed);  // a finding, though what serves now is right
    CHECK_THAT(rebuilt.out, Catch::StartsWith("seats: generation 2, ") &&
                                Catch::EndsWith(" rows at position 4, not the same as before: " + planted_row + "\n"));
    CHECK(projections(data, "verify").code == tools::well);
}

TEST_CASE("[N11] rebuilding at rest makes the next generations, and a server goes on with them") {
    DataDirectory data;
    const auto ran = projections(data, "rebuild");
    CHECK(ran.code == tools::well);
    CHECK(ran.err.empty());
    const auto lines = lines_of(ran.out);
    REQUIRE(lines.size() == 4);
    for (const auto& line : lines)
        CHECK_THAT(line, Catch::Contains(": generation 2, ") && Catch::EndsWith(", the same as before"));
    CHECK_THAT(projections(data, "rebuild", {"audit", "--format", "json"}).out,
               Catch::StartsWith(R"({"name":"audit","generation":3,"position":4,"rows":)"));
    data.serve();
    CHECK_THAT(projections(data, "list").out, Catch::Contains("audit       5           3           running "));
}

TEST_CASE("[N11] rebuilding beside a server makes the next generations while it serves") {
    DataDirectory data;
    damage(data, "seats");
    data.serve();
    const auto ran = projections(data, "rebuild");
    CHECK(ran.code == tools::failed);  // seats differed
    CHECK(ran.err.empty());
    const auto lines = lines_of(ran.out);
    REQUIRE(lines.size() == 4);
    CHECK_THAT(lines[0], Catch::StartsWith("roster: generation 2, ") && Catch::EndsWith(", the same as before"));
    CHECK_THAT(lines[1], Catch::StartsWith("seats: generation 2, ") &&
                             Catch::EndsWith(", not the same as before: " + planted_row));
    CHECK(projections(data, "rebuild").code == tools::well);
    CHECK(projections(data, "verify").code == tools::well);
    CHECK_THAT(projections(data, "rebuild", {"audit", "--format", "json"}).out,
               Catch::StartsWith(R"({"name":"audit","generation":4,"position":4,"rows":)"));
    CHECK_THAT(projections(data, "list").out, Catch::Contains("audit       5           4           running "));
}

TEST_CASE("[N11] a read model whose file is damaged is made anew, at rest and beside its server") {
    DataDirectory data;
    std::string people;
    for (int i = 0; i < 60; ++i) people += "p" + std::to_string(i) + "@spring.example\\n";
    data.send("POST", "/v1/workspaces/spring/invitations:batch",
              R"({"emails":")" + people + R"(","send_email":false})");
    REQUIRE(projections(data, "rebuild", {"roster"}).code == tools::well);  // which writes its file
    flip_a_bit_of_each_large_file(data.path() + "/views/roster");
    const bool serving = GENERATE(false, true);
    if (serving) data.serve();
    // The log is not damaged: it says what mends this, and looks at the others too.
    const auto verified = projections(data, "verify");
    CHECK(verified.code == tools::failed);
    CHECK_THAT(verified.out, Catch::Contains("/views/roster/2/") &&
                                 Catch::Contains("`muster projections rebuild roster` makes it anew from the log\n") &&
                                 Catch::Contains("seats: the same, ") && Catch::Contains("audit: the same, "));
    const auto ran = projections(data, "rebuild", {"roster"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == tools::well);
    CHECK_THAT(ran.out, Catch::StartsWith("roster: generation 3, ") &&
                            Catch::EndsWith(", the one before was damaged, not compared\n"));
    CHECK(projections(data, "verify").code == tools::well);
    CHECK_THAT(data.send("GET", "/v1/workspaces/spring/invitations?limit=100"), Catch::Contains("p59@spring.example"));
}

TEST_CASE("nothing is done of a projection of another name") {
    DataDirectory data;
    const auto unknown = projections(data, "verify", {"people"});
    CHECK(unknown.code == tools::usage);
    CHECK_THAT(unknown.err, Catch::Contains("people not in {roster,seats,audit,requests}"));
    CHECK(projections(data, "rebuild", {"people"}).err == unknown.err);
    data.serve();
    CHECK(projections(data, "verify", {"people"}).err == unknown.err);
    CHECK(projections(data, "rebuild", {"people"}).err == unknown.err);
    CHECK(projections(data, "swap").code == tools::usage);
}

TEST_CASE("a progress bar says how much, how fast and how long") {
    using std::chrono::milliseconds;
    using tools::bar_text;
    CHECK(bar_text("roster", 0, 1000, milliseconds(0)) == "roster  [--------------------]  0%");
    CHECK(bar_text("roster", 400, 1000, milliseconds(2000)) == "roster  [########------------]  40%  200/s  3 s left");
    CHECK(bar_text("roster", 100, 100'000, milliseconds(1000)) ==
          "roster  [--------------------]  0%  100/s  16 min 39 s left");
    CHECK(bar_text("roster", 1, 10'000, milliseconds(1000)) ==
          "roster  [--------------------]  0%  1/s  2 h 46 min left");
    CHECK(bar_text("roster", 1000, 1000, milliseconds(4000)) ==
          "roster  [####################]  100%  250/s  0 s left");
    CHECK(bar_text("roster", 600, 1000, milliseconds(2000), 400) ==
          "roster  [############--------]  60%  100/s  4 s left");
    CHECK(bar_text("fsck", 0, 0, milliseconds(1)) == "fsck  [####################]  100%");
}

TEST_CASE("a progress bar is seen on a terminal only, and leaves its line empty") {
    std::ostringstream out;
    {
        tools::ProgressBar quiet("roster", out, false);
        quiet(1, 2);
    }
    CHECK(out.str().empty());
    {
        tools::ProgressBar shown("roster", out, true);
        shown(1, 2);
    }
    CHECK_THAT(out.str(), Catch::StartsWith("\rroster  [##########----------]  50%") && Catch::EndsWith(" \r"));
}

}  // namespace muster::test
