// muster audit as-of and diff: how a workspace stood, and what differs between two moments.
#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

namespace muster::test {
namespace {

using Catch::Contains;
using Catch::EndsWith;

Ran audit(const std::string& what, const DataDirectory& data, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"audit", what, "--data", data.path(), "--workspace", "spring"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    auto ran = muster(arguments);
    INFO(ran.err);
    CHECK((ran.code == tools::well) == ran.err.empty());
    return ran;
}

std::string id_in(const std::string& answer, const std::string& prefix) {
    return answer.substr(answer.find(prefix), prefix.size() + 26);
}

}  // namespace

TEST_CASE("a workspace as it stood reads the same at rest and beside a server") {
    DataDirectory data;
    data.clock.at = data.clock.at.plus_seconds(60);
    data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})");
    auto linus = id_in(data.send("POST", "/v1/workspaces/spring/members",
                                 R"({"email":"linus@spring.example","name":"Linus","teams":["sales"]})"),
                       "mem_");
    data.clock.at = data.clock.at.plus_seconds(60);
    data.send("POST", "/v1/workspaces/spring/members/" + linus + "/deactivate");

    auto begun = audit("as-of", data, {"--at", "2"}).out;
    auto lines = lines_of(begun);
    CHECK(lines.at(0) == "Spring Labs at 2026-03-02T09:00:00.000Z, position 2");
    CHECK(lines.at(2) == "  Users: 1, unlimited (1 active, 0 pending)");
    CHECK_THAT(lines.back(), Contains("active  Ada Lovelace <ada@spring.example>  admin"));
    auto later = audit("as-of", data, {"--at", "2026-03-02T09:03:30Z"}).out;
    CHECK_THAT(later, Contains("  Sales  1\n"));
    CHECK_THAT(later, Contains("  Users: 3, unlimited (2 active, 1 pending)"));
    CHECK_THAT(later, Contains("  " + linus + "  active  Linus <linus@spring.example>  member"));
    CHECK_THAT(later, Contains("  " + data.grace + "  pending  Grace Hopper <grace@spring.example>  member"));
    auto day = audit("as-of", data, {"--at", "2026-03-03"}).out;
    CHECK_THAT(day, Contains("  " + linus + "  deactivated  Linus"));
    // Past their time is expired, though nobody recorded it.
    CHECK_THAT(audit("as-of", data, {"--at", "2026-04-01"}).out, Contains("  expired  Grace Hopper"));

    auto in_json = audit("as-of", data, {"--at", "2026-03-03", "--format", "json"}).out;
    CHECK(lines_of(in_json).size() == 5);  // three people, and what is before and behind
    CHECK_THAT(in_json, Contains(R"("users":{"limit":null,"active":1,"pending":1,"used":2,)"));
    CHECK_THAT(in_json, Contains(R"("name":"Sales","member_count":0}],"people":[)"));
    CHECK_THAT(in_json, Contains(R"({"kind":"member","id":")" + linus + R"(","status":"deactivated","email":"linus@)"));
    CHECK_THAT(in_json, EndsWith("]}\n"));

    data.serve();
    CHECK(audit("as-of", data, {"--at", "2026-03-02T09:03:30Z"}).out == later);
    CHECK(audit("as-of", data, {"--at", "2026-03-03", "--format", "json"}).out == in_json);
}

TEST_CASE("what differs between two moments is told at rest and beside a server") {
    DataDirectory data;
    data.clock.at = data.clock.at.plus_seconds(60);
    data.send("PATCH", "/v1/workspaces/spring", R"({"name":"Summer Labs"})");
    data.send("POST", "/v1/workspaces/spring/invitations/" + data.grace + "/revoke");
    auto linus =
        id_in(data.send("POST", "/v1/workspaces/spring/members", R"({"email":"linus@spring.example","name":"Linus"})"),
              "mem_");
    auto words = audit("diff", data, {"--from", "4", "--to", "2026-03-02T10:00:00Z"}).out;
    CHECK_THAT(words, Contains("- invitation Grace Hopper (" + data.grace + ")\n"));
    CHECK_THAT(words, Contains("+ member Linus (" + linus + ")\n    status: none -> active\n"));
    CHECK_THAT(words, Contains("~ workspace\n    name: Spring Labs -> Summer Labs\n"));
    CHECK_THAT(words, !Contains("seats"));  // one came, one went
    CHECK_THAT(audit("diff", data, {"--from", "2", "--to", "4"}).out, Contains("~ seats of users: +1\n"));
    CHECK(audit("diff", data, {"--from", "4", "--to", "4"}).out.empty());
    CHECK(audit("diff", data, {"--from", "2026-03-02T10:00:00Z", "--to", "7"}).code == tools::well);  // nothing since
    auto in_json = audit("diff", data, {"--from", "4", "--to", "7", "--format", "json"}).out;
    CHECK_THAT(in_json, Contains(R"("events":3,)"));
    data.serve();
    CHECK(audit("diff", data, {"--from", "4", "--to", "2026-03-02T10:00:00Z"}).out == words);
    auto over_http = data.send("GET", "/v1/workspaces/spring/diff?from=4&to=7");
    CHECK_THAT(over_http, Contains(in_json.substr(0, in_json.size() - 1)));
}

TEST_CASE("a team that was deleted in between is told by the name that it had") {
    DataDirectory data;
    auto team = id_in(data.send("POST", "/v1/workspaces/spring/teams", R"({"name":"Sales"})"), "team_");
    data.send("POST", "/v1/workspaces/spring/members",
              R"({"email":"linus@spring.example","name":"Linus","send_email":false,"teams":[")" + team + R"("]})");
    data.send("DELETE", "/v1/workspaces/spring/teams/" + team);
    auto words = audit("diff", data, {"--from", "6", "--to", "7"}).out;
    CHECK_THAT(words, Contains("- team Sales (" + team + ")\n"));
    CHECK_THAT(words, Contains("    teams: Sales -> none\n"));
}

TEST_CASE("who was erased since stood there, without their data") {
    DataDirectory data;
    auto tim =
        id_in(data.send("POST", "/v1/workspaces/spring/members", R"({"email":"tim@spring.example","name":"Tim Late"})"),
              "mem_");
    CHECK_THAT(audit("as-of", data, {"--at", "5"}).out, Contains("Tim Late"));
    data.send("DELETE", "/v1/workspaces/spring/members/" + tim + "?confirm=" + tim);
    for (const auto& told :
         {audit("as-of", data, {"--at", "5"}).out, audit("diff", data, {"--from", "4", "--to", "5"}).out}) {
        CHECK_THAT(told, !Contains("Tim"));
        CHECK_THAT(told, Contains(tim));
        CHECK_THAT(told, Contains("(erased)"));
    }
    CHECK_THAT(audit("as-of", data, {"--at", "5"}).out, Contains("Users: 3, unlimited"));
}

TEST_CASE("a moment that can't be asked for is refused") {
    DataDirectory data;
    for (const bool serving : {false, true}) {
        if (serving) data.serve();
        CHECK(audit("as-of", data, {"--at", "yesterday"}).code == tools::usage);
        CHECK(audit("as-of", data, {"--at", "2999-01-01"}).code == tools::usage);
        CHECK(audit("as-of", data, {"--at", "99"}).code == tools::usage);
        auto before = audit("as-of", data, {"--at", "2026-03-01"});
        CHECK(before.code == tools::failed);
        CHECK(before.err == "muster: there was no workspace yet: it was made at 2026-03-02T09:00:00.000Z\n");
        CHECK(audit("diff", data, {"--from", "4", "--to", "2"}).code == tools::usage);
        auto nowhere = muster({"audit", "as-of", "--data", data.path(), "--workspace", "winter", "--at", "1"});
        CHECK(nowhere.err == "muster: there is no workspace `winter`\n");
    }
    CHECK(audit("as-of", data, {}).code == tools::usage);
    CHECK(audit("diff", data, {"--from", "1"}).code == tools::usage);
}

}  // namespace muster::test
