// What differs between two moments.
#include "api/difference_json.h"
#include "tests/api/fixture.h"

#include <nlohmann/json.hpp>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

// `added mem_… Grace Hopper`, one a person or thing.
Words told(const Answer& diff, const std::string& part) {
    Words all;
    auto body = json::parse(diff.body);
    for (const auto& each : body.at(part))
        all.push_back(each.at("change").get<std::string>() + " " + each.at("kind").get<std::string>() + " " +
                      (each.at("name").is_null() ? "?" : each.at("name").get<std::string>()));
    return all;
}

// `role: "member" -> "guest"`, of the n-th of a part, or of `plan` and the like.
Words fields(const Answer& diff, const std::string& pointer) {
    Words all;
    auto body = json::parse(diff.body);
    for (const auto& each : body.at(json::json_pointer(pointer)))
        all.push_back(each.at("field").get<std::string>() + ": " + each.at("from").dump() + " -> " +
                      each.at("to").dump());
    return all;
}

// A moment of its own: nothing happens at it.
std::string now(Api& api) {
    api.clock.advance(60);
    auto at = api.clock.now().text();
    api.clock.advance(60);
    return at;
}

}  // namespace

TEST_CASE("what changed between two times: people who came, went and changed, field by field") {
    Api api;
    api.licenses(5);
    auto linus = api.member("linus@spring.example", R"("name":"Linus")");
    auto alan = api.invite("alan@spring.example", R"("name":"Alan","license":"organization")");
    auto eve = api.invite("eve@spring.example", R"("name":"Eve")");
    auto from = now(api);
    api.invite("grace@spring.example", R"("name":"Grace","license":"organization")");
    REQUIRE(api.patch("/members/" + linus, R"({"role":"guest","job_title":"Kernel"})").status == 200);
    api.accept(alan);
    REQUIRE(api.post("/invitations/" + eve + "/revoke").status == 200);
    auto passing = api.invite("passing@spring.example");
    REQUIRE(api.post("/invitations/" + passing + "/revoke").status == 200);
    auto to = now(api);
    api.member("later@spring.example");

    auto diff = api.get("/diff?from=" + from + "&to=" + to);
    REQUIRE(diff.status == 200);
    CHECK(diff.members() == Words{"events", "from", "people", "permissions", "plan", "resources", "roles", "seats",
                                  "settings", "teams", "to", "workspace"});
    // Who came and went in between is not told; the audit does.
    CHECK(told(diff, "people") ==
          Words{"changed member Linus", "changed member Alan", "removed invitation Eve", "added invitation Grace"});
    CHECK(fields(diff, "/people/0/changes") == Words{R"(job_title: null -> "Kernel")", R"(role: "member" -> "guest")"});
    CHECK_THAT(diff.text("/people/1/changes"), Contains(R"({"field":"status","from":"pending","to":"active"})"));
    auto came = fields(diff, "/people/3/changes");
    for (const char* field : {R"(status: null -> "pending")", R"(email: null -> "grace@spring.example")",
                              R"(name: null -> "Grace")", R"(license: null -> "organization")"})
        CHECK(std::ranges::find(came, field) != came.end());
    CHECK(diff.text("/seats") == R"([{"pool":"organization","used_change":1}])");  // Grace for Eve in `users`
    CHECK(diff.text("/from/at") == from);
    CHECK(diff.number("/events") == 7);

    // Before the workspace's first event there is no time of one.
    CHECK(api.get("/diff?from=0").text("/from") == R"({"at":null,"position":0})");

    // The other way round it can't be asked; from a moment to itself nothing differs.
    CHECK(api.get("/diff?from=" + to + "&to=" + from).faults() == Words{"?to invalid_value"});
    auto none = api.get("/diff?from=" + to + "&to=" + to);
    CHECK(none.number("/events") == 0);
    for (const char* part : {"people", "roles", "teams", "plan", "settings", "seats"})
        CHECK(none.size("/" + std::string(part)) == 0);
}

TEST_CASE("what changed of the workspace: roles, teams, permissions, resources, plan, settings, name") {
    Api api;
    api.licenses(5);
    auto gone = api.team("Gone");
    auto sales = api.team("Sales");
    auto desk = api.resource("Reception");
    auto from = now(api);
    REQUIRE(api.remove("/teams/" + gone).status == 200);
    REQUIRE(api.patch("/teams/" + sales, R"({"name":"Revenue"})").status == 200);
    REQUIRE(api.post("/roles", R"({"key":"lead","name":"Lead","permissions":["members.read"]})").status == 201);
    REQUIRE(api.patch("/roles/guest", R"({"name":"Visitor"})").status == 200);
    REQUIRE(api.post("/permissions", R"({"key":"agents.edit","name":"Agents"})").status == 201);
    REQUIRE(api.patch("/resources/" + desk, R"({"name":"Desk"})").status == 200);
    REQUIRE(api.patch("/v1/workspaces/spring", R"({"name":"Summer Labs"})").status == 200);
    REQUIRE(api.patch("/settings", R"({"contact":"us"})").status == 200);
    api.licenses(7);
    auto diff = api.get("/diff?from=" + from);  // until now
    CHECK(told(diff, "teams") == Words{"removed team Gone", "changed team Revenue"});
    CHECK(fields(diff, "/teams/1/changes") == Words{R"(name: "Sales" -> "Revenue")"});
    CHECK(told(diff, "roles") == Words{"changed role Visitor", "added role Lead"});
    CHECK(told(diff, "permissions") == Words{"added permission Agents"});
    CHECK(told(diff, "resources") == Words{"changed resource Desk"});
    CHECK(fields(diff, "/workspace") == Words{R"(name: "Spring Labs" -> "Summer Labs")"});
    CHECK(fields(diff, "/settings") == Words{R"(contact: null -> "us")"});
    CHECK(fields(diff, "/plan") == Words{"licenses.organization.seats: 5 -> 7"});
    // From before it was made all of it is new.
    auto all = api.get("/diff?from=0");
    CHECK(told(all, "people") == Words{"added member Ada Lovelace"});
    CHECK(fields(all, "/workspace")[0] == R"(name: null -> "Summer Labs")");
    CHECK(api.get("/diff?from=2020-01-01T00:00:00Z").text("/people") == all.text("/people"));
}

TEST_CASE("who had a team, a permission or a resource that was removed differs, though nobody touched them") {
    Api api;
    auto sales = api.team("Sales"), other = api.team("Other");
    auto desk = api.resource("Reception");
    REQUIRE(api.post("/permissions", R"({"key":"agents.edit","name":"Agents"})").status == 201);
    api.member("linus@spring.example", R"("name":"Linus","teams":[")" + sales + R"("])");
    api.member("grace@spring.example", R"("name":"Grace","resources":[{"id":")" + desk + R"(","access":"view"}])");
    api.invite("alan@spring.example", R"("name":"Alan","permissions":["agents.edit"])");
    api.member("eve@spring.example", R"("name":"Eve","teams":[")" + other + R"("])");
    auto from = now(api);
    auto people_since = [&](const std::string& when) { return told(api.get("/diff?from=" + when), "people"); };
    REQUIRE(api.remove("/teams/" + sales).status == 200);
    CHECK(people_since(from) == Words{"changed member Linus"});
    REQUIRE(api.remove("/resources/" + desk).status == 200);
    CHECK(people_since(from) == Words{"changed member Linus", "changed member Grace"});
    auto then = now(api);
    REQUIRE(api.remove("/permissions/agents.edit").status == 200);
    REQUIRE(api.post("/permissions", R"({"key":"agents.edit","name":"Agents"})").status == 201);  // another one
    auto diff = api.get("/diff?from=" + from);
    CHECK(told(diff, "people") == Words{"changed member Linus", "changed member Grace", "changed invitation Alan"});
    CHECK(fields(diff, "/people/0/changes") == Words{R"(teams: [")" + sales + R"("] -> [])"});
    CHECK(fields(diff, "/people/2/changes") == Words{R"(permissions: ["agents.edit"] -> [])"});
    CHECK(people_since(then) == Words{"changed invitation Alan"});
}

TEST_CASE("who was erased is counted among the differences, without their data") {
    Api api;
    auto from = now(api);
    auto grace = api.member("grace@spring.example", R"("name":"Grace Hopper","job_title":"Admiral")");
    auto between = now(api);
    REQUIRE(api.remove("/members/" + grace + "?confirm=" + grace).status == 200);
    auto came = api.get("/diff?from=" + from + "&to=" + between);
    CHECK(told(came, "people") == Words{"added member ?"});
    CHECK(came.text("/seats") == R"([{"pool":"users","used_change":1}])");
    auto went = api.get("/diff?from=" + between);
    CHECK(told(went, "people") == Words{"removed member ?"});
    CHECK(told(api.get("/diff?from=" + from), "people").empty());
    for (const auto& each : {came, went})
        for (const char* data : {"Grace", "grace@", "Admiral"}) CHECK_THAT(each.body, !Contains(data));
}

TEST_CASE("more events between than can be looked at are refused, with the number") {
    Api api;
    for (const char* email : {"a@x.example", "b@x.example", "c@x.example"}) api.invite(email);
    auto& store = api.system->store();
    auto spring = *WorkspaceId::parse(api.spring);
    auto of_at_most = [&](std::size_t events) {
        int told = 0;
        auto found = difference(*store.log, *store.history, spring, moment_at(*store.log, spring, Position{2}),
                                moment_at(*store.log, spring, Position{5}), events, [&](const auto&) { ++told; });
        CHECK((found ? told == 3 : told == 0));
        return found.has_value();
    };
    CHECK(of_at_most(3));
    CHECK_FALSE(of_at_most(2));
    CHECK(range_too_large().faults.at(0).pointer == "?from");
    CHECK(name_of(range_too_large().code) == "range_too_large");
}

TEST_CASE("a removal that more people differ by than can be told is refused as too many events are") {
    Api api;
    auto sales = api.team("Sales");
    for (const char* email : {"a@x.example", "b@x.example", "c@x.example"})
        api.member(email, R"("teams":[")" + sales + R"("])");
    auto before = static_cast<Position>(api.head());
    REQUIRE(api.remove("/teams/" + sales).status == 200);
    auto& store = api.system->store();
    auto spring = *WorkspaceId::parse(api.spring);
    auto told_of_at_most = [&](std::size_t most) {
        int told = 0;
        auto found = difference(*store.log, *store.history, spring, moment_at(*store.log, spring, before),
                                moment_at(*store.log, spring, before + 1), most, [&](const auto&) { ++told; });
        CHECK(found.has_value() == (told > 0));
        return told;
    };
    CHECK(told_of_at_most(3) == 4);  // and the team
    CHECK(told_of_at_most(2) == 0);
}

TEST_CASE("a quiet time lies behind the last event before it, also where that is asked for by its position") {
    Api api;
    api.invite("grace@spring.example");
    auto head = std::to_string(api.head()), before = std::to_string(api.head() - 1);
    auto quiet = now(api), later = now(api);
    for (const auto& range : {"from=" + quiet + "&to=" + head, "from=" + head + "&to=" + quiet}) {
        auto none = api.get("/diff?" + range);
        INFO(range << none.body);
        REQUIRE(none.status == 200);
        CHECK(none.number("/events") == 0);
    }
    CHECK(api.get("/diff?from=" + quiet + "&to=" + before).faults() == Words{"?to invalid_value"});
    CHECK(api.get("/diff?from=" + later + "&to=" + quiet).faults() == Words{"?to invalid_value"});
}

TEST_CASE("what diff can't take is said, with the parameter") {
    Api api;
    CHECK(api.get("/diff").faults() == Words{"?from required"});
    CHECK(api.get("/diff?from=x&to=y").faults() == Words{"?from invalid_value", "?to invalid_value"});
    CHECK(api.get("/diff?from=1&to=99").faults() == Words{"?to invalid_value"});
    CHECK(api.get("/diff?from=1&since=2").faults() == Words{"?since unknown_field"});
}

}  // namespace muster::test
