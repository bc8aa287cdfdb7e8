#pragma once
// A folder of backups of the log, or of the vault. A file that did not change since an earlier backup (RocksDB's tables
// never do) is kept once: files are named by their content.
//
//   FOLDER/files/<SHA-256 in hexadecimal>
//   FOLDER/<name>.backup := line*
//     "muster backup 1"                           the format
//     "kind log" | "kind vault"
//     "store " 26 characters                      of which data directory
//     "made " time
//     "position " number                          of a vault: of the log, which had come so far before it was copied
//     ("file " digest " " size " " path)*         below the data directory
//     "sum " digest                               of all lines before
//
// Who reads it believes nothing that its digest does not bear out. Who writes and who reads: backup_locks.h.

#include "domain/describe.h"
#include "domain/ids.h"
#include "domain/instant.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace muster::tools {

struct BackupFile {
    std::string digest;  // hexadecimal
    std::uint64_t bytes = 0;
    std::string path;  // such as log/000012.sst
};

enum class BackupKind : std::uint8_t { log, vault };
MUSTER_ENUM(BackupKind, log, vault);

struct Backup {
    std::string name;
    BackupKind kind = BackupKind::log;
    Uuid store;
    Instant made;
    Position position = 0;
    std::vector<BackupFile> files;
    std::string fault;  // of its list of files: then nothing else of it is known

    [[nodiscard]] std::uint64_t bytes() const;
};

// Hears of each file how many bytes were read.
using OnBytes = std::function<void(std::uint64_t)>;

class BackupFolder {
public:
    explicit BackupFolder(std::string path, BackupKind kind) : path_(std::move(path)), kind_(kind) {}

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] BackupKind kind() const { return kind_; }

    // Those that are there, the oldest first: by the time at which they were made, those of one store by their
    // positions, since clocks jump. A restored store begins at a lower position than the one that was lost had come to.
    // Damaged ones by the times in their names; one whose name says none is the last.
    [[nodiscard]] std::vector<Backup> all() const;
    // What is wrong with a backup's files: one sentence each, naming the file.
    [[nodiscard]] std::vector<std::string> faults(const Backup& backup, const OnBytes& on_bytes = {}) const;
    // Files that no backup names.
    [[nodiscard]] std::size_t strays() const;

    // Copies a file out; throws DamageError, naming it, where it is not as it was. On disk when it returns.
    void take_out(const Backup& backup, const BackupFile& file, const std::string& to) const;
    // The same for all of it. By hard links where `link` is set and the disk allows, but for files that are written to.
    void take_out_all(const Backup& backup, const std::string& directory, bool link,
                      const OnBytes& on_bytes = {}) const;

    // For who holds lock_for_writing; what removes something, lock_for_removing too.

    void make() const;
    // Copies a file in, where it is not there yet.
    BackupFile put(const std::string& from, const std::string& path) const;
    // From now on the backup is there; it gets its name.
    void publish(Backup& backup) const;
    // Forgets all but the newest of the same store, of which the one that was just made is the first: what is there of
    // another one, such as the one that was lost before a restore, is for a person to remove. How many backups went.
    std::size_t keep_newest(std::size_t count, const Backup& just_made) const;
    // Files that nothing names go: of backups that were forgotten, or whose making was broken off. None goes while a
    // list is damaged, since nobody knows what it names: what is wrong with such lists. Scratch copies go in any case.
    [[nodiscard]] std::vector<std::string> sweep() const;
    // A place for a copy that is looked at: where its maker could not remove it, the next sweep does.
    [[nodiscard]] std::string new_scratch() const;

private:
    [[nodiscard]] std::string place(const std::string& digest) const { return path_ + "/files/" + digest; }
    [[nodiscard]] Backup read(const std::string& name) const;
    [[nodiscard]] std::string fault_of(const BackupFile& file) const;

    std::string path_;
    BackupKind kind_;
};

}  // namespace muster::tools
