#pragma once
// What the routes of imports share: their thread, their refusals, and an answer that is kept.

#include "api/imports/import.h"
#include "api/keeping.h"
#include "api/service.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

Refusal no_such_import();
Refusal is_sent();

// The import that the path names.
std::optional<Import> import_of(const Call& call);

// Keeps the answer where there is an idempotency key, and answers. `body` is an object without its last brace; `parts`
// are what is kept of it.
void answer(const Call& call, Keeping& keeping, int status, std::string body, std::vector<AnswerPart> parts);

}  // namespace muster
