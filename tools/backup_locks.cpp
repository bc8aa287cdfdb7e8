#include "tools/backup_locks.h"

#include "eventstore/table.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace muster::tools {
namespace {

// Whoever may look into the folder may hold it. Negative where it can't be opened.
int open_lock(const BackupFolder& folder, const char* name) {
    const auto path = folder.path() + "/" + name;
    const int file = ::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    ::fchmod(file, 0644);  // whatever the umask is
    return file;
}

// Closed where it is not to be had.
FileLock locked(int file, int how) {
    if (file < 0) return {};
    while (::flock(file, how) != 0) {
        if (errno == EINTR) continue;
        ::close(file);
        return {};
    }
    return FileLock(file);
}

}  // namespace

FileLock::~FileLock() {
    if (file_ >= 0) ::close(file_);
}

FileLock::FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FileLock lock_for_writing(const BackupFolder& folder) {
    // Who asks whether somebody writes holds it for a moment.
    for (int tries = 0; tries < 10; ++tries) {
        const int file = open_lock(folder, "lock");
        if (file < 0) throw StorageError(folder.path() + "/lock can't be opened: " + std::strerror(errno));
        auto lock = locked(file, LOCK_EX | LOCK_NB);
        if (lock.held()) return lock;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    throw StorageError(folder.path() + ": another backup is being made there");
}

bool is_written(const BackupFolder& folder) {
    const int file = ::open((folder.path() + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno != ENOENT;  // nobody can tell
    return !locked(file, LOCK_SH | LOCK_NB).held();
}

FileLock lock_for_reading(const BackupFolder& folder) { return locked(open_lock(folder, "reading"), LOCK_SH); }

FileLock lock_for_removing(const BackupFolder& folder) {
    return locked(open_lock(folder, "reading"), LOCK_EX | LOCK_NB);
}

std::optional<std::string> strays_of(const BackupFolder& folder) {
    const auto strays = is_written(folder) ? 0 : folder.strays();
    if (strays == 0 || is_written(folder)) return std::nullopt;
    return folder.path() + "/files has " + std::to_string(strays) +
           " that no backup names: a list of files was removed, or the making of a backup was broken off";
}

}  // namespace muster::tools
