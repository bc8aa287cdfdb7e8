#include "tests/eventstore/faulty_file_system.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

namespace muster::test {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class FaultyFile final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    FaultyFile(std::unique_ptr<rocksdb::FSWritableFile> target, FaultyFileSystem& system,
               std::shared_ptr<FaultyFileSystem::File> file)
        : FSWritableFileOwnerWrapper(std::move(target)), system_(system), file_(std::move(file)) {}

    IOStatus Append(const Slice& bytes, const IOOptions& options, IODebugContext* debug) override {
        const IOStatus status = system_.append(*file_, bytes.size());
        return status.ok() ? FSWritableFileOwnerWrapper::Append(bytes, options, debug) : status;
    }
    IOStatus Append(const Slice& bytes, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                    IODebugContext* debug) override {
        return Append(bytes, options, debug);
    }
    IOStatus Sync(const IOOptions&, IODebugContext*) override { return system_.sync(*file_); }
    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return system_.sync(*file_); }
    IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
        return IOStatus::OK();  // A hint: nothing is promised by it.
    }

private:
    FaultyFileSystem& system_;
    std::shared_ptr<FaultyFileSystem::File> file_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
public:
    FaultyDirectory(std::unique_ptr<rocksdb::FSDirectory> target, FaultyFileSystem& system, std::string path)
        : FSDirectoryWrapper(std::move(target)), system_(system), path_(std::move(path)) {}

    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return system_.sync_directory(path_); }
    IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*, const rocksdb::DirFsyncOptions&) override {
        return system_.sync_directory(path_);
    }

private:
    FaultyFileSystem& system_;
    std::string path_;
};

class ImpatientEnv final : public rocksdb::EnvWrapper {
public:
    explicit ImpatientEnv(std::shared_ptr<FaultyFileSystem> disk) : EnvWrapper(Env::Default()) {
        file_system_ = std::move(disk);
    }
    [[nodiscard]] const char* Name() const override { return "ImpatientEnv"; }
    void SleepForMicroseconds(int) override { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }
};

std::string read_file(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

void zero(const std::string& path, std::uint64_t begin, std::uint64_t end) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(begin));
    file << std::string(end - begin, '\0');
}

}  // namespace

FaultyFileSystem::FaultyFileSystem(Fault fault) : FileSystemWrapper(rocksdb::FileSystem::Default()), fault_(fault) {}

bool FaultyFileSystem::struck() const {
    const std::lock_guard lock(mutex_);
    return struck_;
}

IOStatus FaultyFileSystem::count_change() {
    if (++changes_ == fault_.power_cut_at) struck_ = true;
    return struck_ && fault_.power_cut_at > 0 ? IOStatus::IOError("the power is cut") : IOStatus::OK();
}

IOStatus FaultyFileSystem::count_write(File& file) {
    if (IOStatus status = count_change(); !status.ok()) return status;
    if (++writes_ == fault_.write_error_at) {
        struck_ = true;
        file.failed = true;
        IOStatus status = IOStatus::IOError("Input/output error");
        status.SetRetryable(true);  // which invites RocksDB to mend itself and go on
        return status;
    }
    return IOStatus::OK();
}

IOStatus FaultyFileSystem::append(File& file, std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    const IOStatus status = count_write(file);
    if (status.ok()) file.size += bytes;
    return status;
}

IOStatus FaultyFileSystem::sync(File& file) {
    const std::lock_guard lock(mutex_);
    const IOStatus status = count_write(file);
    if (status.ok() && !file.failed) file.synced = file.size;
    return status;
}

IOStatus FaultyFileSystem::sync_directory(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    const IOStatus status = count_change();
    if (status.ok())
        std::erase_if(unsynced_names_, [&](const NameChange& change) {
            return std::filesystem::path(change.path).parent_path() == std::filesystem::path(directory);
        });
    return status;
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* made, IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    if (IOStatus status = count_change(); !status.ok()) return status;
    const bool replaces = std::filesystem::exists(path);
    std::unique_ptr<rocksdb::FSWritableFile> target;
    if (IOStatus status = FileSystemWrapper::NewWritableFile(path, options, &target, debug); !status.ok())
        return status;
    if (!replaces) unsynced_names_.push_back({.from = {}, .path = path, .replaced = {}});
    files_[path] = std::make_shared<File>();
    *made = std::make_unique<FaultyFile>(std::move(target), *this, files_[path]);
    return IOStatus::OK();
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* made, IODebugContext* debug) {
    std::unique_ptr<rocksdb::FSDirectory> target;
    if (IOStatus status = FileSystemWrapper::NewDirectory(path, options, &target, debug); !status.ok()) return status;
    *made = std::make_unique<FaultyDirectory>(std::move(target), *this, path);
    return IOStatus::OK();
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& path, const IOOptions& options, IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    if (IOStatus status = count_change(); !status.ok()) return status;
    files_.erase(path);
    return FileSystemWrapper::DeleteFile(path, options, debug);
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                      IODebugContext* debug) {
    const std::lock_guard lock(mutex_);
    if (IOStatus status = count_change(); !status.ok()) return status;
    std::optional<std::string> replaced;
    if (std::filesystem::exists(to)) replaced = read_file(to);
    if (IOStatus status = FileSystemWrapper::RenameFile(from, to, options, debug); !status.ok()) return status;
    files_.erase(to);
    if (auto moved = files_.extract(from)) {
        moved.key() = to;
        files_.insert(std::move(moved));
    }
    unsynced_names_.push_back({.from = from, .path = to, .replaced = std::move(replaced)});
    return IOStatus::OK();
}

// What has been deleted since stays deleted.
void FaultyFileSystem::undo(const NameChange& change) {
    std::error_code ignored;
    auto moved = files_.extract(change.path);
    if (change.from.empty()) {
        std::filesystem::remove(change.path, ignored);
        return;
    }
    std::filesystem::rename(change.path, change.from, ignored);
    if (moved) {
        moved.key() = change.from;
        files_.insert(std::move(moved));
    }
    if (change.replaced) std::ofstream(change.path, std::ios::binary) << *change.replaced;
}

void FaultyFileSystem::lose(Loss loss, std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    std::mt19937_64 random(seed);
    const auto up_to = [&](std::uint64_t most) {
        return std::uniform_int_distribution<std::uint64_t>(0, most)(random);
    };
    const std::uint64_t names_left = loss == Loss::all    ? 0
                                     : loss == Loss::some ? up_to(unsynced_names_.size())
                                                          : unsynced_names_.size();
    for (; unsynced_names_.size() > names_left; unsynced_names_.pop_back()) undo(unsynced_names_.back());

    constexpr std::uint64_t page = 512;
    for (const auto& [path, file] : files_) {
        if (file->synced == file->size || !std::filesystem::exists(path)) continue;
        if (loss == Loss::torn) {
            for (std::uint64_t at = file->synced; at < file->size; at = (at / page + 1) * page)
                if (up_to(1) == 0) zero(path, at, std::min((at / page + 1) * page, file->size));
        } else {
            const std::uint64_t left = loss == Loss::all ? 0 : up_to(file->size - file->synced);
            std::filesystem::resize_file(path, file->synced + left);
        }
    }
}

std::shared_ptr<rocksdb::Env> env_on(std::shared_ptr<FaultyFileSystem> disk) {
    return std::make_shared<ImpatientEnv>(std::move(disk));
}

}  // namespace muster::test
