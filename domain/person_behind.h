#pragma once
// On whom an actor's permissions rest: on themselves, or, of an API key, on whoever made it, or made the key that did.

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

}  // namespace muster
