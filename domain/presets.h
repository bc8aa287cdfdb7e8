#pragma once
// What a new workspace begins with, as data.

#include "domain/instant.h"
#include "domain/workspace.h"

#include <optional>
#include <string_view>

namespace muster {

struct Preset {
    Settings settings;
    Plan plan;
    std::vector<Role> roles;
    std::vector<OwnPermission> permissions;
};

// nullopt where there is no preset of that name. `created_at` is when a trial begins.
std::optional<Preset> preset(std::string_view name, Instant created_at);

}  // namespace muster
