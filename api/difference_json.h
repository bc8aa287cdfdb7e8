#pragma once
// A difference as the API and `muster audit diff --format json` tell it.

#include "domain/refusal.h"
#include "projections/difference.h"

#include <optional>
#include <string>

namespace muster {

namespace limits {
inline constexpr std::size_t diff_events = 100'000;
}

// `{from, to, events, people, roles, permissions, teams, resources, workspace, settings, plan, seats}`; nullopt where
// more than `limits::diff_events` lie in between, or that many people differ by what was removed.
std::optional<std::string> difference_json(const Log& log, const History& history, WorkspaceId workspace, Moment from,
                                           Moment to);

Refusal range_too_large();

}  // namespace muster
