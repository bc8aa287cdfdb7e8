// Roles, permissions, teams and resources.
#include "tests/api/fixture.h"

namespace muster::test {

TEST_CASE("a role is defined, read, changed and removed") {
    Api api;
    auto made = api.post(
        "/roles",
        R"({"key":"sales.lead","name":"Sales lead","permissions":["members.read","members.invite","members.read"],"home":"/deals"})");
    REQUIRE(made.status == 201);
    CHECK(made.members() == Words{"home", "key", "name", "permissions"});
    CHECK(made.text("/permissions") == R"(["members.invite","members.read"])");
    CHECK(api.get("/roles/sales.lead").body == made.body);
    auto changed = api.patch("/roles/sales.lead", R"({"permissions":["audit.read"]})");
    CHECK(changed.text("/permissions") == R"(["audit.read"])");
    CHECK(changed.text("/name") == "Sales lead");
    CHECK(api.get("/roles").each("/items", "key") == Words{"admin", "guest", "member", "sales.lead"});
    auto removed = api.remove("/roles/sales.lead");
    CHECK(removed.status == 200);
    CHECK(removed.body == R"({"key":"sales.lead","deleted":true})");
    CHECK(refusal(api.get("/roles/sales.lead")) == "404 not_found");
}

TEST_CASE("refusals about roles") {
    Api api;
    CHECK(refusal(api.post("/roles", R"({"key":"guest","name":"Guest"})")) == "409 key_taken");
    CHECK(refusal(api.post("/roles", R"({"key":"Lead","name":"Lead"})")) == "422 invalid_value");
    auto both = api.post("/roles", R"({"key":"lead","permissions":["members.read","no.such"],"x":1})");
    CHECK(both.faults() == Words{"/name required", "/permissions/1 unknown_permission", "/x unknown_field"});
    CHECK(refusal(api.patch("/roles/nobody", R"({"name":"X"})")) == "404 not_found");
    CHECK(refusal(api.patch("/roles/nobody", R"({"name":null})")) == "422 required");
    CHECK(refusal(api.remove("/roles/nobody")) == "404 not_found");
    CHECK(refusal(api.remove("/roles/nobody?confirm=1")) == "422 unknown_field");
}

TEST_CASE("admin always holds everything, and only its name changes") {
    Api api;
    CHECK(refusal(api.remove("/roles/admin")) == "409 role_protected");
    CHECK(refusal(api.patch("/roles/admin", R"({"permissions":["members.read"]})")) == "409 role_protected");
    CHECK(api.patch("/roles/admin", R"({"name":"Owner"})").text("/name") == "Owner");
    REQUIRE(api.post("/permissions", R"({"key":"agents.edit","name":"Can edit agents"})").status == 201);
    CHECK(api.get("/roles/admin").text("/permissions").find("agents.edit") != std::string::npos);
}

TEST_CASE("a role that somebody has, or that new people get, is not removed") {
    Api api;
    REQUIRE(api.post("/roles", R"({"key":"lead","name":"Lead"})").status == 201);
    auto invitation = api.invite("grace@spring.example", R"("role":"lead")");
    auto refused = api.remove("/roles/lead");
    CHECK(refusal(refused) == "409 role_in_use");
    CHECK(refused.number("/used") == 1);
    CHECK(refusal(api.remove("/roles/member")) == "409 role_in_use");
    REQUIRE(api.post("/invitations/" + invitation + "/revoke").status == 200);
    CHECK(api.remove("/roles/lead").status == 200);
}

TEST_CASE("a permission of the workspace's own is given, and gone from everybody when it is removed [S2-7, S2-19]") {
    Api api;
    auto made = api.post("/permissions", R"({"key":"agents.edit","name":"Can edit agents"})");
    REQUIRE(made.status == 201);
    CHECK(made.members() == Words{"description", "key", "name"});
    auto member = api.member("grace@spring.example", R"("permissions":["agents.edit"])");
    CHECK(api.get("/members/" + member).text("/permissions") == R"(["agents.edit"])");
    CHECK(api.remove("/permissions/agents.edit").body == R"({"key":"agents.edit","deleted":true})");
    CHECK(api.get("/members/" + member).text("/permissions") == "[]");
    // One of the same key that is made later is another one.
    REQUIRE(api.post("/permissions", R"({"key":"agents.edit","name":"Can edit agents"})").status == 201);
    CHECK(api.get("/members/" + member).text("/permissions") == "[]");
    CHECK(api.get("/permissions").each("/items", "key") == Words{"agents.edit"});
}

TEST_CASE("refusals about permissions") {
    Api api;
    CHECK(refusal(api.post("/permissions", R"({"key":"members.read","name":"X"})")) == "409 key_taken");
    CHECK(refusal(api.remove("/permissions/members.read")) == "404 not_found");
    CHECK(refusal(api.remove("/permissions/no.such")) == "404 not_found");
    CHECK(api.post("/permissions", "{}").faults() == Words{"/key required", "/name required"});
}

TEST_CASE("a team is created, renamed, deleted; its people stay, without it") {
    Api api;
    auto made = api.post("/teams", R"({"name":"Sales"})");
    REQUIRE(made.status == 201);
    CHECK(made.members() == Words{"id", "member_count", "name"});
    CHECK(made.number("/member_count") == 0);
    auto id = made.text("/id");
    CHECK(id.starts_with("team_"));
    auto grace = api.member("grace@spring.example", R"("teams":["SALES"])");
    CHECK(api.get("/teams/" + id).number("/member_count") == 1);
    CHECK(api.patch("/teams/" + id, R"({"name":"Revenue"})").text("/name") == "Revenue");
    CHECK(api.get("/members/" + grace).text("/teams/0/name") == "Revenue");
    CHECK(api.remove("/teams/" + id).body == R"({"id":")" + id + R"(","deleted":true})");
    CHECK(api.get("/members/" + grace).text("/teams") == "[]");
    CHECK(refusal(api.get("/teams/" + id)) == "404 not_found");
}

TEST_CASE("refusals about teams") {
    Api api;
    auto sales = api.team("Sales");
    auto other = api.team("Other");
    CHECK(refusal(api.post("/teams", R"({"name":"sALES"})")) == "409 name_taken");
    CHECK(refusal(api.patch("/teams/" + other, R"({"name":"SALES "})")) == "409 name_taken");
    CHECK(api.patch("/teams/" + sales, R"({"name":"SALES"})").text("/name") == "SALES");
    CHECK(refusal(api.patch("/teams/" + sales, R"({"name":null})")) == "422 required");
    CHECK(refusal(api.patch("/teams/team_nothing", R"({"name":"X"})")) == "404 not_found");
    CHECK(refusal(api.remove("/teams/nothing")) == "404 not_found");
    CHECK(refusal(api.post("/teams", R"({"name":")" + std::string(201, 'x') + "\"}")) == "422 too_long");
    REQUIRE(api.patch("/settings", R"({"teams_enabled":false})").status == 200);
    CHECK(refusal(api.post("/teams", R"({"name":"New"})")) == "422 teams_disabled");
}

TEST_CASE("resources are registered, changed, listed by kind and group, removed [S2-12, S2-14]") {
    Api api;
    auto made = api.post("/resources", R"({"kind":"agent","name":"Reception","group":"Spring GmbH"})");
    REQUIRE(made.status == 201);
    CHECK(made.members() == Words{"group", "id", "kind", "name"});
    auto id = made.text("/id");
    CHECK(id.starts_with("res_"));
    REQUIRE(api.post("/resources", R"({"kind":"agent","name":"After hours","group":"Spring AG"})").status == 201);
    REQUIRE(api.post("/resources", R"({"kind":"project","name":"Launch"})").status == 201);
    CHECK(api.get("/resources?kind=agent").size("/items") == 2);
    CHECK(api.get("/resources?group=Spring%20GmbH").each("/items", "name") == Words{"Reception"});
    auto groups = api.get("/resources?group_by=group&kind=agent");
    CHECK(groups.each("/groups", "group") == Words{"Spring AG", "Spring GmbH"});
    CHECK(groups.each("/groups/1/items", "name") == Words{"Reception"});
    auto grace = api.member("grace@spring.example", R"("resources":[{"id":")" + id + R"(","access":"edit"}])");
    CHECK(api.get("/members/" + grace).text("/resources/0/access") == "edit");
    auto moved = api.patch("/resources/" + id, R"({"name":"Front desk","group":null})");
    CHECK(moved.text("/name") == "Front desk");
    CHECK(moved.text("/group") == "null");
    CHECK(api.get("/members/" + grace).text("/resources/0/name") == "Front desk");
    CHECK(api.remove("/resources/" + id).body == R"({"id":")" + id + R"(","deleted":true})");
    CHECK(api.get("/members/" + grace).text("/resources") == "[]");
    CHECK(refusal(api.get("/resources/" + id)) == "404 not_found");
    CHECK(refusal(api.patch("/resources/" + id, "{}")) == "404 not_found");
    CHECK(refusal(api.remove("/resources/" + id)) == "404 not_found");
}

TEST_CASE("groups that differ in case alone are told apart, each once, and what they hold is counted [S2-14]") {
    Api api;
    api.resource("Alpha", "Acme");
    api.resource("Beta", "ACME");
    api.resource("Gamma", "Acme");
    auto groups = api.get("/resources?group_by=group&include_total=true");
    CHECK(groups.each("/groups", "group") == Words{"ACME", "Acme"});
    CHECK(groups.each("/groups/1/items", "name") == Words{"Alpha", "Gamma"});
    CHECK(groups.number("/total") == 3);
    CHECK(api.get("/resources?group_by=group&include_total=true&limit=1").number("/total") == 3);
    CHECK_FALSE(api.get("/resources?group_by=group").has("/total"));
}

TEST_CASE("a filter by a team or a resource that was removed finds nobody [S2-2]") {
    Api api;
    auto sales = api.team("Sales"), support = api.team("Support");
    auto desk = api.resource("Desk"), robot = api.resource("Robot");
    auto with = [](const std::string& team, const std::string& resource) {
        return R"("teams":[")" + team + R"("],"resources":[{"id":")" + resource + R"(","access":"view"}])";
    };
    api.member("grace@spring.example", with(sales, desk));
    auto linus = api.member("linus@spring.example", with(support, robot));
    api.invite("alan@spring.example", with(sales, desk));
    auto eve = api.invite("eve@spring.example", with(support, robot));
    REQUIRE(api.remove("/teams/" + sales).status == 200);
    REQUIRE(api.remove("/resources/" + desk).status == 200);
    auto check = [&](const std::string& list, const std::string& filter, const Words& ids) {
        auto page = api.get(list + "?include_total=true&" + filter);
        INFO(filter);
        CHECK(page.each("/items", "id") == ids);
        CHECK(page.number("/total") == static_cast<std::int64_t>(ids.size()));
    };
    check("/members", "team=" + sales, {});
    check("/members", "team=" + sales + "," + support, {linus});
    check("/members", "team=" + support + "&sort=email", {linus});
    check("/members", "resource=" + desk, {});
    check("/members", "resource=" + desk + "," + robot, {linus});
    check("/members", "resource=" + robot + "&team=" + sales, {});
    check("/invitations", "team=" + sales, {});
    check("/invitations", "team=" + sales + "," + support, {eve});
    for (const auto& [filter, lines] : {std::pair{"team=" + sales, 1}, std::pair{"resource=" + desk, 1},
                                        std::pair{"team=" + sales + "," + support, 2}})
        CHECK(std::ranges::count(api.get("/members.csv?" + filter).body, '\n') == lines);
}

TEST_CASE("refusals about resources") {
    Api api;
    CHECK(api.post("/resources", R"({"name":"","colour":1})").faults() ==
          Words{"/colour unknown_field", "/kind required", "/name required"});
    auto id = api.resource("Reception");
    CHECK(refusal(api.patch("/resources/" + id, R"({"name":null})")) == "422 required");
    CHECK(refusal(api.get("/resources?group_by=kind")) == "422 invalid_value");
}

}  // namespace muster::test
