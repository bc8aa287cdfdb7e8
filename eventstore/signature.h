#pragma once
// Signatures by Ed25519 (RFC 8032), so that who has only the public key can tell what this store said. Safe for use by
// any number of threads.

#include "eventstore/crypto.h"

#include <string>
#include <string_view>

namespace muster {

inline constexpr std::size_t signature_bytes = 64;

// `seed`: the 32 bytes that RFC 8032 calls the private key.
Digest public_key_of(const SecretKey& seed);
std::string sign(const SecretKey& seed, std::string_view message);
bool signed_by(const Digest& public_key, std::string_view message, std::string_view signature);

}  // namespace muster
