#include "api/json/leaf.h"

#include <algorithm>

namespace muster::reading {

std::string one_of(std::span<const std::string_view> names) {
    std::string text;
    for (auto name : names) text.append(text.empty() ? "One of: " : ", ").append(name);
    return text + ".";
}

std::optional<std::size_t> choice(std::string_view text, std::span<const std::string_view> names, const Place& place,
                                  Faults& faults) {
    auto found = std::ranges::find(names, text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    faults.add(place, Code::invalid_value, one_of(names));
    return std::nullopt;
}

bool instant(std::string_view text, Instant& into, const Place& place, Faults& faults) {
    // What an offset may push out of the years that RFC 3339 can write.
    static constexpr Instant first{-62'135'596'800'000}, last{253'402'300'799'999};
    auto parsed = Instant::parse(text);
    if (parsed && *parsed >= first && *parsed <= last) {
        into = *parsed;
        return true;
    }
    bool local = Instant::parse(std::string(text) + "Z").has_value();
    faults.add(place, Code::invalid_value,
               local ? "A local time is not taken: add `Z` or an offset, like 2026-11-22T15:43:00Z."
                     : "A time is needed as in RFC 3339, like 2026-11-22T15:43:00Z.");
    return false;
}

bool not_an_id(std::string_view prefix, const Place& place, Faults& faults) {
    faults.add(place, Code::invalid_value, "An id is needed: `" + std::string(prefix) + "` and 26 digits and letters.");
    return false;
}

}  // namespace muster::reading
