// What a command is decided on.
#include "domain/person_behind.h"
#include "eventstore/execute.h"

#include <algorithm>
#include <utility>

namespace muster {

Instant Execute::now() const { return std::max(clock_.now(), log_.head_row().at); }

EmailClaim Execute::claim_of(WorkspaceId workspace, const EmailAddress& address) {
    return {std::string(view(hmac_sha256(vault_.claim_key(workspace), address.canonical())))};
}

PermissionSet Execute::permissions_of(const Workspace& workspace, const Actor& actor) {
    PermissionSet all;
    all.everything = true;
    switch (actor.kind) {
        case ActorKind::system:
        case ActorKind::operator_:
            return all;
        case ActorKind::member: {
            auto member = directory_.membership(workspace.id, MemberId{actor.id});
            return member->phase == Phase::active ? effective_permissions(workspace, member->assignment)
                                                  : PermissionSet{};
        }
        case ActorKind::api_key: {
            auto key = workspace.api_keys.find(ApiKeyId{actor.id});
            if (key == workspace.api_keys.end() || !directory_.key_is_alive(workspace, actor)) return {};
            return muster::permissions_of(key->second, permissions_of(workspace, key->second.made_by), now());
        }
        case ActorKind::invitee:
        case ActorKind::visitor:
            return {};
    }
    return {};
}

Context Execute::context(const Workspace& workspace, const Actor& actor, const std::optional<EmailClaim>& claim,
                         Draft& draft, const std::vector<ResourceId>& resources) {
    Context context;
    context.now = draft.now();  // one time: the append's limits are those that the decision looks at
    context.actor = actor;
    context.unicode = &unicode_;
    if (auto person = person_behind(workspace, actor); person.kind == ActorKind::member) {
        MemberId id{person.id};
        draft.looked_at(stream_of(id), directory_.membership(workspace.id, id)->version);
    }
    // After the look, so that permissions which are newer than it fail in the writer.
    context.actor_permissions = permissions_of(workspace, actor);
    if (claim) {
        context.email_claim = *claim;
        if (auto holder = directory_.holder(workspace.id, context.email_claim)) draft.know(holder);
        context.holder = draft.holder(context.email_claim);
    }
    for (const auto& id : resources) {
        auto resource = directory_.resource(workspace.id, id);
        if (!resource->exists()) continue;
        draft.know(resource);
        context.resources[id] = draft.after_resource(id).get();  // the draft keeps it alive
    }
    context.counters = *log_.counters(workspace.id);
    return context;
}

std::optional<EmailClaim> Execute::claim_of(const Command& command, const Loaded& loaded) {
    if (command.address) return claim_of(command.workspace, *command.address);
    if (loaded.request && loaded.request->exists()) return EmailClaim{loaded.request->email_claim};
    if (command.whole_person && loaded.membership && loaded.membership->exists())
        return EmailClaim{loaded.membership->email_claim};
    return std::nullopt;
}

Loaded Execute::load(const Command& command, Draft& draft) {
    Loaded loaded;
    auto know_membership = [&](MemberId id) {
        loaded.membership = directory_.membership(command.workspace, id);
        draft.know(loaded.membership);
    };
    switch (command.target.kind) {
        case StreamKind::membership:
            know_membership({command.target.id});
            break;
        case StreamKind::resource:
            loaded.resource = directory_.resource(command.workspace, ResourceId{command.target.id});
            draft.know(loaded.resource);
            break;
        case StreamKind::request: {
            loaded.request = directory_.request(command.workspace, RequestId{command.target.id});
            draft.know(loaded.request);
            auto made = loaded.request->invitation;
            know_membership({made ? made->uuid : command.fresh});
            break;
        }
        case StreamKind::workspace:
        case StreamKind::person:
        case StreamKind::sign_in:
        case StreamKind::recovery:
        case StreamKind::store:
        case StreamKind::mail:
            break;
    }
    return loaded;
}

}  // namespace muster
