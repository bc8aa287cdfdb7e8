#pragma once
// An answer as bytes: the status line, the handler's fields, and those that the server writes for every answer.

#include "api/http/message.h"

#include <chrono>
#include <string>

namespace muster::http {

struct Wire {
    int minor_version = 1;          // of the request: 1.0 has to be told that the connection stays open
    bool keep_alive = true;         // else "Connection: close"
    bool strict_transport = false;  // served by TLS: "Strict-Transport-Security"
    bool chunked = false;           // the body is streamed in chunks: "Transfer-Encoding" in the place of its length
};

// True if the fields can be written as they are: names that are tokens, values without control characters. An answer
// that fails this would let its text become fields of its own, and must not be sent.
[[nodiscard]] bool is_sendable(const Response& response);

// Appends status line and fields, up to and including the empty line, with Content-Length (the size of the body, also
// where the body itself is not sent, as for HEAD; not for 204 and 304, and not for a stream), Date, Connection, and
// unless the response has them: Cache-Control: no-store, X-Content-Type-Options: nosniff, Referrer-Policy: no-referrer,
// a Content-Security-Policy that allows nothing and no frame around it, Strict-Transport-Security.
void append_head(std::string& out, const Response& response, const Wire& wire,
                 std::chrono::system_clock::time_point now);

// Appends a piece of a streamed body: as a chunk, and the end of chunks behind the last (RFC 9112 §7.1); or else as it
// is, for HTTP/1.0, where the end of the connection is the end of the body.
void append_piece(std::string& out, const Piece& piece, bool chunked);

// False for 204 and 304, which never have a body.
[[nodiscard]] bool has_body(int status);

}  // namespace muster::http
