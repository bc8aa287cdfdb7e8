#pragma once
// What the vault holds of webhooks, as bytes:
//
//   1 ‖ workspace (16) ‖ webhook (16) ‖ secret's id (16)      → the secret (32)
//   2 ‖ workspace ‖ webhook                                   → done u64 ‖ trial ‖ position u64 of each retry asked for
//   3 ‖ workspace ‖ webhook ‖ position u64 ‖ event's id (16)  → taken u8 ‖ trial
//   trial := position u64 ‖ event's id (16) ‖ attempts u32 ‖ first, last, due u64 (ms) ‖ status u32 ‖ size u32 ‖ detail
//   (integers big-endian)

#include "api/webhooks/endpoints.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace muster::webhooks {

constexpr std::uint8_t secret_rows = 1, endpoint_rows = 2, over_rows = 3;

// Keys, or what the keys of a kind begin with.
std::string prefix(std::uint8_t kind, const WebhookKey& key);
std::string secret_row(const WebhookKey& key, const Uuid& id);
std::string over_row(const WebhookKey& key, const Trial& trial);
WebhookKey key_in(std::string_view row);

std::string bytes_of(const Over& over);
Over over_in(std::string_view row);
std::string bytes_of(const Endpoint& endpoint);
Endpoint read_endpoint(const WebhookKey& key, std::string_view row);

}  // namespace muster::webhooks
