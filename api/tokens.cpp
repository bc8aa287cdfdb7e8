#include "api/tokens.h"

#include "eventstore/bytes.h"
#include "eventstore/directory.h"
#include "eventstore/frame.h"

namespace muster {
namespace {

constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view link_prefix = "mbi_";
constexpr std::string_view password_prefix = "mbr_";

std::string mac(const SecretKey& key, std::string purpose, WorkspaceId workspace, std::string_view named) {
    append_uuid(purpose, workspace.uuid);
    return std::string(view(hmac_sha256(key, purpose.append(named))));
}

std::string link_mac(const SecretKey& key, WorkspaceId workspace, std::string_view named) {
    return mac(key, "invitation link", workspace, named);
}

std::string password_mac(const SecretKey& key, WorkspaceId workspace, std::string_view named) {
    return mac(key, "password link", workspace, named);
}

}  // namespace

std::string base64url(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() * 4 + 2) / 3);
    std::uint32_t bits = 0;
    int count = 0;
    for (char c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (count += 8; count >= 6; count -= 6) text += digits[bits >> (count - 6) & 63];
    }
    if (count > 0) text += digits[bits << (6 - count) & 63];
    return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (char c : text) {
        auto digit = digits.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes += static_cast<char>(bits >> count & 0xff);
    }
    if (base64url(bytes) != text) return std::nullopt;  // one text per bytes: no stray bits at the end
    return bytes;
}

std::string link_token(Vault& vault, const LinkToken& token) {
    auto key = vault.current(Purpose::link);
    std::string named;
    append_uuid(named, token.invitation.uuid);
    append_u32(named, key.id);
    append_u32(named, token.generation);
    return std::string(link_prefix) + base64url(named + link_mac(key.key, token.workspace, named));
}

std::optional<LinkToken> read_link_token(Vault& vault, Directory& members, std::string_view text) {
    if (!text.starts_with(link_prefix)) return std::nullopt;
    auto bytes = from_base64url(text.substr(link_prefix.size()));
    if (!bytes || bytes->size() != 16 + 4 + 4 + 32) return std::nullopt;
    ByteReader reader(*bytes);
    LinkToken token;
    token.invitation.uuid = take_uuid(reader);
    token.workspace = members.membership_anywhere(MemberId{token.invitation.uuid})->workspace;
    auto key = vault.of(Purpose::link, reader.take<std::uint32_t>());
    token.generation = reader.take<std::uint32_t>();
    auto named = std::string_view(*bytes).substr(0, 24);
    // A key that never was is compared with too, so that a guess takes the same time.
    bool same = equal_in_constant_time(reader.rest(), link_mac(key.value_or(SecretKey()), token.workspace, named));
    if (!key || !same) return std::nullopt;
    return token;
}

std::string password_token(Vault& vault, const PasswordLink& link) {
    auto key = vault.current(Purpose::link);
    std::string named;
    append_uuid(named, link.member.uuid);
    append_uuid(named, link.credential);
    append_u64(named, static_cast<std::uint64_t>(link.ends.ms));
    append_u32(named, key.id);
    return std::string(password_prefix) + base64url(named + password_mac(key.key, link.workspace, named));
}

std::optional<PasswordLink> read_password_token(Vault& vault, Directory& members, std::string_view text) {
    if (!text.starts_with(password_prefix)) return std::nullopt;
    auto bytes = from_base64url(text.substr(password_prefix.size()));
    constexpr std::size_t named_bytes = 16 + 16 + 8 + 4;
    if (!bytes || bytes->size() != named_bytes + 32) return std::nullopt;
    ByteReader reader(*bytes);
    PasswordLink link;
    link.member.uuid = take_uuid(reader);
    link.workspace = members.membership_anywhere(link.member)->workspace;
    link.credential = take_uuid(reader);
    link.ends.ms = static_cast<std::int64_t>(reader.take<std::uint64_t>());
    auto key = vault.of(Purpose::link, reader.take<std::uint32_t>());
    auto named = std::string_view(*bytes).substr(0, named_bytes);
    bool same = equal_in_constant_time(reader.rest(), password_mac(key.value_or(SecretKey()), link.workspace, named));
    if (!key || !same) return std::nullopt;
    return link;
}

std::string cursor(Vault& vault, std::string_view place, std::string_view bound_to) {
    auto key = vault.current(Purpose::cursor);
    std::string bytes;
    append_u32(bytes, key.id);
    return base64url(bytes + seal(key.key, place, bound_to));
}

std::optional<std::string> read_cursor(Vault& vault, std::string_view text, std::string_view bound_to) {
    auto bytes = from_base64url(text);
    if (!bytes || bytes->size() < sizeof(std::uint32_t)) return std::nullopt;
    ByteReader reader(*bytes);
    auto key = vault.of(Purpose::cursor, reader.take<std::uint32_t>());
    return key ? unseal(*key, reader.rest(), bound_to) : std::nullopt;
}

}  // namespace muster
