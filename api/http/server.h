#pragma once
// The HTTP/1.1 server: sockets, TLS, deadlines and caps around one Handler. It speaks to callers before anyone knows
// who they are, so everything that a caller can make it hold or wait for is bounded (limits.h), and whatever is not
// plainly one request is refused (framing.h). On a connection requests are answered one after the other, in order; a
// caller may send the next before it has the answer.

#include "api/http/limits.h"
#include "api/http/message.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster::http {

// The chain (leaf first) and its key, PEM files read when the server is made. TLS 1.2 and 1.3.
struct Tls {
    std::string certificate_file;
    std::string key_file;
};

struct Deadlines {
    std::chrono::milliseconds head = limits::head_deadline;
    std::chrono::milliseconds body_grace = limits::body_grace;
    std::chrono::milliseconds idle = limits::idle_deadline;
    std::chrono::milliseconds handler = limits::handler_deadline;
    std::chrono::milliseconds answer = limits::answer_deadline;
    std::chrono::milliseconds linger = limits::linger_deadline;
    std::chrono::milliseconds stop = limits::stop_deadline;
};

struct ServerOptions {
    // An IP address or "localhost", and a port; IPv6 as "[::1]:8080". Port 0 takes a free one.
    std::string listen = "127.0.0.1:8080";
    unsigned threads = 0;  // 0: one for each processor
    std::optional<Tls> tls = std::nullopt;
    std::size_t connections_max = limits::connections_max;
    std::size_t connections_per_address_max = limits::connections_per_address_max;
    std::uint64_t answer_bytes_in_all_max = limits::answer_bytes_in_all_max;
    Deadlines deadlines = {};
    // How many bytes the body of a request to this target may have. Called on any of the server's threads.
    std::function<std::uint64_t(const std::string& method, const std::string& target)> body_limit = {};
    // Makes the answer to what the server itself refuses: 400 bad_request, 408 request_timeout, 413 body_too_large,
    // 414 target_too_long, 417 expectation_failed, 431 headers_too_large, 500 internal_error, 503 overloaded (to which
    // the server adds Retry-After), 504 timeout. Called on any of the server's threads. By default a problem+json of
    // these three.
    std::function<Response(int status, std::string_view code, std::string detail)> refuse = {};
    // Told of each of those refusals that no handler has seen, for the log. By default nobody is.
    std::function<void(int status, std::string_view code, const std::string& peer)> refused = {};
    // Called on each thread that answers, as it begins. By default nothing is done.
    std::function<void()> begin = {};
    // Told of what is ours to repair: a handler that threw, an accept that failed. By default a line on stderr.
    std::function<void(std::string_view what)> report = {};
};

class Server {
public:
    // Binds and listens, but answers nobody before run(). Throws std::runtime_error that says what is wrong: with the
    // address (malformed, in use), or with the certificate or key.
    Server(ServerOptions options, Handler handler);
    // Not while run() is running. A Done that is called later is without effect.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    // Only this machine reaches it.
    [[nodiscard]] bool loopback() const;

    // Serves until stop(), on the calling thread and the others it starts. Once only.
    void run();
    // After run(): calls `end` here, while what was posted, and what is posted yet, is destroyed without being run:
    // somebody whom `end` waits for may wait for what it holds. What `end` throws comes out of it.
    void finish(const std::function<void()>& end);

    // Any thread, any number of times, also before run(). Accepts no more, closes connections that are between two
    // requests, lets the others finish theirs; then run() returns, after Deadlines::stop at the latest unless a handler
    // blocks.
    void stop();
    // SIGINT or SIGTERM is a stop(); a second one cuts what still runs. While this server lives, not the process's own.
    void stop_on_signals();

    // Runs this on one of the server's threads, from any thread; after some time, or as soon as one is free. What is
    // still waiting when run() returns is not run. What it throws is reported.
    void post(std::function<void()> work);
    void after(std::chrono::milliseconds delay, std::function<void()> work);

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace muster::http
