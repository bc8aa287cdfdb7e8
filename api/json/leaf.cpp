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

bool not_there(Named named, const Place& place, Faults& faults) {
    auto field = place.field();
    if (place.in_query() || field == "key") return false;
    switch (named) {
        case Named::nothing:
            return false;
        case Named::role:
            faults.add(place, Code::unknown_role, "There is no such role here.");
            return true;
        case Named::license:
            if (field == "add_ons")
                faults.add(place, Code::unknown_add_on, "There is no such add-on in the plan.");
            else
                faults.add(place, Code::unknown_license, "There is no such licence in the plan.");
            return true;
        case Named::permission:
            faults.add(place, Code::unknown_permission, "There is no such permission here.");
            return true;
        case Named::resource:
            faults.add(place, Code::unknown_resource, "There is no such resource here.");
            return true;
        case Named::member:
            faults.add(place, Code::unknown_member, "There is no such member here.");
            return true;
    }
    return false;
}

}  // namespace muster::reading
