#pragma once
// Paths and queries as they stand in a request's target (RFC 3986).

#include "api/json/faults.h"
#include "api/json/query.h"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

// nullopt where an escape is malformed.
std::optional<std::string> percent_decoded(std::string_view text);
// `a=1&b=x%20y+z`; what is malformed is a fault.
Parameters read_parameters(std::string_view query, Faults& faults);
std::string percent_encoded(std::string_view text);

}  // namespace muster
