#pragma once
// A real mail server (aiosmtpd) as a process of its own, in one of the modes of smtp_server.py.

#include "tests/server/process.h"

#include <string>
#include <vector>

namespace muster::test {

struct TakenMail {
    std::string envelope;  // JSON: from, to, options, tls, user
    std::string bytes;
    // The value of a header field, as it stands.
    [[nodiscard]] std::string field(const std::string& name) const;
};

class MailServer {
public:
    explicit MailServer(const std::string& mode, const server::Arguments& more = {});
    // smtp://127.0.0.1:PORT
    [[nodiscard]] std::string url(const std::string& user = {}) const;
    [[nodiscard]] std::string port() const { return port_; }
    // In the order in which it took them.
    [[nodiscard]] std::vector<TakenMail> taken() const;
    // A line for each try: `user password`.
    [[nodiscard]] std::string sign_ins() const { return server::text_of(scratch_ / "sign-ins"); }

private:
    Scratch scratch_;
    server::Process process_;
    std::string port_;
};

}  // namespace muster::test
