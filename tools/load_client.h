#pragma once
// A load generator that costs little beside the server that it measures: one thread, epoll, request bytes that are made
// ahead but for a number, and no more of an answer read than its status and length.
//
// Closed loop: each connection sends its next request when it has the answer to the one before, or, where that says
// Retry-After (RFC 9110 §10.2.3), when that time is over. It shows how much a server can do; a stall is a single long
// answer on each connection.
//
// Open loop: requests fall due evenly, whatever became of those before. The first free connection sends the one that is
// due next, and its time counts from when it was due: what a stall held up is counted, each request of it.

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace muster::tools {

struct Endpoint {
    std::string host;
    std::string port;
};
// Of `http://host[:port]`, with or without a slash behind it. Throws std::invalid_argument.
Endpoint endpoint_of(std::string_view url);

std::string request_bytes(const Endpoint& endpoint, std::string_view method, std::string_view target,
                          std::string_view key, std::string_view body);

// One answer, on a connection of its own. Throws std::runtime_error where none comes.
struct Reply {
    int status = 0;
    std::string body;
};
Reply ask(const Endpoint& endpoint, const std::string& request);

struct Load {
    Endpoint endpoint;
    std::size_t connections = 64;
    // Whichever comes first; at least one is needed.
    std::uint64_t requests = 0;
    std::chrono::nanoseconds duration{0};
    // Requests a second that fall due in an open loop, until the end; 0: a closed one. What is due by then is sent and
    // waited for, so that a server which can't keep up makes the run longer.
    double rate = 0;
    // The bytes of every request. A run of '#' in it stands for the request's number, in decimal with leading zeros, so
    // that the length stays. The same run everywhere it occurs.
    std::string request;
    // Of another kind, to be compared with it; they take turns as 0 1 1 0, so that each comes as often behind its own
    // kind as behind the other. Empty: there is one kind.
    std::string other_request = {};
    // Between an answer and the next request, for what a server goes on doing when it has answered. On one connection
    // in a closed loop only: a pause stops all.
    std::chrono::milliseconds pause{0};
    std::uint64_t first_number = 0;
};

// How long answers took, in microseconds; sorted in a report.
using Latencies = std::vector<std::uint32_t>;
std::uint32_t percentile(const Latencies& sorted, double percent);  // 0 where there are none

struct LoadReport {
    double seconds = 0;
    Latencies microseconds;  // of every answer
    std::map<int, Latencies> statuses;
    std::array<Latencies, 2> kinds;  // of the requests
    std::uint64_t broken = 0;        // connections that ended in the middle
    std::string first_error;         // the first answer that was none of 2xx, or what broke a connection

    [[nodiscard]] double per_second() const {
        return seconds > 0 ? static_cast<double>(microseconds.size()) / seconds : 0;
    }
    // Answers of that status only; 0: of 2xx.
    [[nodiscard]] bool clean(int expected = 0) const;
};

// Throws std::runtime_error where no connection can be made.
LoadReport run(const Load& load);

}  // namespace muster::tools
