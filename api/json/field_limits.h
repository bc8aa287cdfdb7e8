#pragma once
// What numbers and lists hold, by the name of their field: a name means the same in every body. Reading and deciding
// refuse what is beyond, by the same constants; the schema states it.

#include "api/json/limits.h"
#include "api/sheets/sheet.h"
#include "domain/limits.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

namespace muster {

struct FieldLimits {
    std::string_view field;
    std::int64_t least;  // a list may always be empty
    std::int64_t most;   // of a list: elements
};

inline constexpr std::int64_t without_end = std::numeric_limits<std::int64_t>::max();

inline constexpr std::array field_limits{
    // Numbers.
    FieldLimits{"after", 0, without_end},
    FieldLimits{"invitation_ttl", limits::ttl_seconds_min, limits::ttl_seconds_max},
    FieldLimits{"limit", 1, limits::page_most},
    FieldLimits{"max_teams_per_member", 1, limits::teams_per_person},
    FieldLimits{"overlap_seconds", 0, limits::webhook_overlap_seconds_max},
    FieldLimits{"password_min_length", limits::password_length_min, limits::password_length_max},
    FieldLimits{"resend_limit_per_day", 0, limits::resends_per_day_max},
    FieldLimits{"seats", 0, limits::seats},
    FieldLimits{"ttl", limits::ttl_seconds_min, limits::ttl_seconds_max},
    FieldLimits{"user_limit", 0, limits::seats},
    // Lists; any other one of a body holds `json_array_elements`.
    FieldLimits{"allowed_email_domains", 0, limits::email_domains_per_workspace},
    FieldLimits{"invitations", 0, limits::batch_rows},
    FieldLimits{"licenses", 0, limits::licenses_per_workspace},
    FieldLimits{"resources", 0, limits::resources_per_person},
    FieldLimits{"rows", 0, limits::sheet_rows},
    FieldLimits{"teams", 0, limits::teams_per_person},
};

// nullptr where the field has none of its own.
constexpr const FieldLimits* limits_of(std::string_view field) {
    const auto* found = std::ranges::find(field_limits, field, &FieldLimits::field);
    return found == field_limits.end() ? nullptr : found;
}

}  // namespace muster
