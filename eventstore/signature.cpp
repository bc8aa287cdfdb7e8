#include "eventstore/signature.h"

#include <sodium.h>

namespace muster {
namespace {

static_assert(signature_bytes == crypto_sign_BYTES && sizeof(Digest) == crypto_sign_PUBLICKEYBYTES);

const unsigned char* bytes_at(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// libsodium's form of a key pair: the seed with the public key behind it. Wiped when it goes.
struct Pair {
    explicit Pair(const SecretKey& seed) {
        crypto_sign_seed_keypair(public_key.data(), secret.data(), bytes_at(seed.bytes()));
    }
    ~Pair() { wipe(secret.data(), secret.size()); }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;
    Digest public_key{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
};

}  // namespace

Digest public_key_of(const SecretKey& seed) { return Pair(seed).public_key; }

std::string sign(const SecretKey& seed, std::string_view message) {
    const Pair pair(seed);
    std::string signature(signature_bytes, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, bytes_at(message), message.size(),
                         pair.secret.data());
    return signature;
}

bool signed_by(const Digest& public_key, std::string_view message, std::string_view signature) {
    return signature.size() == signature_bytes &&
           crypto_sign_verify_detached(bytes_at(signature), bytes_at(message), message.size(), public_key.data()) == 0;
}

}  // namespace muster
