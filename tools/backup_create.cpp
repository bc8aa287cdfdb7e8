// Making backups.
#include "eventstore/anchor.h"
#include "eventstore/erasures.h"
#include "eventstore/log_rows.h"
#include "eventstore/rocks_table.h"
#include "eventstore/store.h"
#include "tools/backup.h"
#include "tools/backup_locks.h"
#include "tools/backup_source.h"
#include "tools/progress.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace muster::tools {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_below(const std::string& directory) {
    std::vector<std::string> paths;
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        if (entry.is_regular_file()) paths.push_back(fs::relative(entry.path(), directory).string());
    std::ranges::sort(paths);
    return paths;
}

bool is_below(const fs::path& path, const fs::path& directory) {
    const auto inner = fs::weakly_canonical(path), outer = fs::weakly_canonical(directory);
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

void refuse_within(const std::string& data, const BackupFolder& folder) {
    if (is_below(folder.path(), data))
        throw StorageError(folder.path() +
                           " lies in the data directory; a backup belongs elsewhere, best on another disk");
}

// How far a copy of the log goes; it must hold all that the anchor has seen.
Position end_of(const std::string& copy) {
    const RocksShared shared;
    const auto anchor = open_anchor(copy + "/anchor")->read();
    const auto log = open_log_table(copy + "/log", shared);
    const auto row = log->get(family(LogFamily::heads), rows::head());
    const auto head = row ? rows::to_head(*row) : rows::Head{};
    if (anchor && anchor->position > head.position)
        throw DamageError("the log ends at position " + std::to_string(head.position) + ", but its anchor has seen " +
                          std::to_string(anchor->position) + "; what is lost is not backed up over");
    if (anchor && anchor->position == head.position && anchor->running != head.running)
        throw DamageError("the log's end is not the one that its anchor has seen");
    return head.position;
}

// The list that goes with a copy of the vault lacks none of its keys.
void check_vault(const std::string& copy, const std::string& data) {
    const RocksShared shared;
    const auto vault = open_vault_table(copy + "/vault", shared);
    try {
        check_erasures(*vault, load_erasures(copy + "/erasures").ids.size(), data + "/erasures");
    } catch (const DamageError& error) {
        throw DamageError(std::string(error.what()) + ", or start the server: it lists again what its log tells");
    }
}

// As a file that has its end, in an order of its own: the same list is the same file. Beside a running server it may be
// met while it is being written.
std::string whole_erasures(const std::string& path) {
    auto list = load_erasures(path);
    for (int tries = 0; !list.whole && tries < 100; ++tries) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        list = load_erasures(path);
    }
    if (!list.whole)
        throw DamageError(path +
                          ": it has no end: it was cut, or a crash tore its last write. A start of the server "
                          "tells which, and mends the latter");
    std::vector<Uuid> ids(list.ids.begin(), list.ids.end());
    std::ranges::sort(ids);
    return erasures_file(ids);
}

Backup copied(const CreateBackup& create, Instant made, const BackupFolder& folder, const BackupSource& source) {
    // Before any other backup is forgotten for it: what is damaged is read by nobody until it is needed.
    const std::string part = folder.kind() == BackupKind::log ? "/log" : "/vault";
    check_blocks(source.directory() + part, create.data + part);
    Backup backup;
    backup.kind = folder.kind();
    backup.store = store_id_of(create.data);
    backup.made = made;
    const auto paths = files_below(source.directory());
    std::uint64_t all = 0;
    for (const auto& path : paths) all += fs::file_size(source.directory() + "/" + path);
    BytesBar bar(std::string(name_of(folder.kind())), all);
    for (const auto& path : paths) {
        backup.files.push_back(folder.put(source.directory() + "/" + path, path));
        bar.add(backup.files.back().bytes);
    }
    backup.files.push_back(folder.put(create.data + "/STORE", "STORE"));
    // After the vault, so that it lists every key that this copy of it lacks.
    if (fs::exists(create.data + "/erasures")) {
        const auto copy = source.directory() + "/erasures";
        replace_file(copy, whole_erasures(create.data + "/erasures"));
        backup.files.push_back(folder.put(copy, "erasures"));
    }
    return backup;
}

void sweep(const BackupFolder& folder, CreatedBackups& created) {
    for (const auto& fault : folder.sweep())
        created.warnings.push_back(fault + "; nobody knows which files it names, so none is removed from " +
                                   folder.path() +
                                   "/files. Put a whole copy of it in its place, or remove it if that backup can be "
                                   "given up: the next `muster backup create` then removes what nothing names");
}

void warn_of_other_stores(const BackupFolder& folder, const Backup& made, CreatedBackups& created) {
    const auto all = folder.all();
    const auto others =
        std::ranges::count_if(all, [&](const Backup& each) { return each.fault.empty() && each.store != made.store; });
    if (others == 0) return;
    created.warnings.push_back(
        folder.path() + ": " + std::to_string(others) +
        " backups are of another store, from before a restore or of another data directory: none of them is forgotten" +
        (made.kind == BackupKind::vault ? ", and they keep the keys of whoever was erased since" : "") +
        ". Once nobody needs them, remove their .backup files");
}

}  // namespace

CreatedBackups create_backup(const CreateBackup& create) {
    if (!fs::exists(create.data + "/STORE"))
        throw StorageError(create.data + "/STORE is missing: this is no data directory of Muster");
    if (create.to.log && create.to.vault && create.to.log->path() == create.to.vault->path())
        throw StorageError(create.to.log->path() + " is for the log and for the vault; each needs a folder of its own");
    std::vector<FileLock> locks;
    for (const auto& folder : {create.to.log, create.to.vault}) {
        if (!folder) continue;
        refuse_within(create.data, *folder);
        folder->make();
        locks.push_back(lock_for_writing(*folder));
    }
    CreatedBackups created;
    const auto made = system_clock().now();  // of both, so that they have one name
    std::optional<Position> position;
    if (create.to.log) {
        const BackupSource source(create.data, BackupKind::log);
        auto backup = copied(create, made, *create.to.log, source);
        backup.position = *(position = end_of(source.directory()));
        created.made.push_back(std::move(backup));
    }
    if (create.to.vault) {
        // A vault alone is as good as one with a log of this moment.
        if (!position) position = end_of(BackupSource(create.data, BackupKind::log).directory());
        const BackupSource source(create.data, BackupKind::vault);
        auto backup = copied(create, made, *create.to.vault, source);
        check_vault(source.directory(), create.data);
        backup.position = *position;
        // First: a log whose vault is not there yet would be the newest.
        create.to.vault->publish(backup);
        created.made.push_back(std::move(backup));
    }
    if (create.to.log) create.to.log->publish(created.made.front());
    for (const auto& each : created.made) {
        const bool is_log = each.kind == BackupKind::log;
        const auto& folder = is_log ? *create.to.log : *create.to.vault;
        const auto alone = lock_for_removing(folder);
        if (!alone.held()) {
            created.warnings.push_back(folder.path() +
                                       " is being read, by a verification or a restore (or its file `reading` can't "
                                       "be opened): nothing is removed from it this time; the next `muster backup "
                                       "create` does");
            continue;
        }
        if (const auto& keep = is_log ? create.keep_log : create.keep_vault) {
            created.forgotten += folder.keep_newest(*keep, each);
            warn_of_other_stores(folder, each, created);
        }
        sweep(folder, created);
    }
    return created;
}

}  // namespace muster::tools
