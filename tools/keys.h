#pragma once
// The server's keys by purpose: another one from now on.

#include "tools/control.h"

namespace muster {
class Vault;
}

namespace muster::tools {

// Of the purpose that `request.purpose` names. Synced when it returns; what the key before it made stays good for
// limits::rotated_key_seconds.
Answered rotate_key(Vault& vault, const Request& request, const OnLine& line);

}  // namespace muster::tools
