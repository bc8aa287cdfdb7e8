#pragma once
// The route table: verb, path, permission, command or query, summary. The server dispatches by it, the OpenAPI document
// is written from it, and tests check that every command has a route and every route a permission.

#include "api/service.h"

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string_view>

namespace muster {

// What a route needs beside a workspace that the caller may see.
namespace needs {
inline constexpr std::string_view nothing = "";  // any member
inline constexpr std::string_view operator_key = "operator";
inline constexpr std::string_view member = "member";  // who is signed in, for themselves
inline constexpr std::string_view nobody = "nobody";  // nobody has to be signed in
}  // namespace needs

struct Route {
    std::string_view verb;
    std::string_view path;   // segments in braces are parameters
    std::string_view needs;  // a permission's key, or one of namespace needs
    std::string_view name;   // of the command, or of the query in camelCase
    std::string_view summary;
    int status;    // of success
    bool command;  // takes Idempotency-Key and dry_run
    bool large_body;
    void (*handle)(std::shared_ptr<Call>);
    nlohmann::json (*body)();           // its schema; nullptr where there is none
    nlohmann::json (*parameters)();     // schema of the query's parameters as an object; nullptr where there are none
    std::string_view answers;           // name of the answer's schema
    bool erases = false;                // its 2xx waits until what it erased is destroyed
    std::string_view also_needs = {};   // a second permission
    bool or_own = false;                // or it is about the caller: the member of the path's {id}, or of the body
    bool takes_sheet = false;           // its body is no JSON but a CSV or XLSX file
    std::string_view notes = {};        // what else a caller should know; sentences
    bool if_match = true;               // a command that reads If-Match
    bool also_200 = false;              // success may also find all done
    Urgency urgency = Urgency::usual;   // to a server that has too much to do
    std::string_view needs_as_of = {};  // in the place of `needs` where the query has `as_of`
    // Why this caller may not here, whatever their permissions; nullptr where these say it all.
    std::optional<Refusal> (*barred)(const Workspace&, const Actor&) = nullptr;
};

std::span<const Route> routes();

}  // namespace muster
