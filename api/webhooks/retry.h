#pragma once
// When a delivery that was not taken is tried again. A pure function.

#include "domain/instant.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace muster::webhooks {

// After so many attempts, the first of which was at that time: the pause doubles with each, up to a bound, and lies by
// chance between its half and its whole; it is no shorter than the target asks for (Retry-After), up to the same bound.
// nullopt where it is given up. `chance`: any number.
std::optional<Instant> next_attempt(Instant first, Instant now, std::uint32_t attempts, std::uint64_t chance,
                                    std::chrono::seconds asked = {});

}  // namespace muster::webhooks
