#pragma once
// A data directory, opened: the log, the vault, the anchor, and what is read and executed on them.
//
//   DIR/STORE       store id and format version       DIR/log/    the only truth
//   DIR/anchor      how far the log had come          DIR/vault/  what is not history
//   DIR/erasures    destroyed key ids                 DIR/views/  read models, disposable (projections/)
//
// One process at a time: RocksDB's lock on log/ is held for the life of the Store.

#include "eventstore/directory.h"
#include "eventstore/history.h"
#include "eventstore/log.h"
#include "eventstore/rocks_table.h"
#include "eventstore/vault.h"

#include <functional>
#include <memory>
#include <string>

namespace muster {

struct StoreOptions {
    std::string master_key_file;  // empty: DIR/master.key, made where the directory is new
    bool create = false;          // a directory that is empty or missing becomes a store
    const Clock* clock = &system_clock();
    Entropy* entropy = &system_entropy();
    std::function<void(std::span<const RecordedPtr>)> on_group = {};
    std::function<void(const std::string& why)> on_failure = {};
    std::shared_ptr<rocksdb::Env> env = nullptr;  // of log and vault; tests inject faults by it
    bool recovering = false;                      // opens also what a recovery is at work on
};

inline constexpr std::uint32_t store_format = 1;

struct Store {
    Uuid id;
    std::string directory;
    std::unique_ptr<RocksShared> shared;
    std::unique_ptr<Vault> vault;  // outlives the log, whose last appends may still ask it for keys
    std::unique_ptr<Log> log;
    std::unique_ptr<History> history;
    std::unique_ptr<Directory> aggregates;
};

// Throws DamageError where what is there must not be served, StorageError where it can't be opened.
Store open_store(const std::string& directory, const StoreOptions& options);

// The same in memory, for tests and simulations.
Store open_memory_store(const StoreOptions& options);

// A file that stands in a directory while its log is taken back to where it is whole; it is not served meanwhile.
std::string recovering_mark(const std::string& directory);

// The log's or the vault's table alone, as tools that need no keys open it: of a directory at rest, or a checkpoint.
std::unique_ptr<Table> open_log_table(const std::string& log_directory, const RocksShared& shared,
                                      Recovery recovery = Recovery::of_all);
std::unique_ptr<Table> open_vault_table(const std::string& vault_directory, const RocksShared& shared);

// Throws as open_store does.
Uuid store_id_of(const std::string& directory);
// Makes a directory at rest another store: what was made from the one before (views) is not taken for its own.
Uuid renew_store_id(const std::string& directory, const Clock& clock, Entropy& entropy);

}  // namespace muster
