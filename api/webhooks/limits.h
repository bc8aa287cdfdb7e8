#pragma once
// Every limit of sending to webhooks, once. Those of what a workspace has are the domain's (domain/limits.h).

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

// Threads; those with targets that took nothing the last time are fewer, so that targets which hang hold up nobody
// else's.
inline constexpr std::size_t webhook_senders = 16;
inline constexpr std::size_t webhook_senders_in_trouble = 8;
inline constexpr std::size_t webhook_turn = 32;  // deliveries to one target before the next target's turn
inline constexpr std::size_t webhook_events_at_once = 256;
// For what a webhook wants, at once: it may want one type of event among many.
inline constexpr std::size_t webhook_events_looked_through = 10'000;

// Of each webhook: deliveries that are over, the newest; those shown that wait; retries asked for that wait.
inline constexpr std::size_t webhook_deliveries_kept = 1'000;
inline constexpr std::size_t webhook_deliveries_waiting_shown = 1'000;
inline constexpr std::size_t webhook_retries_waiting = 100;

inline constexpr std::size_t webhook_tests_waiting = 16;  // of all

// For figures: how far behind each webhook is, is counted up to here.
inline constexpr std::size_t webhook_behind_counted = 1'000;

}  // namespace muster::limits
