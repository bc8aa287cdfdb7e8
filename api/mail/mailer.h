#pragma once
// Who takes mails: an SMTP server (smtp.h), a directory (outbox.h), or what a test puts here.

#include "api/mail/limits.h"
#include "api/mail/message.h"
#include "domain/describe.h"

#include <cstdint>
#include <string>

namespace muster::mail {

enum class Result : std::uint8_t {
    taken,    // it is the receiver's now
    refused,  // for good
    later,    // not now: try again
    lost      // nobody answered, or not to the end: it may have been taken, try again
};
MUSTER_ENUM(Result, taken, refused, later, lost);

struct Attempt {
    Result result = Result::taken;
    std::string reason;  // where it was not taken: words of ours and numbers, nothing personal
};

class Mailer {
public:
    virtual ~Mailer() = default;
    // By any number of threads. Ends within limits::mail_attempt_most, or soon after `stop`. Does not throw.
    virtual Attempt send(const Message& message) = 0;
    // How many threads send to it.
    [[nodiscard]] virtual std::size_t at_once() const { return limits::mail_senders; }
    // What is being sent, or is from now on, is lost.
    virtual void stop() {}
};

}  // namespace muster::mail
