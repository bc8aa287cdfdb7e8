#pragma once
// Files and names that are on the disk for good. Throw StorageError, and what std::filesystem throws.

#include <filesystem>

namespace muster {

// A file's bytes, or a directory's names.
void sync_path(const std::filesystem::path& path);
// All files and names in a directory, and below.
void sync_all_below(const std::filesystem::path& directory);
// Makes a directory, with those above it that are missing, and their names.
void make_directories(const std::filesystem::path& directory);

}  // namespace muster
