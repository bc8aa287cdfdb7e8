#pragma once
// Where the repository and the built program are. Asked of one small file, so that the others compile to the same in
// every directory, and clones share what ccache keeps.

#include <string>

namespace muster {

std::string repository_root();
std::string muster_program();
std::string set_clock_library();  // tests/server/set_clock.cpp

}  // namespace muster
