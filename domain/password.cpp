#include "domain/password.h"

#include <algorithm>

namespace muster {

std::expected<Password, Fault> Password::parse(std::string_view text, const Unicode&) {
    if (text.size() > limits::password_bytes)
        return fault(Code::too_long, "A password has at most " + std::to_string(limits::password_bytes) +
                                         " bytes; choose a shorter one.");
    Password password;
    password.secret_ = text;
    return password;
}

std::size_t Password::length() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(secret_, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::optional<Fault> password_fault(const Settings& settings, const Password& password, bool common) {
    auto least = settings.password_min_length;
    if (password.length() < static_cast<std::size_t>(least))
        return Fault{"/password",
                     Code::password_too_short,
                     "Choose a password of at least " + std::to_string(least) + " characters.",
                     {{"minimum", least}}};
    if (common && least >= limits::password_length_uncommon)
        return Fault{"/password",
                     Code::password_too_common,
                     "This password is among those that are tried first; choose another one.",
                     {}};
    return std::nullopt;
}

bool has_password(const Settings& settings, const RoleKey& role) {
    return settings.sign_in != SignIn::sso || role == admin_role;
}

Fault password_not_used() {
    return {"/password",
            Code::password_not_used,
            "People sign in through the identity provider here; leave the password out.",
            {}};
}

}  // namespace muster
