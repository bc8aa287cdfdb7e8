#include "eventstore/checkpoints.h"

#include "eventstore/anchor.h"

#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <sys/file.h>
#include <unistd.h>

namespace muster {
namespace {

namespace fs = std::filesystem;

std::string checkpoints(const std::string& data) { return data + "/checkpoints"; }

int open_directory(const std::string& path) { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }

// Nobody sweeps between a checkpoint's making and its lock.
std::mutex& making_or_sweeping() {
    static std::mutex mutex;
    return mutex;
}

}  // namespace

CheckpointLock::CheckpointLock(const std::string& directory) : file_(open_directory(directory)) {
    if (file_ >= 0) ::flock(file_, LOCK_SH);
}

CheckpointLock::~CheckpointLock() {
    if (file_ >= 0) ::close(file_);
}

std::string checkpoint_directory(const std::string& data, std::string_view name) {
    return checkpoints(data) + "/" + fs::path(name).filename().string();
}

CheckpointMade make_checkpoint(const std::string& data, const std::function<void(const std::string& directory)>& fill,
                               bool with_anchor) {
    sweep_checkpoints(data);
    CheckpointMade made{base32(new_uuid(system_clock(), system_entropy())), {}};
    const auto directory = checkpoint_directory(data, made.name);
    {
        const std::lock_guard lock(making_or_sweeping());
        fs::create_directories(directory);
        fs::permissions(checkpoints(data), fs::perms::owner_all);
        made.lock = CheckpointLock(directory);
    }
    try {
        auto mark = with_anchor ? open_anchor(data + "/anchor")->read() : std::nullopt;
        fill(directory);
        if (mark) open_anchor(directory + "/anchor")->write(*mark);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(directory, ignored);
        throw;
    }
    return made;
}

CheckpointMade make_checkpoint(const Store& store) {
    return make_checkpoint(
        store.directory, [&](const std::string& directory) { store.log->checkpoint(directory + "/log"); }, true);
}

CheckpointMade make_vault_checkpoint(const Store& store) {
    return make_checkpoint(
        store.directory, [&](const std::string& directory) { store.vault->copy_to(directory + "/vault"); }, false);
}

std::vector<std::string> vault_checkpoints(const std::string& data) {
    std::vector<std::string> names;
    if (!fs::exists(checkpoints(data))) return names;
    for (const auto& entry : fs::directory_iterator(checkpoints(data)))
        if (fs::exists(entry.path() / "vault")) names.push_back(entry.path().filename().string());
    return names;
}

void sweep_checkpoints(const std::string& data) {
    const std::lock_guard lock(making_or_sweeping());
    if (!fs::exists(checkpoints(data))) return;
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(checkpoints(data))) all.push_back(entry.path());
    for (const auto& path : all) {
        const int directory = open_directory(path.string());
        if (directory < 0) continue;
        std::error_code ignored;
        if (::flock(directory, LOCK_EX | LOCK_NB) == 0) fs::remove_all(path, ignored);
        ::close(directory);
    }
}

}  // namespace muster
