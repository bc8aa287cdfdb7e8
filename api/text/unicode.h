// Unicode by ICU: the one implementation of what the domain asks about text.
#pragma once

#include "domain/text.h"

namespace muster {

// Made at the first call and alive until the process ends; any thread may use it. ASCII text never reaches ICU.
// Throws std::runtime_error if ICU cannot load its data, and std::length_error for text of half a GiB and more.
[[nodiscard]] const Unicode& icu_unicode();

}  // namespace muster
