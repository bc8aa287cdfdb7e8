#pragma once
// A file system for RocksDB whose power fails, or whose writes fail, at a chosen call. It knows which bytes and which
// names have been synced; the others it can take back, as a disk may after a power cut. It never syncs really.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace muster::test {

// The n-th call, from 1, at which something happens; 0 is never.
struct Fault {
    std::uint64_t power_cut_at = 0;    // of the calls that change something: from it on every one fails
    std::uint64_t write_error_at = 0;  // of the appends and syncs: only that one fails, as a disk's errors do
};

// What becomes of that which was not synced when the power failed.
enum class Loss : std::uint8_t {
    all,   // Unsynced bytes and names are gone.
    some,  // Of each file's bytes and of the names only a first part is left.
    torn,  // Names and sizes are left, but some pages of unsynced bytes are zeros.
};

// Deleting takes effect at once and for good, which is the harder case. Safe for use by any number of threads.
class FaultyFileSystem final : public rocksdb::FileSystemWrapper {
public:
    explicit FaultyFileSystem(Fault fault);

    [[nodiscard]] bool struck() const;
    // Makes the disk what it is found to be when the power is back. Only once nothing uses this any more.
    void lose(Loss loss, std::uint64_t seed);

    // What was made or written but not synced, for one file: shared with those who write to it.
    struct File {
        std::uint64_t size = 0;
        std::uint64_t synced = 0;
        bool failed = false;  // A sync failed, so what was unsynced then will never be on the disk.
    };
    rocksdb::IOStatus append(File& file, std::uint64_t bytes);
    rocksdb::IOStatus sync(File& file);
    rocksdb::IOStatus sync_directory(const std::string& directory);

    [[nodiscard]] const char* Name() const override { return "FaultyFileSystem"; }
    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* made,
                                      rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* made,
                                   rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;
    rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                                 rocksdb::IODebugContext* debug) override;

private:
    // A name made (`from` empty) or moved since its directory was synced.
    struct NameChange {
        std::string from;
        std::string path;
        std::optional<std::string> replaced;  // the bytes that `path` named before
    };
    rocksdb::IOStatus count_change();  // These two with mutex_ held.
    rocksdb::IOStatus count_write(File& file);
    void undo(const NameChange& change);

    const Fault fault_;
    mutable std::mutex mutex_;  // guards all below
    std::uint64_t changes_ = 0;
    std::uint64_t writes_ = 0;
    bool struck_ = false;
    std::map<std::string, std::shared_ptr<File>> files_;  // by path
    std::vector<NameChange> unsynced_names_;              // oldest first
};

// For RocksOptions::env. RocksDB's pause of a second after a failed flush is left out.
std::shared_ptr<rocksdb::Env> env_on(std::shared_ptr<FaultyFileSystem> disk);

}  // namespace muster::test
