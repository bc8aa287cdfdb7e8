#pragma once
// DIR/control.sock (0600): how a tool asks the server that holds DIR to do what needs its keys or its views.
//
//   request := name "=" value ( TAB name "=" value )* "\n"    the fields of Request; at most control_request_bytes
//   answer  := ( "+" line "\n"                                a line of the result
//              | "%" done " " all "\n" )*                     progress
//              "=" status " " words "\n"                      the end: an exit code, and what is said about it
//
// One client is served at a time and one may wait. A client that neither writes nor reads in time is dropped, so what
// is long is asked for page by page.

#include "domain/describe.h"
#include "domain/ids.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {
class System;
}

namespace muster::tools {

namespace limits {
inline constexpr std::size_t control_request_bytes = std::size_t{64} << 10;
inline constexpr std::chrono::milliseconds control_read_max{5'000};    // for the whole request
inline constexpr std::chrono::milliseconds control_write_max{10'000};  // without a byte taken
inline constexpr std::chrono::milliseconds control_close_max{5'000};   // after the answer
inline constexpr int control_waiting = 1;
}  // namespace limits

enum class Ask : std::uint8_t {
    replay,
    as_of,
    diff,
    projections,
    verify,
    rebuild,
    checkpoint,
    rotate,
    audit_export,
    vault_checkpoint,
    erasure_proof
};
MUSTER_ENUM(Ask, replay, as_of, diff, projections, verify, rebuild, checkpoint, rotate, audit_export, vault_checkpoint,
            erasure_proof);

struct Request {
    Ask ask = Ask::projections;
    std::optional<std::string> workspace{};
    std::optional<std::string> at{};
    std::optional<std::string> from{};
    std::optional<std::string> to{};
    std::optional<std::string> member{};
    std::optional<std::string> format{};
    std::int64_t after = 0;                // the position at which the page before ended, or how many results were seen
    std::vector<std::string> names{};      // of projections; none: all
    std::optional<std::string> purpose{};  // of a key
    std::optional<std::string> resume{};   // what the page before said to go on with
};
MUSTER_DESCRIBE(Request, ask, workspace, at, from, to, member, format, after, names, purpose, resume);

// Serves until it is destroyed, on a thread of its own; what is being answered then is broken off. The system must
// outlive it. Replaces the socket of a dead server. Throws std::runtime_error where another one lives or no socket can
// be made.
class ControlSocket {
public:
    ControlSocket(std::string path, System& system);
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

private:
    class Serving;
    std::unique_ptr<Serving> serving_;
};

struct Answered {
    int status = 0;
    std::string words;
    std::shared_ptr<const void> held{};  // on the server: until the client has taken what it was given
};

using OnLine = std::function<void(std::string_view)>;
using OnProgress = std::function<void(Position done, Position all)>;

// Asks the server that runs on `data`; nullopt where none does. `line` and `progress` are called as the answer comes.
// Throws std::runtime_error where the server goes away in the middle.
std::optional<Answered> ask_server(const std::string& data, const Request& request, const OnLine& line,
                                   const OnProgress& progress = {});

}  // namespace muster::tools
