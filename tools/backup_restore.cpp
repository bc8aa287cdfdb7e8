// Restoring: a backup of the log with one of the vault, in a new directory, as another store.
#include "eventstore/erasures.h"
#include "eventstore/log_rows.h"
#include "eventstore/sealed_rows.h"
#include "eventstore/store.h"
#include "eventstore/synced.h"
#include "tools/backup.h"
#include "tools/backup_locks.h"
#include "tools/progress.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sys/stat.h>

namespace muster::tools {
namespace {

namespace fs = std::filesystem;

// ---- Which.

// By name, else the newest; of the vaults, the newest one of the store whose log was chosen, if there is one. A damaged
// one may be the newest; older ones are noted.
Backup chosen(const BackupFolder& folder, const std::string& name, std::vector<std::string>& notes,
              std::optional<Uuid> store = {}) {
    auto all = folder.all();
    auto is_of_another = [&](const Backup& each) { return each.fault.empty() && each.store != store; };
    if (store && name.empty() && !std::ranges::all_of(all, is_of_another)) std::erase_if(all, is_of_another);
    const Backup* found = nullptr;
    for (const auto& each : all)
        if (name.empty() || each.name == name) found = &each;
    if (!found)
        throw StorageError(folder.path() + ": there is no backup" + (name.empty() ? "" : " " + name) +
                           "; `muster backup list` names those that are there");
    if (!found->fault.empty())
        throw DamageError(found->fault + "; an older one can be named with --" + std::string(name_of(folder.kind())));
    for (const auto& each : all)
        if (name.empty() && !each.fault.empty())
            notes.push_back(each.fault + "; by the time in its name it is older than " + found->name +
                            ", which was restored");
    return *found;
}

// ---- Whether they fit.

// Keys that the log names, and the vault has not, and that were not destroyed.
std::vector<std::string> lacking(const Reading& log, const Reading& vault, const std::set<Uuid>& erased) {
    std::vector<std::string> keys;
    std::set<Uuid> workspaces;
    const std::string by_key(1, '\2');
    for (auto row = log.scan(family(LogFamily::persons), by_key); row->valid(); row->next()) {
        const auto key = rows::to_uuid(row->key().substr(1));
        workspaces.insert(rows::to_uuid(row->value().substr(0, sizeof(Uuid))));
        if (!erased.contains(key) && !vault.get(static_cast<Family>(VaultFamily::person_keys), row->key().substr(1)))
            keys.push_back(base32(key));
    }
    for (const auto& id : workspaces)
        if (!erased.contains(id) && !vault.get(static_cast<Family>(VaultFamily::claim_keys), rows::bytes_of(id)))
            keys.push_back(WorkspaceId{id}.text());
    return keys;
}

std::string named(const std::vector<std::string>& keys) {
    std::string text;
    for (const auto& key : keys) text += (text.empty() ? "" : ", ") + key;
    return text;
}

void refuse_unless_they_fit(const std::string& directory, const Backup& log, const Backup& vault,
                            const std::set<Uuid>& erased) {
    std::vector<std::string> lacks;
    {
        const RocksShared shared;
        lacks = lacking(*open_log_table(directory + "/log", shared), *open_vault_table(directory + "/vault", shared),
                        erased);
    }
    const auto keys = lacks.empty()
                          ? std::string()
                          : ". It lacks " + std::to_string(lacks.size()) + " keys that the log names: " + named(lacks);
    if (vault.position < log.position)
        throw StorageError("the vault " + vault.name + " is older than the log " + log.name +
                           "; choose one of the same or a later time with --vault" + keys);
    if (!lacks.empty())
        throw StorageError("the vault " + vault.name + " does not belong to the log " + log.name + keys);
}

// A list that is given may be the wrong one, and whom the right one names would be back.
void note_if_strange(const std::string& directory, const std::string& path, const ErasureList& list,
                     const std::set<Uuid>& backed_up, std::vector<std::string>& notes) {
    const RocksShared shared;
    const auto log = open_log_table(directory + "/log", shared);
    const bool known = list.ids.empty() || std::ranges::any_of(list.ids, [&](const Uuid& id) {
                           return backed_up.contains(id) ||
                                  log->get(family(LogFamily::persons), rows::person_key(id)) ||
                                  log->get(family(LogFamily::heads), rows::chain(WorkspaceId{id}));
                       });
    if (!known)
        notes.push_back(path + " lists " + std::to_string(list.ids.size()) +
                        " destroyed keys, and this log and the backups know none of them: it is of another data "
                        "directory, unless all of them came after the backup");
}

// ---- Who was erased.

// Of every backup that is there, and of the lists that are given: whoever was erased after this backup was made.
std::set<Uuid> all_erased(const RestoreBackup& restore, const Uuid& store, const std::string& directory,
                          std::vector<std::string>& notes) {
    std::set<Uuid> ids, of_this_store;
    std::map<Uuid, std::set<Uuid>> of_others;
    const auto copy = directory + "/erasures.part";
    // Where a list is known to lack some, people might come back. Backups from before there were checksums may have one
    // that a crash tore.
    auto learn = [&](const ErasureList& list, const std::string& path, bool may_be_torn) {
        if (!list.whole && !may_be_torn)
            throw DamageError(path + ": it lists " + std::to_string(list.ids.size()) +
                              " destroyed keys and has no end: it was cut, or a crash tore its last write. A start of "
                              "the server on its directory tells which; take another copy of it");
        ids.insert(list.ids.begin(), list.ids.end());
    };
    for (const auto& folder : {*restore.from.log, *restore.from.vault}) {
        const bool named = !(folder.kind() == BackupKind::log ? restore.log_name : restore.vault_name).empty();
        for (const auto& backup : folder.all()) {
            if (named && !backup.fault.empty())
                notes.push_back(backup.fault +
                                "; whom it lists as erased nobody knows: where it is newer than what was restored, "
                                "a newer list given with --erasures keeps them from coming back");
            for (const auto& file : backup.files) {
                if (file.path != "erasures") continue;
                folder.take_out(backup, file, copy);
                const auto list = load_erasures(copy);
                learn(list, "erasures of " + backup.name, !list.has_checksums);
                auto& known = backup.store == store ? of_this_store : of_others[backup.store];
                known.insert(list.ids.begin(), list.ids.end());
                fs::remove(copy);
            }
        }
    }
    const auto backed_up = ids;
    for (const auto& path : restore.erasures) {
        if (!fs::is_regular_file(path))
            throw StorageError(path +
                               ": there is no such list of erasures. A data directory that never erased anybody has "
                               "none: then leave it out");
        const auto list = load_erasures(path);
        learn(list, path, false);
        of_this_store.insert(list.ids.begin(), list.ids.end());
        note_if_strange(directory, path, list, backed_up, notes);
        // A list only grows.
        const auto lacks = std::ranges::count_if(backed_up, [&](const Uuid& id) { return !list.ids.contains(id); });
        if (lacks > 0)
            notes.push_back(path + " lacks " + std::to_string(lacks) +
                            " destroyed keys that the backups list: it is older than they are, or of another data "
                            "directory, and says nothing of who was erased after them");
    }
    for (const auto& [other, listed] : of_others) {
        const auto more = std::ranges::count_if(listed, [&](const Uuid& id) { return !of_this_store.contains(id); });
        if (more > 0)
            notes.push_back(
                std::to_string(more) + " of the destroyed keys are listed by the backups of another store (" +
                base32(other) +
                ") alone: whoever of this one was erased there, as in a drill, is erased here too. Where that "
                "is wrong, move those backups away and restore again");
    }
    return ids;
}

// ---- All of it.

Restored restore_into(const std::string& directory, const RestoreBackup& restore) {
    std::vector<std::string> notes;
    const auto log_lock = lock_for_reading(*restore.from.log), vault_lock = lock_for_reading(*restore.from.vault);
    const auto log = chosen(*restore.from.log, restore.log_name, notes);
    const auto vault = chosen(*restore.from.vault, restore.vault_name, notes, log.store);
    for (const auto& folder : {*restore.from.log, *restore.from.vault})
        if (auto note = strays_of(folder)) notes.push_back(*note);
    if (log.store != vault.store)
        throw StorageError("the log " + log.name + " and the vault " + vault.name +
                           " are of different data directories");
    auto of_vault = vault;
    std::erase_if(of_vault.files, [](const BackupFile& file) { return !file.path.starts_with("vault/"); });
    BytesBar bar("restore", log.bytes() + of_vault.bytes());
    const auto on_bytes = [&](std::uint64_t bytes) { bar.add(bytes); };
    restore.from.log->take_out_all(log, directory, false, on_bytes);
    restore.from.vault->take_out_all(of_vault, directory, false, on_bytes);
    bar.clear();
    const auto erased = all_erased(restore, log.store, directory, notes);
    if (!erased.empty()) replace_file(directory + "/erasures", erasures_file({erased.begin(), erased.end()}));
    try {
        refuse_unless_they_fit(directory, log, vault, erased);
        renew_store_id(directory, system_clock(), system_entropy());
        return {log.name, vault.name, settle(directory, {.master_key_file = restore.master_key_file}),
                std::move(notes)};
    } catch (const DamageError& error) {
        // Every file was as it was backed up; the copies of which it speaks are gone when it is read.
        throw DamageError("what was backed up as log " + log.name + " and vault " + vault.name +
                          " was damaged already: " + error.what() + ". Older ones can be named with --log and --vault");
    }
}

}  // namespace

Restored restore_backup(const RestoreBackup& restore) {
    fs::path to(restore.to);
    if (!to.has_filename()) to = to.parent_path();
    if (fs::exists(to) && !(fs::is_directory(to) && fs::is_empty(to)))
        throw StorageError(to.string() + " is there already; a backup is restored into a new directory only");
    // It is put there by its name in the end.
    struct stat there{}, above{};
    if (::stat(to.c_str(), &there) == 0 && ::stat(fs::absolute(to).parent_path().c_str(), &above) == 0 &&
        there.st_dev != above.st_dev)
        throw StorageError(to.string() + " is a file system of its own; name a new directory in it, such as " +
                           (to / "data").string());
    if (!fs::is_regular_file(restore.master_key_file))
        throw StorageError(restore.master_key_file + ": there is no such master key");
    // Made beside it and named in the end: what a crash leaves is never taken for a data directory.
    const auto unfinished = to.string() + ".restoring";
    if (fs::exists(unfinished))
        throw StorageError(unfinished +
                           " is there: a restore was broken off, or is running. When none runs, remove it and begin "
                           "again");
    make_directories(unfinished);
    fs::permissions(unfinished, fs::perms::owner_all);
    try {
        auto restored = restore_into(unfinished, restore);
        fs::rename(unfinished, to);
        sync_path(fs::absolute(to).parent_path());
        return restored;
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(unfinished, ignored);
        throw;
    }
}

}  // namespace muster::tools
