#pragma once
// Limits on guessing: only what was wrong counts. Where there were too many, they answer the call.

#include "api/service.h"

#include <memory>
#include <string>

namespace muster {

// Tokens of links, by IP address: 404 is what is answered to one that is none, by whichever check. Tried out or not: a
// dry run tells a guesser as much. False: the call is answered.
bool guards_links(Call& call);

// Whose password is tried: an address in a workspace, known or not.
std::string account(std::string_view workspace, const EmailAddress& email);

// A try of an account's password, limited from this IP address and from anywhere. It counts before anything is hashed,
// so that no more are judged side by side than one after the other; what was not wrong is given back.
class PasswordTry {
public:
    // Before waiting for a thread that hashes. False: the call is answered.
    [[nodiscard]] static bool may_begin(const Call& call, const std::string& account);
    // On that thread: tries that wait count for nothing yet, so that many right ones at once are all heard. nullptr:
    // the call is answered.
    [[nodiscard]] static std::unique_ptr<PasswordTry> begin(const Call& call, const std::string& account);
    ~PasswordTry() { was_not_wrong(); }
    PasswordTry(const PasswordTry&) = delete;
    PasswordTry& operator=(const PasswordTry&) = delete;

    // Each before the answer. A try of which neither is said was not judged, and was not wrong.
    void was_wrong() { counts_ = true; }
    void was_not_wrong();

private:
    PasswordTry(const Call& call, const std::string& account);

    const std::shared_ptr<RateLimits> rates_;
    const std::string account_;
    const std::string account_there_;  // and the IP address
    const Instant taken_at_;
    bool counts_ = false;  // and stays so
};

}  // namespace muster
