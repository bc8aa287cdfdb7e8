#include "tests/places.h"

namespace muster {

std::string repository_root() { return MUSTER_ROOT; }
std::string muster_program() { return MUSTER_PROGRAM; }

}  // namespace muster
