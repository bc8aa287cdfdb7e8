#include "eventstore/rocks_table.h"

#include "eventstore/bytes.h"
#include "eventstore/end_mark.h"
#include "eventstore/first_failure.h"
#include "eventstore/rocks_files.h"
#include "eventstore/rocks_told.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <thread>

namespace muster {
namespace {

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

std::string told(const rocksdb::Status& status, const std::string& of) { return of + ": " + status.ToString(); }

void check(const rocksdb::Status& status, const std::string& what) {
    if (status.ok()) return;
    const std::string message = told(status, what);
    if (status.IsCorruption()) throw DamageError(message);
    throw StorageError(message);
}

rocksdb::ColumnFamilyOptions family_options(const RocksFamily& family, const RocksShared& shared) {
    rocksdb::BlockBasedTableOptions blocks;
    blocks.block_cache = shared.block_cache();
    blocks.cache_index_and_filter_blocks = true;
    blocks.pin_l0_filter_and_index_blocks_in_cache = true;
    blocks.block_size = family.kind == RowsKind::events ? 16 * kib : 4 * kib;

    rocksdb::ColumnFamilyOptions rows;
    rows.compression = rocksdb::kLZ4Compression;  // at every level: `compression_per_level` stays empty
    rows.level_compaction_dynamic_level_bytes = true;
    // Seldom and much at a time: compactions are what a single request beside large work waits for most.
    rows.level0_file_num_compaction_trigger = 8;
    rows.write_buffer_size = family.kind == RowsKind::small ? 2 * mib : 8 * mib;
    if (family.kind == RowsKind::events) rows.max_write_buffer_number = 3;  // A slow flush does not stop the writer.
    if (family.point_lookups) {
        blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
        blocks.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
        // In small parts: a filter as one block is evicted whole, and read and checked again whole for one question.
        blocks.partition_filters = true;
        blocks.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
        blocks.metadata_block_size = 4 * kib;
        blocks.pin_top_level_index_and_filter = true;
        rows.memtable_prefix_bloom_size_ratio = 0.02;
        rows.memtable_whole_key_filtering = true;
    }
    rows.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
    return rows;
}

// Left at their defaults on purpose, since 7.8.3 loses or misreads synced rows with them: unordered_write,
// enable_pipelined_write, track_and_verify_wals_in_manifest, wal_compression.
rocksdb::DBOptions table_options(const RocksOptions& options, const RocksShared& shared) {
    rocksdb::DBOptions table;
    if (options.env) table.env = options.env.get();
    table.create_if_missing = options.create_if_missing;
    table.create_missing_column_families = true;
    table.paranoid_checks = true;
    table.wal_recovery_mode = options.recovery == Recovery::to_point_in_time
                                  ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                  : rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    // In a recycled log file a damaged record cannot be told from the remains of the file's first life, so recovery
    // would end there without a word; and erased bytes would live on in it.
    table.recycle_log_file_num = 0;
    table.write_buffer_manager = shared.unflushed();
    table.max_background_jobs = 2;
    table.bytes_per_sync = 1 * mib;  // Large flushes trickle, so that they do not delay the log's syncs.
    table.compaction_readahead_size = 512 * kib;
    // Bounds how long a start takes; a family seldom written is flushed when its rows hold back the oldest log file.
    table.max_total_wal_size = options.use == RocksUse::log ? 64 * mib : 16 * mib;
    // A manifest names the first and last key of each table. In views these are people's names and addresses, so theirs
    // is begun anew with every change, without the tables that are gone.
    table.max_manifest_file_size = options.use == RocksUse::view ? 1 : 16 * mib;
    table.max_bgerror_resume_count = 0;  // A failed background write stays failed (see rocks_told.h, too).
    table.listeners.push_back(rocks_listener());
    table.info_log = no_rocks_log();
    table.stats_dump_period_sec = 0;
    table.stats_persist_period_sec = 0;
    return table;
}

void check_open(const rocksdb::Status& status, const std::string& path) {
    const std::string said = status.ToString();
    if (status.IsIOError() && said.contains("LOCK")) {
        if (said.contains("lock hold by current process"))
            throw StorageError("this process has " + path + " open already");
        if (said.contains("Resource temporarily unavailable"))
            throw StorageError("another process has " + path + " open; stop it or name another directory");
    }
    if (status.IsPathNotFound()) throw DamageError(path + ": a file that belongs to it is missing: " + said);
    check(status, path);
}

// One open RocksDB, shared by the table, its readings and its cursors, and closed by the last of them.
class OpenRocks {
public:
    OpenRocks(const std::string& given_path, const RocksOptions& options, const RocksShared& shared)
        : path(std::filesystem::absolute(given_path).lexically_normal()),
          use(options.use),
          purge_wait_max(options.purge_wait_max),
          env_(options.env) {
        if (use == RocksUse::view && options.families.size() != 1)
            throw std::invalid_argument("a view has one family: several are not flushed as one");
        const rocksdb::DBOptions table = table_options(options, shared);
        if (options.create_if_missing) create_directory(*table.env, path);
        refuse_remains(*table.env, path);

        std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
        for (const RocksFamily& family : options.families)
            descriptors.emplace_back(family.name, family_options(family, shared));
        // RocksDB insists on a family of this name; it has no rows (see `begin_files_anew`).
        descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, family_options({}, shared));

        rocksdb::DB* opened = nullptr;
        check_open(rocksdb::DB::Open(table, path, descriptors, &families_, &opened), path);
        db.reset(opened);
        if (use != RocksUse::vault) return;
        try {
            end_mark.emplace(path + "/anchor");
            end_mark->check(db->GetLatestSequenceNumber());
        } catch (...) {
            close();
            throw;
        }
    }
    ~OpenRocks() { close(); }
    OpenRocks(const OpenRocks&) = delete;
    OpenRocks& operator=(const OpenRocks&) = delete;

    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family number) const {
        if (number + std::size_t{1} >= families_.size())
            throw std::out_of_range(path + " has no family " + std::to_string(number));
        return families_[number];
    }
    [[nodiscard]] const std::vector<rocksdb::ColumnFamilyHandle*>& families() const { return families_; }
    [[nodiscard]] rocksdb::ColumnFamilyHandle* unused_family() const { return families_.back(); }

    const std::string path;
    const RocksUse use;
    const std::chrono::milliseconds purge_wait_max;
    std::unique_ptr<rocksdb::DB> db;
    std::optional<EndMark> end_mark;  // of the vault
    FirstFailure failure;

private:
    void close() {
        if (!db) return;
        // What a view loses here it makes again from the log, so a failure needs no word.
        if (use == RocksUse::view) static_cast<void>(db->Flush(rocksdb::FlushOptions(), families_.front()));
        // Rows that nobody asked to be synced are, so that what is lost of them while nobody runs is noticed too.
        const std::uint64_t end = db->GetLatestSequenceNumber();
        if (end_mark && !failure.happened() && db->SyncWAL().ok()) end_mark->close_at(end);
        for (rocksdb::ColumnFamilyHandle* family : families_) static_cast<void>(db->DestroyColumnFamilyHandle(family));
        static_cast<void>(db->Close());
        db.reset();
    }
    std::shared_ptr<rocksdb::Env> env_;                   // The destructor ends db before it.
    std::vector<rocksdb::ColumnFamilyHandle*> families_;  // RocksDB's own default last
};
using Rocks = std::shared_ptr<OpenRocks>;

class RocksCursor final : public Cursor {
public:
    RocksCursor(Rocks rocks, Family family, std::string_view prefix, const rocksdb::Snapshot* snapshot)
        : rocks_(std::move(rocks)), first_(prefix), end_(end_of_prefix(prefix)), first_bound_(first_) {
        rocksdb::ReadOptions reading;
        reading.snapshot = snapshot;
        reading.iterate_lower_bound = &first_bound_;
        if (end_) {
            end_bound_ = *end_;
            reading.iterate_upper_bound = &end_bound_;
        }
        iterator_.reset(rocks_->db->NewIterator(reading, rocks_->family(family)));
        iterator_->SeekToFirst();
    }
    void seek(std::string_view key) override { iterator_->Seek(rocksdb::Slice(key)); }
    void seek_for_previous(std::string_view key) override { iterator_->SeekForPrev(rocksdb::Slice(key)); }
    void seek_to_last() override { iterator_->SeekToLast(); }
    void next() override {
        if (iterator_->Valid()) iterator_->Next();
    }
    void previous() override {
        if (iterator_->Valid()) iterator_->Prev();
    }
    [[nodiscard]] bool valid() const override {
        if (iterator_->Valid()) return true;
        check(iterator_->status(), rocks_->path);
        return false;
    }
    [[nodiscard]] std::string_view key() const override { return iterator_->key().ToStringView(); }
    [[nodiscard]] std::string_view value() const override { return iterator_->value().ToStringView(); }

private:
    Rocks rocks_;
    std::string first_;
    std::optional<std::string> end_;
    rocksdb::Slice first_bound_;  // The iterator keeps pointers to these two.
    rocksdb::Slice end_bound_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
};

std::optional<std::string> get_row(const OpenRocks& rocks, Family family, std::string_view key,
                                   const rocksdb::Snapshot* snapshot) {
    rocksdb::ReadOptions reading;
    reading.snapshot = snapshot;
    std::string value;
    const rocksdb::Status status = rocks.db->Get(reading, rocks.family(family), rocksdb::Slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    check(status, rocks.path);
    return value;
}

class RocksReading final : public Reading {
public:
    explicit RocksReading(Rocks rocks) : rocks_(std::move(rocks)), snapshot_(rocks_->db->GetSnapshot()) {}
    ~RocksReading() override { rocks_->db->ReleaseSnapshot(snapshot_); }
    RocksReading(const RocksReading&) = delete;
    RocksReading& operator=(const RocksReading&) = delete;

    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        return get_row(*rocks_, family, key, snapshot_);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        return std::make_unique<RocksCursor>(rocks_, family, prefix, snapshot_);
    }

private:
    Rocks rocks_;
    const rocksdb::Snapshot* snapshot_;
};

// For purging: whether the files that held the erased bytes are gone.

constexpr std::chrono::milliseconds files_begun_every{50};

template <typename Condition>
bool comes_true(std::chrono::milliseconds wait_max, Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + wait_max;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

class RocksTable final : public Table {
public:
    explicit RocksTable(Rocks rocks) : rocks_(std::move(rocks)) {}

    void write(const WriteBatch& batch, Sync sync) override {
        if (batch.empty()) return;
        constexpr std::size_t row_overhead = 16;  // tag, family and two lengths, rounded up
        rocksdb::WriteBatch rows(batch.bytes() + batch.operations().size() * row_overhead + row_overhead);
        for (const auto& [family, erase, key, value] : batch.operations())
            check(erase ? rows.Delete(rocks_->family(family), key) : rows.Put(rocks_->family(family), key, value),
                  rocks_->path);
        const bool view = rocks_->use == RocksUse::view;
        rocksdb::WriteOptions writing;
        writing.sync = sync == Sync::yes && !view;
        writing.disableWAL = view;
        rocks_->failure.refuse_after();
        const std::uint64_t before = rocks_->db->GetLatestSequenceNumber();
        check_written(rocks_->db->Write(writing, &rows));
        if (sync == Sync::yes && view) flush();
        // These rows came behind all that was there before, so all that is synced with them.
        if (writing.sync && rocks_->end_mark) rocks_->end_mark->reached(before + 1);
    }
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        return get_row(*rocks_, family, key, nullptr);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        return std::make_unique<RocksCursor>(rocks_, family, prefix, nullptr);
    }
    [[nodiscard]] std::unique_ptr<Reading> snapshot() const override { return std::make_unique<RocksReading>(rocks_); }

    void flush() override {
        rocks_->failure.refuse_after();
        check_written(rocks_->db->Flush(rocksdb::FlushOptions(), rocks_->families()));
    }
    void purge(Family number) override {
        rocksdb::ColumnFamilyHandle* family = rocks_->family(number);
        wait_for_older_snapshots();
        std::set<std::string> stale = used_logs(*rocks_->db, rocks_->path);
        flush();
        stale.merge(table_files_but_of_others(*rocks_->db, rocks_->path, family->GetName()));
        rocksdb::CompactRangeOptions whole;
        whole.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
        check_written(rocks_->db->CompactRange(whole, family, nullptr, nullptr));
        wait_for_deletion(stale, family->GetName());
        if (rocks_->use == RocksUse::view) forget_keys_of_gone_tables();
    }
    void checkpoint(const std::string& directory) override {
        rocksdb::Checkpoint* made = nullptr;
        check(rocksdb::Checkpoint::Create(rocks_->db.get(), &made), rocks_->path);
        const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
        check(checkpoint->CreateCheckpoint(directory), "a copy of " + rocks_->path + " in " + directory);
    }

private:
    void check_written(const rocksdb::Status& status) {
        if (!status.ok()) rocks_->failure.keep(told(status, rocks_->path), status.IsCorruption());
        check(status, rocks_->path);
    }
    void wait_for_older_snapshots() const {
        const std::uint64_t now = rocks_->db->GetLatestSequenceNumber();
        if (!comes_true(rocks_->purge_wait_max, [&] {
                std::uint64_t oldest = 0;  // stays 0 where there is none
                rocks_->db->GetIntProperty(rocksdb::DB::Properties::kOldestSnapshotSequence, &oldest);
                return oldest == 0 || oldest >= now;
            }))
            throw StorageError(rocks_->path + ": erased rows stay: a reading made before sees them");
    }
    // A flush of another family that was under way keeps the log file that was begun meanwhile, though it has none of
    // that file's rows, until the next one is begun; and a table file that was let go while another was made stays
    // until files are looked through again. Both happens here, by erasing a row that never was.
    void begin_files_anew() {
        rocks_->failure.refuse_after();
        rocksdb::WriteOptions writing;
        writing.disableWAL = rocks_->use == RocksUse::view;
        check_written(rocks_->db->Delete(writing, rocks_->unused_family(), ""));
        flush();
    }
    // The manifest that tells of the compaction began before it.
    void forget_keys_of_gone_tables() {
        const std::set<std::string> before = manifests_in(*rocks_->db, rocks_->path);
        if (!comes_true(rocks_->purge_wait_max, [&] {
                begin_files_anew();
                const std::set<std::string> now = manifests_in(*rocks_->db, rocks_->path);
                return std::none_of(before.begin(), before.end(), [&](const auto& each) { return now.contains(each); });
            }))
            throw StorageError(rocks_->path + " still names the keys of erased rows in its manifest");
    }
    // A file that turned out to be another family's, made while we looked, is no concern.
    void wait_for_deletion(const std::set<std::string>& stale, const std::string& family) {
        std::string left;
        auto begin_at = std::chrono::steady_clock::now() + files_begun_every;
        if (!comes_true(rocks_->purge_wait_max, [&] {
                if (std::chrono::steady_clock::now() >= begin_at) {
                    begin_files_anew();
                    begin_at = std::chrono::steady_clock::now() + files_begun_every;
                }
                left.clear();
                const std::set<std::string> logs = files_in(*rocks_->db, rocks_->path);
                const std::set<std::string> tables = table_files_but_of_others(*rocks_->db, rocks_->path, family);
                for (const std::string& name : stale)
                    if (name.ends_with(".log") ? logs.contains(name) : tables.contains(name)) left = name;
                return left.empty();
            }))
            throw StorageError(rocks_->path + "/" + left +
                               " still holds erased rows: a cursor made before keeps it, or it cannot be deleted");
    }

    Rocks rocks_;
};

}  // namespace

// A cache that unflushed rows are charged to, so that both together stay within `bytes`. It has few
// shards, so that large blocks and the charge fit each.
RocksShared::RocksShared(std::size_t bytes)
    : block_cache_(rocksdb::NewLRUCache(bytes, 2)),
      unflushed_(std::make_shared<rocksdb::WriteBufferManager>(bytes / 2, block_cache_)) {
    rocksdb::Env::Default()->SetBackgroundThreads(1, rocksdb::Env::HIGH);  // flushes
    rocksdb::Env::Default()->SetBackgroundThreads(1, rocksdb::Env::LOW);   // compactions
}

std::unique_ptr<Table> open_rocks_table(const std::string& path, const RocksOptions& options,
                                        const RocksShared& shared) {
    return std::make_unique<RocksTable>(std::make_shared<OpenRocks>(path, options, shared));
}

void check_blocks(const std::string& directory, const std::string& shown) {
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() != ".sst") continue;
        rocksdb::SstFileReader file{rocksdb::Options()};
        rocksdb::Status status = file.Open(entry.path());
        if (status.ok()) status = file.VerifyChecksum();
        if (!status.ok()) check(status, shown + "/" + entry.path().filename().string());
    }
}

}  // namespace muster
