#include "api/openapi.h"

#include "api/answering.h"
#include "api/auth/cookie.h"
#include "api/json/limits.h"
#include "api/problem.h"
#include "api/route.h"
#include "api/schemas.h"
#include "domain/event.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace muster {
namespace {

using nlohmann::json;

json parameter(std::string_view name, std::string_view in, bool required, json schema, std::string_view description) {
    return {{"name", name},
            {"in", in},
            {"required", required},
            {"schema", std::move(schema)},
            {"description", description}};
}

json text() { return {{"type", "string"}}; }

// Every way to list things answers a page of them.
json answer_schema(std::string_view answers) {
    if (!answers.ends_with("[]")) return {{"$ref", "#/components/schemas/" + std::string(answers)}};
    json item = {{"$ref", "#/components/schemas/" + std::string(answers.substr(0, answers.size() - 2))}};
    return {{"type", "object"},
            {"required", {"items", "next_cursor"}},
            {"properties",
             {{"items", {{"type", "array"}, {"items", item}}},
              {"next_cursor", {{"type", {"string", "null"}}}},
              {"total", {{"type", "integer"}}},
              {"total_at_least", {{"type", "integer"}}}}}};
}

json content(std::string_view type, json schema) { return {{std::string(type), {{"schema", std::move(schema)}}}}; }

json header(const std::string& name) { return {{"$ref", "#/components/headers/" + name}}; }

// What answers carry.
json headers() {
    json made;
    made["ETag"] = {{"schema", text()}, {"description", "The version of what is answered, for If-Match."}};
    made["Idempotency-Replayed"] = {{"schema", {{"type", "string"}, {"enum", {"true"}}}},
                                    {"description", "The answer of an earlier request with this Idempotency-Key."}};
    made["Link"] = {{"schema", text()}, {"description", "The next page, as `rel=\"next\"`, where there is one."}};
    made["Retry-After"] = {{"schema", {{"type", "integer"}}},
                           {"description", "With 429 and 503: in how many seconds to try again."}};
    made["WWW-Authenticate"] = {{"schema", text()}, {"description", "With 401: that a bearer token is expected."}};
    made["Muster-Position"] = {
        {"schema", {{"type", "integer"}}},
        {"description", "A log position: of the command's last event, or where the read model stands."}};
    made["Muster-Request"] = {
        {"schema", text()},
        {"description", "The request's id: `request_id` in the server's log, `cause.request` in the audit."}};
    return made;
}

json success(const Route& route) {
    json answer = {{"description", std::string(route.summary)}};
    if (route.answers == "text")
        answer["content"] = content("text/plain", text());
    else if (route.answers == "csv")
        answer["content"] = content("text/csv", text());
    else if (route.answers == "audit file")
        answer["content"] = {{"application/x-ndjson", {{"schema", text()}}}, {"text/csv", {{"schema", text()}}}};
    else if (route.answers == "events")
        answer["content"] = content(
            "text/event-stream", {{"type", "string"}, {"description", "Each `data` is an `Event`, see the schemas."}});
    else if (route.answers == "html")
        answer["content"] = content("text/html", text());
    else if (route.answers == "json")
        answer["content"] = content("application/json", {{"type", "object"}});
    else
        answer["content"] = content("application/json", answer_schema(route.answers));
    for (const char* each : {"Muster-Position", "Muster-Request"}) answer["headers"][each] = header(each);
    if (has_etag(route.answers)) answer["headers"]["ETag"] = header("ETag");
    if (route.command) answer["headers"]["Idempotency-Replayed"] = header("Idempotency-Replayed");
    if (route.answers.ends_with("[]")) answer["headers"]["Link"] = header("Link");
    return answer;
}

json parameters_of(const Route& route) {
    json all = json::array();
    for (auto rest = route.path; rest.contains('{'); rest.remove_prefix(rest.find('}') + 1)) {
        auto begin = rest.find('{') + 1;
        auto name = rest.substr(begin, rest.find('}') - begin);
        all.push_back(
            parameter(name, "path", true, text(), name == "ws" ? "The workspace's id or slug." : "The id or key."));
    }
    if (route.parameters) {
        auto schema = route.parameters();
        for (auto& [name, each] : schema["properties"].items()) {
            bool several = each.contains("items");
            const auto& named = schema["required"];
            bool required = std::find(named.begin(), named.end(), name) != named.end();
            each.erase("maxItems");  // as many as the target has room for
            all.push_back(
                parameter(name, "query", required, each, several ? "Several values are separated by commas." : ""));
        }
    }
    if (route.command) {
        all.push_back(
            parameter("dry_run", "query", false, {{"type", "boolean"}}, "Decide and answer, but append nothing."));
        all.push_back(
            parameter("Idempotency-Key", "header", false, text(),
                      "1 to 255 visible ASCII; kept 7 days. The same request again is answered as the first."));
    }
    if (route.command && route.if_match) {
        all.push_back(
            parameter("If-Match", "header", false, text(), "The ETag that you saw; 412 where it was changed since."));
    }
    if (route.answers == "events")
        all.push_back(parameter("Last-Event-ID", "header", false, text(),
                                "The id of the last event that you have; counts before `after`."));
    else if (route.verb == "GET" && route.path.starts_with("/v1"))
        all.push_back(parameter("Muster-Consistency", "header", false, {{"type", "string"}, {"enum", {"eventual"}}},
                                "`eventual` does not wait for the read model."));
    return all;
}

json operation(const Route& route) {
    json made = {{"operationId", std::string(route.name)},
                 {"summary", std::string(route.summary)},
                 {"parameters", parameters_of(route)}};
    if (route.needs == needs::nobody) made["security"] = json::array();
    std::string who = route.needs == needs::nobody         ? "Nobody has to be signed in."
                      : route.needs == needs::nothing      ? "Any member of the workspace."
                      : route.needs == needs::operator_key ? "The operator."
                      : route.needs == needs::member       ? "A member who is signed in, for themselves."
                                                           : "Needs `" + std::string(route.needs) + "`.";
    if (!route.also_needs.empty()) who.insert(who.size() - 1, " and `" + std::string(route.also_needs) + "`");
    if (route.or_own) who.insert(who.size() - 1, ", or that it is about the caller");
    if (!route.needs_as_of.empty())
        who +=
            " With `as_of` it tells how it stood, from the log, and needs `" + std::string(route.needs_as_of) +
            "` instead: after the last event at or before that time (RFC 3339), or after that position of the log, "
            "in the order of ids. Who was erased since is there without their data. A time to come, or before the "
            "workspace was made, is 422. Muster-Position is the last event that counted; as `as_of` it answers the "
            "same, as it was right then: what fell due later without an event, like the end of a trial, is not in it.";
    if (!route.notes.empty()) who.append(" ").append(route.notes);
    made["description"] = who;
    if (route.takes_sheet) {
        auto file = content("text/csv", text());
        file["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"] = json::object();
        made["requestBody"] = {{"content", file}};
    }
    if (route.body) made["requestBody"] = {{"content", content("application/json", route.body())}};
    made["responses"][std::to_string(route.status)] = success(route);
    if (route.also_200) made["responses"]["200"] = success(route);
    made["responses"]["default"] = {
        {"description", "A problem (RFC 9457)."},
        {"headers",
         {{"Muster-Request", header("Muster-Request")},
          {"Retry-After", header("Retry-After")},
          {"WWW-Authenticate", header("WWW-Authenticate")}}},
        {"content", content("application/problem+json", {{"$ref", "#/components/schemas/Problem"}})}};
    return made;
}

json problem_schema() {
    json codes = json::array();
#define MUSTER_LIST(name) codes.push_back(#name);
    MUSTER_CODES(MUSTER_LIST)
#undef MUSTER_LIST
    json fault = {
        {"type", "object"},
        {"properties", {{"pointer", text()}, {"code", {{"type", "string"}, {"enum", codes}}}, {"detail", text()}}}};
    return {{"type", "object"},
            {"required", {"type", "title", "status", "detail", "code"}},
            {"properties",
             {{"type", text()},
              {"title", text()},
              {"status", {{"type", "integer"}}},
              {"detail", text()},
              {"code", {{"type", "string"}, {"description", "Stable: the one to program against."}, {"enum", codes}}},
              {"errors", {{"type", "array"}, {"items", fault}}}}}};
}

json document() {
    json made = {
        {"openapi", "3.1.0"},
        {"info",
         {{"title", "Muster"},
          {"version", "1"},
          {"description",
           "The membership of workspaces: who is invited, who belongs, what each person may do, which seats "
           "are taken. A 2xx means that the events are on disk; 4xx and 503 mean that nothing happened; after 500, "
           "504 or a lost connection the same request with the same Idempotency-Key tells. A 429 has `limit`, "
           "`window_seconds` and `scope`, and Retry-After says when. `errors` tells at most " +
               std::to_string(limits::row_faults) + " faults of one list, or of one row of a batch."}}},
        {"security", json::array({{{"bearer", json::array()}}, {{"session", json::array()}}})}};
    made["components"]["securitySchemes"]["bearer"] = {{"type", "http"}, {"scheme", "bearer"}};
    made["components"]["securitySchemes"]["session"] = {
        {"type", "apiKey"},
        {"in", "cookie"},
        {"name", cookie_by_tls},
        {"description", "Of who signed in with `cookie: true`; `" + std::string(cookie_without_tls) +
                            "` where the server is not reached by TLS."}};
    made["components"]["headers"] = headers();
    made["components"]["schemas"] = answer_schemas();
    made["components"]["schemas"]["Problem"] = problem_schema();
    made["components"]["schemas"].update(event_schemas());
    // What webhooks are sent, in OpenAPI's own words for it.
    made["webhooks"]["event"]["post"] = {
        {"summary", "An event of the workspace, sent to the URL of a webhook"},
        {"description", "Signed as Standard Webhooks says; 2xx is taken."},
        {"requestBody", {{"content", content("application/json", {{"$ref", "#/components/schemas/Event"}})}}},
        {"responses", {{"2XX", {{"description", "Taken: it does not come again."}}}}}};
    for (const auto& route : routes()) {
        std::string verb(route.verb);
        for (char& c : verb) c = static_cast<char>(c - 'A' + 'a');
        made["paths"][std::string(route.path)][verb] = operation(route);
    }
    return made;
}

std::string escaped(std::string_view text) {
    std::string safe;
    for (char c : text) {
        if (c == '<')
            safe += "&lt;";
        else if (c == '>')
            safe += "&gt;";
        else if (c == '&')
            safe += "&amp;";
        else
            safe += c;
    }
    return safe;
}

std::string page() {
    std::string html =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Muster: the HTTP "
        "API</title></head><body>"
        "<h1>Muster: the HTTP API</h1><p>The whole contract, with every field: <a "
        "href=\"/openapi.json\">/openapi.json</a> (OpenAPI 3.1).</p>"
        "<table><thead><tr><th>Route</th><th>What it does</th><th>Needs</th><th>Answers</th></tr></thead><tbody>";
    for (const auto& route : routes()) {
        html += "<tr><td><code>" + escaped(route.verb) + " " + escaped(route.path) + "</code></td><td>" +
                escaped(route.summary) + "</td><td>" + escaped(route.needs.empty() ? "any member" : route.needs) +
                (route.also_needs.empty() ? "" : ", " + escaped(route.also_needs)) +
                (route.or_own ? ", or one's own" : "") + "</td><td>" + std::to_string(route.status) + " " +
                escaped(route.answers) + "</td></tr>";
    }
    html +=
        "</tbody></table><h2>Events</h2><p>The feed, webhooks and the audit. What <code>data</code> each has: the "
        "schema of its name in /openapi.json.</p><table><thead><tr><th>Type</th><th>What "
        "happened</th></tr></thead><tbody>";
    const auto schemas = event_schemas();
    for (const auto& [name, schema] : schemas.items())
        if (name.starts_with(event_type_prefix))
            html += "<tr><td><code>" + escaped(name) + "</code></td><td>" +
                    escaped(schema.at("description").get<std::string>()) + "</td></tr>";
    html +=
        "</tbody></table><h2>Refusals</h2><table><thead><tr><th>Code</th><th>Status</th><th>Title</th></tr></"
        "thead><tbody>";
#define MUSTER_ROW(name)                                                                                      \
    html += "<tr><td><code>" #name "</code></td><td>" + std::to_string(status_of(Code::name)) + "</td><td>" + \
            escaped(title_of(Code::name)) + "</td></tr>";
    MUSTER_CODES(MUSTER_ROW)
#undef MUSTER_ROW
    return html + "</tbody></table></body></html>";
}

}  // namespace

const std::string& openapi_document() {
    static const std::string made = document().dump();
    return made;
}

const std::string& docs_page() {
    static const std::string made = page();
    return made;
}

}  // namespace muster
