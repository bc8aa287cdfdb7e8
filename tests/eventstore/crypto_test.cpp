// The store's primitives against the vectors that their standards print, and what sealing must refuse.

#include "eventstore/crypto.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace muster::test {
namespace {

std::string hex(std::string_view bytes) {
    std::string text;
    for (char byte : bytes)
        for (int shift : {4, 0}) text += "0123456789abcdef"[static_cast<unsigned char>(byte) >> shift & 15];
    return text;
}
std::string hex(const Digest& digest) { return hex(view(digest)); }

// A key shorter than 64 bytes is filled up with zeros by HMAC, so a published shorter key may be filled up here.
SecretKey key_of(std::string bytes) {
    bytes.resize(32, '\0');
    return SecretKey(bytes);
}

const SecretKey key = key_of("a key");

struct FixedClock final : Clock {
    Instant time;
    [[nodiscard]] Instant now() const override { return time; }
};

}  // namespace

TEST_CASE("SHA-256 gives the published digests (FIPS 180-4)") {
    CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    CHECK(hex(sha256(std::string(1'000'000, 'a'))) ==
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a digest of pieces is the digest of their bytes one after another") {
    CHECK(sha256("a", "b", "c") == sha256("abc"));
    CHECK(sha256("", "abc") == sha256("abc"));
    CHECK(sha256("", "") == sha256(""));
}

TEST_CASE("HMAC-SHA-256 gives the published codes (RFC 4231, 4.2 to 4.5)") {
    CHECK(hex(hmac_sha256(key_of(std::string(20, '\x0b')), "Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hex(hmac_sha256(key_of("Jefe"), "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex(hmac_sha256(key_of(std::string(20, '\xaa')), std::string(50, '\xdd'))) ==
          "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    std::string one_to_25;
    for (char byte = 1; byte <= 25; ++byte) one_to_25 += byte;
    CHECK(hex(hmac_sha256(key_of(one_to_25), std::string(50, '\xcd'))) ==
          "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

TEST_CASE("a key has 32 bytes") {
    CHECK_THROWS_AS(SecretKey(std::string(31, 'k')), std::invalid_argument);
    CHECK_THROWS_AS(SecretKey(std::string(33, 'k')), std::invalid_argument);
    CHECK(SecretKey(std::string(32, 'k')).bytes() == std::string(32, 'k'));
}

TEST_CASE("bytes are equal only if all of them are") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("token", "token"));
    CHECK_FALSE(equal_in_constant_time("token", "tokem"));
    CHECK_FALSE(equal_in_constant_time("token", "token2"));
}

TEST_CASE("XChaCha20-Poly1305 opens the published message (draft-irtf-cfrg-xchacha-03, A.3.1)") {
    std::string key_bytes;
    for (int byte = 0x80; byte <= 0x9f; ++byte) key_bytes += static_cast<char>(byte);
    std::string nonce;
    for (int byte = 0x40; byte <= 0x57; ++byte) nonce += static_cast<char>(byte);
    const unsigned char bound[] = {0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7};
    const unsigned char sealed[] = {
        0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b, 0x95, 0x76, 0x57, 0x94, 0x93, 0xc0, 0xe9, 0x39, 0x57,
        0x2a, 0x17, 0x00, 0x25, 0x2b, 0xfa, 0xcc, 0xbe, 0xd2, 0x90, 0x2c, 0x21, 0x39, 0x6c, 0xbb, 0x73, 0x1c,
        0x7f, 0x1b, 0x0b, 0x4a, 0xa6, 0x44, 0x0b, 0xf3, 0xa8, 0x2f, 0x4e, 0xda, 0x7e, 0x39, 0xae, 0x64, 0xc6,
        0x70, 0x8c, 0x54, 0xc2, 0x16, 0xcb, 0x96, 0xb7, 0x2e, 0x12, 0x13, 0xb4, 0x52, 0x2f, 0x8c, 0x9b, 0xa4,
        0x0d, 0xb5, 0xd9, 0x45, 0xb1, 0x1b, 0x69, 0xb9, 0x82, 0xc1, 0xbb, 0x9e, 0x3f, 0x3f, 0xac, 0x2b, 0xc3,
        0x69, 0x48, 0x8f, 0x76, 0xb2, 0x38, 0x35, 0x65, 0xd3, 0xff, 0xf9, 0x21, 0xf9, 0x66, 0x4c, 0x97, 0x63,
        0x7d, 0xa9, 0x76, 0x88, 0x12, 0xf6, 0x15, 0xc6, 0x8b, 0x13, 0xb5, 0x2e, 0xc0, 0x87, 0x59, 0x24, 0xc1,
        0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a, 0xcf, 0x49};
    const auto text = [](const auto& bytes) { return std::string(std::begin(bytes), std::end(bytes)); };
    CHECK(unseal(SecretKey(key_bytes), nonce + text(sealed), text(bound)) ==
          "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen "
          "would be it.");
}

TEST_CASE("what is sealed is opened by the same key and for the same place only") {
    const std::string sealed = seal(key, "ada@example.com", "place");
    CHECK(sealed.size() == 24 + 15 + 16);
    CHECK(unseal(key, sealed, "place") == "ada@example.com");
    CHECK(unseal(key_of("another key"), sealed, "place") == std::nullopt);
    CHECK(unseal(key, sealed, "plac") == std::nullopt);
    CHECK(unseal(key, seal(key, "", ""), "") == "");
}

TEST_CASE("the same text sealed twice looks different") { CHECK(seal(key, "text", "") != seal(key, "text", "")); }

TEST_CASE("[N12] sealed bytes that were changed, cut or lengthened are refused") {
    const std::string sealed = seal(key, "Ada", "place");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        CHECK(unseal(key, changed, "place") == std::nullopt);
        CHECK(unseal(key, sealed.substr(0, i), "place") == std::nullopt);
    }
    CHECK(unseal(key, sealed + '\0', "place") == std::nullopt);
}

TEST_CASE("a new id carries the millisecond, version 7 and the variant of RFC 9562") {
    FixedClock clock;
    clock.time = *Instant::parse("2022-02-22T19:22:22.000Z");  // the example of RFC 9562, A.6
    const Uuid id = new_uuid(clock, system_entropy());
    CHECK(hex({reinterpret_cast<const char*>(id.bytes.data()), 6}) == "017f22e279b0");
    CHECK(id.bytes[6] >> 4 == 7);
    CHECK(id.bytes[8] >> 6 == 2);
}

TEST_CASE("ids sort by the millisecond of their making") {
    FixedClock clock;
    std::vector<Uuid> ids;
    for (std::int64_t ms : {0LL, 1LL, 255LL, 256LL, 1'767'225'600'000LL, 281'474'976'710'655LL}) {
        clock.time = {ms};
        ids.push_back(new_uuid(clock, system_entropy()));
    }
    CHECK(std::is_sorted(ids.begin(), ids.end()));
}

TEST_CASE(
    "ids of one maker are in the order of their making, also within a millisecond and when the clock steps back") {
    FixedClock clock;
    clock.time = *Instant::parse("2022-02-22T19:22:22.000Z");
    Uuids maker(clock, system_entropy());
    std::vector<Uuid> ids;
    for (int i = 0; i < 5'000; ++i) ids.push_back(maker.next());  // more than the 4,096 that a millisecond counts
    CHECK(hex({reinterpret_cast<const char*>(ids.front().bytes.data()), 6}) == "017f22e279b0");
    clock.time = {clock.time.ms - 1000};
    for (int i = 0; i < 10; ++i) ids.push_back(maker.next());
    clock.time = {clock.time.ms + 60'000};
    ids.push_back(maker.next());
    CHECK(std::is_sorted(ids.begin(), ids.end()));
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    CHECK(ids.back().bytes[6] >> 4 == 7);
    CHECK(ids.back().bytes[8] >> 6 == 2);
}

TEST_CASE("ids of another maker go on behind one that is given, whatever the clock says") {
    FixedClock clock;
    clock.time = *Instant::parse("2022-02-22T19:22:22.000Z");
    Uuids before(clock, system_entropy());
    Uuid last;
    for (int i = 0; i < 5'000; ++i) last = before.next();
    clock.time = {clock.time.ms - 60'000};
    Uuids after(clock, system_entropy());
    after.begin_after(last);
    CHECK(after.next() > last);
    after.begin_after(Uuid{});
    CHECK(after.next() > last);
}

TEST_CASE("ids and keys of many threads differ") {
    Uuids maker(system_clock(), system_entropy());
    std::vector<std::vector<Uuid>> made(8);
    std::vector<std::thread> threads;
    for (auto& ids : made)
        threads.emplace_back([&ids, &maker] {
            for (int i = 0; i < 1'000; ++i) ids.push_back(new_uuid(system_clock(), system_entropy()));
            for (int i = 0; i < 1'000; ++i) ids.push_back(maker.next());
        });
    for (auto& thread : threads) thread.join();
    std::set<Uuid> all;
    for (const auto& ids : made) all.insert(ids.begin(), ids.end());
    CHECK(all.size() == 16'000);
    CHECK(random_key(system_entropy()).bytes() != random_key(system_entropy()).bytes());
}

TEST_CASE("a forked process does not draw the random bits of its parent") {
    (void)random_key(system_entropy());  // so that bits lie ready on both sides
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        const SecretKey drawn = random_key(system_entropy());
        ::_exit(::write(ends[1], drawn.bytes().data(), 32) == 32 ? 0 : 1);
    }
    std::string of_child(32, '\0');
    REQUIRE(::read(ends[0], of_child.data(), 32) == 32);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);
    CHECK(random_key(system_entropy()).bytes() != of_child);
}

}  // namespace muster::test
