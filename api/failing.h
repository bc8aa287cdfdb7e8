#pragma once
// Damage that is met behind the handler's back: on a thread that an answer was handed on to.

#include "api/service.h"

#include <functional>
#include <memory>

namespace muster {

// What callers are told of what failed here, which is no business of theirs: the server's log says what it was.
Refusal failed_here();

// Does the work, which answers the call, on this thread. What it throws before it has answered is the caller's 500, and
// is reported: else nobody would answer.
void or_fail(const std::shared_ptr<Call>& call, const std::function<void()>& work);

}  // namespace muster
