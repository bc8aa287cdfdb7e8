// muster backup: the command line, and how backups are told of.
#include "tools/backup.h"

#include "api/json/write.h"
#include "tools/commands.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <set>

namespace muster::tools {
namespace {

struct BackupSettings {
    std::string data;
    std::string folder;
    std::string log;
    std::string vault;
    std::optional<std::size_t> keep;
    std::optional<std::size_t> keep_vault;
    std::string name;
    std::string vault_name;
    std::string to;
    std::string master_key_file;
    std::vector<std::string> erasures;
    std::string format = "text";
};

// Both below one folder, or each in its own.
BackupPlaces places_of(const BackupSettings& settings, const char* both, const char* log, const char* vault) {
    BackupPlaces places;
    if (!settings.folder.empty()) {
        places.log.emplace(settings.folder + "/log", BackupKind::log);
        places.vault.emplace(settings.folder + "/vault", BackupKind::vault);
    }
    if (!settings.log.empty()) places.log.emplace(settings.log, BackupKind::log);
    if (!settings.vault.empty()) places.vault.emplace(settings.vault, BackupKind::vault);
    if (!places.log && !places.vault)
        throw CLI::ValidationError(both, std::string("where? Give ") + both + ", or " + log + " and " + vault);
    return places;
}

std::string count_of(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

// ---- create

void print(std::string& out, const Backup& backup) {
    ObjectWriter into(out);
    into.field("kind", name_of(backup.kind));
    into.field("name", backup.name);
    into.field("store", base32(backup.store));
    into.field("made", backup.made);
    into.field("position", backup.position);
    into.field("files", backup.files.size());
    into.field("bytes", backup.bytes());
    into.end();
}

int create(const BackupSettings& settings) {
    const auto created = create_backup(
        {settings.data, places_of(settings, "--to", "--log-to", "--vault-to"), settings.keep, settings.keep_vault});
    for (const auto& each : created.warnings) std::cerr << "muster: warning: " << each << "\n";
    if (settings.format == "json") {
        std::string out;
        ArrayWriter array(out);
        for (const auto& each : created.made) print(array.next(), each);
        array.end();
        std::cout << out << std::endl;
        return well;
    }
    for (const auto& each : created.made)
        std::cout << "made " << name_of(each.kind) << " " << each.name << ": position " << each.position << ", "
                  << count_of(each.files.size(), "file") << ", " << each.bytes() << " bytes\n";
    if (created.forgotten > 0) std::cout << "forgot " << count_of(created.forgotten, "older backup") << "\n";
    std::cout << "not in it: the master key, which must be kept elsewhere for anybody in it to be readable, and "
                 "operator.key"
              << std::endl;
    return well;
}

// ---- list

// Bytes that would be free if this backup went.
std::uint64_t alone(const Backup& backup, const std::map<std::string, std::size_t>& uses) {
    std::uint64_t bytes = 0;
    std::set<std::string> seen;
    for (const auto& file : backup.files)
        if (uses.at(file.digest) == 1 && seen.insert(file.digest).second) bytes += file.bytes;
    return bytes;
}

struct Listed {
    std::string kind;
    std::string name;
    std::optional<std::string> made;
    std::optional<std::uint64_t> position;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_alone = 0;
    std::string store;
    std::optional<std::string> fault;
};
MUSTER_DESCRIBE(Listed, kind, name, made, position, bytes, bytes_alone, store, fault);

int list(const BackupSettings& settings) {
    const auto places = places_of(settings, "--from", "--log-from", "--vault-from");
    for (const auto& folder : {places.log, places.vault})
        if (folder && !std::filesystem::exists(folder->path()))
            throw StorageError(folder->path() + ": there is no such folder of backups");
    std::vector<Listed> all;
    for (const auto& folder : {places.log, places.vault}) {
        if (!folder) continue;
        const auto backups = folder->all();
        std::map<std::string, std::size_t> uses;
        for (const auto& backup : backups) {
            std::set<std::string> once;
            for (const auto& file : backup.files) once.insert(file.digest);
            for (const auto& each : once) ++uses[each];
        }
        for (const auto& backup : backups) {
            Listed row{std::string(name_of(backup.kind)), backup.name, {}, {}, 0, 0, {}, {}};
            if (!backup.fault.empty())
                row.fault = backup.fault;
            else
                row = {row.kind,
                       row.name,
                       backup.made.text(),
                       backup.position,
                       backup.bytes(),
                       alone(backup, uses),
                       base32(backup.store),
                       {}};
            all.push_back(std::move(row));
        }
    }
    const int code =
        std::ranges::any_of(all, [](const Listed& each) { return each.fault.has_value(); }) ? failed : well;
    if (settings.format == "json") {
        std::string out;
        write_json(out, all);
        std::cout << out << std::endl;
        return code;
    }
    if (all.empty()) std::cout << "no backups\n";
    for (const auto& each : all) {
        std::cout << each.kind << "  " << each.name << "  ";
        if (each.fault)
            std::cout << *each.fault << "\n";
        else
            std::cout << "position " << *each.position << "  " << each.bytes << " bytes, " << each.bytes_alone
                      << " of them its own  store " << each.store << "\n";
    }
    std::cout << std::flush;
    return code;
}

// ---- verify

int verify(const BackupSettings& settings) {
    const auto findings = verify_backups(places_of(settings, "--from", "--log-from", "--vault-from"), settings.name);
    const bool nothing = findings.backups == 0;
    int code = well;
    if (nothing || !findings.notes.empty()) code = failed;
    if (!findings.damage.empty()) code = damaged;
    if (settings.format == "json") {
        std::string out;
        ObjectWriter into(out);
        into.field("backups", findings.backups);
        into.field("events", findings.events);
        into.field("damage", findings.damage);
        into.field("notes", findings.notes);
        into.end();
        std::cout << out << std::endl;
        return code;
    }
    for (const auto& each : findings.damage) std::cout << "damaged: " << each << "\n";
    for (const auto& each : findings.notes) std::cout << "note: " << each << "\n";
    if (nothing)
        std::cout << "there is no such backup" << std::endl;
    else if (findings.damage.empty())
        std::cout << "whole: " << count_of(findings.backups, "backup")
                  << ", every checksum, and the history of each log" << std::endl;
    else
        std::cout << "none of the damaged ones is restored" << std::endl;
    return code;
}

// ---- restore

void print_text(const Restored& restored, const BackupSettings& settings) {
    std::cout << "restored " << settings.to << " from the log " << restored.log << " (position "
              << restored.settled.position << ") and the vault " << restored.vault << "\n";
    for (const auto& each : restored.notes) std::cout << "note: " << each << "\n";
    print_text(restored.settled);
    std::cout << "not in the backup: the master key and operator.key. Start it with:\n  muster serve --data "
              << settings.to << " --master-key-file " << settings.master_key_file << std::endl;
}

int restore(const BackupSettings& settings) {
    RestoreBackup wanted;
    wanted.from = places_of(settings, "--from", "--log-from", "--vault-from");
    if (!wanted.from.log || !wanted.from.vault)
        throw CLI::ValidationError("--from", "a restore needs a log and a vault: give --log-from and --vault-from");
    wanted.log_name = settings.name;
    wanted.vault_name = settings.vault_name;
    wanted.erasures = settings.erasures;
    wanted.to = settings.to;
    wanted.master_key_file = settings.master_key_file;
    const auto restored = restore_backup(wanted);
    if (settings.format == "json") {
        std::string out;
        write_json(out, restored);
        std::cout << out << std::endl;
    } else {
        print_text(restored, settings);
    }
    return well;
}

void add_places(CLI::App& command, BackupSettings& settings, const std::string& way, const std::string& verb) {
    command.add_option("--" + way, settings.folder, "The folder that backups are " + verb + ": its log/ and vault/");
    command.add_option("--log-" + way, settings.log, "The folder of the log's, where that is another");
    command.add_option("--vault-" + way, settings.vault, "The folder of the vault's, where that is another");
    command.add_option("--format", settings.format, "How it is printed")->check(CLI::IsMember({"text", "json"}));
}

}  // namespace

void add_backup(CLI::App& program, int& result) {
    auto settings = std::make_shared<BackupSettings>();
    auto* backup = program.add_subcommand(
        "backup", "Backups of the log and of the vault; the master key and operator.key are in none of them");
    backup->require_subcommand(1);
    backup->option_defaults()->always_capture_default();

    auto* make = backup->add_subcommand("create", "Back up a data directory, also beside its running server");
    make->add_option("--data", settings->data, "The data directory")->required()->envname("MUSTER_DATA");
    add_places(*make, *settings, "to", "made in");
    make->add_option("--keep", settings->keep, "Keep so many backups of the log, the newest")
        ->check(CLI::Range(1, 1'000'000));
    make->add_option("--keep-vault", settings->keep_vault, "The same of the vault")->check(CLI::Range(1, 1'000'000));
    make->callback([settings, &result] { result = create(*settings); });

    auto* show = backup->add_subcommand("list", "Which backups there are, with their times, positions and sizes");
    add_places(*show, *settings, "from", "in");
    show->callback([settings, &result] { result = list(*settings); });

    auto* check = backup->add_subcommand("verify", "Every checksum, and the history of each log");
    add_places(*check, *settings, "from", "in");
    check->add_option("--backup", settings->name, "Only those of this name");
    check->callback([settings, &result] { result = verify(*settings); });

    auto* bring_back = backup->add_subcommand("restore", "Restore a log and a vault into a new directory");
    add_places(*bring_back, *settings, "from", "in");
    bring_back->add_option("--to", settings->to, "The data directory to be made")->required();
    bring_back->add_option("--log", settings->name, "Which backup of the log; by default the newest");
    bring_back->add_option("--vault", settings->vault_name, "Which of the vault, not older; by default the newest");
    bring_back->add_option("--erasures", settings->erasures,
                           "A list of erasures that is newer than the backups, such as that of the directory that was "
                           "lost: who is on it stays erased; several times for several");
    bring_back
        ->add_option("--master-key-file", settings->master_key_file,
                     "The master key of the directory that was backed up")
        ->required()
        ->envname("MUSTER_MASTER_KEY_FILE");
    bring_back->callback([settings, &result] { result = restore(*settings); });
}

}  // namespace muster::tools
