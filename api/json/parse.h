#pragma once
// A body's bytes as JSON, strictly: UTF-8 without lone surrogates, nothing behind the value, 32 levels at most.

#include "api/json/faults.h"

#include <nlohmann/json_fwd.hpp>

#include <expected>
#include <string_view>

namespace muster {

// The value, or why it is none: invalid_json. An empty body is `{}`. A key that stands twice in an object is a fault
// (duplicate_key) of a body that can still be read; its last value counts.
[[nodiscard]] std::expected<nlohmann::json, Refusal> parse_json(std::string_view body, Faults& faults);

}  // namespace muster
