#pragma once
// Which threads wait where processors are short. Each says so of itself, once, as it begins; those that say nothing
// (read models) are as whoever makes them. Where it is not allowed, all are equals.

#include <cstdint>

namespace muster {

enum class Niceness : std::uint8_t {  // as nice(2) counts
    awaited = 10,                     // somebody waits, not for one thing alone: batches, imports, passwords, exports
    rows = 10,                        // RocksDB's flushes and compactions, which the log waits for if they fall behind
    unawaited = 19,                   // nobody waits: mails, webhooks, rebuilding
};

// Threads that answer HTTP, and the log's: in short turns, so that Linux gives them the processor as they are woken,
// before whoever has a longer one (EEVDF since Linux 6.12; sched_setattr(2)).
void come_first();

// In turns as long as Linux gives them.
void come_behind(Niceness niceness);

}  // namespace muster
