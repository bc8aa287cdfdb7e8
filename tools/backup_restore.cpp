// Restoring: a backup of the log with one of the vault, in a new directory, as another store.
#include "api/mail/composer.h"
#include "api/text/unicode.h"
#include "api/webhooks/endpoints.h"
#include "domain/person_behind.h"
#include "eventstore/codec.h"
#include "eventstore/erase.h"
#include "eventstore/erasures.h"
#include "eventstore/execute.h"
#include "eventstore/sealed_rows.h"
#include "eventstore/store.h"
#include "projections/log_feed.h"
#include "tools/backup.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <set>
#include <unistd.h>

namespace muster::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t at_once = 1000;
constexpr std::size_t keys_named = 10;

// ---- Which.

Backup chosen(const BackupFolder& folder, const std::string& name) {
    const auto all = folder.all();
    const Backup* found = nullptr;
    for (const auto& each : all)
        if (name.empty() ? each.fault.empty() : each.name == name) found = &each;
    if (!found && !all.empty() && name.empty()) throw DamageError(all.back().fault);
    if (!found)
        throw StorageError(folder.path() + ": there is no backup" + (name.empty() ? "" : " " + name) +
                           "; `muster backup list` names those that are there");
    if (!found->fault.empty()) throw DamageError(found->fault);
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
    for (std::size_t i = 0; i < keys.size() && i < keys_named; ++i) text += (i == 0 ? "" : ", ") + keys[i];
    if (keys.size() > keys_named) text += " and " + std::to_string(keys.size() - keys_named) + " more";
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
    const auto keys = lacks.empty() ? std::string() : "; it lacks the keys " + named(lacks);
    if (vault.position < log.position)
        throw StorageError("the vault " + vault.name + " is older than the log " + log.name + keys +
                           ". Choose a vault of the same or a later time with --vault");
    if (!lacks.empty())
        throw StorageError("the vault " + vault.name + " does not belong to the log " + log.name + keys);
}

// ---- Who was erased.

// Of every backup that is there, and of the lists that are given: whoever was erased after this backup was made.
std::set<Uuid> all_erased(const RestoreBackup& restore, const std::string& directory) {
    std::set<Uuid> ids;
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
    for (const auto& folder : {*restore.from.log, *restore.from.vault})
        for (const auto& backup : folder.all())
            for (const auto& file : backup.files) {
                if (file.path != "erasures") continue;
                folder.take_out(backup, file, copy);
                const auto list = load_erasures(copy);
                learn(list, "erasures of " + backup.name, !list.has_checksums);
                fs::remove(copy);
            }
    for (const auto& path : restore.erasures) {
        if (!fs::is_regular_file(path)) throw StorageError(path + ": there is no such list of erasures");
        learn(load_erasures(path), path, false);
    }
    return ids;
}

// ---- What is done to it.

// Whom a restored history would let in, or write to, by what happened after it: sessions that were checked against a
// history that is no more, imports that would be sent again (and hold people who were erased meanwhile), and mails.
void empty_of_what_waits(Vault& vault) {
    for (auto rows : {vault.sessions(), vault.drafts(), vault.mails()}) {
        rows.erase(rows.keys({}));
        rows.purge();
    }
}

std::optional<std::string> person_of(const Recorded& cause) {
    if (cause.stream.kind == StreamKind::membership || cause.stream.kind == StreamKind::recovery)
        return MemberId{cause.stream.id}.text();
    if (cause.stream.kind == StreamKind::request) return RequestId{cause.stream.id}.text();
    return std::nullopt;
}

// Their events are in this history; whether a later one has sent them, nobody here knows.
std::set<Position> mails_that_wait(Store& store) {
    std::set<Position> causes;
    for (const auto& key : store.vault->mails().keys({}))
        if (key.size() == sizeof(Position)) causes.insert(read_u64(key));
    const auto head = store.log->head();
    for (auto position = store.vault->checkpoint("mail") + 1; position <= head; ++position) causes.insert(position);
    causes.erase(causes.upper_bound(head), causes.end());
    return causes;
}

void tell_not_sent(Store& store, const Recorded& cause, MailKind kind) {
    MailFailed failed{
        kind, {}, {}, cause.meta.position, 0, "it had not been sent when the data was restored", MailTrouble::restored};
    if (cause.stream.kind == StreamKind::membership || cause.stream.kind == StreamKind::recovery)
        failed.member = MemberId{cause.stream.id};
    if (cause.stream.kind == StreamKind::request) failed.request = RequestId{cause.stream.id};
    Append append;
    append.workspace = cause.workspace;
    append.command = store.log->next_id();
    append.correlation = cause.correlation;
    append.causation = cause.meta.position;
    append.expected = {{mail_stream(cause.id), 0}};
    ToAppend event{mail_stream(cause.id), Event(failed), {}, {}};
    event.payload = encode(event.event, nullptr);
    event.payload_hash = sha256(event.payload);
    append.events.push_back(std::move(event));
    if (store.log->append_and_wait(std::move(append)).status != AppendStatus::done)
        throw StorageError("what became of a mail could not be written");
}

std::vector<UnsentMail> give_up_mails(Store& store, const std::string& views) {
    std::vector<UnsentMail> unsent;
    const auto waiting = mails_that_wait(store);
    const LogFeed feed(*store.log, *store.history);
    Runner nothing(Origin{feed, {}, views, store.id}, {}, [] { return Runner::Time{}; });
    Execute execute(*store.log, *store.aggregates, *store.vault, icu_unicode(), system_clock(),
                    [](std::function<void()> work) { work(); });
    const mail::Composer composer(execute, *store.history, nothing, {}, {}, {});
    for (const auto position : waiting) {
        const auto cause = store.history->at(position);
        const auto kind = cause ? composer.kind_of(*cause) : std::nullopt;
        if (!kind || store.log->version(mail_stream(cause->id)) > 0) continue;
        unsent.push_back({position, std::string(name_of(*kind)), cause->workspace.text(), person_of(*cause)});
        tell_not_sent(store, *cause, *kind);
    }
    return unsent;
}

template <class OnWorkspace>
void for_each_workspace(const Store& store, OnWorkspace on_workspace) {
    std::optional<WorkspaceId> after;
    for (auto ids = store.log->workspaces(after, at_once); !ids.empty(); ids = store.log->workspaces(after, at_once))
        for (const auto& id : ids) {
            after = id;
            if (auto workspace = store.aggregates->workspace(id)) on_workspace(*workspace);
        }
}

void list_what_is_open(const Store& store, Restored& restored) {
    const auto now = std::max(system_clock().now(), store.log->head_row().at);
    for_each_workspace(store, [&](const Workspace& workspace) {
        for (const auto& stream :
             store.log->due(workspace.id, Instant::never(), std::numeric_limits<std::size_t>::max())) {
            const auto invited = store.aggregates->membership(workspace.id, MemberId{stream.id});
            if (invited->phase == Phase::pending && !invited->due(now))
                restored.open_invitations.push_back(
                    {InvitationId{stream.id}.text(), workspace.slug.value, invited->expires_at.text()});
        }
        const auto alive = [&](const Actor& key) {
            const auto maker = person_behind(workspace, key);
            return maker.kind != ActorKind::member ||
                   key_is_alive(workspace, key, *store.aggregates->membership(workspace.id, MemberId{maker.id}));
        };
        for (const auto& [id, key] : workspace.api_keys)
            if (!key.ended(now) && alive({ActorKind::api_key, id.uuid}))
                restored.working_api_keys.push_back({id.text(), workspace.slug.value});
    });
}

Restored settle(const std::string& directory, const RestoreBackup& restore) {
    Restored restored;
    StoreOptions options;
    options.master_key_file = restore.master_key_file;
    auto store = open_store(directory, std::move(options));
    restored.store = base32(store.id);
    restored.position = store.log->head();
    Eraser eraser(*store.log, *store.history, *store.aggregates, *store.vault, system_clock(), system_entropy());
    const auto again = eraser.erase_again();
    restored.erased_again = again.people;
    restored.workspaces_deleted_again = again.workspaces;
    for (const auto& id : again.without_admin) restored.without_admin.push_back(id.text());
    restored.mails_not_sent = give_up_mails(store, directory + "/views");
    empty_of_what_waits(*store.vault);
    list_what_is_open(store, restored);
    const auto head = store.log->head();
    for (const auto& follower : store.vault->followers()) store.vault->set_checkpoint(follower, head);
    store.vault->set_checkpoint("mail", head);
    webhooks::Endpoints(store.vault->webhooks(), system_clock().now()).skip_to(head);
    return restored;
}

void sync_directory(const fs::path& path) {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = directory >= 0 && ::fsync(directory) == 0;
    if (directory >= 0) ::close(directory);
    if (!synced) throw StorageError(path.string() + " can't be synced");
}

Restored restore_into(const std::string& directory, const RestoreBackup& restore) {
    const auto log = chosen(*restore.from.log, restore.log_name);
    const auto vault = chosen(*restore.from.vault, restore.vault_name);
    if (log.store != vault.store)
        throw StorageError("the log " + log.name + " and the vault " + vault.name +
                           " are of different data directories");
    restore.from.log->take_out_all(log, directory, false);
    auto of_vault = vault;
    std::erase_if(of_vault.files, [](const BackupFile& file) { return !file.path.starts_with("vault/"); });
    restore.from.vault->take_out_all(of_vault, directory, false);

    const auto erased = all_erased(restore, directory);
    if (!erased.empty()) replace_file(directory + "/erasures", erasures_file({erased.begin(), erased.end()}));
    refuse_unless_they_fit(directory, log, vault, erased);
    renew_store_id(directory, system_clock(), system_entropy());
    auto restored = settle(directory, restore);
    restored.log = log.name;
    restored.vault = vault.name;
    return restored;
}

}  // namespace

Restored restore_backup(const RestoreBackup& restore) {
    fs::path to(restore.to);
    if (!to.has_filename()) to = to.parent_path();
    if (fs::exists(to) && !(fs::is_directory(to) && fs::is_empty(to)))
        throw StorageError(to.string() + " is there already; a backup is restored into a new directory only");
    if (!fs::is_regular_file(restore.master_key_file))
        throw StorageError(restore.master_key_file + ": there is no such master key");
    // Made beside it and named in the end: what a crash leaves is never taken for a data directory.
    const auto unfinished = to.string() + ".restoring";
    if (fs::exists(unfinished))
        throw StorageError(unfinished + " is there: a restore was broken off, or runs. Remove it and begin again");
    fs::create_directories(unfinished);
    fs::permissions(unfinished, fs::perms::owner_all);
    try {
        auto restored = restore_into(unfinished, restore);
        fs::rename(unfinished, to);
        sync_directory(fs::absolute(to).parent_path());
        return restored;
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(unfinished, ignored);
        throw;
    }
}

}  // namespace muster::tools
