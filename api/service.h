#pragma once
// What every handler is given, and the request on its way: constructor injection by reference, nothing global.

#include "api/http/client_address.h"
#include "api/http/message.h"
#include "api/in_flight.h"
#include "api/json/limits.h"
#include "api/json/query.h"
#include "api/pool.h"
#include "api/rate_limits.h"
#include "api/request_log.h"
#include "eventstore/erase.h"
#include "eventstore/execute.h"
#include "projections/runner.h"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t counted_most = 10'000;  // beyond it a list says total_at_least
inline constexpr std::chrono::milliseconds read_wait{1000};
// Work that has queued for the pool for longer is refused, not begun: well before the caller is told 504, after which
// nobody knows what became of it.
inline constexpr std::chrono::milliseconds pool_wait{20'000};
inline constexpr std::size_t body_bytes = std::size_t{1} << 20;
inline constexpr std::size_t large_body_bytes = std::size_t{20} << 20;  // batches and imports
}  // namespace limits

class ApiKeys;
class Imports;
class Metrics;
class Passwords;
class Purger;
class Sessions;
class Streaming;
namespace mail {
class Mails;
}
namespace webhooks {
class Webhooks;
}

// Requests with an Idempotency-Key that are under way, by the row that keeps their answers.
struct KeysUnderWay {
    std::mutex mutex;
    std::set<std::string> rows;
};

struct Service {
    Execute& execute;
    Directory& directory;
    const History& history;
    Log& log;
    Vault& vault;
    Eraser& eraser;
    Runner& runner;
    Pool& pool;
    const Unicode& unicode;
    Metrics& metrics;
    std::shared_ptr<RateLimits> rates;
    InFlight& in_flight_requests;
    const http::TrustedProxies& proxies;
    const RequestLog& request_log;  // may be empty
    std::string data_directory;
    std::string public_url;  // of links; without a slash at the end
    Digest operator_key;     // SHA-256 of it
    std::function<void(std::function<void()>)> post;
    Passwords& passwords;
    Sessions& sessions;
    ApiKeys& api_keys;

    std::chrono::milliseconds pool_wait;  // also for the threads that hash passwords

    std::shared_ptr<KeysUnderWay> keys_under_way = std::make_shared<KeysUnderWay>();

    Imports* imports = nullptr;  // set before the first request, as are
    Streaming* streaming = nullptr;
    Purger* purger = nullptr;
    webhooks::Webhooks* webhooks = nullptr;
    mail::Mails* mails = nullptr;  // where none are sent
    bool plain_targets = false;    // webhooks may go to http URLs somewhere
    // Tells whoever runs the server what went wrong, from any thread.
    std::function<void(const std::string&)> report = [](const std::string&) {};
};

// Who calls: the operator, a member by a session, a machine by an API key; or nobody who is signed in.
struct Caller {
    Actor actor;
    PermissionSet permissions = {};
    WorkspaceId workspace = {};  // the only one that they see; nil: all
    std::optional<SessionId> session = {};
    bool by_cookie = false;
};

struct Route;

// A request that was routed, with its caller and workspace. Handlers take it by value and answer through `done`.
struct Call {
    Service& service;
    const Route& route;
    http::Request request;
    std::vector<std::pair<std::string_view, std::string>> path;  // parameters: name, value
    Parameters query;
    Caller caller;
    WorkspaceId workspace_id;
    std::shared_ptr<const Workspace> workspace;  // nullptr where the route names none
    Position position = 0;                       // the workspace is at least as new as that
    bool dry_run = false;
    Uuid correlation;
    std::string once = {};  // a secret that the answer shows once
    std::string made = {};  // key or id of what the command makes within the workspace (a role, a team)
    http::Done done;
    bool own_only = false;  // what the route needs is lacking, but nothing is needed for one's own (api/admission.h)
    std::shared_ptr<RequestRecord> record = {};  // what the log will say of it

    // The address that limits by IP count it under.
    [[nodiscard]] std::string client() const { return http::counted_address(record->client); }

    [[nodiscard]] std::string_view parameter(std::string_view name) const {
        for (const auto& [key, value] : path)
            if (key == name) return value;
        return {};
    }
    void refuse(const Refusal& refusal) const;
};

// An answer with its usual headers.
struct Answer {
    int status = 200;
    std::string body;
    std::optional<Position> position;
    std::optional<Version> etag;
    std::vector<http::Header> headers;
};
http::Response response(Answer answer);

// By id or slug.
std::optional<WorkspaceId> workspace_named(Service& service, std::string_view named);

Refusal lagging();     // projection_lagging
Refusal overloaded();  // the pool is full

// Does the work, which answers the call, on the pool; else, where that is full or comes to it too late, answers 503
// overloaded. What the work throws before it has answered is the caller's 500.
void on_pool(const std::shared_ptr<Call>& call, std::function<void()> work);
// The same on the thread of imports.
void on_imports(const std::shared_ptr<Call>& call, std::function<void()> work);
// The same on the threads that hash passwords. What the work holds is let go before it is refused.
void on_hashing_threads(const std::shared_ptr<Call>& call, std::function<void()> work);

std::optional<Version> version_of(std::string_view etag);

// Calls `ready` on one of the service's threads as soon as the projection has applied all that the log held of the
// workspace when this was called, after expiring what is due there; else answers 503 projection_lagging.
void when_fresh(std::shared_ptr<Call> call, std::string_view projection,
                std::function<void(const Reading&, Position)> ready);

}  // namespace muster
