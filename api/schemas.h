#pragma once
// Schemas of answers that are not described structs themselves: views that join names and figures.

#include <nlohmann/json_fwd.hpp>

namespace muster {

nlohmann::json answer_schemas();

}  // namespace muster
