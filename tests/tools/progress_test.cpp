// Long work: how far it has come, on a terminal; nothing of it in a pipe.
#include "tests/places.h"
#include "tests/tools/backups.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

// What somebody at a terminal sees, with results sent elsewhere.
std::string seen(const std::vector<std::string>& arguments, const std::string& results = "/dev/null") {
    std::string line;
    for (const auto& each : arguments) line += "'" + each + "' ";
    const auto command =
        "script -qec \"'" + muster_program() + "' " + line + "> '" + results + "'\" /dev/null < /dev/null";
    std::string text;
    auto* out = ::popen(command.c_str(), "r");
    REQUIRE(out != nullptr);
    for (int byte = 0; (byte = std::fgetc(out)) != EOF;) text.push_back(static_cast<char>(byte));
    INFO(text);
    CHECK(::pclose(out) == 0);
    return text;
}

}  // namespace

TEST_CASE("whoever waits at a terminal sees how far long work has come") {
    Backups backups;
    const auto data = backups.data.path();
    const auto exported = backups.scratch / "spring.ndjson";
    const bool serving = GENERATE(false, true);
    if (serving) backups.data.serve();
    CHECK_THAT(seen({"audit", "export", "--data", data, "--workspace", "spring"}, exported), Contains("audit  [####"));
    CHECK_THAT(seen({"audit", "verify", exported}), Contains("audit verify, KiB  ["));
    CHECK_THAT(seen({"audit", "verify", "--data", data}), Contains("audit verify  ["));
    CHECK_THAT(seen({"backup", "create", "--data", data, "--to", backups.folder}),
               Contains("log, KiB  [") && Contains("vault, KiB  ["));
    CHECK_THAT(seen({"backup", "verify", "--from", backups.folder}), Contains("KiB  ["));
    CHECK_THAT(seen({"backup", "restore", "--from", backups.folder, "--to", backups.restored(), "--master-key-file",
                     backups.master_key()}),
               Contains("restore, KiB  ["));
}

TEST_CASE("in a pipe long work is quiet") {
    Backups backups;
    const auto data = backups.data.path();
    CHECK(program({"audit", "export", "--data", data, "--workspace", "spring"}).err.empty());
    CHECK(program({"audit", "verify", "--data", data}).err.empty());
    CHECK(program({"backup", "create", "--data", data, "--to", backups.folder}).err.empty());
    CHECK(program({"backup", "verify", "--from", backups.folder}).err.empty());
}

}  // namespace muster::test
