#include "api/webhooks/retry.h"

#include "api/webhooks/limits.h"

#include <algorithm>

namespace muster::webhooks {

std::optional<Instant> next_attempt(Instant first, Instant now, std::uint32_t attempts, std::uint64_t chance,
                                    std::chrono::seconds asked) {
    constexpr auto most_ms = limits::webhook_pause_seconds_most * 1000;
    auto pause_ms = limits::webhook_pause_seconds_first * 1000;
    for (std::uint32_t i = 1; i < attempts && pause_ms < most_ms; ++i) pause_ms *= 2;
    pause_ms = std::min(pause_ms, most_ms);
    const auto half = static_cast<std::uint64_t>(pause_ms / 2);
    pause_ms = static_cast<std::int64_t>(half + chance % (half + 1));
    pause_ms = std::max(pause_ms, std::min<std::int64_t>(asked.count(), limits::webhook_pause_seconds_most) * 1000);
    const auto end = first.plus_seconds(limits::webhook_tried_seconds);
    if (now >= end) return std::nullopt;
    // The last attempt is at the very end.
    return std::min(Instant{now.ms + pause_ms}, end);
}

}  // namespace muster::webhooks
