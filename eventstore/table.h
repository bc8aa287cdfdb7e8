#pragma once
// An ordered table of bytes: the narrow floor under the event log and the read models. It is memory or RocksDB; both
// pass the one suite in tests/eventstore/table_contract.h, so rules above it exist once.

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

// Which of a table's families of rows; each table names its own (eventstore/families.h). At most 16.
using Family = std::uint8_t;

// The disk, or what is on it, failed. After a failed write nothing may be acknowledged any more.
struct StorageError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What is on the disk is not what was written: nothing of it was served. Restarting does not help; a backup does.
struct DamageError : StorageError {
    using StorageError::StorageError;
};

// Rows that go in together or not at all. Later operations on a key win over earlier ones.
class WriteBatch {
public:
    struct Operation {
        Family family;
        bool erase;
        std::string key;
        std::string value;
    };
    void put(Family family, std::string key, std::string value) {
        bytes_ += key.size() + value.size();
        operations_.push_back({family, false, std::move(key), std::move(value)});
    }
    void erase(Family family, std::string key) {
        bytes_ += key.size();
        operations_.push_back({family, true, std::move(key), {}});
    }
    [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] bool empty() const { return operations_.empty(); }
    void clear() {
        operations_.clear();
        bytes_ = 0;
    }

private:
    std::vector<Operation> operations_;
    std::size_t bytes_ = 0;
};

// A forward or backward walk over one family within one prefix, in byte order (unsigned) of the keys. It sees the table
// as it stood when the cursor was made, and may outlive the reading it came from. Not for use by two threads at once.
// `key` and `value` live until the next move.
class Cursor {
public:
    virtual ~Cursor() = default;
    virtual void seek(std::string_view key) = 0;               // to the first key >= key (within the prefix)
    virtual void seek_for_previous(std::string_view key) = 0;  // to the last key <= key (within the prefix)
    virtual void seek_to_last() = 0;                           // to the last key of the prefix
    virtual void next() = 0;                                   // Both do nothing where the cursor is not valid.
    virtual void previous() = 0;
    // Throws StorageError if the walk stopped because of damage and not because of the end.
    [[nodiscard]] virtual bool valid() const = 0;
    [[nodiscard]] virtual std::string_view key() const = 0;
    [[nodiscard]] virtual std::string_view value() const = 0;
};

// The table as it stood at one moment. Cheap; keeps old rows alive while it lives.
class Reading {
public:
    virtual ~Reading() = default;
    [[nodiscard]] virtual std::optional<std::string> get(Family family, std::string_view key) const = 0;
    // The keys that begin with `prefix`, the first of them at once under the cursor. An empty prefix is the family.
    [[nodiscard]] virtual std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const = 0;
};

enum class Sync { no, yes };

// Safe for use by any number of threads; writes are applied in the order in which `write` was entered.
// Every function throws StorageError where the disk fails or damage is found.
class Table : public Reading {
public:
    virtual void write(const WriteBatch& batch, Sync sync) = 0;
    [[nodiscard]] virtual std::unique_ptr<Reading> snapshot() const = 0;
    // Everything written before is on disk when it returns.
    virtual void flush() = 0;
    // Values erased or overwritten in this family have left the disk when it returns, the log files included: what
    // erasing a person's key needs. Keys may stay named in the table's own records, so a secret is never a key.
    // Waits for readings and cursors made before to end; throws StorageError if one does not in time (RocksOptions).
    virtual void purge(Family family) = 0;
    // A consistent copy in a directory that does not exist yet, by hard links where the disk allows. Memory: throws.
    virtual void checkpoint(const std::string& directory) = 0;
};

std::unique_ptr<Table> open_memory_table(std::size_t families);

}  // namespace muster
