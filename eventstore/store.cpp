#include "eventstore/store.h"

#include "domain/event.h"
#include "eventstore/bytes.h"
#include "eventstore/codec.h"
#include "eventstore/synced.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

namespace muster {
namespace {

namespace fs = std::filesystem;

// Makes a file that only its owner reads: after a crash it is whole or not there.
void make_file(const std::string& path, std::string_view bytes, fs::perms permissions) {
    replace_file(path, bytes);
    fs::permissions(path, permissions);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw StorageError("can't read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// STORE := "muster store\n" ‖ "format N\n" ‖ "id " 26 characters "\n"
Uuid store_id(const std::string& path, bool create, const Clock& clock, Entropy& entropy) {
    if (!fs::exists(path)) {
        if (!create && fs::exists(fs::path(path).parent_path() / "log" / "CURRENT"))
            throw DamageError(path + " is missing beside a log");
        if (!create) throw StorageError(path + " is missing: this is no data directory of Muster");
        auto id = new_uuid(clock, entropy);
        make_file(path, "muster store\nformat " + std::to_string(store_format) + "\nid " + base32(id) + "\n",
                  fs::perms::owner_read | fs::perms::owner_write);
        return id;
    }
    auto text = read_file(path);
    auto begin = "muster store\nformat " + std::to_string(store_format) + "\nid ";
    if (!text.starts_with("muster store\n")) throw DamageError(path + " is damaged");
    if (!text.starts_with(begin))
        throw StorageError(path + ": this directory is of another format; use the program that made it");
    auto id = from_base32(std::string_view(text).substr(begin.size(), 26));
    if (!id || text.size() != begin.size() + 27) throw DamageError(path + " is damaged");
    return *id;
}

SecretKey master_key(const std::string& path, bool create, Entropy& entropy) {
    if (!fs::exists(path) && create) make_file(path, random_key(entropy).bytes(), fs::perms::owner_read);
    if (!fs::exists(path))
        throw StorageError(path + " is missing, the master key; where it is kept elsewhere, say so: --master-key-file");
    auto bytes = read_file(path);
    if (bytes.size() != 32) throw StorageError(path + " must hold exactly 32 bytes, the master key");
    return SecretKey(bytes);
}

RocksOptions log_options(std::shared_ptr<rocksdb::Env> env, bool create) {
    RocksOptions options;
    options.families = {{"events", RowsKind::events, false},     {"streams", RowsKind::general, false},
                        {"heads", RowsKind::general, true},      {"workspaces", RowsKind::general, false},
                        {"claims", RowsKind::general, true},     {"counters", RowsKind::small, false},
                        {"due", RowsKind::general, false},       {"persons", RowsKind::general, true},
                        {"idempotency", RowsKind::general, true}};
    options.use = RocksUse::log;
    options.create_if_missing = create;
    options.env = std::move(env);
    return options;
}

RocksOptions vault_options(std::shared_ptr<rocksdb::Env> env, bool create) {
    RocksOptions options;
    options.families = {{"person_keys", RowsKind::small, true},  {"blocks", RowsKind::small, false},
                        {"claim_keys", RowsKind::small, false},  {"server_keys", RowsKind::small, false},
                        {"checkpoints", RowsKind::small, false}, {"drafts", RowsKind::general, false},
                        {"passwords", RowsKind::general, true},  {"sessions", RowsKind::general, true},
                        {"api_keys", RowsKind::small, true},     {"mails", RowsKind::general, false},
                        {"webhooks", RowsKind::general, false}};
    options.use = RocksUse::vault;
    options.create_if_missing = create;
    options.env = std::move(env);
    return options;
}

// The vault's table, whose failed writes end the process as the log's do: it takes no other one, so people could
// neither sign in nor be invited until somebody noticed.
class LoudTable final : public Table {
public:
    LoudTable(std::unique_ptr<Table> table, std::function<void(const std::string&)> on_failure)
        : table_(std::move(table)), on_failure_(std::move(on_failure)) {}
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        return table_->get(family, key);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        return table_->scan(family, prefix);
    }
    [[nodiscard]] std::unique_ptr<Reading> snapshot() const override { return table_->snapshot(); }
    void write(const WriteBatch& batch, Sync sync) override {
        try {
            table_->write(batch, sync);
        } catch (const StorageError& error) {
            if (on_failure_) on_failure_(error.what());
            throw;
        }
    }
    void flush() override { table_->flush(); }
    void purge(Family family) override { table_->purge(family); }
    void checkpoint(const std::string& directory) override { table_->checkpoint(directory); }

private:
    std::unique_ptr<Table> table_;
    std::function<void(const std::string&)> on_failure_;
};

// The ids of the personal and claim keys of which the log says that they were destroyed, each once.
std::vector<Uuid> destroyed_in(const Log& log) {
    constexpr std::size_t at_once = 1'000;
    std::set<Uuid> ids;
    for (Position after = 0; after < log.head();) {
        const auto frames = log.frames(after, at_once);
        if (frames.empty()) break;
        for (const auto& each : frames) {
            if (names_type<WorkspaceErased>(each.type)) ids.insert(each.workspace.uuid);
            if (!names_type<PersonalDataDestroyed>(each.type)) continue;
            const auto event = decode(each.type, each.payload, [](const Uuid&) { return std::nullopt; });
            ids.insert(std::get<PersonalDataDestroyed>(event).key);
        }
        after = frames.back().meta.position;
    }
    ids.erase(Uuid{});
    return {ids.begin(), ids.end()};
}

std::unique_ptr<Vault> vault_on(std::unique_ptr<Table> table, const SecretKey& master, const std::string& erasures,
                                const StoreOptions& options, const Log& log) {
    return std::make_unique<Vault>(
        std::move(table), master, erasures, *options.clock, *options.entropy,
        [&log](const Uuid& key) { return log.key_in_use(key); }, [&log] { return destroyed_in(log); });
}

LogOptions for_log(const StoreOptions& options) {
    return {options.clock, options.entropy, options.on_group, options.on_failure};
}

void finish(Store& store) {
    store.history = std::make_unique<History>(*store.log, *store.vault);
    store.aggregates = std::make_unique<Directory>(*store.log, *store.history);
}

// One with something else in it, such as a volume, stays as open as it was; what is a store's in it does not.
void close_to_others(const std::string& directory) {
    std::error_code not_ours;
    for (const char* part : {"/log", "/vault", "/views"})
        if (fs::is_directory(directory + part)) fs::permissions(directory + part, fs::perms::owner_all, not_ours);
}

// What else is called so, as in /var, is no log that a first start left half made.
void refuse_what_is_not_ours(const std::string& directory) {
    for (const char* part : {"/log", "/vault"}) {
        const auto path = directory + part;
        std::error_code unreadable;
        if (!fs::is_directory(path)) continue;
        const fs::directory_iterator entries(path, unreadable);
        if (unreadable) throw StorageError(path + " is there, and can't be read: " + unreadable.message());
        for (const auto& entry : entries) {
            const auto name = entry.path().filename().string();
            auto begins = [&](const char* front) { return name.starts_with(front); };
            constexpr std::array made{"CURRENT",  "LOCK",   "LOG", "IDENTITY",  "MANIFEST-",
                                      "OPTIONS-", "anchor", "0",   "lost+found"};
            if (std::ranges::none_of(made, begins))
                throw StorageError(path + " is there, and " + name +
                                   " in it is not Muster's: choose another data directory");
        }
    }
}

}  // namespace

Store open_store(const std::string& directory, const StoreOptions& options) {
    if (!options.create && !fs::exists(directory)) throw StorageError(directory + ": there is no such directory");
    bool fresh = !fs::exists(directory) || fs::is_empty(directory);
    bool create = fresh && options.create;
    if (create) {
        make_directories(directory);
        fs::permissions(directory, fs::perms::owner_all);
    }
    if (!options.recovering && fs::exists(recovering_mark(directory)))
        throw DamageError(directory +
                          ": a recovery of its log was broken off; begin it again: muster fsck "
                          "--recover-to-point-in-time --accept-loss");
    Store store;
    store.directory = directory;
    // Whatever a crash in the middle of the first start left is completed by the next one.
    bool incomplete = options.create && !fs::exists(directory + "/STORE") && !fs::exists(directory + "/log/CURRENT");
    if (incomplete) refuse_what_is_not_ours(directory);
    create = create || incomplete;
    store.shared = std::make_unique<RocksShared>();
    auto key_file = options.master_key_file.empty() ? directory + "/master.key" : options.master_key_file;
    auto master = master_key(key_file, create && options.master_key_file.empty(), *options.entropy);
    bool log_exists = fs::exists(directory + "/log/CURRENT");
    store.id = store_id(directory + "/STORE", create, *options.clock, *options.entropy);
    if (!log_exists && fs::exists(directory + "/anchor"))
        throw DamageError(directory + "/log is missing or damaged: it has no CURRENT file, but the anchor exists");
    // A first start that a crash cut off has made none yet.
    if (!log_exists && fs::exists(directory + "/views"))
        throw DamageError(directory + "/log is missing or damaged: it has no CURRENT file, but there are views of it");
    bool make = options.create && !log_exists;
    store.log =
        std::make_unique<Log>(open_rocks_table(directory + "/log", log_options(options.env, make), *store.shared),
                              open_anchor(directory + "/anchor"), for_log(options));
    bool make_vault = options.create && !fs::exists(directory + "/vault/CURRENT") && store.log->head() == 0;
    if (!make_vault && !fs::exists(directory + "/vault/CURRENT"))
        throw DamageError(directory + "/vault is missing or damaged: it has no CURRENT file");
    auto vault = open_rocks_table(directory + "/vault", vault_options(options.env, make_vault), *store.shared);
    store.vault = vault_on(std::make_unique<LoudTable>(std::move(vault), options.on_failure), master,
                           directory + "/erasures", options, *store.log);
    close_to_others(directory);
    finish(store);
    return store;
}

Store open_memory_store(const StoreOptions& options) {
    Store store;
    store.id = new_uuid(*options.clock, *options.entropy);
    store.log = std::make_unique<Log>(open_memory_table(log_families), memory_anchor(), for_log(options));
    store.vault = vault_on(open_memory_table(vault_families), random_key(*options.entropy), "", options, *store.log);
    finish(store);
    return store;
}

std::string recovering_mark(const std::string& directory) { return directory + "/RECOVERING"; }

std::unique_ptr<Table> open_log_table(const std::string& log_directory, const RocksShared& shared, Recovery recovery) {
    auto options = log_options(nullptr, false);
    options.recovery = recovery;
    return open_rocks_table(log_directory, options, shared);
}

std::unique_ptr<Table> open_vault_table(const std::string& vault_directory, const RocksShared& shared) {
    return open_rocks_table(vault_directory, vault_options(nullptr, false), shared);
}

Uuid store_id_of(const std::string& directory) {
    return store_id(directory + "/STORE", false, system_clock(), system_entropy());
}

Uuid renew_store_id(const std::string& directory, const Clock& clock, Entropy& entropy) {
    fs::remove(directory + "/STORE");
    return store_id(directory + "/STORE", true, clock, entropy);
}

}  // namespace muster
