#include "tools/synced.h"

#include "eventstore/table.h"

#include <fcntl.h>
#include <unistd.h>

namespace muster::tools {

void sync_path(const std::filesystem::path& path) {
    const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = opened >= 0 && ::fsync(opened) == 0;
    if (opened >= 0) ::close(opened);
    if (!synced) throw StorageError(path.string() + " can't be synced");
}

void sync_all_below(const std::filesystem::path& directory) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) sync_path(entry.path());
    sync_path(directory);
}

}  // namespace muster::tools
