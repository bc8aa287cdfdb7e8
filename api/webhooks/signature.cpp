#include "api/webhooks/signature.h"

#include "api/mail/encoding.h"

namespace muster::webhooks {

std::string secret_text(const SecretKey& secret) { return "whsec_" + mail::base64(secret.bytes()); }

std::vector<std::string> signed_headers(const std::vector<SecretKey>& secrets, std::string_view id, Instant now,
                                        std::string_view body) {
    auto timestamp = std::to_string(now.ms / 1000);
    std::string message(id);
    message.append(".").append(timestamp).append(".").append(body);
    std::string signatures;
    for (const auto& each : secrets)
        signatures += (signatures.empty() ? "v1," : " v1,") + mail::base64(view(hmac_sha256(each, message)));
    return {"webhook-id: " + std::string(id), "webhook-timestamp: " + timestamp, "webhook-signature: " + signatures};
}

}  // namespace muster::webhooks
