#pragma once
// API keys as the vault has them: the hash of each key's secret, and when it was last used. Which keys there are, and
// what they may do, is the workspace's (domain/api_key.h). Safe for use by any number of threads.
//
//   token   mbk_ ‖ base64url( workspace (16) ‖ key (16) ‖ 256 random bits )
//   workspace (16) ‖ key (16) → last used u64 (0: never) ‖ SHA-256 of the token (32)

#include "api/service.h"
#include "eventstore/sealed_rows.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

namespace limits {
inline constexpr std::int64_t api_key_touch_seconds = 60;  // how exact `last_used_at` is
}

class ApiKeys {
public:
    ApiKeys(Vault& vault, Entropy& entropy) : rows_(vault.api_keys()), entropy_(entropy) {}

    // Stores a secret, synced, before the event that makes the key; the token, shown once.
    std::string keep(WorkspaceId workspace, ApiKeyId id);
    void drop(WorkspaceId workspace, ApiKeyId id);
    [[nodiscard]] std::optional<Instant> last_used(WorkspaceId workspace, ApiKeyId id) const;
    std::optional<Caller> caller(Service& service, std::string_view token);

private:
    SealedRows rows_;
    Entropy& entropy_;
};

void create_api_key(std::shared_ptr<Call> call);
void api_keys(std::shared_ptr<Call> call);

}  // namespace muster
