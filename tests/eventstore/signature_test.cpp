// Signatures that others check too.
#include "eventstore/signature.h"

#include <catch2/catch.hpp>

namespace muster {
namespace {

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

}  // namespace

TEST_CASE("a signature is that of RFC 8032, section 7.1, test 2") {
    const SecretKey seed(bytes_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    const auto signature = sign(seed, "\x72");
    CHECK(view(public_key_of(seed)) == bytes_of("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
    CHECK(signature == bytes_of("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
}

TEST_CASE("a signature is of one message by one key") {
    const SecretKey ours(std::string(32, 'a')), others(std::string(32, 'b'));
    const auto key = public_key_of(ours);
    const auto signature = sign(ours, "said");
    CHECK(signed_by(key, "said", signature));
    CHECK_FALSE(signed_by(key, "sad", signature));
    CHECK_FALSE(signed_by(public_key_of(others), "said", signature));
    CHECK_FALSE(signed_by(key, "said", signature.substr(1)));
    CHECK_FALSE(signed_by(key, "said", ""));
}

}  // namespace muster
