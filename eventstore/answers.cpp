#include "eventstore/answers.h"

#include "eventstore/bytes.h"
#include "eventstore/frame.h"

namespace muster {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

std::int64_t day_of(Instant now) { return now.ms / day_ms; }

void append_text(std::string& bytes, std::string_view text) {
    append_u32(bytes, static_cast<std::uint32_t>(text.size()));
    bytes += text;
}

std::string take_text(ByteReader& reader) { return std::string(reader.take(reader.take<std::uint32_t>())); }

// Of the day, whose key goes with it, and of the server, whose key an operator changes.
SecretKey key_of(const SecretKey& day, const SecretKey& server) {
    return SecretKey(view(hmac_sha256(day, server.bytes())));
}

// Without the idempotency key itself nobody opens the row, not even with the whole vault.
SecretKey sealing_key(const SecretKey& server, const IdempotencyKey& key) {
    return SecretKey(view(hmac_sha256(server, "answer" + key.scope + '\0' + key.key)));
}

Digest fingerprint(const SecretKey& server, const IdempotencyKey& key) {
    return hmac_sha256(server, "request" + key.key + '\0' + key.request);
}

}  // namespace

std::string row_key(const IdempotencyKey& key) { return key.scope + std::string(view(sha256(key.key))); }

// row := day u64 ‖ id of the server's key u32 ‖ HMAC of the request (32) ‖ sealed( status u16 ‖ position u64 ‖
// etag u64 (0: none) ‖ count u32 ‖ parts )
std::string kept_row(Vault& vault, const IdempotencyKey& key, Instant now, const KeptAnswer& answer) {
    auto day = day_of(now);
    auto server_key = vault.current(Purpose::idempotency);
    auto sealed_by = key_of(vault.day_key(day), server_key.key);
    std::string plain;
    append_u16(plain, answer.status);
    append_u64(plain, answer.position);
    append_u64(plain, answer.etag.value_or(0));
    append_u32(plain, static_cast<std::uint32_t>(answer.parts.size()));
    for (const auto& part : answer.parts) {
        append_u8(plain, static_cast<std::uint8_t>(part.kind));
        append_uuid(plain, part.id);
        append_u32(plain, part.number);
        auto person = part.kind == AnswerPart::Kind::personal ? vault.person_key(part.id) : std::nullopt;
        append_text(plain, person                                 ? seal(*person, part.text, key.scope)
                           : part.kind == AnswerPart::Kind::plain ? part.text
                                                                  : "");
        append_text(plain, part.blank);
    }
    std::string row;
    append_u64(row, static_cast<std::uint64_t>(day));
    append_u32(row, server_key.id);
    row += view(fingerprint(sealed_by, key));
    row += seal(sealing_key(sealed_by, key), plain, view(fingerprint(sealed_by, key)));
    return row;
}

std::expected<KeptAnswer, NotRecalled> recall(Vault& vault, const IdempotencyKey& key, std::string_view row) try {
    ByteReader outer(row);
    auto day_key = vault.existing_day_key(static_cast<std::int64_t>(outer.take<std::uint64_t>()));
    auto server_key = vault.of(Purpose::idempotency, outer.take<std::uint32_t>());
    if (!day_key || !server_key) return std::unexpected(NotRecalled::expired);
    auto sealed_by = key_of(*day_key, *server_key);
    auto request = outer.take(32);
    if (!equal_in_constant_time(request, view(fingerprint(sealed_by, key))))
        return std::unexpected(NotRecalled::another_request);
    auto plain = unseal(sealing_key(sealed_by, key), outer.rest(), request);
    if (!plain) throw DamageError("a kept answer does not open under its keys: it was altered");
    ByteReader reader(*plain);
    KeptAnswer answer;
    answer.status = reader.take<std::uint16_t>();
    answer.position = reader.take<std::uint64_t>();
    if (auto etag = reader.take<std::uint64_t>()) answer.etag = etag;
    for (auto count = reader.take<std::uint32_t>(); count > 0; --count) {
        AnswerPart part;
        part.kind = static_cast<AnswerPart::Kind>(reader.take<std::uint8_t>());
        part.id = take_uuid(reader);
        part.number = reader.take<std::uint32_t>();
        part.text = take_text(reader);
        part.blank = take_text(reader);
        if (part.kind == AnswerPart::Kind::personal) {
            auto person = vault.person_key(part.id);
            auto text = person ? unseal(*person, part.text, key.scope) : std::nullopt;
            part.text = text ? *text : part.blank;
        }
        answer.parts.push_back(std::move(part));
    }
    reader.expect_end();
    return answer;
} catch (const DecodeError& error) {
    throw DamageError(std::string("a kept answer: ") + error.what());
}

}  // namespace muster
