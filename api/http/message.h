#pragma once
// A request and a response as plain values: the seam between the sockets (server.cpp) and everything that Muster
// answers. Handlers are called with values and tests call them without a socket.

#include <functional>
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

    // The value of the first header of this (lower-case) name.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
        for (const auto& each : headers)
            if (each.name == name) return each.value;
        return std::nullopt;
    }
};

struct Response {
    int status = 200;
    std::vector<Header> headers = {};  // without Content-Length, Connection and Date: the server writes those
    std::string body = {};
};

// Gives the answer; called exactly once, on any thread.
using Done = std::function<void(Response)>;
// Answers a request. Must not block for long: it runs on a thread that serves other connections too.
using Handler = std::function<void(Request, Done)>;

}  // namespace muster::http
