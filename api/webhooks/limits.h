#pragma once
// Every limit of sending to webhooks, once. Those of what a workspace has are the domain's (domain/limits.h).

#include "domain/limits.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace muster::limits {

// How long a delivery is tried from its first attempt on. Between two attempts the pause doubles.
inline constexpr std::int64_t webhook_tried_seconds = std::int64_t{3} * 86'400;
inline constexpr std::int64_t webhook_pause_seconds_first = 5;
inline constexpr std::int64_t webhook_pause_seconds_most = std::int64_t{4} * 3600;

// Of one attempt.
inline constexpr std::chrono::milliseconds webhook_connect_most{5'000};
inline constexpr std::chrono::milliseconds webhook_attempt_most{15'000};  // with connecting, without the name's look-up
inline constexpr std::size_t webhook_answer_bytes = std::size_t{64} << 10;  // of head and body each
inline constexpr std::size_t webhook_addresses_most = 32;                   // of one name

// Threads that deliver. A workspace has a share of them, as many as it has webhooks. Of all, as of the share, only a
// part is for targets that may hang (they took nothing the last time, or only after as long as a turn may last), and
// another for those that nothing was sent to since the start. So whoever has answered waits for nobody who does not;
// only where more answer one time and hang the next than there are senders left, it waits once for an attempt's time.
inline constexpr std::size_t webhook_senders = 128;
inline constexpr std::size_t webhook_senders_for_hanging = 32;
inline constexpr std::size_t webhook_senders_for_new = 64;
inline constexpr std::size_t webhook_senders_of_workspace = webhooks_per_workspace;
inline constexpr std::size_t webhook_senders_of_workspace_for_hanging = 10;
// More, up to its share, while fewer than so many of all are for new ones: then none of its own waits for another.
inline constexpr std::size_t webhook_senders_of_workspace_for_new = 6;
inline constexpr std::size_t webhook_senders_for_new_unshared = 32;
// One target's turn is over, and the next target's comes, after so many deliveries, or once it has lasted so long: the
// attempt that is under way then ends it.
inline constexpr std::size_t webhook_turn = 32;
inline constexpr std::chrono::milliseconds webhook_turn_most{2'000};
inline constexpr std::size_t webhook_events_at_once = 256;
// For what a webhook wants, at once: it may want one type of event among many.
inline constexpr std::size_t webhook_events_looked_through = 10'000;

// Of each webhook: deliveries that are over, the newest; those shown that wait; retries asked for that wait.
inline constexpr std::size_t webhook_deliveries_kept = 1'000;
inline constexpr std::size_t webhook_deliveries_waiting_shown = 1'000;
inline constexpr std::size_t webhook_retries_waiting = 100;

// Tests have threads of their own; of these, and of the places to wait for one, a workspace has a share.
inline constexpr std::size_t webhook_testers = 4;
inline constexpr std::size_t webhook_testers_of_workspace = 2;
inline constexpr std::size_t webhook_tests_waiting = 16;
inline constexpr std::size_t webhook_tests_waiting_of_workspace = 4;

// For figures: how far behind each webhook is, is counted up to here.
inline constexpr std::size_t webhook_behind_counted = 1'000;

}  // namespace muster::limits
