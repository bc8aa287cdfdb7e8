#pragma once
// `muster audit as-of` and `muster audit diff`: how a workspace stood, and what differs between two moments, read from
// the log itself: no view is asked.

#include "eventstore/store.h"
#include "tools/control.h"

namespace CLI {
class App;
}

namespace muster::tools {

// The whole answer, line by line: people in the order of their ids. Memory is 16 bytes for each person that there ever
// was. What the request names and there is not is status `failed`, what can't be read `usage`, with a sentence.
Answered as_of(const Store& store, const Request& request, const OnLine& line, const OnProgress& progress);
Answered diff(const Store& store, const Request& request, const OnLine& line);

// Adds both to `muster audit`.
void add_as_of(CLI::App& audit, int& result);

}  // namespace muster::tools
