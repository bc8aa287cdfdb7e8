#pragma once
// The log or the vault of a data directory as a copy that stands still, to be backed up: made by the server that runs
// on it, or here where none does. No keys are needed.
//
//   DIR/checkpoints/<random>/log, anchor     or vault

#include "eventstore/checkpoints.h"
#include "tools/backup_folder.h"

#include <string>

namespace muster::tools {

class BackupSource {
public:
    BackupSource(const std::string& data, BackupKind kind);
    ~BackupSource();
    BackupSource(const BackupSource&) = delete;
    BackupSource& operator=(const BackupSource&) = delete;

    // What is below it has the paths that it has in the data directory.
    [[nodiscard]] const std::string& directory() const { return copy_; }

private:
    std::string copy_;
    CheckpointLock lock_;
};

}  // namespace muster::tools
