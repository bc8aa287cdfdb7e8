#pragma once
// When a mail that was not taken is tried again. A pure function.

#include "domain/instant.h"

#include <cstdint>
#include <optional>

namespace muster::mail {

// After so many attempts on the mail of an event of that time: the pause doubles with each, up to a bound, and lies by
// chance between its half and its whole, so that mails which failed together do not come back together. nullopt where
// it is given up. `chance`: any number.
std::optional<Instant> next_attempt(Instant caused_at, Instant now, std::uint32_t attempts, std::uint64_t chance);

}  // namespace muster::mail
