#pragma once
// What `muster backup` does. The log and the vault are backed up apart, the vault after the log, so that it has every
// key that the log names; each folder keeps as many as it is told to. The master key and the operator's key are in
// neither: without the master key, kept elsewhere, nobody in a backup can be read.

#include "domain/describe.h"
#include "domain/ids.h"
#include "tools/backup_folder.h"
#include "tools/settle.h"

#include <optional>
#include <string>
#include <vector>

namespace muster::tools {

struct BackupPlaces {
    std::optional<BackupFolder> log;
    std::optional<BackupFolder> vault;
};

struct CreateBackup {
    std::string data;
    BackupPlaces to;
    std::optional<std::size_t> keep_log;
    std::optional<std::size_t> keep_vault;
};
struct CreatedBackups {
    std::vector<Backup> made;
    std::size_t forgotten = 0;
    std::vector<std::string> warnings;  // why nothing was removed, and what to do about it
};
// Beside a server or of a directory at rest. Throws DamageError where what is copied is not whole.
CreatedBackups create_backup(const CreateBackup& create);

// What is wrong with backups, each named: files that are not as they were, a log whose history is broken, a log that no
// vault fits. `notes` are no damage.
struct BackupFindings {
    std::vector<std::string> damage;
    std::vector<std::string> notes;
    std::size_t backups = 0;
    std::size_t events = 0;  // of the newest log
};
BackupFindings verify_backups(const BackupPlaces& places, const std::string& name);

struct RestoreBackup {
    BackupPlaces from;
    std::string log_name;    // empty: the newest
    std::string vault_name;  // empty: the newest
    std::vector<std::string> erasures;
    std::string to;
    std::string master_key_file;
};
struct Restored {
    std::string log;
    std::string vault;
    Settled settled;
    std::vector<std::string> notes;  // older backups that are damaged
};
MUSTER_DESCRIBE(Restored, log, vault, settled, notes);
// Into a new directory, or not at all. Throws DamageError, naming the file, where a backup is not as it was made, and
// StorageError where a log and a vault do not fit.
Restored restore_backup(const RestoreBackup& restore);

// Directories of scratch files beside backups; gone when it ends.
class ScratchCopy {
public:
    explicit ScratchCopy(const BackupFolder& folder);
    ~ScratchCopy();
    ScratchCopy(const ScratchCopy&) = delete;
    ScratchCopy& operator=(const ScratchCopy&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace muster::tools
