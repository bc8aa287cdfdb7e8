#include "api/app.h"

#include "api/admission.h"
#include "api/auth/caller.h"
#include "api/json/query.h"
#include "api/keeping.h"
#include "api/problem.h"
#include "api/request_watch.h"
#include "api/uri.h"

#include <algorithm>

namespace muster {
namespace {

using PathParameters = std::vector<std::pair<std::string_view, std::string>>;

// Calls segment(wanted, given) for each pair of segments; false as soon as it says so, or where one has more.
template <class Segment>
bool along(std::string_view pattern, std::string_view path, Segment segment) {
    while (!pattern.empty() && !path.empty()) {
        auto wanted = pattern.substr(0, pattern.find('/', 1)), given = path.substr(0, path.find('/', 1));
        if (!segment(wanted, given)) return false;
        pattern.remove_prefix(wanted.size());
        path.remove_prefix(given.size());
    }
    return pattern.empty() && path.empty();
}

bool fits(std::string_view pattern, std::string_view path) {
    return along(pattern, path, [](std::string_view wanted, std::string_view given) {
        return wanted.starts_with("/{") ? given.size() > 1 : wanted == given;
    });
}

// nullopt where an escape in one is malformed.
std::optional<PathParameters> parameters_in(std::string_view pattern, std::string_view path) {
    PathParameters found;
    bool well = along(pattern, path, [&](std::string_view wanted, std::string_view given) {
        if (!wanted.starts_with("/{")) return true;
        auto value = percent_decoded(given.substr(1));
        if (value) found.emplace_back(wanted.substr(2, wanted.size() - 3), std::move(*value));
        return value.has_value();
    });
    return well ? std::optional(std::move(found)) : std::nullopt;
}

Refusal permission_denied_elsewhere() {
    return {Code::permission_denied,
            "A request by cookie that changes something has to come from the console's own pages.",
            {{"permission", "same-origin"}},
            {}};
}

Refusal unauthorized() { return {Code::unauthorized, "Give a valid token: Authorization: Bearer TOKEN.", {}, {}}; }

}  // namespace

void App::handle(http::Request request, http::Done done) {
    auto question = request.target.find('?');
    auto path = std::string_view(request.target).substr(0, question);
    auto verb = std::string_view(request.method == "HEAD" ? "GET" : std::string_view(request.method));
    const Route* route = nullptr;
    std::optional<PathParameters> parameters;
    std::string allowed;
    for (const auto& each : routes()) {
        if (!fits(each.path, path)) continue;
        if (each.verb == verb) {
            route = &each;
            parameters = parameters_in(each.path, path);
            break;
        }
        if (!allowed.contains(each.verb)) allowed.append(allowed.empty() ? "" : ", ").append(each.verb);
    }
    auto place = service_.in_flight_requests.enter(route ? route->urgency : Urgency::usual);
    bool taken_in = place != nullptr;
    auto record = std::make_shared<RequestRecord>();
    record->method = request.method;
    if (route) record->route = route->path;
    record->client = service_.proxies.client_of(request);
    record->id = service_.execute.fresh();
    done = watched(service_, route, record, std::move(place), std::move(done));
    if (!taken_in) return done(problem(overloaded()));
    if (route ? !parameters : allowed.empty())
        return done(problem({Code::not_found, "There is nothing at this path; see /openapi.json.", {}, {}}));
    if (!route) {
        auto refusal = problem({Code::method_not_allowed, "This path takes " + allowed + ".", {}, {}});
        refusal.headers.push_back({"allow", allowed});
        return done(std::move(refusal));
    }

    std::optional<Caller> caller;
    if (route->needs == needs::nobody)
        caller = Caller{};
    else
        caller = caller_of(service_, request);
    if (!caller) return done(problem(unauthorized()));
    if (route->needs != needs::nobody) record->caller = caller->actor.kind;
    if (caller->by_cookie && verb != "GET" && !from_own_pages(service_, request))
        return done(problem(permission_denied_elsewhere()));

    Faults faults;
    auto query = read_parameters(
        question == std::string::npos ? "" : std::string_view(request.target).substr(question + 1), faults);
    auto call = std::make_shared<Call>(Call{service_,
                                            *route,
                                            std::move(request),
                                            std::move(*parameters),
                                            std::move(query),
                                            std::move(*caller),
                                            {},
                                            nullptr,
                                            0,
                                            false,
                                            {},
                                            {},
                                            {},
                                            std::move(done)});
    call->record = record;
    call->correlation = record->id;
    if (auto named = call->parameter("ws"); !named.empty()) {
        auto id = workspace_named(service_, named);
        if (!id && route->command && route->needs != needs::nobody) id = answered_before(*call);
        // To whom it is not theirs, it is as if there were none [trap 13].
        if (id && !call->caller.workspace.uuid.nil() && call->caller.workspace != *id) id.reset();
        if (id) {
            call->workspace_id = *id;
            record->workspace = *id;
            call->position = service_.log.head(*id);
            call->workspace = service_.directory.workspace(*id);
            // Who erases, and asks again, is answered once it is destroyed.
            if (!call->workspace && route->erases) call->workspace = service_.directory.deleted_workspace(*id);
            if (!call->workspace) return call->refuse(service_.directory.no_workspace(*id));
        }
        if (!call->workspace) return call->refuse({Code::not_found, "There is no such workspace.", {}, {}});
    }
    if (route->needs == needs::member && call->caller.session) {
        call->workspace_id = call->caller.workspace;
        call->position = service_.log.head(call->workspace_id);
        call->workspace = service_.directory.workspace(call->workspace_id);
        if (!call->workspace) return call->done(problem(unauthorized()));  // deleted since the caller was looked up
    }
    bool as_of = std::ranges::any_of(call->query, [](const auto& each) { return each.first == "as_of"; });
    auto admitted = admission(*route, call->caller, call->parameter("id"), as_of);
    if (!admitted.missing.empty()) return call->refuse(not_admitted(admitted.missing));
    if (route->barred)
        if (auto refusal = route->barred(*call->workspace, call->caller.actor)) return call->refuse(*refusal);
    call->own_only = admitted.own_only;
    if (auto refusal = over_request_limit(*call)) return call->refuse(*refusal);
    const auto in_query = Place::query(), dry_run = in_query.member("dry_run");
    if (const auto* given = reading::parameter_of(call->query, "dry_run", dry_run, faults))
        reading::boolean(*given, call->dry_run, dry_run, faults);
    if (call->dry_run && !route->command)
        return call->refuse({Code::dry_run_unsupported, "This route changes nothing, or can't be tried out.", {}, {}});
    std::erase_if(call->query, [](const auto& each) { return each.first == "dry_run"; });
    // A parameter that nobody reads was meant to do something (`?dryrun=true`).
    if (!route->parameters)
        for (const auto& [name, _] : call->query)
            faults.add({"?" + name, Code::unknown_field, "There is no such parameter here.", {}});
    if (!faults.empty()) return call->refuse(std::move(faults).refusal());
    route->handle(std::move(call));
}

std::uint64_t App::body_limit(std::string_view target) {
    auto path = target.substr(0, target.find('?'));
    for (const auto& each : routes())
        if (each.large_body && fits(each.path, path)) return limits::large_body_bytes;
    return limits::body_bytes;
}

}  // namespace muster
