#pragma once
// How the read models stand, and the proof that they are what the log makes of them.

#include "tools/control.h"

namespace muster::tools {

// On the server, as the request's format has it. Of `verify`, status `failed` where one differs.
Answered list_projections(System& system, const Request& request, const OnLine& line);
Answered verify_projections(System& system, const Request& request, const OnLine& line, const OnProgress& progress);

}  // namespace muster::tools
