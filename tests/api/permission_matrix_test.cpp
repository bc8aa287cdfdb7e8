// Every route with every kind of caller, against the table's column of permissions; and every id of another workspace.
#include "api/route.h"
#include "domain/permissions.h"
#include "tests/api/fixture.h"

#include <map>

namespace muster::test {
namespace {

constexpr const char* nobodys_id = "00000000000000000000000000";

// What stands in the place of {id}, by the last name before it.
const std::map<std::string, std::string> prefixes{
    {"teams", "team_"},   {"resources", "res_"}, {"invitations", "inv_"},         {"imports", "imp_"},
    {"batches", "bat_"},  {"members", "mem_"},   {"invitation-requests", "req_"}, {"sessions", "ses_"},
    {"api-keys", "key_"}, {"webhooks", "wh_"}};

std::string folder_of(std::string_view path) {
    auto before = path.substr(0, path.find("/{id}"));
    return std::string(before.substr(before.rfind('/') + 1));
}

// A path of the route, for a workspace; `id` stands in the place of {id}, else nobody's.
std::string path_of(const Route& route, const std::string& workspace, std::string id = {}) {
    std::string path(route.path);
    auto replace = [&](const std::string& what, const std::string& by) {
        if (auto at = path.find(what); at != std::string::npos) path.replace(at, what.size(), by);
    };
    if (id.empty() && path.contains("/{id}")) id = prefixes.at(folder_of(path)) + nobodys_id;
    replace("{id}", id);
    replace("{ws}", workspace);
    replace("{key}", "nothing");
    replace("{pool}", "nothing");
    replace("{delivery}", std::string("dlv_") + nobodys_id);
    return path;
}

Headers as(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

struct Cast {
    Cast() {
        auto fall = api.post("/v1/workspaces", R"({"name":"Fall","slug":"fall","owner":{"email":"o@fall.example",)"
                                               R"("name":"O","password":"an old engine room"}})");
        REQUIRE(fall.status == 201);
        other_admin = log_in("fall", "o@fall.example");
        member = with({});
    }
    std::string log_in(const std::string& workspace, const std::string& email) {
        auto answer = api.post("/v1/auth/login", R"({"workspace":")" + workspace + R"(","email":")" + email +
                                                     R"(","password":"an old engine room"})");
        INFO(answer.body);
        REQUIRE(answer.status == 200);
        return answer.text("/token");
    }
    // The session of a member who has just these permissions of their own.
    std::string with(const Words& permissions) {
        auto email = "p" + std::to_string(++people) + "@spring.example";
        auto made = api.post("/members", R"({"email":")" + email + R"(","name":"P","password":"an old engine room",)" +
                                             R"("permissions":)" + list(permissions) + "}");
        INFO(made.body);
        REQUIRE(made.status == 201);
        return log_in("spring", email);
    }
    std::string key_with(const Words& permissions) {
        auto made = api.post("/api-keys", R"({"name":"K","permissions":)" + list(permissions) + "}");
        INFO(made.body);
        REQUIRE(made.status == 201);
        return made.text("/secret");
    }
    static std::string list(const Words& words) {
        std::string text;
        for (const auto& each : words) text += (text.empty() ? "\"" : ",\"") + each + "\"";
        return "[" + text + "]";
    }
    std::string ask(const Route& route, const Headers& by, const std::string& workspace = "spring",
                    const std::string& id = {}) {
        auto body = route.body ? "{}" : "";
        auto answer = api.send(std::string(route.verb), path_of(route, workspace, id), body, by);
        return std::to_string(answer.status) + (answer.status >= 400 ? " " + answer.code() : "");
    }
    Api api;
    std::string other_admin, member;
    int people = 0;
};

Words all_but(const Words& left_out) {
    Words rest;
    for (auto each : built_in_permissions)
        if (std::ranges::find(left_out, each) == left_out.end()) rest.emplace_back(each);
    return rest;
}

// Logging out and ending sessions would end those that the next calls are made with.
bool ends_sessions(const Route& route) {
    return route.needs == needs::member && (route.verb == "DELETE" || route.path == "/v1/auth/logout");
}

}  // namespace

TEST_CASE("each route lets in who has what its column says, and nobody else [S3-18, S4-1]") {
    Cast cast;
    // By the set that is lacking or held; made once, since each costs a hash.
    std::map<std::string, std::string> keys;
    auto key = [&](const Words& permissions) {
        auto [found, fresh] = keys.try_emplace(Cast::list(permissions));
        if (fresh) found->second = cast.key_with(permissions);
        return found->second;
    };
    for (const auto& route : routes()) {
        INFO(route.verb << " " << route.path << " needs " << route.needs);
        bool of_workspace = route.path.contains("{ws}");
        if (route.needs == needs::nobody) {
            auto said = cast.ask(route, as("nobody"));
            CHECK(said != "401 unauthorized");
            CHECK(said != "403 permission_denied");
            continue;
        }
        CHECK(cast.ask(route, {{"Authorization", "none"}}) == "401 unauthorized");
        for (const char* bad : {"nonsense", "mbs_AAAA", "mbk_AAAA"})
            CHECK(cast.ask(route, as(bad)) == "401 unauthorized");
        if (of_workspace) {
            CHECK(cast.ask(route, as(cast.other_admin)) == "404 not_found");
            CHECK(cast.ask(route, as(cast.other_admin), "nowhere") == "404 not_found");
        }
        if (ends_sessions(route)) continue;
        if (route.needs == needs::member) {
            CHECK(cast.ask(route, as(cast.member)) != "403 permission_denied");
            CHECK(cast.ask(route, as(cast.api.token_of_operator)) == "403 permission_denied");
            CHECK(cast.ask(route, as(key({"members.read"}))) == "403 permission_denied");
            continue;
        }
        CHECK(cast.ask(route, as(cast.api.token_of_operator)) != "403 permission_denied");
        if (route.needs == needs::operator_key) {
            if (!of_workspace) CHECK(cast.ask(route, as(cast.other_admin)) == "403 permission_denied");
            CHECK(cast.ask(route, as(key({"members.read"}))) == "403 permission_denied");
            continue;
        }
        if (route.needs == needs::nothing) {
            CHECK(cast.ask(route, as(cast.member)) != "403 permission_denied");
            continue;
        }
        Words needed{std::string(route.needs)};
        if (!route.also_needs.empty()) needed.emplace_back(route.also_needs);
        // A body that names nobody is refused as a body, not as another's.
        if (!route.or_own || route.path.contains("{id}"))
            CHECK(cast.ask(route, as(cast.member)) == "403 permission_denied");
        CHECK(cast.ask(route, as(key(needed))) != "403 permission_denied");
        for (const auto& each : needed) CHECK(cast.ask(route, as(key(all_but({each})))) == "403 permission_denied");
    }
}

TEST_CASE("a permission that is given counts with the next request, and one that is taken too") {
    Cast cast;
    auto reader = cast.with({"members.read"});
    auto id = cast.api.get("/v1/me", as(reader)).text("/id");
    CHECK(cast.api.get("/members", as(reader)).status == 200);
    REQUIRE(cast.api.patch("/members/" + id, R"({"permissions":["audit.read"]})").status == 200);
    CHECK(refusal(cast.api.get("/members", as(reader))) == "403 permission_denied");
    CHECK(cast.api.get("/audit", as(reader)).status == 200);
}

TEST_CASE("what is another workspace's is not there, whatever its kind, N8 [trap 13]") {
    Cast cast;
    auto& api = cast.api;
    std::map<std::string, std::string> ids{{"members", api.member("m@spring.example")},
                                           {"invitations", api.invite("i@spring.example")},
                                           {"teams", api.team("Sales")},
                                           {"resources", api.resource("Scout")},
                                           {"invitation-requests", api.request("r@spring.example")}};
    ids["imports"] =
        api.send("POST", "/imports", "email\nx@spring.example\n", {{"Content-Type", "text/csv"}}).text("/id");
    ids["batches"] = api.post("/invitations:batch", R"({"emails":"b@spring.example"})").text("/batch_id");
    ids["api-keys"] = api.post("/api-keys", R"({"name":"K","permissions":["members.read"]})").text("/id");
    ids["webhooks"] = api.post("/webhooks", R"({"url":"https://spring.example/hook"})").text("/id");
    for (const auto& route : routes()) {
        if (!route.path.contains("{ws}") || !route.path.contains("{id}")) continue;
        INFO(route.verb << " " << route.path);
        const auto& id = ids.at(folder_of(route.path));
        std::string path = path_of(route, "fall", id), body = route.body ? "{}" : "";
        if (route.name == "DeleteMember") path += "?confirm=" + id;
        if (route.name == "SetPassword") body = R"({"password":"an old engine room"})";
        if (route.name == "CorrectImport") body = R"({"rows":[{"line":2,"email":"y@spring.example"}]})";
        auto answer = api.send(std::string(route.verb), path, body, as(cast.other_admin));
        CHECK(refusal(answer) == "404 not_found");
        CHECK_FALSE(answer.body.contains("spring.example"));
    }
}

TEST_CASE("what is another workspace's is not there in a body or a filter either, N8 [trap 13]") {
    Cast cast;
    auto& api = cast.api;
    const std::string fall = "/v1/workspaces/fall";
    auto own = api.get("/v1/me", as(cast.other_admin)).text("/id");
    struct Question {
        std::string verb, path, body, id;
    };
    auto member = api.member("m@spring.example"), team = api.team("Sales"), resource = api.resource("Scout");
    const std::vector<Question> questions{
        {"POST", "/invitations", R"({"email":"x@fall.example","teams":["#"]})", team},
        {"POST", "/invitations", R"({"email":"x@fall.example","resources":[{"id":"#","access":"view"}]})", resource},
        {"POST", "/invitations:batch", R"({"mode":"all_or_nothing","emails":"x@fall.example","teams":["#"]})", team},
        {"POST", "/members", R"({"email":"x@fall.example","name":"X","teams":["#"]})", team},
        {"PATCH", "/members/" + own, R"({"teams":["#"]})", team},
        {"PATCH", "/members/" + own, R"({"resources":[{"id":"#","access":"edit"}]})", resource},
        {"DELETE", "/members/" + own + "?confirm=" + own + "&reassign_to=#", "", member},
        {"POST", "/access:check", R"({"member_id":"#","permission":"members.read"})", member},
        {"POST", "/access:check", R"({"member_id":")" + own + R"(","resource_id":"#","access":"view"})", resource},
        {"GET", "/members?team=#", "", team},
        {"GET", "/members?resource=#", "", resource},
        {"GET", "/invitations?team=#", "", team},
        {"GET", "/audit?member=#", "", member},
        {"GET", "/audit?actor=#", "", member}};
    for (const auto& question : questions) {
        // The answer, with the id taken out of it.
        auto ask = [&](const std::string& id) {
            auto with = [&](std::string text) {
                if (auto at = text.find('#'); at != std::string::npos) text.replace(at, 1, id);
                return text;
            };
            auto answer =
                api.send(question.verb, fall + with(question.path), with(question.body), as(cast.other_admin));
            auto text = std::to_string(answer.status) + " " + answer.body;
            for (auto at = text.find(id); at != std::string::npos; at = text.find(id)) text.replace(at, id.size(), "#");
            return text;
        };
        INFO(question.verb << " " << question.path << " " << question.body);
        auto nobodys = question.id.substr(0, question.id.find('_') + 1) + nobodys_id;
        auto answer = ask(question.id);
        CHECK(answer == ask(nobodys));
        CHECK_FALSE(answer.contains("spring.example"));
        CHECK_FALSE(answer.contains("Sales"));
        CHECK_FALSE(answer.contains("Scout"));
    }
}

TEST_CASE(
    "nobody climbs: not by their own role, a stronger person's password or link, or a stronger key [S3-18, S4-1]") {
    Cast cast;
    auto& api = cast.api;
    auto manager = cast.with({"members.read", "members.invite", "members.manage", "keys.manage", "catalog.manage",
                              "requests.manage", "settings.manage"});
    auto own = api.get("/v1/me", as(manager)).text("/id");
    auto pending = api.invite("new@spring.example", R"("role":"admin")");
    auto asked = api.request("wish@spring.example");
    auto above = [&](const std::string& verb, const std::string& path, const std::string& body) {
        INFO(verb << " " << path << " " << body);
        CHECK(refusal(api.send(verb, path, body, as(manager))) == "403 role_above_own");
    };
    above("PATCH", "/members/" + own, R"({"role":"admin"})");
    above("PATCH", "/members/" + own, R"({"permissions":["members.delete"]})");
    above("PUT", "/members/" + api.ada + "/password", R"({"password":"an old engine room"})");
    above("PATCH", "/members/" + api.ada, R"({"name":"Mine"})");
    above("POST", "/members/" + api.ada + "/deactivate", "");
    above("GET", "/invitations/" + pending + "/link", "");
    above("POST", "/invitations/" + pending + "/resend", "");
    above("POST", "/invitations/" + pending + "/revoke", "");
    above("POST", "/invitations", R"({"email":"a@spring.example","role":"admin"})");
    above("POST", "/members", R"({"email":"a@spring.example","name":"A","role":"admin"})");
    above("POST", "/invitation-requests/" + asked + "/approve", R"({"role":"admin"})");
    // Nor do they get the link of who was let in as more than they are.
    REQUIRE(api.post("/invitation-requests/" + asked + "/approve", R"({"role":"admin"})").status == 201);
    above("POST", "/invitation-requests/" + asked + "/approve", "{}");
    above("POST", "/api-keys", R"({"name":"K","permissions":["audit.read"]})");
    above("POST", "/roles", R"({"key":"boss","name":"Boss","permissions":["members.delete"]})");
    above("PATCH", "/settings", R"({"default_role":"admin"})");
}

}  // namespace muster::test
