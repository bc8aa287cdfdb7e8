#pragma once
// RocksDB alone on a directory that Muster made, with the options that it was made with: what figures are compared
// with.

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

namespace muster::bench {

// Throws std::runtime_error.
void check(const rocksdb::Status& status);

class BareRocks {
public:
    explicit BareRocks(const std::string& path);
    ~BareRocks();
    BareRocks(const BareRocks&) = delete;
    BareRocks& operator=(const BareRocks&) = delete;

    [[nodiscard]] rocksdb::DB& db() const { return *db_; }
    // By the number that it has in Muster's tables.
    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(std::size_t number) const { return handles_[first_ + number]; }

private:
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;
    std::size_t first_ = 0;
};

}  // namespace muster::bench
