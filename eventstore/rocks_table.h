#pragma once
// A table on RocksDB 7.8: the log, the vault, or one view, each in a directory of its own.

#include "eventstore/table.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rocksdb {
class Cache;
class Env;
class WriteBufferManager;
}  // namespace rocksdb

namespace muster {

// What all tables of a process share: one memory budget, of which unflushed rows take at most half and cached blocks
// the rest, and two background threads (one flushes, one compacts). Make one in main and pass it on; tables keep what
// they need of it, so it need not outlive them.
class RocksShared {
public:
    explicit RocksShared(std::size_t bytes = std::size_t{128} << 20);

    [[nodiscard]] const std::shared_ptr<rocksdb::Cache>& block_cache() const { return block_cache_; }
    [[nodiscard]] const std::shared_ptr<rocksdb::WriteBufferManager>& unflushed() const { return unflushed_; }

private:
    std::shared_ptr<rocksdb::Cache> block_cache_;
    std::shared_ptr<rocksdb::WriteBufferManager> unflushed_;
};

// How a family's rows come and go.
enum class RowsKind : std::uint8_t {
    general,  // rows of some hundred bytes, written and read anywhere
    small,    // few or tiny rows: small buffers
    events,   // large rows, only ever added at the end, one compression for life so that files are moved, not rewritten
};

struct RocksFamily {
    std::string name;
    RowsKind kind = RowsKind::general;
    bool point_lookups = false;  // mostly `get`, often of keys that are not there: filters are kept for it
};

// Reads every block of the tables in a directory that nobody has open. DamageError where one is not as it was written;
// it names the file as it is called in `shown`, of which the directory may be a copy.
void check_blocks(const std::string& directory, const std::string& shown);

enum class RocksUse : std::uint8_t {
    log,    // Sync::yes is on disk when `write` returns.
    vault,  // The same, with smaller buffers and log files.
    view,   // No write-ahead log: after a crash it holds a prefix of what was written, in whole batches. One family.
            // Sync::yes flushes, which is dear; closing flushes too.
};

// What is made of a write-ahead log with a damaged record in its middle.
enum class Recovery : std::uint8_t {
    of_all,            // it is refused
    to_point_in_time,  // what comes behind the record is given up
};

struct RocksOptions {
    std::vector<RocksFamily> families;  // in the order of their `Family` numbers
    RocksUse use = RocksUse::log;
    bool create_if_missing = false;
    Recovery recovery = Recovery::of_all;
    std::chrono::milliseconds purge_wait_max{10'000};
    std::shared_ptr<rocksdb::Env> env = nullptr;  // the machine's own where null; tests inject faults by it
};

// The directory belongs to the table until the table and every reading and cursor of it are gone. Throws DamageError
// where files are damaged or missing, StorageError where it is open already, does not exist, or the disk fails.
// After a failed write the table refuses every other write, since nobody knows what of it has reached the disk.
[[nodiscard]] std::unique_ptr<Table> open_rocks_table(const std::string& path, const RocksOptions& options,
                                                      const RocksShared& shared);

}  // namespace muster
