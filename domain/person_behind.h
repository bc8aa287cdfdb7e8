#pragma once
// On whom an actor's permissions rest: on themselves, or, of an API key, on whoever made it, or made the key that did.

#include "domain/membership.h"
#include "domain/workspace.h"

namespace muster {

inline Actor person_behind(const Workspace& workspace, Actor actor) {
    while (actor.kind == ActorKind::api_key) {
        auto key = workspace.api_keys.find(ApiKeyId{actor.id});
        if (key == workspace.api_keys.end()) break;
        actor = key->second.made_by;
    }
    return actor;
}

// Whether keys that the person behind an API key made are good now: nobody's key outlives their deactivation, nor does
// one that such a key made.
inline bool key_is_alive(const Workspace& workspace, Actor actor, const Membership& maker) {
    if (maker.phase != Phase::active) return false;
    while (actor.kind == ActorKind::api_key) {
        auto key = workspace.api_keys.find(ApiKeyId{actor.id});
        if (key == workspace.api_keys.end()) return false;
        if (key->second.created < maker.keys_end_position) return false;
        actor = key->second.made_by;
    }
    return true;
}

}  // namespace muster
