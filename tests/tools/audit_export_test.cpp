// muster audit export, and muster audit verify of what it wrote.
#include "api/audit_export.h"

#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace muster::test {
namespace {

Ran exported(const DataDirectory& data) {
    return muster({"audit", "export", "--data", data.path(), "--workspace", "spring"});
}

// More than a page of a mebibyte.
constexpr int many = 1'500;
void fill(DataDirectory& data) {
    const std::string long_name(190, 'x');
    for (int i = 0; i < many; ++i)
        data.send("POST", "/v1/workspaces/spring/resources",
                  R"({"kind":"agent","name":"A)" + std::to_string(i) + long_name + R"("})");
}

// Files kept apart from the data directory.
class Kept {
public:
    std::string file(const std::string& name, const std::string& text) {
        std::ofstream(scratch_ / name, std::ios::binary) << text;
        return scratch_ / name;
    }
    [[nodiscard]] std::string nowhere() const { return scratch_ / "nowhere"; }

private:
    Scratch scratch_;
};

Ran verify(const std::string& file, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"audit", "verify", file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return muster(arguments);
}

// All but the last line, which says when it was made.
std::string lines_above_head(const std::string& text) {
    auto lines = lines_of(text);
    std::string kept;
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) kept += lines[i] + "\n";
    return kept;
}

}  // namespace

TEST_CASE("an export reads the same at rest and beside a server, also behind its pages") {
    DataDirectory data;
    data.serve();
    fill(data);
    const auto beside = exported(data);
    CHECK(beside.err.empty());
    CHECK(beside.code == tools::well);
    CHECK(lines_of(beside.out).size() == 4 + many + 2);
    data.stop();
    const auto at_rest = exported(data);
    CHECK(lines_above_head(at_rest.out) == lines_above_head(beside.out));
    Kept kept;
    CHECK(verify(kept.file("beside", beside.out)).code == tools::well);
    CHECK(verify(kept.file("at_rest", at_rest.out)).code == tools::well);
}

TEST_CASE("an export that has begun goes on with its workspace, whatever becomes of that and of its slug") {
    DataDirectory data;
    data.serve();
    fill(data);
    const auto shown = data.send("GET", "/v1/workspaces/spring");
    const auto id = shown.substr(shown.find("ws_"), 29);
    tools::Request request{.ask = tools::Ask::audit_export, .workspace = "spring"};
    std::string text;
    auto page = [&] {
        const auto answered =
            tools::ask_server(data.path(), request, [&](std::string_view line) { text += std::string(line) + "\n"; });
        REQUIRE(answered);
        INFO(answered->words);
        REQUIRE(answered->status == tools::well);
        request.resume = answered->words;
        return !answered->words.empty();
    };
    REQUIRE(page());
    SECTION("its slug is another one") { data.send("PATCH", "/v1/workspaces/spring", R"({"slug":"summer"})"); }
    SECTION("another workspace has its slug") {
        data.send("PATCH", "/v1/workspaces/spring", R"({"slug":"summer"})");
        data.send("POST", "/v1/workspaces",
                  R"({"name":"Other","slug":"spring","owner":{"email":"eve@other.example","name":"Eve"}})");
    }
    SECTION("it is deleted") { data.send("DELETE", "/v1/workspaces/spring?confirm=" + id); }
    while (page()) continue;
    Kept kept;
    const auto ran = verify(kept.file("export", text));
    CHECK(ran.code == tools::well);
    CHECK_THAT(ran.out, Catch::StartsWith("unbroken: " + std::to_string(4 + many) + " events of " + id));
    CHECK_THAT(text, !Catch::Contains("eve@other.example"));
}

TEST_CASE("an exported file is verified without a data directory, and says what it could show [N12]") {
    DataDirectory data;
    Kept kept;
    const auto key = kept.file("key", data.send("GET", "/v1/audit-key"));
    const auto file = kept.file("export", exported(data).out);
    const auto alone = verify(file);
    CHECK(alone.code == tools::well);
    auto lines = lines_of(alone.out);
    REQUIRE(lines.size() == 4);
    CHECK_THAT(lines[0], Catch::StartsWith("unbroken: 4 events of ws_"));
    CHECK_THAT(lines[1], Catch::StartsWith("not shown: who made it"));
    CHECK_THAT(lines[2], Catch::StartsWith("not shown: that nothing is missing behind its end, position 4"));
    CHECK_THAT(lines[3], Catch::StartsWith("head: ws_"));
    CHECK_THAT(verify(file, {"--key", key}).out, Catch::Contains("\nsigned: by key 1, "));
    CHECK_THAT(verify(file, {"--key", key, "--format", "json"}).out,
               Catch::StartsWith(R"({"whole":true,"lines":[{"what":"unbroken",)") &&
                   Catch::Contains(R"("sentence":"by key 1, )") &&
                   Catch::Contains(R"({"what":"head","line":null,"position":4,"sentence":"ws_)"));
    {
        const Environment beside("MUSTER_DATA", data.path());  // that is of commands which name no file
        CHECK(verify(file).out == alone.out);
    }

    const auto head = kept.file("head", alone.out);
    data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
    const auto later = kept.file("later", exported(data).out);
    for (const auto& earlier : {head, file}) {
        const auto ran = verify(later, {"--key", key, "--head", earlier});
        CHECK(ran.code == tools::well);
        CHECK_THAT(ran.out, Catch::Contains("complete: all up to the head that you kept, position 4, is there\n"));
    }
    const auto shorter = verify(file, {"--head", later});
    CHECK(shorter.code == tools::failed);
    CHECK_THAT(shorter.out, Catch::Contains("broken: the export ends at position 4, before the head that you kept, "
                                            "position 5\n"));
    // The same head finds its place in the log too.
    const auto in_log = muster({"audit", "verify", "--data", data.path(), "--head", head});
    CHECK(in_log.code == tools::well);
    CHECK_THAT(in_log.out, Catch::Contains("complete: all up to the head that you kept of ws_"));
    const DataDirectory another;
    const auto in_another = muster({"audit", "verify", "--data", another.path(), "--head", head});
    CHECK(in_another.code == tools::failed);
    CHECK_THAT(in_another.out, Catch::Contains("broken: another history leads to the head that you kept"));
}

TEST_CASE("the first line that was touched is named, and the exit code says so [N12]") {
    const DataDirectory data;
    Kept kept;
    const auto good = exported(data).out;
    auto altered = good;
    altered.replace(altered.find("Grace Hopper"), 5, "Oscar");
    const auto ran = verify(kept.file("altered", altered));
    CHECK(ran.code == tools::failed);
    CHECK(ran.out ==
          "broken: line 4 was altered: its seal does not follow from what it says\n"
          "unbroken before it: 3 lines, 2 events\n");
    const auto cut = verify(kept.file("cut", lines_above_head(good)));
    CHECK(cut.code == tools::failed);
    CHECK_THAT(cut.out, Catch::StartsWith("broken: line 6 is missing: the file ends without its head\n"));
    // Signed by another store.
    DataDirectory another;
    const auto key = kept.file("key", another.send("GET", "/v1/audit-key"));
    const auto unsigned_ = verify(kept.file("good", good), {"--key", key});
    CHECK(unsigned_.code == tools::failed);
    CHECK_THAT(unsigned_.out, Catch::StartsWith("broken: line 6 is not signed by the key that was given"));
}

TEST_CASE("the history of a workspace that was deleted is exported all the same, and harms no server") {
    DataDirectory data;
    data.serve();
    const auto shown = data.send("GET", "/v1/workspaces/spring");
    const auto id = shown.substr(shown.find("ws_"), 29);
    data.send("DELETE", "/v1/workspaces/spring?confirm=" + id);
    auto of_it = [&] { return muster({"audit", "export", "--data", data.path(), "--workspace", id}); };
    const auto beside = of_it();
    CHECK(beside.code == tools::well);
    CHECK_THAT(beside.out, Catch::Contains("workspace_deleted"));
    CHECK_THAT(data.send("GET", "/readyz"), Catch::Contains("ready"));
    data.stop();
    CHECK(lines_above_head(of_it().out) == lines_above_head(beside.out));
    Kept kept;
    CHECK(verify(kept.file("gone", beside.out)).code == tools::well);
}

TEST_CASE("an export that begins later does not vouch for what happened before it") {
    DataDirectory data;
    Kept kept;
    const auto whole = kept.file("whole", exported(data).out);
    data.serve();
    auto& service = data.system().service();
    const auto workspace = *service.directory.workspace_of(Slug{"spring"});
    std::string later;
    AuditExport({service.log, service.history, service.directory, service.vault}, workspace, {2, service.log.head()},
                data.clock.at)
        .append(later, std::size_t{1} << 20);
    // Without the key it is shown from the first event on: nothing else bears out behind which position that is.
    const auto file = kept.file("later", later);
    const auto alone = verify(file, {"--head", whole});
    CHECK(alone.code == tools::well);
    CHECK_THAT(alone.out, Catch::Contains("complete: all from its first event up to the head that you kept") &&
                              Catch::Contains("not shown: what happened before that, and behind which position"));
    const auto key = kept.file("key", data.send("GET", "/v1/audit-key"));
    const auto ran = verify(file, {"--head", whole, "--key", key});
    CHECK(ran.code == tools::well);
    CHECK_THAT(ran.out, Catch::Contains("complete: all behind position 2 up to ") &&
                            Catch::Contains("not shown: what happened up to position 2, where"));
}

TEST_CASE("what cannot be verified is said to be so") {
    const DataDirectory data;
    Kept kept;
    const auto file = kept.file("export", exported(data).out);
    CHECK(verify(kept.nowhere()).code == tools::failed);
    CHECK(verify(file, {"--key", kept.nowhere()}).code == tools::failed);
    CHECK(verify(file, {"--key", file}).code == tools::failed);
    CHECK(verify(file, {"--head", kept.file("nothing", "hello\n")}).code == tools::failed);
    const DataDirectory another;
    const auto of_another = verify(file, {"--head", kept.file("another", exported(another).out)});
    CHECK(of_another.code == tools::failed);
    CHECK(of_another.out.empty());
    CHECK_THAT(of_another.err, Catch::Contains("/another holds a head of ws_"));
    CHECK_THAT(verify(data.path()).err, Catch::Contains(" is a directory"));
    CHECK(muster({"audit", "verify"}).code == tools::usage);
    CHECK(muster({"audit", "verify", "--data", data.path(), "--key", file}).code == tools::usage);
    CHECK(muster({"audit", "export", "--data", data.path()}).code == tools::usage);
    const auto nobody = muster({"audit", "export", "--data", data.path(), "--workspace", "winter"});
    CHECK(nobody.code == tools::failed);
    CHECK(nobody.err == "muster: there is no workspace `winter`\n");
}

}  // namespace muster::test
