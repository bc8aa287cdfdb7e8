#pragma once
// Mails over SMTP (RFC 5321), by libcurl: STARTTLS or TLS, AUTH, SMTPUTF8 where an address is not ASCII. Connections
// are kept for a while, one for each thread that sends.
//
// A 5xx answer to the mail itself (MAIL, RCPT, DATA) refuses it for good, a 4xx one puts it off. Whatever comes before
// it, a refused sign-in too, is the server's trouble or ours and no reason to give a mail up. A reader who is refused
// beside others that are taken is left out.

#include "api/mail/limits.h"
#include "api/mail/mailer.h"

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace muster::mail {

struct SmtpServer {
    bool tls = false;  // from the first byte (smtps); else STARTTLS
    std::string host;  // an IPv6 address stands in brackets
    std::string port;
    std::string user;  // empty: no sign-in
    std::string password;
    std::string ca_file;  // PEM; empty: the system's
    std::chrono::milliseconds connect_most = limits::mail_connect_most;
    std::chrono::milliseconds answer_most = limits::mail_answer_most;  // in whole seconds
    std::chrono::milliseconds attempt_most = limits::mail_attempt_most;

    // STARTTLS or nothing: a password goes over the network. Where it is only tried, anything is better than clear
    // text, so that no certificate is asked for (RFC 7435).
    [[nodiscard]] bool needs_tls() const;
};
// `smtp[s]://[user@]host:port`, or what is wrong with it.
std::expected<SmtpServer, std::string> parse_smtp(std::string_view url);

class SmtpMailer final : public Mailer {
public:
    explicit SmtpMailer(SmtpServer server);
    ~SmtpMailer() override;
    Attempt send(const Message& message) override;
    void stop() override;

private:
    struct Connections;
    std::unique_ptr<Connections> connections_;
};

}  // namespace muster::mail
