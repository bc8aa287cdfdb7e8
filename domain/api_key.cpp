#include "domain/api_key.h"

#include "domain/event.h"
#include "domain/seats.h"

namespace muster {

void evolve(Workspace& workspace, const ApiKeyCreated& event, const Meta& meta) {
    workspace.api_keys[event.api_key.id] = {event.api_key, meta.actor, meta.at, meta.position};
}

void evolve(Workspace& workspace, const ApiKeyRevoked& event, const Meta&) {
    workspace.api_keys.erase(event.api_key.id);
    auto& revoked = workspace.revoked_keys;
    revoked.insert_or_assign(event.api_key.id, event.api_key.name);
    if (revoked.size() > limits::revoked_keys_named) revoked.erase(revoked.begin());  // ids sort by their making
}

Decided decide(const Workspace& workspace, const CreateApiKey& command, const Context& context) {
    std::vector<Fault> faults = unknown_permissions(workspace, command.permissions);
    if (command.permissions.empty())
        faults.push_back({"/permissions", Code::required, "Name at least one permission that the key is for.", {}});
    if (command.expires_at && *command.expires_at <= context.now)
        faults.push_back({"/expires_at", Code::invalid_value, "This time has passed; name a later one.", {}});
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    ApiKey key{ApiKeyId{context.fresh},
               command.name,
               {command.permissions.begin(), command.permissions.end()},
               command.expires_at};
    PermissionSet asked;
    for (const auto& each : key.permissions) asked.keys.insert(each.value);
    if (!asked.within(context.actor_permissions))
        return refused(Code::role_above_own, "The key would hold permissions that you do not have.");
    if (workspace.api_keys.size() >= limits::api_keys_per_workspace)
        return limit_reached("API keys", limits::api_keys_per_workspace);
    return Decision{{{stream_of(workspace.id), ApiKeyCreated{key}}}, {}, Instant::never()};
}

Decided decide(const Workspace& workspace, const ApiKeyId& id, const RevokeApiKey&, const Context& context) {
    auto found = workspace.api_keys.find(id);
    if (found == workspace.api_keys.end()) return refused(Code::not_found, "There is no such API key here.");
    if (context.if_match) return version_mismatch();  // nobody is shown a version of it
    return Decision{{{stream_of(workspace.id), ApiKeyRevoked{found->second.value}}}, {}, Instant::never()};
}

PermissionSet permissions_of(const HeldApiKey& key, const PermissionSet& maker, Instant now) {
    PermissionSet set;
    if (key.ended(now)) return set;
    for (const auto& each : key.value.permissions)
        if (maker.has(each.value)) set.keys.insert(each.value);
    return set;
}

}  // namespace muster
