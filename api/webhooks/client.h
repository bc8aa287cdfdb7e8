#pragma once
// Requests to webhooks' targets, by libcurl (nothing else here includes it): one POST, one answer, no redirects, no
// proxy, whatever the environment says. What comes back is a status and words of ours: nothing that the target said is
// kept, since it may repeat what it was sent.

#include "api/http/networks.h"
#include "api/webhooks/limits.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace muster::webhooks {

struct Attempt {
    int status = 0;        // of HTTP; 0 where there was no answer
    std::string detail;    // where it was not taken: why
    bool stopped = false;  // broken off by `stop`: it does not count
    std::chrono::milliseconds took{};
    std::chrono::seconds retry_after{};  // where it was not taken: the pause that the target asks for; 0: for none
    [[nodiscard]] bool taken() const { return status >= 200 && status < 300; }
};

struct ClientOptions {
    http::Networks allowed;  // networks that are open beside the internet
    std::string ca_file;     // PEM; empty: the system's
    std::chrono::milliseconds connect_most = limits::webhook_connect_most;
    std::chrono::milliseconds attempt_most = limits::webhook_attempt_most;
};

// For any number of threads.
class Client {
public:
    explicit Client(ClientOptions options);
    ~Client();

    // To one target, one request after the other over the same connection; for one thread at a time.
    class Line {
    public:
        ~Line();
        [[nodiscard]] const std::string& url() const;
        // Ends within the limits of one attempt, or soon after `stop`. Does not throw.
        Attempt post(const std::vector<std::string>& headers, const std::string& body);

    private:
        friend class Client;
        struct State;
        explicit Line(std::unique_ptr<State> state);
        std::unique_ptr<State> state_;
    };
    // Looks the target up, which may take a while. Where it must not be sent to, every attempt says why.
    std::unique_ptr<Line> line_to(const std::string& url);

    // What is under way, and from now on, is broken off.
    void stop() { stopping_ = true; }

private:
    const ClientOptions options_;
    std::atomic<bool> stopping_ = false;
};

}  // namespace muster::webhooks
