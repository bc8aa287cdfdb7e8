#include "tools/bench/bare_rocks.h"

#include <rocksdb/utilities/options_util.h>

#include <stdexcept>

namespace muster::bench {

void check(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.ToString());
}

BareRocks::BareRocks(const std::string& path) {
    rocksdb::DBOptions options;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    check(rocksdb::LoadLatestOptions(rocksdb::ConfigOptions(), path, &options, &families));
    rocksdb::DB* opened = nullptr;
    check(rocksdb::DB::Open(options, path, families, &handles_, &opened));
    db_.reset(opened);
    // A table's families by number; in the file of options RocksDB's own stands first.
    first_ = families.front().name == rocksdb::kDefaultColumnFamilyName ? 1 : 0;
}

BareRocks::~BareRocks() {
    for (auto* each : handles_) db_->DestroyColumnFamilyHandle(each).PermitUncheckedError();
}

}  // namespace muster::bench
