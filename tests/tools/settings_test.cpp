// Settings: flags win over the environment, that over a TOML file.
#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

#include <fstream>

namespace muster::test {
namespace {

struct File {
    explicit File(const std::string& text) { std::ofstream(path) << text; }
    Scratch scratch;
    std::string path = scratch / "muster.toml";
};

const std::string clean = "clean: 4 events of 1 workspaces\n";

}  // namespace

TEST_CASE("a TOML file gives what neither flags nor the environment do, at its top or under the command's name") {
    DataDirectory data;
    const File top("data = \"" + data.path() + "\"\nworkspace = \"spring\"  # of other commands\n");
    CHECK(muster({"--config", top.path, "fsck"}).out == clean);
    CHECK(muster({"fsck", "--config", top.path}).out == clean);
    const File named("[fsck]\ndata = \"" + data.path() + "\"\nformat = \"json\"\n[audit]\ndata = \"elsewhere\"\n");
    CHECK_THAT(muster({"fsck", "--config", named.path}).out, Catch::StartsWith(R"({"events":4)"));
    CHECK(muster({"fsck", "--config", named.path, "--format", "text"}).out == clean);
    const File group("[projections]\ndata = \"" + data.path() + "\"\n[projections.verify]\nformat = \"json\"\n");
    CHECK_THAT(muster({"projections", "verify", "--config", group.path}).out, Catch::StartsWith(R"({"name":"roster")"));
    CHECK_THAT(muster({"projections", "list", "--config", group.path}).out, Catch::StartsWith("NAME "));
}

TEST_CASE("the environment wins over the file, and a flag over both") {
    DataDirectory data;
    const File file("[fsck]\ndata = \"nowhere-in-the-file\"\n");
    CHECK_THAT(muster({"fsck", "--config", file.path}).err, Catch::Contains("nowhere-in-the-file"));
    const Environment environment("MUSTER_DATA", "nowhere-in-the-environment");
    CHECK_THAT(muster({"fsck", "--config", file.path}).err, Catch::Contains("nowhere-in-the-environment"));
    CHECK(muster({"fsck", "--config", file.path, "--data", data.path()}).out == clean);
}

TEST_CASE("a file that is no TOML is refused with its line, not read as something else") {
    DataDirectory data;
    for (const std::string text :
         {"format = \"text\"\ndata = \"" + data.path() + "\n", "\ndata = " + data.path() + "\n"}) {
        const File file(text);
        const auto ran = muster({"fsck", "--config", file.path});
        INFO(text);
        CHECK(ran.code == tools::usage);
        CHECK_THAT(ran.err, Catch::Contains("line 2 is no TOML"));
    }
}

TEST_CASE("a setting that no command knows, and a file that is not there, are a matter of usage") {
    DataDirectory data;
    const File file("dta = \"x\"\n");
    const auto ran = muster({"fsck", "--data", data.path(), "--config", file.path});
    CHECK(ran.code == tools::usage);
    CHECK_THAT(ran.err, Catch::Contains("no command has a setting `dta`"));
    CHECK(muster({"fsck", "--data", data.path(), "--config", file.path + ".old"}).code == tools::usage);
}

}  // namespace muster::test
