#include "tests/places.h"

namespace muster {

std::string repository_root() { return MUSTER_ROOT; }
std::string muster_program() { return MUSTER_PROGRAM; }
std::string set_clock_library() { return MUSTER_SET_CLOCK; }

}  // namespace muster
