#pragma once
// Answers that are kept under idempotency keys for 7 days. A row tells which request it answered (an HMAC of route and
// body), and holds the answer sealed under a key made from one of that day, the server's (which rotates) and the
// idempotency key itself, which is not stored.
// Within it, what is personal is sealed again under the person's key, beside the same text with nulls: so an erased
// person is gone from kept answers too. Links, sessions and imports' rows are not kept at all; they are made again from
// what they name. What is shown once is not made again.

#include "domain/ids.h"
#include "eventstore/vault.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

// An answer's body is its parts in order.
struct AnswerPart {
    enum class Kind : std::uint8_t {
        plain = 0,
        personal = 1,
        link = 2,
        import = 3,
        session = 4,
        password_link = 5,
        once = 6
    };
    Kind kind = Kind::plain;
    std::string text;   // personal: with the person's data; link, import: empty
    std::string blank;  // personal: the same without
    Uuid id;            // personal: the person's key; link: the invitation; import: its id; others: the member
    // link: its generation; import: its preview's revision; password_link: for how many seconds it is good
    std::uint32_t number = 0;
};

struct KeptAnswer {
    std::uint16_t status = 200;
    Position position = 0;
    std::vector<AnswerPart> parts;
    std::optional<Version> etag = std::nullopt;  // of the thing that is answered with
};

struct IdempotencyKey {
    std::string scope;  // workspace and caller
    std::string key;
    std::string request;  // route and body: what must be the same again
};

// The key of the log's row.
std::string row_key(const IdempotencyKey& key);
std::string kept_row(Vault& vault, const IdempotencyKey& key, Instant now, const KeptAnswer& answer);

enum class NotRecalled : std::uint8_t { another_request, expired };
// Personal parts whose key is gone come back as their blank text.
std::expected<KeptAnswer, NotRecalled> recall(Vault& vault, const IdempotencyKey& key, std::string_view row);

}  // namespace muster
