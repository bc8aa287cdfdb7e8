#pragma once
// Where a request ends, judged so strictly that no proxy in front can see it elsewhere: whatever two servers might read
// in two ways is refused, and the connection closed. Pure functions over bytes, without sockets; what HTTP allows and
// this page does not is listed in tests/api/framing_test.cpp, case by case.

#include "api/http/message.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::http {

// Why a request is refused before anyone has looked at what it asks for. The connection ends with the answer.
struct Fault {
    int status = 400;
    std::string_view code = "bad_request";  // stable, a literal
    std::string detail = {};                // a sentence for people
};

// A request without its body.
struct Head {
    std::string method;           // one of GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS
    std::string target;           // begins with '/', visible ASCII without '#'
    int minor_version = 1;        // HTTP/1.0 or HTTP/1.1
    std::vector<Header> headers;  // names in lower case, values without the spaces around them
    // The body: this many bytes, or chunks, or (neither) none. A length beyond 18 digits reads as the largest number.
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;        // the caller wants to go on after the answer
    bool expect_continue = false;  // the caller waits for "100 Continue" before it sends the body
};

// Finds the end of a head in bytes that arrive piece by piece. One for each request.
class HeadFinder {
public:
    // `bytes` is all that has arrived since the request's first byte. The head's length including the empty line, or 0
    // while it is not complete. A fault as soon as no continuation could make the head a good one, so that nobody waits
    // out the deadline for it: a bare LF, a first byte that begins no method, more bytes than a head may have.
    [[nodiscard]] std::expected<std::size_t, Fault> find(std::string_view bytes);

private:
    std::size_t line_ = 0;  // where the line begins that has not ended yet
    std::size_t seen_ = 0;  // before this there is no further LF
};

// Judges one whole head, from the request line up to and including the empty line.
[[nodiscard]] std::expected<Head, Fault> read_head(std::string_view head);

}  // namespace muster::http
