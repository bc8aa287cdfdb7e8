#pragma once
// Standard Webhooks (standardwebhooks.com, v1 symmetric): how a receiver knows that a request is Muster's and not an
// old one. Pure functions.
//
//   secret     `whsec_` ‖ base64 of 32 bytes
//   headers    webhook-id, webhook-timestamp (seconds since 1970), webhook-signature
//   signature  `v1,` ‖ base64( HMAC-SHA-256 under the secret's bytes of: id `.` timestamp `.` body )
//              several, with a space between, while two secrets are good

#include "eventstore/crypto.h"

#include <string>
#include <string_view>
#include <vector>

namespace muster::webhooks {

std::string secret_text(const SecretKey& secret);

// The three headers, a line each.
std::vector<std::string> signed_headers(const std::vector<SecretKey>& secrets, std::string_view id, Instant now,
                                        std::string_view body);

}  // namespace muster::webhooks
