#pragma once
// A real HTTP(S) server that webhooks are sent to, as a process of its own, in one of the modes of webhook_receiver.py.

#include "tests/server/process.h"

#include <string>
#include <vector>

namespace muster::test {

class WebhookReceiver {
public:
    explicit WebhookReceiver(const std::string& mode = "accept", const server::Arguments& certificate = {});
    // From now on it answers otherwise.
    void turns_to(const std::string& mode) const;
    // It answers what it was sent in a mode that ends in `_late`.
    void let_go() const;
    void hold() const;  // no more
    // http://127.0.0.1:PORT/hook
    [[nodiscard]] std::string url(const std::string& scheme = "http", const std::string& host = "127.0.0.1") const;
    [[nodiscard]] std::string port() const { return port_; }
    // What it was sent, in order: JSON with path, headers, body and the number of the connection.
    [[nodiscard]] std::vector<std::string> taken() const;
    // `yes` or `no` for each secret: whether the n-th request (from 1) is signed with it, says Python.
    [[nodiscard]] std::string signed_with(int number, const std::vector<std::string>& secrets) const;

private:
    Scratch scratch_;
    server::Process process_;
    std::string port_;
};

}  // namespace muster::test
