#pragma once
// Who uses a folder of backups: one process makes backups at a time (FOLDER/lock), beside any number that read them
// (FOLDER/reading), under whom nothing is removed. Let go when the process ends, however it ends.

#include "tools/backup_folder.h"

namespace muster::tools {

// A file's advisory lock (flock(2)).
class FileLock {
public:
    FileLock() = default;
    explicit FileLock(int file) : file_(file) {}
    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    FileLock(const FileLock&) = delete;
    [[nodiscard]] bool held() const { return file_ >= 0; }

private:
    int file_ = -1;
};

// While it lives, nobody else writes to the folder. Throws StorageError where somebody does.
FileLock lock_for_writing(const BackupFolder& folder);
// Whether somebody makes a backup there at this moment, or nobody can tell.
bool is_written(const BackupFolder& folder);
// What is to be said of files that no backup names; nothing while somebody writes, whose backup is not named yet.
std::optional<std::string> strays_of(const BackupFolder& folder);
// While it lives, nothing that is there is removed. Waits for who removes something, which is short. Not held on a
// medium that can only be read and where nobody has read before: what others remove under it is told of as missing.
FileLock lock_for_reading(const BackupFolder& folder);
// For who removes something: not held where somebody reads, or nobody can tell.
FileLock lock_for_removing(const BackupFolder& folder);

}  // namespace muster::tools
