#pragma once
// What is left of somebody who was erased: how many events, of which types and where, that the key of their data is
// destroyed and listed, and that nothing of theirs opens or lies anywhere else. Every event of the workspace that was
// sealed under their key is looked at: earlier invitations and requests of the address too.

#include "eventstore/store.h"
#include "tools/control.h"

namespace muster::tools {

// Status `well` where nothing readable is left, else `failed`.
Answered erasure_proof(const Store& store, const Request& request, const OnLine& line, const OnProgress& progress = {});

}  // namespace muster::tools
