#include "eventstore/synced.h"

#include "eventstore/table.h"

#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace muster {

namespace fs = std::filesystem;

void sync_path(const fs::path& path) {
    const int opened = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool synced = opened >= 0 && ::fsync(opened) == 0;
    if (opened >= 0) ::close(opened);
    if (!synced) throw StorageError(path.string() + " can't be synced");
}

void sync_all_below(const fs::path& directory) {
    for (const auto& entry : fs::recursive_directory_iterator(directory)) sync_path(entry.path());
    sync_path(directory);
}

void make_directories(const fs::path& directory) {
    std::vector<fs::path> named_anew;
    for (auto each = fs::absolute(directory); !fs::exists(each); each = each.parent_path())
        named_anew.push_back(each.parent_path());
    fs::create_directories(directory);
    for (const auto& each : named_anew) sync_path(each);
}

}  // namespace muster
