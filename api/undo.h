#pragma once
// Undoing a batch or an import: revoking those of its invitations that nobody accepted yet.

#include "api/service.h"
#include "domain/describe.h"

#include <memory>

namespace muster {

struct UndoBatch {};
MUSTER_DESCRIBE(UndoBatch);

void undo_batch(std::shared_ptr<Call> call);

}  // namespace muster
