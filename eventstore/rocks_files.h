#pragma once
// Which files of a RocksDB directory hold rows: what purging looks at. Names are without the directory. For any thread.
// Throws StorageError where the directory can't be read.

#include <set>
#include <string>

namespace rocksdb {
class DB;
}  // namespace rocksdb

namespace muster {

std::set<std::string> manifests_in(const rocksdb::DB& db, const std::string& path);
std::set<std::string> files_in(const rocksdb::DB& db, const std::string& path);
// The log files that have something in them.
std::set<std::string> used_logs(const rocksdb::DB& db, const std::string& path);
// Every table file but those that are alive in other families.
std::set<std::string> table_files_but_of_others(rocksdb::DB& db, const std::string& path, const std::string& family);

}  // namespace muster
