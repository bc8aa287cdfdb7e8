#pragma once
// A request's way to its handler, in the order of checks of the HTTP contract: route, token, workspace, permission.
// A function from request to response: tests call it without a socket.

#include "api/http/message.h"
#include "api/route.h"
#include "api/service.h"

#include <cstdint>
#include <memory>

namespace muster {

class App {
public:
    explicit App(Service& service) : service_(service) {}

    // Any thread; `done` is called exactly once, on any thread.
    void handle(http::Request request, http::Done done);
    // How many bytes the body of a request to this target may have.
    static std::uint64_t body_limit(std::string_view target);

private:
    Service& service_;
};

}  // namespace muster
