#pragma once
// From what a step asks to the program's commands.

#include "tests/eventstore/fixture.h"
#include "tests/model/ask.h"

namespace muster::test {

Command command_of(World& world, WorkspaceId workspace, const Ask& ask);
BatchCommand batch_of(World& world, WorkspaceId workspace, const Ask& ask);

}  // namespace muster::test
