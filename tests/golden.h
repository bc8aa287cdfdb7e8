// Golden files: what the program writes, kept under tests/golden and compared byte for byte. A difference is either a
// mistake or a change to review: `tools/dev golden` rewrites the files, and git shows what changed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace muster {

// Fails the running test unless tests/golden/<relative_name> holds exactly `actual`. With UPDATE_GOLDEN=1 in the
// environment it writes the file instead. Under events/, where the bytes of every event ever stored are kept, it only
// adds: an existing file that differs fails even then. Call it from the test's own thread.
void compare_golden(const std::string& relative_name, const std::string& actual);

// The same against any directory, without Catch2: why the test must fail, or nothing. Throws std::invalid_argument for
// a name that leaves the directory, and std::runtime_error if the file system fails.
[[nodiscard]] std::optional<std::string> golden_fault(const std::filesystem::path& directory,
                                                      const std::string& relative_name, const std::string& actual,
                                                      bool update);

}  // namespace muster
