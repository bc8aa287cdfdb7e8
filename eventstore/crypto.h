#pragma once
// The few primitives that the store needs, by libsodium: SHA-256, HMAC-SHA-256, XChaCha20-Poly1305
// (draft-irtf-cfrg-xchacha), argon2id (RFC 9106) and random bytes. Everything here is safe for use by any number of
// threads.

#include "domain/ids.h"
#include "domain/instant.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
Digest sha256(std::string_view first, std::string_view second, std::string_view third = {});
// Of bytes that come piece by piece.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(std::string_view bytes);
    [[nodiscard]] Digest end();  // once

private:
    struct State;
    std::unique_ptr<State> state_;
};
inline std::string_view view(const Digest& digest) {
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// 256 bits that must not be printed, compared carelessly or left behind in memory: wiped when destroyed.
class SecretKey {
public:
    SecretKey() = default;  // all zero; only to be assigned to
    explicit SecretKey(std::string_view bytes32);
    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;
    ~SecretKey();
    [[nodiscard]] std::string_view bytes() const {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }

private:
    std::array<std::uint8_t, 32> bytes_{};
};

// Overwrites a secret that is no longer needed, in a way that the compiler does not leave out.
void wipe(void* bytes, std::size_t count);

Digest hmac_sha256(const SecretKey& key, std::string_view message);
bool equal_in_constant_time(std::string_view a, std::string_view b);

// nonce (24 bytes) ‖ ciphertext ‖ tag; `bound` is authenticated with it and must be given again to open it.
std::string seal(const SecretKey& key, std::string_view plain, std::string_view bound);
std::optional<std::string> unseal(const SecretKey& key, std::string_view sealed, std::string_view bound);

// What hashing a password costs whoever does it: server and guesser alike.
struct PasswordCost {
    std::uint64_t passes = 3;
    std::size_t bytes = std::size_t{64} << 20;  // of memory, while it runs
};
// argon2id with a salt of its own, as the text that names its parameters (PHC string format). Throws std::bad_alloc
// where the memory is not there.
std::string hash_password(std::string_view password, const PasswordCost& cost);
bool verify_password(const std::string& hash, std::string_view password);
// Whether a hash was made at another cost than this.
bool needs_rehash(const std::string& hash, const PasswordCost& cost);

// Where random bits come from, on any thread; a test that must be repeatable passes its own.
struct Entropy {
    virtual ~Entropy() = default;
    virtual void fill(std::uint8_t* bytes, std::size_t count) = 0;
};
Entropy& system_entropy();
SecretKey random_key(Entropy& entropy);

// The time of day; passed in wherever time is asked for.
struct Clock {
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};
const Clock& system_clock();

// UUIDv7 (RFC 9562 §5.7) of this millisecond and random bits.
Uuid new_uuid(const Clock& clock, Entropy& entropy);

// The same, in the order of their making, also those of one millisecond and of several threads: the 12 bits behind the
// millisecond count (RFC 9562 §6.2, method 1). Where they run over, or the clock steps back, the ids run ahead of it.
class Uuids {
public:
    Uuids(const Clock& clock, Entropy& entropy) : clock_(clock), entropy_(entropy) {}
    Uuid next();
    // The ids from now on are behind this one.
    void begin_after(const Uuid& id);

private:
    const Clock& clock_;
    Entropy& entropy_;
    std::atomic<std::uint64_t> last_{0};  // millisecond and count of the last one
};

}  // namespace muster
