#pragma once
// Tokens that are kept as hashes only: a prefix for their kind, two public ids by which they are looked up, and 256
// random bits.
//
//   PREFIX ‖ base64url( owner (16) ‖ id (16) ‖ random (32) )

#include "eventstore/crypto.h"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

inline constexpr std::string_view session_prefix = "mbs_";
inline constexpr std::string_view api_key_prefix = "mbk_";

std::string secret_token(std::string_view prefix, Uuid owner, Uuid id, Entropy& entropy);

// Whose it says it is; nullopt where it is of another form.
struct NamedByToken {
    Uuid owner;
    Uuid id;
};
std::optional<NamedByToken> named_by(std::string_view prefix, std::string_view token);

}  // namespace muster
