#pragma once
// What the log says: JSON lines, an object each, without what must not be read there. No body, no query and no token is
// ever given to it; what comes in a message of somebody else's (a mail server's answer, an exception) is cleaned of
// e-mail addresses and of our own tokens. Pure functions; the program writes the lines (tools/json_log.h).

#include "domain/decision.h"
#include "domain/instant.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

// One request that was answered.
struct RequestRecord {
    std::string method;
    std::string_view route;  // its pattern in the route table, which names no one; empty: there is none such
    int status = 0;
    std::chrono::microseconds took{};
    std::size_t bytes = 0;            // of the answer's body
    std::string client;               // an IP address
    std::optional<ActorKind> caller;  // nothing: nobody was signed in, or needs to be
    std::optional<WorkspaceId> workspace;
    Uuid id;  // the correlation of the events that it caused
};

// Told of each request when it is answered, on whatever thread answers; must not block.
using RequestLog = std::function<void(const RequestRecord&)>;

// {"time":…,"level":"info","message":"request","method":…,"route":…,"status":…,"duration_ms":…,"bytes":…,"client":…,
// "caller":…,"workspace":…,"request_id":…}
[[nodiscard]] std::string log_line(Instant at, const RequestRecord& request);
// {"time":…,"level":…,"message":…}
[[nodiscard]] std::string log_line(Instant at, std::string_view level, std::string_view message);

// "g***@example.com": enough to know one's own by. What is no address is "***".
[[nodiscard]] std::string masked(std::string_view address);
// The same text with e-mail addresses masked, and of tokens and keys their prefix only: "mbs_***".
[[nodiscard]] std::string cleaned(std::string_view text);

}  // namespace muster
