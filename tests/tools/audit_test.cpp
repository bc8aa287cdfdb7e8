// muster audit: the history as sentences, and whether it is unbroken.
#include "tests/tools/program.h"
#include "tools/commands.h"
#include "tools/control.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace muster::test {
namespace {

Ran replay(const DataDirectory& data, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"audit", "replay", "--data", data.path(), "--workspace", "spring"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return muster(arguments);
}

Ran verify(const DataDirectory& data, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"audit", "verify", "--data", data.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return muster(arguments);
}

// The lines of entries, without those of what changed.
std::string sentences(const std::string& text) {
    std::string kept;
    for (const auto& line : lines_of(text))
        if (!line.starts_with(' ')) kept += line + "\n";
    return kept;
}

const std::string story =
    "1  2026-03-02T09:00:00.000Z  The operator created the workspace Spring Labs\n"
    "2  2026-03-02T09:00:00.000Z  The operator added Ada Lovelace as admin\n"
    "3  2026-03-02T09:01:00.000Z  The operator invited Grace Hopper as member\n"
    "4  2026-03-02T09:02:00.000Z  The operator sent the invitation of Grace Hopper again\n";

}  // namespace

TEST_CASE("the history of a workspace reads the same at rest and beside a server") {
    DataDirectory data;
    const auto at_rest = replay(data);
    CHECK(at_rest.err.empty());
    CHECK(at_rest.code == tools::well);
    CHECK(sentences(at_rest.out) == story);
    const auto in_json = replay(data, {"--format", "ndjson"});
    data.serve();
    CHECK(replay(data).out == at_rest.out);
    CHECK(replay(data, {"--format", "ndjson"}).out == in_json.out);
}

TEST_CASE("a replay says what changed") {
    DataDirectory data;
    data.send("PATCH", "/v1/workspaces/spring", R"({"name":"Summer Labs"})");
    const auto lines = lines_of(replay(data).out);
    REQUIRE(lines.size() >= 2);
    CHECK(lines[lines.size() - 2] == "5  2026-03-02T09:02:00.000Z  The operator renamed the workspace to Summer Labs");
    CHECK(lines.back() == "    name: Spring Labs -> Summer Labs");
}

TEST_CASE("a replay from and to a position or a time, both within") {
    const DataDirectory data;
    auto positions = [&](const std::vector<std::string>& range) {
        auto ran = replay(data, range);
        CHECK(ran.err.empty());
        std::string all;
        for (const auto& line : lines_of(sentences(ran.out))) all += line[0];
        return all;
    };
    CHECK(positions({"--from", "2", "--to", "3"}) == "23");
    CHECK(positions({"--from", "0"}) == "1234");
    CHECK(positions({"--from", "9"}) == "");
    CHECK(positions({"--to", "0"}) == "");
    CHECK(positions({"--from", "2026-03-02T09:00:00Z", "--to", "2026-03-02T09:01:00Z"}) == "123");
    CHECK(positions({"--from", "2026-03-02T09:00:00.001Z"}) == "34");
    CHECK(positions({"--to", "2026-03-02T09:00:59.999Z"}) == "12");
    CHECK(positions({"--from", "2026-03-02"}) == "1234");
    CHECK(positions({"--from", "2026-03-03"}) == "");
    CHECK(positions({"--from", "2026-03-02T10:01:00+01:00"}) == "34");
    CHECK(positions({"--member", data.grace}) == "34");
    CHECK(positions({"--member", "mem_" + data.grace.substr(4), "--to", "3"}) == "3");
}

TEST_CASE("the last day of a replay is in it to its end") {
    const DataDirectory data;
    CHECK(lines_of(sentences(replay(data, {"--to", "2026-03-02"}).out)).size() == 4);
    CHECK(replay(data, {"--to", "2026-03-01"}).out.empty());
}

TEST_CASE("a replay of one person has their sign-ins too, as the audit has") {
    DataDirectory data;
    data.serve();
    auto made = data.send("POST", "/v1/workspaces/spring/members",
                          R"({"email":"tim@spring.example","name":"Tim","password":"correct horse battery"})");
    auto tim = "mem_" + made.substr(made.find("mem_") + 4, 26);
    data.send("POST", "/v1/auth/login",
              R"({"workspace":"spring","email":"tim@spring.example","password":"correct horse battery"})");
    auto told = replay(data, {"--member", tim}).out;
    CHECK_THAT(told, Catch::Contains("Tim signed in"));
    CHECK_THAT(told, Catch::Contains("The operator added Tim as member"));
}

TEST_CASE("a replay that can't be is refused") {
    DataDirectory data;
    for (const bool serving : {false, true}) {
        if (serving) data.serve();
        auto nowhere = muster({"audit", "replay", "--data", data.path(), "--workspace", "winter"});
        CHECK(nowhere.code == tools::failed);
        CHECK(nowhere.err == "muster: there is no workspace `winter`\n");
    }
    CHECK(replay(data, {"--from", "yesterday"}).code == tools::usage);
    CHECK(replay(data, {"--member", "ada"}).code == tools::usage);
    CHECK(replay(data, {"--from", "7", "--to", "5"}).code == tools::usage);
    CHECK(replay(data, {"--format", "xml"}).code == tools::usage);
    auto nobody = replay(data, {"--member", "mem_" + std::string(26, '0')});
    CHECK(nobody.code == tools::failed);
    CHECK_THAT(nobody.err, Catch::Contains("there never was a member or invitation of this id there"));
    CHECK(muster({"audit"}).code == tools::usage);
    const Scratch empty;
    auto none = muster({"audit", "replay", "--data", empty / "", "--workspace", "spring"});
    CHECK(none.code == tools::failed);
    CHECK_FALSE(std::filesystem::exists(empty / "log"));
    none = muster({"audit", "replay", "--data", empty / "nowhere", "--workspace", "spring"});
    CHECK_THAT(none.err, Catch::Contains("there is no such directory"));
}

TEST_CASE("an entry in JSON has the fields of the API's audit") {
    DataDirectory data;
    const auto line = lines_of(replay(data, {"--format", "ndjson", "--from", "3", "--to", "3"}).out).at(0);
    data.serve();
    const auto page = data.send("GET", "/v1/workspaces/spring/audit?type=member_invited");
    CHECK_THAT(page, Catch::Contains(line));
}

TEST_CASE("a replay goes on behind its pages") {
    DataDirectory data;
    data.serve();
    constexpr int more = 1'100;
    for (int i = 0; i < more; ++i)
        data.send("POST", "/v1/workspaces/spring/resources",
                  R"({"kind":"agent","name":"A)" + std::to_string(i) + R"("})");
    const auto beside = replay(data);
    const auto entries = lines_of(sentences(beside.out));
    REQUIRE(entries.size() == 4 + more);
    for (std::size_t i = 0; i < entries.size(); ++i)
        CHECK_THAT(entries[i], Catch::StartsWith(std::to_string(i + 1) + " "));
    // Each goes on by the id of its workspace, whatever has the slug by then.
    const tools::Request first{.ask = tools::Ask::replay, .workspace = "spring"};
    const auto page = tools::ask_server(data.path(), first, [](std::string_view) {});
    REQUIRE(page);
    const auto shown = data.send("GET", "/v1/workspaces/spring");
    CHECK(page->words == "1000 " + shown.substr(shown.find("ws_"), 29));
    data.stop();
    CHECK(replay(data).out == beside.out);
}

TEST_CASE("an erased person's id stands where the name was") {
    DataDirectory data;
    auto made =
        data.send("POST", "/v1/workspaces/spring/members", R"({"email":"tim@spring.example","name":"Tim Late"})");
    const auto tim = made.substr(made.find("mem_"), 30);
    CHECK_THAT(replay(data).out, Catch::Contains("Tim Late"));
    data.send("POST", "/v1/workspaces/spring/members/" + tim + "/deactivate");
    data.send("DELETE", "/v1/workspaces/spring/members/" + tim + "?confirm=" + tim);
    const auto after = replay(data).out;
    CHECK_THAT(after, !Catch::Contains("Tim Late"));
    CHECK_THAT(after, Catch::Contains("The operator added " + tim + " as member"));
    CHECK_THAT(after, Catch::Contains("The personal data of " + tim + " was destroyed"));
}

TEST_CASE("[N12] an unbroken log says so and gives a head to keep, without any key") {
    DataDirectory data;
    std::filesystem::remove_all(data.path() + "/master.key");
    const auto first = verify(data);
    CHECK(first.code == tools::well);
    auto lines = lines_of(first.out);
    REQUIRE(lines.size() == 4);
    CHECK(lines[0] == "unbroken: 4 events, each workspace's chain and the running hash over all");
    CHECK(lines[1] == "complete: all up to the anchor, position 4, is there");
    CHECK_THAT(lines[2], Catch::StartsWith("not shown: "));
    CHECK_THAT(lines[3], Catch::StartsWith("head: 4 "));
}

TEST_CASE("[N12] a head that was kept is found again beside a server, and missed in another history") {
    DataDirectory data;
    const Scratch kept;
    std::ofstream(kept / "head") << verify(data).out;
    data.serve();
    data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
    auto later = verify(data, {"--head", kept / "head"});
    CHECK(later.code == tools::well);
    CHECK_THAT(later.out, Catch::Contains("complete: all up to the head that you kept, position 4, is there\n"));
    CHECK_THAT(later.out, Catch::Contains("\nhead: 5 "));
    std::ofstream(kept / "later") << later.out;
    data.stop();

    const DataDirectory other;
    auto another = verify(other, {"--head", kept / "head"});
    CHECK(another.code == tools::failed);
    CHECK_THAT(another.out, Catch::Contains("broken: another history leads to the head that you kept, position 4\n"));
    auto shorter = verify(other, {"--head", kept / "later"});
    CHECK(shorter.code == tools::failed);
    CHECK_THAT(shorter.out,
               Catch::Contains("broken: the log ends at position 4, before the head that you kept, position 5\n"));
    CHECK(verify(other, {"--head", kept / "nothing"}).code == tools::failed);
}

TEST_CASE("[N12] the first bad place is named") {
    DataDirectory data;
    const auto event = rows::position(3);
    auto plant = [&](auto change) {
        auto log = data.log();
        WriteBatch batch;
        change(batch, *log->get(family(LogFamily::events), event));
        log->write(batch, Sync::yes);
    };
    SECTION("an altered event") {
        plant([&](WriteBatch& batch, std::string bytes) {
            bytes[bytes.size() / 2] ^= 1;
            batch.put(family(LogFamily::events), event, bytes);
        });
    }
    SECTION("an event that is gone") {
        plant([&](WriteBatch& batch, const std::string&) { batch.erase(family(LogFamily::events), event); });
    }
    const auto ran = verify(data);
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.out, Catch::StartsWith("broken: event 3: "));
    CHECK_THAT(ran.out, Catch::EndsWith("unbroken before it: 2 events\n"));
    const auto printed = verify(data, {"--format", "json"});
    CHECK(printed.code == tools::failed);
    CHECK_THAT(printed.out,
               Catch::StartsWith(
                   R"({"whole":false,"lines":[{"what":"broken","line":null,"position":3,"sentence":"event 3: )"));
}

TEST_CASE("[N12] a log that lost its end shows against the anchor, and one without its files is damaged") {
    DataDirectory data;
    {
        auto mark = open_anchor(data.path() + "/anchor");
        auto ahead = *mark->read();
        ahead.position += 2;
        mark->write(ahead);
    }
    const auto ran = verify(data);
    CHECK(ran.code == tools::failed);
    CHECK_THAT(ran.out, Catch::Contains("broken: the log ends at position 4, before the anchor, position 6\n"));
    CHECK(replay(data).code == tools::damaged);
    std::filesystem::remove(data.path() + "/log/CURRENT");
    const auto gone = verify(data);
    CHECK(gone.code == tools::damaged);
    CHECK_THAT(gone.err, Catch::Contains("/log is missing or damaged"));
}

}  // namespace muster::test
