#pragma once
// When a workspace was deleted: what happened in it ends there for whoever follows it.

#include "eventstore/log.h"

#include <optional>

namespace muster {

// Of the event that deleted it; nullopt where none did.
std::optional<Meta> deletion_of(const Log& log, WorkspaceId workspace);

}  // namespace muster
