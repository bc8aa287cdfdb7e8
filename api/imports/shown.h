#pragma once
// How an import looks in an answer.

#include "api/imports/import.h"
#include "eventstore/history.h"

#include <optional>
#include <string>
#include <vector>

namespace muster {

// The object without its last brace. `rows`: with them, where there are any to show. `made` false: a dry run made no
// import, so its id is null. Who was sent stands in the log alone, so an erased person is gone from here too.
std::string shown(const Import& import, const std::vector<ImportRow>* rows, const History& history, bool made = true);

// Its rows as they stand there: `,"rows":[…]`.
std::string shown_rows(const Import& import, const std::vector<ImportRow>& rows, const History& history);

}  // namespace muster
