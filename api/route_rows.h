#pragma once
// The kinds of rows of the route table (routes.cpp), and what is said of one beside its kind.

#include "api/commands.h"
#include "api/json/schema.h"
#include "api/route.h"

#include <nlohmann/json.hpp>

namespace muster::routing {

template <class T>
nlohmann::json body_schema() {
    return schema_of<T>(SchemaOf::body);
}

constexpr std::string_view reads = "members.read", invites = "members.invite", manages = "members.manage",
                           deletes = "members.delete", catalog = "catalog.manage", plans = "plan.manage",
                           settings = "settings.manage", audits = "audit.read", provisions = "members.provision",
                           requests = "requests.manage", keys = "keys.manage", hooks = "webhooks.manage";

// Commands that the one handler serves.
template <class C, Shape shape>
constexpr Route command(std::string_view verb, std::string_view path, std::string_view needs, int status,
                        std::string_view answers, std::string_view summary) {
    Route made{verb,
               path,
               needs,
               type_name<C>(),
               summary,
               status,
               true,
               false,
               &handle<C, shape, From::body>,
               &body_schema<C>,
               nullptr,
               answers};
    made.if_match = status != 201;  // of what is being made nothing was seen
    return made;
}

template <class C, Shape shape>
constexpr Route removal(std::string_view path, std::string_view needs, std::string_view answers,
                        std::string_view summary) {
    return {"DELETE",
            path,
            needs,
            type_name<C>(),
            summary,
            200,
            true,
            false,
            &handle<C, shape, From::query>,
            nullptr,
            &body_schema<C>,
            answers};
}

// A command or query with a handler of its own.
template <class Body>
constexpr Route special(std::string_view verb, std::string_view path, std::string_view needs, std::string_view name,
                        int status, bool is_command, void (*handle)(std::shared_ptr<Call>), std::string_view answers,
                        std::string_view summary) {
    Route made{verb,    path,   needs, name, summary, status, is_command, false, handle, &body_schema<Body>,
               nullptr, answers};
    made.if_match = false;  // what it does is about no single thing that was seen
    return made;
}

constexpr Route query(std::string_view path, std::string_view needs, std::string_view name,
                      void (*handle)(std::shared_ptr<Call>), std::string_view answers, std::string_view summary,
                      nlohmann::json (*parameters)() = nullptr) {
    return {"GET", path, needs, name, summary, 200, false, false, handle, nullptr, parameters, answers};
}

constexpr Route large(Route route) {
    route.large_body = true;
    return route;
}

constexpr Route erases(Route route) {
    route.erases = true;
    return route;
}

constexpr Route note(std::string_view notes, Route route) {
    route.notes = notes;
    return route;
}

constexpr Route takes_sheet(Route route) {
    route.takes_sheet = true;
    return large(route);
}

constexpr Route urgent(Route route) {
    route.urgency = Urgency::urgent;
    return route;
}

constexpr Route health(Route route) {
    route.urgency = Urgency::health;
    return route;
}

// It also tells how things stood, to who may read the audit.
constexpr Route as_of(Route route) {
    route.needs_as_of = "audit.read";
    return route;
}

constexpr Route barred(std::optional<Refusal> (*by)(const Workspace&, const Actor&), Route route) {
    route.barred = by;
    return route;
}

constexpr Route without_body(Route route) {
    route.body = nullptr;
    return route;
}

constexpr Route needs_also(std::string_view permission, Route route) {
    route.also_needs = permission;
    return route;
}

constexpr Route with_if_match(Route route) {
    route.if_match = true;
    return route;
}

// What it is about is shown to nobody with an ETag.
constexpr Route without_if_match(Route route) {
    route.if_match = false;
    return route;
}

constexpr Route or_200(Route route) {
    route.also_200 = true;
    return route;
}

constexpr Route or_own(Route route) {
    route.or_own = true;
    return route;
}

}  // namespace muster::routing
