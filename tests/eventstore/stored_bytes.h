#pragma once
// Whether some bytes lie anywhere below a directory: in any file as it is, or in a row of any table file, which are
// compressed.

#include <string>
#include <vector>

namespace muster::test {

// The files in which any of them is found, each with what was found in it.
std::vector<std::string> files_with(const std::string& directory, const std::vector<std::string>& wanted);

}  // namespace muster::test
