#include "api/auth/secret_token.h"

#include "api/tokens.h"
#include "eventstore/bytes.h"
#include "eventstore/frame.h"

namespace muster {

std::string secret_token(std::string_view prefix, Uuid owner, Uuid id, Entropy& entropy) {
    std::string bytes;
    append_uuid(bytes, owner);
    append_uuid(bytes, id);
    bytes += random_key(entropy).bytes();
    auto token = std::string(prefix) + base64url(bytes);
    wipe(bytes.data(), bytes.size());
    return token;
}

std::optional<NamedByToken> named_by(std::string_view prefix, std::string_view token) {
    if (!token.starts_with(prefix)) return std::nullopt;
    auto bytes = from_base64url(token.substr(prefix.size()));
    if (!bytes || bytes->size() != 16 + 16 + 32) return std::nullopt;
    ByteReader reader(*bytes);
    NamedByToken named;
    named.owner = take_uuid(reader);
    named.id = take_uuid(reader);
    return named;
}

}  // namespace muster
