#pragma once
// What RocksDB tells whoever opens it: that its threads begin to work, that a write failed, and lines for a log.

#include <memory>

namespace rocksdb {
class EventListener;
class Logger;
}  // namespace rocksdb

namespace muster {

// Sends each of RocksDB's own threads behind those that answer, as it first flushes or compacts. They are made by its
// environment, one pool for all tables of the process. And has a failed write stay failed, where RocksDB would wait for
// room on the disk and go on.
std::shared_ptr<rocksdb::EventListener> rocks_listener();

// Keeps nothing: what fails, a call says or `fsck`. RocksDB's own log would lie beside its files, with keys in it that
// are names and addresses; and a line that finds the disk full ends the process at the next one, by an assertion
// (WritableFileWriter, 7.8.3).
std::shared_ptr<rocksdb::Logger> no_rocks_log();

}  // namespace muster
