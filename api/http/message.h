#pragma once
// A request and a response as plain values: the seam between the sockets (server.cpp) and everything that Muster
// answers. Handlers are called with values and tests call them without a socket.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::http {

struct Header {
    std::string name;  // lower case in requests
    std::string value;
};

struct Request {
    std::string method = {};  // upper case
    std::string target = {};  // origin form, as received: path and query
    std::vector<Header> headers = {};
    std::string body = {};
    std::string peer = {};  // the caller's IP address, without port
    std::shared_ptr<void> counts = {};  // the server's count of the body's bytes: kept as long as they are

    // The value of the first header of this (lower-case) name.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
        for (const auto& each : headers)
            if (each.name == name) return each.value;
        return std::nullopt;
    }
};

// A part of a body that is made while it is sent.
struct Piece {
    std::string bytes = {};  // of a size that may well be kept in memory; may be empty
    bool last = false;
};

// A body that is made while it is sent, so that it may be of any size, or never end. The connection asks for a piece
// when the one before it was written: a slow reader makes the source wait, and nothing piles up. It is destroyed, on
// any thread, when its last piece is written, or as soon as nobody is there to read it: then perhaps while a piece is
// being made.
class Stream {
public:
    // Gives the piece that was asked for, at once or later, on any thread; within Deadlines::handler. Where its last
    // copy is destroyed uncalled, the body cannot go on: the connection is cut, so that nobody takes it for whole.
    using Give = std::function<void(Piece)>;

    virtual ~Stream() = default;
    virtual void next(Give give) = 0;
    // The server stops: what would not end by itself gives its last piece soon. On the connection's thread.
    virtual void finish() {}
};

struct Response {
    int status = 200;
    std::vector<Header> headers = {};  // without Content-Length, Connection and Date: the server writes those
    std::string body = {};
    std::shared_ptr<Stream> stream = {};  // where there is one, the body in the place of `body`
};

// Gives the answer; called exactly once, on any thread.
using Done = std::function<void(Response)>;
// Answers a request. Must not block for long: it runs on a thread that serves other connections too.
using Handler = std::function<void(Request, Done)>;

}  // namespace muster::http
