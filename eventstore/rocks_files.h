#pragma once
// Which files of a RocksDB directory hold rows: what purging looks at, and opening. Names are without the directory.
// For any thread. Throws StorageError where the directory can't be read.

#include <filesystem>
#include <set>
#include <string>

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace muster {

std::set<std::string> manifests_in(const rocksdb::DB& db, const std::string& path);
std::set<std::string> files_in(const rocksdb::DB& db, const std::string& path);
// The log files that have something in them.
std::set<std::string> used_logs(const rocksdb::DB& db, const std::string& path);
// Every table file but those that are alive in other families.
std::set<std::string> table_files_but_of_others(rocksdb::DB& db, const std::string& path, const std::string& family);

// Its entry in its parent directory is synced too, which RocksDB leaves out.
void create_directory(rocksdb::Env& env, const std::filesystem::path& path);
// RocksDB would begin a new table over the remains of one whose CURRENT is lost, and delete them: throws DamageError.
void refuse_remains(rocksdb::Env& env, const std::string& path);

}  // namespace muster
