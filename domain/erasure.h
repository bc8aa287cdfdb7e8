#pragma once
// Erasing somebody who is no member: of whom only requests and dead invitations are left. Members are deleted.

#include "domain/membership.h"
#include "domain/workspace.h"

namespace muster {

struct ErasePerson {
    EmailAddress email;
};
MUSTER_DESCRIBE(ErasePerson, email);

Decided decide(const Workspace&, const ErasePerson&, const Context&);

}  // namespace muster
