#pragma once
// Schemas of answers that are not described structs themselves: views that join names and figures; and of events.

#include <nlohmann/json_fwd.hpp>

namespace muster {

nlohmann::json answer_schemas();
// `Event`, and the data of each type of event under its name: `muster.member_invited`, described by its sentence.
nlohmann::json event_schemas();

}  // namespace muster
