#pragma once
// Whether a change of what a person holds fits: seats of every pool that it takes from, and the last active admin.

#include "domain/decision.h"
#include "domain/workspace.h"

#include <optional>

namespace muster {

// Counters that a change of holdings moves, and by how much; unchanged ones are left out.
std::map<Counter, std::int64_t> difference(const Holdings& before, const Holdings& after);

// no_seats_remaining or last_admin where the change does not fit; nothing where it does [S0-33, S3-2].
std::optional<Refusal> misfit(const Workspace&, const Holdings& before, const Holdings& after, const Context&);

// The first moment that may change what `misfit` says: the end of a running trial.
Instant fits_until(const Workspace&, Instant now);

// Whether a counter is of seats: `users` or a licence.
bool is_pool(const Counter& counter);
// How a pool is named outside: `users` or a licence's key; and as people read it.
std::string pool_of(const Counter& counter);
std::string pool_name(const Workspace&, const Counter& counter);

Refusal no_seats(const Workspace&, const Counter&, std::int64_t used, std::int64_t limit);
Refusal seats_in_use(const Workspace&, const Counter&, std::int64_t used, std::int64_t limit);
std::unexpected<Refusal> limit_reached(const std::string& what, std::size_t limit);

}  // namespace muster
