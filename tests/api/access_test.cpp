// What a member may and what gives it, over HTTP; and which callers each route admits.
#include "api/admission.h"
#include "tests/api/fixture.h"
#include "tests/api/signed_in.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

// A workspace whose add-ons unlock a permission each, and whose people can be given two more.
struct Shop {
    Shop() {
        for (const char* key : {"ci.insights", "ri.insights", "crm.access", "minutes.view", "recordings.view"})
            REQUIRE(
                api.post("/permissions", R"({"key":")" + std::string(key) + R"(","name":"Can )" + key + "\"}").status ==
                201);
        auto plan = api.put("/plan", R"({"licenses":[)"
                                     R"({"key":"organization","name":"Organization","kind":"base","seats":5},)"
                                     R"({"key":"ci","name":"Conversation Intelligence","kind":"add_on","seats":5,)"
                                     R"("requires":["organization"],"permissions":["ci.insights"]},)"
                                     R"({"key":"ri","name":"Revenue Intelligence","kind":"add_on","seats":1,)"
                                     R"("requires":["organization"],"permissions":["ri.insights"]}]})");
        INFO(plan.body);
        REQUIRE(plan.status == 200);
        grace = api.member("grace@spring.example", R"("name":"Grace Hopper","license":"organization")");
    }
    Answer check(const std::string& member, const std::string& more) {
        return api.post("/access:check", R"({"member_id":")" + member + "\"," + more + "}");
    }
    std::string may(const std::string& permission) {
        return check(grace, R"("permission":")" + permission + "\"").text("/allowed");
    }
    Api api;
    std::string grace;
};

Caller calling(Api& api, const std::string& member) {
    auto id = *MemberId::parse(member);
    auto& directory = api.system->service().directory;
    auto workspace = *WorkspaceId::parse(api.spring);
    auto person = directory.membership(workspace, id);
    return {{ActorKind::member, id.uuid}, effective_permissions(*directory.workspace(workspace), person->assignment)};
}

const Route& route(std::string_view name) {
    auto found = std::ranges::find(routes(), name, &Route::name);
    REQUIRE(found != routes().end());
    return *found;
}

}  // namespace

// ---- What gives it.

TEST_CASE("an add-on unlocks what belongs to it, for who has it [S0-16, S0-17]") {
    Shop shop;
    CHECK(shop.may("ci.insights") == "false");
    CHECK(shop.may("ri.insights") == "false");
    REQUIRE(shop.api.patch("/members/" + shop.grace, R"({"add_ons":["ri"]})").status == 200);
    CHECK(shop.may("ci.insights") == "false");
    CHECK(shop.may("ri.insights") == "true");
    REQUIRE(shop.api.patch("/members/" + shop.grace, R"({"add_ons":["ci"]})").status == 200);
    CHECK(shop.may("ci.insights") == "true");
    CHECK(shop.may("ri.insights") == "false");
}

TEST_CASE("a member's access names each permission and resource, what gives it, and since which event [S0-31]") {
    Shop shop;
    auto desk = shop.api.resource("Reception");
    auto changed = shop.api.patch(
        "/members/" + shop.grace,
        R"({"add_ons":["ri"],"permissions":["crm.access"],"resources":[{"id":")" + desk + R"(","access":"edit"}]})");
    REQUIRE(changed.status == 200);
    auto access = shop.api.get("/members/" + shop.grace + "/access");
    CHECK(access.status == 200);
    CHECK(access.members() ==
          Words{"add_ons", "license", "member_id", "permissions", "resources", "role", "status", "when_active"});
    CHECK(access.text("/status") == "active");
    CHECK(access.text("/when_active") == "null");
    CHECK(access.each("/permissions", "key") == Words{"crm.access", "ri.insights"});
    CHECK(access.text("/permissions/0/name") == "Can crm.access");
    CHECK(access.text("/permissions/0/from/0/kind") == "own");
    CHECK(access.text("/permissions/1/from/0/kind") == "add_on");
    CHECK(access.text("/permissions/1/from/0/key") == "ri");
    CHECK(access.text("/permissions/1/from/0/name") == "Revenue Intelligence");
    CHECK(access.number("/permissions/1/from/0/event/position") == changed.position());
    CHECK(access.text("/permissions/1/from/0/event/id") == shop.api.get("/audit?limit=1").text("/items/0/id"));
    CHECK(access.text("/resources/0/id") == desk);
    CHECK(access.text("/resources/0/access") == "edit");
    CHECK(access.number("/resources/0/from/0/event/position") == changed.position());
    CHECK(access.position() == shop.api.head());
    REQUIRE(shop.api.remove("/resources/" + desk).status == 200);
    CHECK(shop.api.get("/members/" + shop.grace + "/access").size("/resources") == 0);
}

TEST_CASE("role, licence, add-on, permission and resource each say who gave them, through which request or batch") {
    Shop shop;
    auto& api = shop.api;
    auto desk = api.resource("Reception");
    auto sent = api.post("/invitations:batch",
                         R"({"invitations":[{"email":"alan@spring.example","name":"Alan","license":"organization",)"
                         R"("permissions":["crm.access"]}]})");
    auto alan = api.accept(sent.text("/results/0/id"));
    auto made = api.post("/members", R"({"email":"boss@spring.example","name":"The Boss","role":"admin",)"
                                     R"("password":"an old engine room"})");
    auto session = api.post("/v1/auth/login", R"({"workspace":"spring","email":"boss@spring.example",)"
                                              R"("password":"an old engine room"})");
    auto changed =
        api.patch("/members/" + alan,
                  R"({"role":"guest","add_ons":["ci"],"resources":[{"id":")" + desk + R"(","access":"edit"}]})",
                  {{"Authorization", "Bearer " + session.text("/token")}});
    REQUIRE(changed.status == 200);
    auto access = api.get("/members/" + alan + "/access");
    CHECK(access.text("/role/name") == "Guest");
    CHECK(access.text("/license/kind") == "license");
    CHECK(access.each("/add_ons", "key") == Words{"ci"});
    auto by_boss = R"({"id":")" + made.text("/id") + R"(","kind":"member","name":"The Boss"})";
    for (const char* source : {"/role", "/add_ons/0", "/resources/0/from/0"}) {
        auto event = std::string(source) + "/event";
        CHECK(access.members(event) == Words{"actor", "at", "cause", "id", "position"});
        CHECK(access.text(event + "/actor") == by_boss);
        CHECK(access.number(event + "/position") == changed.position());
        CHECK(access.text(event + "/cause/batch") == "null");
        CHECK(access.text(event + "/cause") == api.get("/audit?type=member_changed").text("/items/0/cause"));
    }
    for (const char* source : {"/license", "/permissions/1/from/0"}) {
        CHECK(access.text(std::string(source) + "/event/actor/kind") == "operator");
        CHECK(access.text(std::string(source) + "/event/cause/batch") == sent.text("/batch_id"));
    }
}

TEST_CASE("what a role came to give after it was assigned is told by who changed the role [S0-31]") {
    Shop shop;
    auto& api = shop.api;
    REQUIRE(api.post("/roles", R"({"key":"clerk","name":"Clerk","permissions":["members.read"]})").status == 201);
    auto assigned = api.patch("/members/" + shop.grace, R"({"role":"clerk"})");
    auto changed = api.patch("/roles/clerk", R"({"permissions":["members.read","minutes.view"]})");
    auto access = api.get("/members/" + shop.grace + "/access");
    CHECK(access.number("/role/event/position") == assigned.position());
    CHECK(access.each("/permissions", "key") == Words{"members.read", "minutes.view"});
    CHECK(access.number("/permissions/0/from/0/event/position") == assigned.position());
    CHECK(access.number("/permissions/1/from/0/event/position") == changed.position());
    CHECK(shop.check(shop.grace, R"("permission":"minutes.view")").number("/sources/0/event/position") ==
          changed.position());
    // What is defined later is an admin's from then on.
    auto defined = api.post("/permissions", R"({"key":"late.view","name":"Late"})");
    auto boss = api.get("/members/" + api.ada + "/access");
    CHECK_THAT(boss.body, Contains(R"({"key":"late.view","name":"Late","from":[{"kind":"role")"));
    CHECK(shop.check(api.ada, R"("permission":"late.view")").number("/sources/0/event/position") == defined.position());
}

TEST_CASE("what somebody would have is without the licences that reactivating drops") {
    Api api;
    api.licenses(1, 1);
    auto grace = api.member("grace@spring.example");
    REQUIRE(api.patch("/members/" + grace, R"({"license":"organization","add_ons":["ci"]})").status == 200);
    REQUIRE(api.post("/members/" + grace + "/deactivate").status == 200);
    auto add_ons = [&] { return api.get("/members/" + grace + "/access").each("/when_active/add_ons", "key"); };
    CHECK(add_ons() == Words{"ci"});
    // The add-on alone is no longer one that they may have.
    REQUIRE(
        api.put("/plan", R"({"licenses":[{"key":"ci","name":"CI","kind":"add_on","paid":true,"seats":1}]})").status ==
        200);
    CHECK(add_ons().empty());
    CHECK(api.get("/members/" + grace + "/access").text("/when_active/license") == "null");
    CHECK(api.post("/members/" + grace + "/reactivate").text("/add_ons") == "[]");
    // What an invitation keeps is given as it is.
    api.licenses(2, 2);
    auto linus = api.invite("linus@spring.example", R"("license":"organization","add_ons":["ci"])");
    REQUIRE(api.put("/plan", R"({"licenses":[{"key":"organization","name":"O","kind":"base","paid":true,"seats":2},)"
                             R"({"key":"basic","name":"B","kind":"base","paid":true,"seats":2},)"
                             R"({"key":"ci","name":"CI","kind":"add_on","paid":true,"seats":2,"requires":["basic"]}]})")
                .status == 200);
    CHECK(api.get("/members/" + linus + "/access").each("/when_active/add_ons", "key") == Words{"ci"});
}

TEST_CASE("who is not active has no access; what they would have stands beside it [S4-12]") {
    Shop shop;
    auto pending = shop.api.invite("soon@spring.example", R"("permissions":["crm.access"])");
    for (const auto& id : {pending, same(pending, "mem")}) {
        auto access = shop.api.get("/members/" + id + "/access");
        CHECK(access.text("/status") == "pending");
        CHECK(access.text("/member_id") == same(pending, "mem"));
        CHECK(access.size("/permissions") == 0);
        CHECK(access.each("/when_active/permissions", "key") == Words{"crm.access"});
    }
    shop.api.clock.advance(7 * day);
    CHECK(shop.api.get("/members/" + pending + "/access").text("/status") == "expired");
    REQUIRE(shop.api.post("/members/" + shop.grace + "/deactivate").status == 200);
    CHECK(shop.api.get("/members/" + shop.grace + "/access").text("/status") == "deactivated");
    REQUIRE(shop.api.post("/invitations/" + pending + "/revoke").status == 200);
    CHECK(refusal(shop.api.get("/members/" + pending + "/access")) == "404 not_found");
    CHECK(refusal(shop.api.get("/members/nobody/access")) == "404 not_found");
    REQUIRE(shop.api.remove("/members/" + shop.grace + "?confirm=" + shop.grace).status == 200);
    CHECK(refusal(shop.api.get("/members/" + shop.grace + "/access")) == "410 member_deleted");
}

// ---- May they?

TEST_CASE("each toggle is given by itself, and off to begin with [S2-9, S2-10, S2-11]") {
    Shop shop;
    const Words toggles{"crm.access", "minutes.view", "recordings.view"};
    for (const auto& each : toggles) CHECK(shop.may(each) == "false");
    for (const auto& on : toggles) {
        REQUIRE(shop.api.patch("/members/" + shop.grace, R"({"permissions":[")" + on + "\"]}").status == 200);
        for (const auto& each : toggles) CHECK(shop.may(each) == (each == on ? "true" : "false"));
    }
}

TEST_CASE("who may not see the roles is not told which of them would give it") {
    Shop shop;
    REQUIRE(shop.api
                .post("/members", R"({"email":"eve@spring.example","name":"Eve","role":"guest",)"
                                  R"("password":"correct horse battery"})")
                .status == 201);
    auto session = shop.api.post("/v1/auth/login", R"({"workspace":"spring","email":"eve@spring.example",)"
                                                   R"("password":"correct horse battery"})");
    auto eve = session.text("/member/id");
    const Headers as_eve{{"Authorization", "Bearer " + session.text("/token")}};
    REQUIRE(shop.api.get("/roles", as_eve).status == 403);
    auto ask = R"({"member_id":")" + eve + R"(","permission":"ri.insights"})";
    auto own = shop.api.post("/access:check", ask, as_eve);
    CHECK(own.text("/because") ==
          "Eve does not have ri.insights: neither their role Guest nor a licence gives it, and it is not their own.");
    CHECK(own.text("/would_come_from") == "[]");
    CHECK(shop.api.post("/access:check", ask).each("/would_come_from", "key") == Words{"ri", "admin"});
}

TEST_CASE("an answer says why, in words and by what stands behind them") {
    Shop shop;
    auto no = shop.check(shop.grace, R"("permission":"ri.insights")");
    CHECK(no.status == 200);
    CHECK(no.members() == Words{"allowed", "because", "sources", "would_come_from"});
    CHECK(no.text("/because") ==
          "Grace Hopper does not have ri.insights: neither their role Member nor their licence Organization gives it, "
          "and it is not their own. The add-on Revenue Intelligence or the role Admin would.");
    CHECK(no.each("/would_come_from", "key") == Words{"ri", "admin"});
    CHECK(no.members("/would_come_from/0") == Words{"key", "kind", "name"});
    REQUIRE(shop.api.patch("/members/" + shop.grace, R"({"role":"admin"})").status == 200);
    auto yes = shop.check(shop.grace, R"("permission":"audit.read")");
    CHECK(yes.text("/allowed") == "true");
    CHECK(yes.text("/because") == "Grace Hopper has audit.read by their role Admin.");
    CHECK(yes.number("/sources/0/event/position") == shop.api.head());
}

TEST_CASE("a member sees only the resources assigned to them [S2-13]") {
    Shop shop;
    auto mine = shop.api.resource("Reception"), other = shop.api.resource("Night line");
    REQUIRE(shop.api.patch("/members/" + shop.grace, R"({"resources":[{"id":")" + mine + R"(","access":"view"}]})")
                .status == 200);
    auto may = [&](const std::string& resource, const std::string& more) {
        return shop.check(shop.grace, R"("resource_id":")" + resource + "\"" + more).text("/allowed");
    };
    CHECK(may(mine, "") == "true");
    CHECK(may(mine, R"(,"access":"view")") == "true");
    CHECK(may(mine, R"(,"access":"edit")") == "false");
    CHECK(may(other, "") == "false");
    CHECK(may(mine, R"(,"permission":"crm.access")") == "false");  // both are needed
}

TEST_CASE("who reads of themselves only is told of no resource that is not assigned to them, nor that there is one") {
    Api api;
    Person eve(api, "eve@spring.example", R"("role":"guest")");
    auto mine = api.resource("Reception"), other = api.resource("Night line");
    REQUIRE(api.patch("/members/" + eve.id, R"({"resources":[{"id":")" + mine + R"(","access":"view"}]})").status ==
            200);
    auto asks = [&](const std::string& resource) {
        return api.post("/access:check", R"({"member_id":")" + eve.id + R"(","resource_id":")" + resource + "\"}",
                        eve.by());
    };
    CHECK(asks(mine).text("/allowed") == "true");
    auto hidden = asks(other), none = asks("res_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    CHECK(refusal(hidden) == "404 not_found");
    CHECK(refusal(none) == "404 not_found");
    CHECK(hidden.text("/detail") == none.text("/detail"));
}

TEST_CASE("a deactivated member may nothing, because of the status; an invited one is not in yet") {
    Shop shop;
    REQUIRE(shop.api.patch("/members/" + shop.grace, R"({"permissions":["crm.access"]})").status == 200);
    REQUIRE(shop.api.post("/members/" + shop.grace + "/deactivate").status == 200);
    auto verdict = shop.check(shop.grace, R"("permission":"crm.access")");
    CHECK(verdict.text("/allowed") == "false");
    CHECK_THAT(verdict.text("/because"), Contains("deactivated"));
    auto soon = same(shop.api.invite("soon@spring.example", R"("permissions":["crm.access"])"), "mem");
    CHECK_THAT(shop.check(soon, R"("permission":"crm.access")").text("/because"), Contains("not in yet"));
    REQUIRE(shop.api.remove("/members/" + shop.grace + "?confirm=" + shop.grace).status == 200);
    CHECK(refusal(shop.check(shop.grace, R"("permission":"crm.access")")) == "410 member_deleted");
}

TEST_CASE("a question that cannot be asked is refused, with all of its faults") {
    Shop shop;
    CHECK(shop.check(shop.grace, R"("permission":"flying")").faults() == Words{"/permission unknown_permission"});
    CHECK(refusal(shop.check(shop.grace, R"("permission":"flying")")) == "422 unknown_permission");
    CHECK(refusal(shop.check(shop.grace, R"("resource_id":"res_01ARZ3NDEKTSV4RRFFQ69G5FAV")")) ==
          "422 unknown_resource");
    CHECK(shop.check(shop.grace, R"("access":"edit")").faults() ==
          Words{"/access invalid_value", "/permission required"});
    CHECK(shop.api.post("/access:check", "{}").faults() == Words{"/member_id required", "/permission required"});
    CHECK(refusal(shop.check("mem_01ARZ3NDEKTSV4RRFFQ69G5FAV", R"("permission":"crm.access")")) ==
          "422 unknown_member");
    CHECK(shop.check("x", R"("permission":"No","resource_id":7,"access":"own","colour":1)").faults() ==
          Words{"/access invalid_value", "/colour unknown_field", "/member_id unknown_member",
                "/permission unknown_permission", "/resource_id invalid_type"});
    CHECK(refusal(shop.api.post("/access:check?dry_run=true", "{}")) == "400 dry_run_unsupported");
    // An id of zeros is somebody's name too, if nobody's; it was taken for none, and all was allowed.
    auto zeros = std::string(26, '0');
    CHECK(refusal(shop.check(shop.grace, R"("resource_id":"res_)" + zeros + "\"")) == "422 unknown_resource");
    CHECK(refusal(shop.check("mem_" + zeros, R"("permission":"crm.access")")) == "422 unknown_member");
    // Of another workspace: as if they did not exist [trap 13].
    auto other = shop.api.post("/v1/workspaces", R"({"name":"Other","owner":{"email":"o@x.example","name":"O"}})");
    CHECK(refusal(shop.check(other.text("/owner/id"), R"("permission":"crm.access")")) == "422 unknown_member");
    CHECK(refusal(shop.api.get("/members/" + other.text("/owner/id") + "/access")) == "404 not_found");
}

// ---- Whom a route admits.

TEST_CASE("only an admin may invite, edit, revoke or assign seats [S0-1, S2-1]") {
    Api api;
    auto admin = calling(api, api.ada);
    for (const char* role : {"member", "guest"}) {
        auto other =
            calling(api, api.member(std::string(role) + "@spring.example", R"("role":")" + std::string(role) + "\""));
        for (const char* name :
             {"InviteMember", "InviteBatch", "EditInvitation", "ResendInvitation", "RevokeInvitation", "CreateMember",
              "ChangeMember", "DeactivateMember", "DeleteMember", "ChangePlan", "DefineRole", "DefinePermission"}) {
            INFO(name);
            CHECK(admission(route(name), admin, {}).missing.empty());
            CHECK(admission(route(name), other, {}).missing == route(name).needs);
        }
    }
    CHECK(admission(route("InviteMember"), calling(api, api.ada), {}).missing.empty());
    CHECK(admission(route("CreateWorkspace"), admin, {}).missing == needs::operator_key);
}

TEST_CASE("everybody may see their own history and access, and nobody else's without the permission") {
    Api api;
    auto grace = api.member("grace@spring.example");
    auto caller = calling(api, grace);
    for (const char* name : {"memberHistory", "memberAccess"}) {
        INFO(name);
        CHECK(admission(route(name), caller, grace).missing.empty());
        CHECK_FALSE(admission(route(name), caller, grace).own_only);
        CHECK(admission(route(name), caller, same(grace, "inv")).missing.empty());
        CHECK(admission(route(name), caller, api.ada).missing == route(name).needs);
        CHECK(admission(route(name), caller, "nobody").missing == route(name).needs);
        CHECK(admission(route(name), calling(api, api.ada), grace).missing.empty());
    }
    CHECK(admission(route("member"), caller, grace).missing == "members.read");
    // Whom access:check is about stands in the body: the handler looks.
    CHECK(admission(route("checkAccess"), caller, {}).own_only);
    CHECK_FALSE(admission(route("checkAccess"), calling(api, api.ada), {}).own_only);
    // An API key is nobody's self.
    Caller key{{ActorKind::api_key, MemberId::parse(grace)->uuid}, {}};
    CHECK(admission(route("memberHistory"), key, grace).missing == "audit.read");
}

TEST_CASE("who may ask only about themselves is refused about others") {
    Api api;
    auto grace = api.member("grace@spring.example");
    auto asked = [&](const std::string& about) {
        http::Response answer;
        auto& service = api.system->service();
        auto workspace = *WorkspaceId::parse(api.spring);
        auto call =
            std::make_shared<Call>(Call{.service = service,
                                        .route = route("checkAccess"),
                                        .request = {"POST",
                                                    "/",
                                                    {{"content-type", "application/json"}},
                                                    R"({"member_id":")" + about + R"(","permission":"audit.read"})"},
                                        .path = {},
                                        .query = {},
                                        .caller = calling(api, grace),
                                        .workspace_id = workspace,
                                        .workspace = service.directory.workspace(workspace),
                                        .correlation = {},
                                        .made = {},
                                        .done = [&](http::Response given) { answer = std::move(given); },
                                        .own_only = true});
        call->route.handle(call);
        return answer.status;
    };
    CHECK(asked(grace) == 200);
    CHECK(asked(api.ada) == 403);
}

}  // namespace muster::test
