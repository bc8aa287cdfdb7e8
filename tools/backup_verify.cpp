// Whether backups are as they were made, and a history that is restored from them would be whole.
#include "eventstore/anchor.h"
#include "eventstore/crypto.h"
#include "eventstore/erasures.h"
#include "eventstore/fsck.h"
#include "eventstore/store.h"
#include "tools/backup.h"
#include "tools/backup_locks.h"
#include "tools/progress.h"

#include <algorithm>
#include <filesystem>

namespace muster::tools {
namespace {

namespace fs = std::filesystem;

void check_log(const BackupFolder& folder, const Backup& backup, BackupFindings& findings) {
    ProgressBar bar("the history of " + backup.name);
    const ScratchCopy copy(folder);
    folder.take_out_all(backup, copy.path(), true);
    const RocksShared shared;
    const auto anchor = open_anchor(copy.path() + "/anchor")->read();
    const auto log = open_log_table(copy.path() + "/log", shared);
    const auto report = fsck(*log, anchor ? &*anchor : nullptr, [&](Position done, Position all) { bar(done, all); });
    for (const auto& finding : report.findings)
        findings.damage.push_back("the log of " + backup.name + ": " + finding.text());
    findings.events = report.events;
}

void check_vault(const BackupFolder& folder, const Backup& backup) {
    const ScratchCopy copy(folder);
    folder.take_out_all(backup, copy.path(), true);
    const RocksShared shared;
    const auto vault = open_vault_table(copy.path() + "/vault", shared);
    check_erasures(*vault, load_erasures(copy.path() + "/erasures").ids.size(), "erasures");
    for (Family family = 0; family < vault_families; ++family)
        for (auto row = vault->scan(family, {}); row->valid(); row->next()) continue;
}

void check(const BackupFolder& folder, const Backup& backup, BackupFindings& findings) {
    auto faults = [&] {
        BytesBar bar(backup.name, backup.bytes());
        return folder.faults(backup, [&](std::uint64_t bytes) { bar.add(bytes); });
    }();
    if (!faults.empty()) {
        std::ranges::move(faults, std::back_inserter(findings.damage));
        return;
    }
    try {
        if (folder.kind() == BackupKind::log)
            check_log(folder, backup, findings);
        else
            check_vault(folder, backup);
    } catch (const DamageError& error) {
        findings.damage.push_back(std::string(name_of(folder.kind())) + " " + backup.name + ": " + error.what());
    }
}

}  // namespace

ScratchCopy::ScratchCopy(const BackupFolder& folder) : path_(folder.new_scratch()) {
    std::error_code error;
    if (fs::create_directory(path_, error)) return;
    // Backups that can only be read are looked at elsewhere.
    path_ = fs::temp_directory_path() / fs::path(path_).filename();
    fs::create_directory(path_);
    fs::permissions(path_, fs::perms::owner_all);
}

ScratchCopy::~ScratchCopy() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

BackupFindings verify_backups(const BackupPlaces& places, const std::string& name) {
    BackupFindings findings;
    std::vector<FileLock> locks;
    for (const auto& folder : {places.log, places.vault}) {
        if (!folder) continue;
        locks.push_back(lock_for_reading(*folder));
        for (const auto& backup : folder->all()) {
            if (!name.empty() && backup.name != name) continue;
            ++findings.backups;
            check(*folder, backup, findings);
        }
        if (auto note = strays_of(*folder)) findings.notes.push_back(*note);
    }
    if (!places.log || !places.vault) return findings;
    const auto vaults = places.vault->all();
    for (const auto& log : places.log->all()) {
        if (!log.fault.empty() || (!name.empty() && log.name != name)) continue;
        bool fits = std::ranges::any_of(vaults, [&](const Backup& vault) {
            return vault.fault.empty() && vault.store == log.store && vault.position >= log.position;
        });
        if (!fits)
            findings.notes.push_back("log " + log.name +
                                     ": no vault of the same or a later time is there, so it can't be "
                                     "restored");
    }
    return findings;
}

}  // namespace muster::tools
