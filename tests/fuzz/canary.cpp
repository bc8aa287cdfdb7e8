#include "tests/fuzz/targets.h"

namespace muster::fuzz {

void canary(std::string_view bytes) { must(!bytes.starts_with("fly"), "the canary flew"); }

}  // namespace muster::fuzz
