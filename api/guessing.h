#pragma once
// Limits on guessing: only what was wrong counts. Where there were too many, they answer the call, and are false.

#include "api/service.h"

#include <string>

namespace muster {

// Tokens of links, by IP address: 404 is what is answered to one that is none, by whichever check. Tried out or not: a
// dry run tells a guesser as much.
bool guards_links(Call& call);

// Whose password is tried: an address in a workspace, known or not.
std::string account(std::string_view workspace, const EmailAddress& email);

// Passwords of an account, from this IP address and from anywhere. Asked before anything is hashed.
bool may_try_password(const Call& call, const std::string& account);
void password_was_wrong(const Call& call, const std::string& account);

}  // namespace muster
