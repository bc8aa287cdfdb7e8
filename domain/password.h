#pragma once
// Passwords as commands carry them, and the rule about them. What is kept of one is a hash in the vault, under an id
// that the log names; neither the text nor the hash is ever part of an event.

#include "domain/limits.h"
#include "domain/values.h"
#include "domain/workspace.h"

#include <cstddef>
#include <optional>
#include <string>

namespace muster {

// Kept exactly as it was received: not trimmed, not normalised. It has no text(): nothing that prints values prints it.
class Password {
public:
    Password() = default;
    static std::expected<Password, Fault> parse(std::string_view text, const Unicode& unicode);
    [[nodiscard]] const std::string& secret() const { return secret_; }
    [[nodiscard]] std::size_t length() const;  // in code points
    bool operator==(const Password&) const = default;

private:
    std::string secret_;
};

// What is wrong with it under the workspace's rules; `common` is whether it is among those that everybody tries first.
// Where 6 or 7 characters are enough for the workspace, common ones are too [S2-24].
std::optional<Fault> password_fault(const Settings& settings, const Password& password, bool common);

// Whether people of this role have a password here: where all sign in by an identity provider, only admins may, so that
// nobody is locked out.
bool has_password(const Settings& settings, const RoleKey& role);

Fault password_not_used();

}  // namespace muster
