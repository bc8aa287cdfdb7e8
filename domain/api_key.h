#pragma once
// API keys: how machines call. A key is a part of its workspace, as a role is; its secret's hash is in the vault. What
// it may do is its list, as far as whoever made it may do that now. It dies with its maker's deactivation, for good:
// who is reactivated makes new ones (person_behind.h). One that the operator made depends on nobody.

#include "domain/decision.h"

#include <optional>
#include <set>
#include <vector>

namespace muster {

struct Workspace;

struct ApiKey {
    ApiKeyId id;
    Name name;
    std::set<PermissionKey> permissions;
    std::optional<Instant> expires_at;  // none: never
    bool operator==(const ApiKey&) const = default;
};
MUSTER_DESCRIBE(ApiKey, id, name, permissions, expires_at);

// As the workspace has it.
struct HeldApiKey {
    ApiKey value;
    Actor made_by;
    Instant created_at;
    Position created = 0;
    [[nodiscard]] bool ended(Instant now) const { return value.expires_at && now >= *value.expires_at; }
};

struct ApiKeyCreated {
    static constexpr std::string_view sentence = "{actor} created the API key {api_key.name}";
    ApiKey api_key;
};
struct ApiKeyRevoked {
    static constexpr std::string_view sentence = "{actor} revoked the API key {api_key.name}";
    ApiKey api_key;
};
MUSTER_DESCRIBE(ApiKeyCreated, api_key);
MUSTER_DESCRIBE(ApiKeyRevoked, api_key);

using ApiKeyEvents = boost::mp11::mp_list<ApiKeyCreated, ApiKeyRevoked>;

struct CreateApiKey {
    static constexpr std::string_view required[] = {"permissions"};
    Name name;
    std::vector<PermissionKey> permissions;
    std::optional<Instant> expires_at;
};
struct RevokeApiKey {};
MUSTER_DESCRIBE(CreateApiKey, name, permissions, expires_at);
MUSTER_DESCRIBE(RevokeApiKey);

void evolve(Workspace&, const ApiKeyCreated&, const Meta&);
void evolve(Workspace&, const ApiKeyRevoked&, const Meta&);

Decided decide(const Workspace&, const CreateApiKey&, const Context&);
Decided decide(const Workspace&, const ApiKeyId&, const RevokeApiKey&, const Context&);

// What the key may do, given what its maker may.
PermissionSet permissions_of(const HeldApiKey&, const PermissionSet& maker, Instant now);

}  // namespace muster
