#pragma once
// A moment in UTC, in milliseconds since 1970. The domain has no clock: moments are passed in.

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

struct Instant {
    std::int64_t ms = 0;
    auto operator<=>(const Instant&) const = default;
    [[nodiscard]] Instant plus_seconds(std::int64_t seconds) const { return {ms + seconds * 1000}; }
    // RFC 3339 in UTC with milliseconds: 2026-11-22T15:43:00.000Z.
    [[nodiscard]] std::string text() const;
    // RFC 3339 with `Z` or an offset; nullopt for a local time, an impossible date or anything else.
    static std::optional<Instant> parse(std::string_view text);
    // In the years 1 to 9999, which RFC 3339 can write.
    [[nodiscard]] bool in_calendar() const;
    static constexpr Instant never() { return {std::numeric_limits<std::int64_t>::max()}; }
};

}  // namespace muster
