#pragma once
// What `muster backup` does. The log and the vault are backed up apart, the vault after the log, so that it has every
// key that the log names; each folder keeps as many as it is told to. The master key and the operator's key are in
// neither: without the master key, kept elsewhere, nobody in a backup can be read.

#include "domain/describe.h"
#include "domain/ids.h"
#include "tools/backup_folder.h"

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
struct UnsentMail {
    Position position = 0;
    std::string kind;
    std::string workspace;
    std::optional<std::string> person;  // whose invitation or membership it is about, or which request
};
MUSTER_DESCRIBE(UnsentMail, position, kind, workspace, person);
struct OpenInvitation {
    std::string id;
    std::string workspace;
    std::string expires_at;
};
MUSTER_DESCRIBE(OpenInvitation, id, workspace, expires_at);
struct WorkingKey {
    std::string id;
    std::string workspace;
};
MUSTER_DESCRIBE(WorkingKey, id, workspace);
struct Restored {
    std::string log;
    std::string vault;
    std::uint64_t position = 0;  // where the backup's history ends
    std::string store;           // its new id
    std::uint64_t erased_again = 0;
    std::uint64_t workspaces_deleted_again = 0;
    std::vector<std::string> without_admin;  // workspaces whose only admin is among the erased
    std::vector<UnsentMail> mails_not_sent;
    std::vector<OpenInvitation> open_invitations;
    std::vector<WorkingKey> working_api_keys;
};
MUSTER_DESCRIBE(Restored, log, vault, position, store, erased_again, workspaces_deleted_again, without_admin,
                mails_not_sent, open_invitations, working_api_keys);
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
