#pragma once
// Times as positions: the log's times never fall, so each time is a place in it.

#include "eventstore/log.h"

namespace muster {

// The last event before that time; 0 where there is none.
Position last_before(const Log& log, Instant at);

}  // namespace muster
