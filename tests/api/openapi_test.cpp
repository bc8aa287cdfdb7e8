// What the service says of itself: its OpenAPI document, its reference, its health and figures; and that nothing of the
// contract is without a route or a test.
#include "api/openapi.h"

#include "api/cloud_event.h"
#include "api/problem.h"
#include "api/route.h"
#include "domain/permissions.h"
#include "tests/api/fixture.h"
#include "tests/golden.h"
#include "tests/places.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

std::string whole(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

// One line a value would be unreadable, one line in all too: a line for each brace and comma at the top levels.
std::string laid_out(const std::string& document) {
    std::string out;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < document.size(); ++i) {
        char c = document[i];
        if (c == '"' && (i == 0 || document[i - 1] != '\\')) quoted = !quoted;
        bool closes = !quoted && (c == '}' || c == ']');
        if (closes && --depth < 5) out += '\n' + std::string(static_cast<std::size_t>(depth), ' ');
        out += c;
        bool opens = !quoted && (c == '{' || c == '[');
        if (opens) ++depth;
        if (!quoted && (opens || c == ',') && depth <= 5)
            out += '\n' + std::string(static_cast<std::size_t>(depth), ' ');
    }
    return out + '\n';
}

}  // namespace

TEST_CASE("no GET is a command: a link that is fetched before its reader follows it is not spent") {
    for (const auto& route : routes())
        if (route.verb == "GET") CHECK_FALSE(route.command);
    Api api;
    auto grace = api.invite("grace@spring.example");
    auto token = api.token(grace);
    auto head = api.head();
    for (const auto& route : routes())
        if (route.verb == "GET") {
            auto path = std::string(route.path);
            for (const auto& [name, value] : {std::pair("{ws}", std::string("spring")), {"{id}", grace}})
                if (auto at = path.find(name); at != std::string::npos)
                    path.replace(at, std::string(name).size(), value);
            api.get(path + "?token=" + token);
            api.get(path);
        }
    CHECK(api.head() == head);
    CHECK(api.accept(grace) != "");
}

TEST_CASE("the OpenAPI document is the one that was reviewed") {
    compare_golden("openapi.json", laid_out(openapi_document()));
}

TEST_CASE("the OpenAPI document holds together") {
    Api api(false);
    auto document = api.get("/openapi.json");
    REQUIRE(document.status == 200);
    CHECK(document.body == openapi_document());
    CHECK(document.text("/openapi") == "3.1.0");
    const std::string mark = "\"$ref\":\"#";
    int references = 0;
    for (auto at = document.body.find(mark); at != std::string::npos;
         at = document.body.find(mark, at + 1), ++references) {
        auto begin = at + mark.size();
        auto pointer = document.body.substr(begin, document.body.find('"', begin) - begin);
        INFO(pointer);
        CHECK(document.has(pointer));
    }
    CHECK(references > 50);
    std::set<std::string> names;
    for (const auto& route : routes()) {
        INFO(route.verb << " " << route.path);
        std::string path(route.path), verb(route.verb);
        std::string escaped;
        for (char c : path) escaped += c == '/' ? std::string("~1") : std::string(1, c);
        for (char& c : verb) c = static_cast<char>(c - 'A' + 'a');
        auto operation = "/paths/" + escaped + "/" + verb;
        CHECK(document.text(operation + "/operationId") == route.name);
        CHECK(document.has(operation + "/responses/" + std::to_string(route.status)));
        CHECK(names.insert(std::string(route.name)).second);
    }
}

TEST_CASE("what the document requires by a rule's words is refused where it is missing, and where it is null") {
    Api api;
    auto document = json::parse(openapi_document());
    const std::string ws = "/v1/workspaces/{ws}";
    struct Asked {
        std::string path, body, name;
    };
    for (const auto& [path, body, name] : {
             Asked{"/v1/auth/login", R"("email":"a@b.example","password":"a long enough one")", "workspace"},
             Asked{"/v1/auth/password/forgot", R"("email":"a@b.example")", "workspace"},
             Asked{"/v1/auth/password/reset", R"("password":"a long enough one")", "token"},
             Asked{ws + "/members", R"("email":"a@spring.example")", "name"},
             Asked{ws + "/members:provision", R"("email":"a@spring.example","name":"Alan")", "via"},
             Asked{ws + "/api-keys", R"("name":"Importer")", "permissions"},
         }) {
        INFO(path);
        const auto& schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"];
        CHECK(schema["required"].get<std::set<std::string>>().contains(name));
        CHECK_FALSE(schema["properties"][name]["type"].is_array());
        const auto at = path.starts_with(ws) ? path.substr(ws.size()) : path;
        for (const auto& more : {std::string(), ",\"" + name + "\":null"}) {
            auto refused = api.post(at, "{" + body + more + "}");
            CHECK(refused.status == 422);
            CHECK(refused.text("/errors/0/pointer") == "/" + name);
        }
    }
    auto required = [&](const std::string& path, const std::string& verb, const std::string& name) {
        for (const auto& each : document["paths"][path][verb]["parameters"])
            if (each["name"] == name) return each["required"].get<bool>();
        return false;
    };
    CHECK(required(ws + "/members/{id}", "delete", "confirm"));
    CHECK(refusal(api.remove("/members/" + api.ada)).starts_with("422"));
    CHECK(required(ws + "/diff", "get", "from"));
    CHECK(refusal(api.get("/diff")).starts_with("422"));
}

TEST_CASE("every type of event is in the OpenAPI document, with the fields that it is sent with") {
    auto document = json::parse(openapi_document());
    const auto& schemas = document.at("components").at("schemas");
    const auto& types = schemas.at("Event").at("properties").at("type").at("enum");
    CHECK(types.size() == std::variant_size_v<EventTypes>);
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, EventTypes>>([&](auto type) {
        const Event event(typename decltype(type)::type{});
        auto name = std::string(event_type_prefix) + event_type(event);
        INFO(name);
        CHECK(std::ranges::find(types, json(name)) != types.end());
        std::string text;
        write_event_data(text, event);
        const auto sent = json::parse(text);
        std::set<std::string> fields, stated;
        for (const auto& [field, _] : sent.items()) fields.insert(field);
        for (const auto& [field, _] : schemas.at(name).at("properties").items()) stated.insert(field);
        CHECK(fields == stated);
        CHECK(docs_page().find("<code>" + name + "</code>") != std::string::npos);
    });
}

TEST_CASE("every command of the domain has a route") {
    // But those that nobody asks for: ExpireInvitation is time's.
    const Words commands{
        "CreateWorkspace",  "RenameWorkspace",   "ChangeSettings",   "ChangePlan",          "DefineRole",
        "ChangeRole",       "RemoveRole",        "DefinePermission", "ChangePermission",    "RemovePermission",
        "CreateTeam",       "RenameTeam",        "DeleteTeam",       "RegisterResource",    "ChangeResource",
        "RemoveResource",   "InviteMember",      "EditInvitation",   "ResendInvitation",    "RevokeInvitation",
        "AcceptInvitation", "CreateMember",      "ChangeMember",     "DeactivateMember",    "ReactivateMember",
        "DeleteMember",     "ProvisionMember",   "ApproveRequest",   "DismissRequest",      "ErasePerson",
        "SetPassword",      "ChangeOwnPassword", "ChangeOwnProfile", "ProgressOnboarding",  "CreateApiKey",
        "RevokeApiKey",     "CreateWebhook",     "ChangeWebhook",    "RotateWebhookSecret", "DeleteWebhook"};
    for (const auto& command : commands) {
        INFO(command);
        CHECK(std::ranges::count_if(routes(),
                                    [&](const Route& route) { return route.command && route.name == command; }) == 1);
    }
    // And each command of the headers is in that list.
    for (const char* header : {"workspace.h", "membership.h", "resource.h", "request.h", "erasure.h", "credentials.h",
                               "onboarding.h", "api_key.h", "webhook.h"}) {
        std::istringstream lines(whole(std::filesystem::path(repository_root()) / "domain" / header));
        for (std::string line; std::getline(lines, line);) {
            if (!line.starts_with("Decided decide(")) continue;
            auto before_context = line.substr(0, line.rfind("&, const Context&"));
            auto command = before_context.substr(before_context.rfind(' ') + 1);
            INFO(line);
            // These have routes that are no commands: signing in, and what is answered before it is decided; or none,
            // since Muster itself gives them.
            static const Words others{"ExpireInvitation",     "RequestInvitation", "LogIn",
                                      "RequestPasswordReset", "ResetPassword",     "DisableWebhook"};
            CHECK((std::ranges::find(others, command) != others.end() ||
                   std::ranges::find(commands, command) != commands.end()));
        }
    }
}

TEST_CASE("every route needs a permission that exists, and answers in its own way") {
    const std::set<std::string_view> others{needs::nothing, needs::operator_key, needs::member, needs::nobody};
    for (const auto& route : routes()) {
        INFO(route.verb << " " << route.path);
        bool known = others.contains(route.needs) ||
                     std::ranges::find(built_in_permissions, route.needs) != std::end(built_in_permissions);
        CHECK(known);
        CHECK_FALSE(route.summary.empty());
        CHECK(route.command == (route.name[0] >= 'A' && route.name[0] <= 'Z'));
        CHECK((route.verb != "GET" || !route.command));
    }
}

TEST_CASE("every code is given in some test; those that come later are named here") {
    const std::set<std::string> later{"workspace_deleted"};
    // Only a member or an API key may be above or without a permission, and only the operator calls as yet: the
    // domain's tests show role_above_own, and problem_test the form of all.
    std::string tests;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(std::filesystem::path(repository_root()) / "tests"))
        if (file.path().extension() == ".cpp") tests += whole(file.path());
    for (auto code : {
#define MUSTER_LISTED(name) Code::name,
             MUSTER_CODES(MUSTER_LISTED)
#undef MUSTER_LISTED
         }) {
        std::string name(name_of(code));
        INFO(name);
        bool tested =
            tests.contains(" " + name + "\"") || tests.contains("\"" + name + "\"") || tests.contains("Code::" + name);
        if (later.contains(name)) continue;
        CHECK(tested);
    }
}

TEST_CASE("health, figures and the reference, for nobody in particular") {
    Api api;
    CHECK(api.get("/livez").body == R"({"status":"alive"})");
    // A server that has just begun is not ready until its read models have caught up.
    for (int waited = 0; api.get("/readyz").status == 503 && waited < 1000; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(api.get("/readyz").body == R"({"status":"ready"})");
    auto verbose = api.get("/readyz?verbose");
    CHECK(verbose.members() == Words{"disk", "log", "projections", "status"});
    CHECK(verbose.each("/projections", "name") == Words{"roster", "seats", "audit", "requests"});
    CHECK(verbose.members("/projections/0") == Words{"lag_events", "lag_seconds", "last_progress_seconds_ago", "name",
                                                     "position", "reason", "rebuilding_at_position", "state"});
    api.invite("canary@spring.example");
    auto metrics = api.get("/metrics");
    CHECK_THAT(metrics.header("content-type"), Catch::StartsWith("text/plain"));
    CHECK_THAT(metrics.body, Contains("muster_") && !Contains("canary"));
    auto docs = api.get("/docs");
    CHECK_THAT(docs.header("content-type"), Catch::StartsWith("text/html"));
    CHECK_THAT(docs.header("content-security-policy"), Contains("default-src 'none'"));
    CHECK_THAT(docs.body, Contains("/v1/workspaces/{ws}/invitations:batch") && Contains("no_seats_remaining") &&
                              !Contains("http://") && !Contains("https://"));
}

TEST_CASE("what is at no path is not found, and says where to look") {
    Api api;
    for (const char* path : {"/nowhere", "/v1", "/v1/workspaces/spring/nothing", "/v1/workspaces/",
                             "/v1/workspaces/spring/members/a/b", "/v1/workspaces/spring/roles/%zz"})
        CHECK(refusal(api.get(path)) == "404 not_found");
    CHECK_THAT(api.get("/nowhere").text("/detail"), Contains("/openapi.json"));
    CHECK(refusal(api.send("TRACE", "/livez")) == "405 method_not_allowed");
    CHECK(api.send("HEAD", "/livez").status == 200);
    CHECK(App::body_limit("/v1/workspaces/x/invitations:batch?dry_run=true") == limits::large_body_bytes);
    CHECK(App::body_limit("/v1/workspaces/x/invitations") == limits::body_bytes);
}

}  // namespace muster::test
