#include "api/mail/retry.h"

#include "api/mail/limits.h"

#include <algorithm>

namespace muster::mail {

std::optional<Instant> next_attempt(Instant caused_at, Instant now, std::uint32_t attempts, std::uint64_t chance) {
    if (attempts >= limits::mail_attempts_most) return std::nullopt;
    auto pause_ms = limits::mail_pause_seconds_first * 1000;
    for (std::uint32_t i = 1; i < attempts && pause_ms < limits::mail_pause_seconds_most * 1000; ++i) pause_ms *= 2;
    pause_ms = std::min(pause_ms, limits::mail_pause_seconds_most * 1000);
    auto half = static_cast<std::uint64_t>(pause_ms / 2);
    Instant next{now.ms + static_cast<std::int64_t>(half + chance % (half + 1))};
    if (next > caused_at.plus_seconds(limits::mail_tried_seconds)) return std::nullopt;
    return next;
}

}  // namespace muster::mail
