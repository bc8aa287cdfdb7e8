#include "eventstore/crypto.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <pthread.h>
#include <stdexcept>

namespace muster {
namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

// Chooses the fastest primitives of this processor and opens the source of random bits. Any thread may come first.
void start_sodium() {
    static const bool started = sodium_init() >= 0;
    if (!started) throw std::runtime_error("libsodium does not start: this machine gives no random bits");
}

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* octets(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

// Grows in the child at a fork, which must not draw the bits that its parent draws.
std::atomic<unsigned> forks{0};

// Random bits drawn ahead, since asking the kernel for a few costs as much as asking for many. Each bit is given out
// once and wiped behind.
class DrawnAhead {
public:
    DrawnAhead() = default;
    DrawnAhead(const DrawnAhead&) = delete;
    DrawnAhead& operator=(const DrawnAhead&) = delete;
    ~DrawnAhead() { sodium_memzero(bytes_.data(), bytes_.size()); }

    void fill(std::uint8_t* bytes, std::size_t count) {
        if (count > bytes_.size()) {
            randombytes_buf(bytes, count);
            return;
        }
        if (count > left_ || forks_ != forks.load(std::memory_order_relaxed)) {
            forks_ = forks.load(std::memory_order_relaxed);
            randombytes_buf(bytes_.data(), bytes_.size());
            left_ = bytes_.size();
        }
        left_ -= count;
        std::copy_n(bytes_.data() + left_, count, bytes);
        sodium_memzero(bytes_.data() + left_, count);
    }

private:
    std::array<std::uint8_t, 4096> bytes_{};
    std::size_t left_ = 0;
    unsigned forks_ = 0;
};

class SystemEntropy final : public Entropy {
public:
    SystemEntropy() {
        start_sodium();
        pthread_atfork(nullptr, nullptr, [] { forks.fetch_add(1, std::memory_order_relaxed); });
    }
    void fill(std::uint8_t* bytes, std::size_t count) override {
        thread_local DrawnAhead drawn;
        drawn.fill(bytes, count);
    }
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override {
        const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
        return {std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count()};
    }
};

}  // namespace

// OpenSSL's, since it uses the processor's own instructions for SHA-256 where it has them; libsodium's does not, and
// the chain takes two digests for every event.
namespace {

struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

void well(int result) {
    if (result != 1) throw std::runtime_error("OpenSSL cannot make a SHA-256 digest");
}

DigestContext digest_context() {
    DigestContext made(EVP_MD_CTX_new());
    if (!made) throw std::bad_alloc();
    return made;
}

void begin(EVP_MD_CTX* context) {
    static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    well(EVP_DigestInit_ex2(context, method, nullptr));
}

Digest end(EVP_MD_CTX* context) {
    Digest digest;
    well(EVP_DigestFinal_ex(context, digest.data(), nullptr));
    return digest;
}

}  // namespace

Digest sha256(std::string_view first, std::string_view second, std::string_view third) {
    thread_local const DigestContext context = digest_context();
    begin(context.get());
    for (std::string_view piece : {first, second, third})
        if (!piece.empty()) well(EVP_DigestUpdate(context.get(), piece.data(), piece.size()));
    return end(context.get());
}

Digest sha256(std::string_view bytes) { return sha256(bytes, {}, {}); }

struct Sha256::State {
    DigestContext context = digest_context();
};

Sha256::Sha256() : state_(std::make_unique<State>()) { begin(state_->context.get()); }
Sha256::~Sha256() = default;
void Sha256::add(std::string_view bytes) { well(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size())); }
Digest Sha256::end() { return muster::end(state_->context.get()); }

SecretKey::SecretKey(std::string_view bytes32) {
    if (bytes32.size() != bytes_.size())
        throw std::invalid_argument("a key has 32 bytes, not " + std::to_string(bytes32.size()));
    std::copy(bytes32.begin(), bytes32.end(), bytes_.begin());
}

SecretKey::~SecretKey() { wipe(bytes_.data(), bytes_.size()); }

void wipe(void* bytes, std::size_t count) { sodium_memzero(bytes, count); }

Digest hmac_sha256(const SecretKey& key, std::string_view message) {
    static_assert(crypto_auth_hmacsha256_KEYBYTES == 32 && crypto_auth_hmacsha256_BYTES == sizeof(Digest));
    Digest digest;
    crypto_auth_hmacsha256(digest.data(), octets(message), message.size(), octets(key.bytes()));
    return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hash_password(std::string_view password, const PasswordCost& cost) {
    start_sodium();
    std::array<char, crypto_pwhash_STRBYTES> hash{};
    if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), cost.passes, cost.bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        throw std::bad_alloc();
    return hash.data();
}

bool verify_password(const std::string& hash, std::string_view password) {
    start_sodium();
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(const std::string& hash, const PasswordCost& cost) {
    return crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.bytes) != 0;
}

std::string seal(const SecretKey& key, std::string_view plain, std::string_view bound) {
    start_sodium();
    std::string sealed(nonce_bytes + plain.size() + tag_bytes, '\0');
    // 192 random bits do not meet twice, so no nonce need be remembered.
    system_entropy().fill(octets(sealed), nonce_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(octets(sealed) + nonce_bytes, nullptr, octets(plain), plain.size(),
                                               octets(bound), bound.size(), nullptr, octets(sealed),
                                               octets(key.bytes()));
    return sealed;
}

std::optional<std::string> unseal(const SecretKey& key, std::string_view sealed, std::string_view bound) {
    start_sodium();
    if (sealed.size() < nonce_bytes + tag_bytes) return std::nullopt;
    const std::string_view ciphertext = sealed.substr(nonce_bytes);
    std::string plain(ciphertext.size() - tag_bytes, '\0');
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(octets(plain), nullptr, nullptr, octets(ciphertext),
                                                   ciphertext.size(), octets(bound), bound.size(), octets(sealed),
                                                   octets(key.bytes())) != 0)
        return std::nullopt;
    return plain;
}

Entropy& system_entropy() {
    static SystemEntropy entropy;
    return entropy;
}

SecretKey random_key(Entropy& entropy) {
    std::array<std::uint8_t, 32> bytes;
    entropy.fill(bytes.data(), bytes.size());
    SecretKey key({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    wipe(bytes.data(), bytes.size());
    return key;
}

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

namespace {

constexpr int count_bits = 12;

// The millisecond (48 bits) and the count or random bits behind it (12).
Uuid uuid_of(std::uint64_t time_and_count, Entropy& entropy) {
    Uuid id;
    const auto ms = time_and_count >> count_bits, count = time_and_count & ((1U << count_bits) - 1);
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    id.bytes[6] = static_cast<std::uint8_t>(0x70 | (count >> 8));  // version 7
    id.bytes[7] = static_cast<std::uint8_t>(count);
    entropy.fill(id.bytes.data() + 8, 8);
    id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));  // variant 10
    return id;
}

std::uint64_t first_of(Instant now) { return static_cast<std::uint64_t>(now.ms) << count_bits; }

}  // namespace

Uuid new_uuid(const Clock& clock, Entropy& entropy) {
    std::array<std::uint8_t, 2> bits;
    entropy.fill(bits.data(), bits.size());
    return uuid_of(first_of(clock.now()) | ((bits[0] & 0x0fU) << 8 | bits[1]), entropy);
}

void Uuids::begin_after(const Uuid& id) {
    std::uint64_t at = 0;
    for (int i = 0; i < 6; ++i) at = at << 8 | id.bytes[i];
    at = at << count_bits | (id.bytes[6] & 0x0fU) << 8 | id.bytes[7];
    auto last = last_.load(std::memory_order_relaxed);
    while (last < at && !last_.compare_exchange_weak(last, at, std::memory_order_relaxed)) {
    }
}

Uuid Uuids::next() {
    const auto now = first_of(clock_.now());
    auto last = last_.load(std::memory_order_relaxed);
    std::uint64_t mine = 0;
    do mine = std::max(now, last + 1);
    while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
    return uuid_of(mine, entropy_);
}

}  // namespace muster
