#pragma once
// A log, a disk and a time for the tests of what follows the log.

#include "eventstore/bytes.h"
#include "eventstore/codec.h"
#include "projections/runner.h"
#include "tests/domain/cast.h"
#include "tests/scratch.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace muster::following {

// A history that a test writes. Its links differ where anything before them differs.
class FakeFeed final : public Feed {
public:
    const Recorded& happens(StreamId stream, Event event, Actor actor = {}) {
        const std::lock_guard lock(mutex_);
        auto next = std::make_shared<Recorded>();
        const auto position = events_.size() + 1;
        next->meta = {position, ++versions_[stream], spec::moment(static_cast<std::int64_t>(position)), actor};
        next->stream = stream;
        next->workspace = spec::spring;
        next->event = std::move(event);
        std::string header(type_of(next->event));
        append_u64(header, position);
        header.append(stream.id.bytes.begin(), stream.id.bytes.end());
        links_.push_back(sha256(muster::view(links_.back()), header));
        events_.push_back(std::move(next));
        return *events_.back();
    }
    const Recorded& happens(MemberId member, Event event, Actor actor = {}) {
        return happens(stream_of(member), std::move(event), actor);
    }
    // From here on the events are of a newer program.
    void unknown_from(std::optional<Position> position) {
        const std::lock_guard lock(mutex_);
        unknown_from_ = position;
    }
    [[nodiscard]] std::size_t reads() const { return reads_; }

    [[nodiscard]] std::vector<RecordedPtr> after(Position after, std::size_t most) const override {
        const std::lock_guard lock(mutex_);
        ++reads_;
        std::vector<RecordedPtr> found;
        for (auto i = after; i < events_.size() && found.size() < most; ++i) {
            if (unknown_from_ && i + 1 >= *unknown_from_)
                throw UnknownEvent("MemberPromoted at position " + std::to_string(i + 1));
            found.push_back(events_[i]);
        }
        return found;
    }
    [[nodiscard]] Digest link_at(Position position) const override {
        const std::lock_guard lock(mutex_);
        return links_.at(position);
    }
    [[nodiscard]] Position head() const override {
        const std::lock_guard lock(mutex_);
        return events_.size();
    }

private:
    mutable std::mutex mutex_;
    mutable std::size_t reads_ = 0;
    std::vector<RecordedPtr> events_;
    std::vector<Digest> links_{Digest{}};
    std::map<StreamId, Version> versions_;
    std::optional<Position> unknown_from_;
};

// Tables in memory that are found again under their directories, as long as a file in there says so. Like RocksDB's, a
// table is open once at a time, and takes nothing more once a write has failed.
class MemoryDisk {
public:
    bool full = false;
    // Of what lies in this directory now, no row but the checkpoint can be read.
    void damage(const std::string& directory) {
        std::size_t number = 0;
        std::ifstream(directory + "/rows") >> number;
        damaged_.insert(number);
    }

    std::unique_ptr<Table> open(const std::string& directory, bool create) {
        const auto marker = directory + "/rows";
        if (!std::filesystem::exists(marker)) {
            if (!create) throw StorageError(directory + " has no table");
            std::ofstream(marker) << ++tables_made_;
            tables_[tables_made_] = open_memory_table(1);
        }
        std::size_t number = 0;
        std::ifstream(marker) >> number;
        const auto& table = tables_.at(number);
        if (table.use_count() > 1) throw StorageError(directory + " is open already");
        return std::make_unique<Shared>(table, full, [this, number] { return damaged_.contains(number); });
    }

private:
    class Damaged final : public Reading {
    public:
        explicit Damaged(std::unique_ptr<Reading> rows) : rows_(std::move(rows)) {}
        [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
            if (key != checkpoint_key) fail();
            return rows_->get(family, key);
        }
        [[nodiscard]] std::unique_ptr<Cursor> scan(Family, std::string_view) const override { fail(); }

    private:
        [[noreturn]] static void fail() { throw DamageError("checksum mismatch in /here/000007.sst"); }
        std::unique_ptr<Reading> rows_;
    };
    class Shared final : public Table {
    public:
        Shared(std::shared_ptr<Table> table, const bool& full, std::function<bool()> damaged)
            : table_(std::move(table)), full_(full), damaged_(std::move(damaged)) {}
        void write(const WriteBatch& batch, Sync sync) override {
            failed_ |= full_;
            if (failed_) throw StorageError("No space left on device");
            table_->write(batch, sync);
        }
        [[nodiscard]] std::unique_ptr<Reading> snapshot() const override {
            auto rows = table_->snapshot();
            if (!damaged_()) return rows;
            return std::make_unique<Damaged>(std::move(rows));
        }
        void flush() override { table_->flush(); }
        void purge(Family family) override {
            if (damaged_()) throw DamageError("checksum mismatch in /here/000007.sst");
            table_->purge(family);
        }
        void checkpoint(const std::string& directory) override { table_->checkpoint(directory); }
        [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
            return snapshot()->get(family, key);
        }
        [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
            return snapshot()->scan(family, prefix);
        }

    private:
        std::shared_ptr<Table> table_;
        const bool& full_;
        std::function<bool()> damaged_;
        bool failed_ = false;
    };

    std::size_t tables_made_ = 0;
    std::map<std::size_t, std::shared_ptr<Table>> tables_;
    std::set<std::size_t> damaged_;
};

// The world that a runner lives in.
struct World {
    FakeFeed feed;
    MemoryDisk disk;
    Scratch directory;
    Uuid store = spec::numbered<WorkspaceId>(77).uuid;
    std::chrono::steady_clock::time_point now{};
    std::vector<std::string> told;

    [[nodiscard]] Origin origin() {
        return {feed, [this](const std::string& path, bool create) { return disk.open(path, create); },
                directory.path(), store};
    }
    [[nodiscard]] std::unique_ptr<Runner> runner(const std::vector<const Projection*>& projections) {
        return std::make_unique<Runner>(
            origin(), projections, [this] { return now; }, [this](const std::string& what) { told.push_back(what); });
    }
};

// Keeps how often each stream was seen and the last position, so that an event counted twice or left out shows.
class Tally : public Projection {
public:
    explicit Tally(std::string name = "tally", std::uint32_t version = 1) : name_(std::move(name)), version_(version) {}
    [[nodiscard]] std::string_view name() const override { return name_; }
    [[nodiscard]] std::uint32_t version() const override { return version_; }
    void on(const Recorded& recorded, Rows& rows) const override {
        rows.add("count", 1);
        rows.add("version" + std::to_string(version_), 1);
        rows.add("stream" + base32(recorded.stream.id), 1);
        if (recorded.meta.position == poison) throw std::runtime_error("cannot take this");
        const auto last = number_in(rows.get("last"));
        if (last + 1 != static_cast<std::int64_t>(recorded.meta.position)) throw std::runtime_error("not in order");
        rows.add("last", 1);
    }
    Position poison = 0;

private:
    std::string name_;
    std::uint32_t version_;
};

// Is watched at each event, before it counts.
class Watched final : public Tally {
public:
    using Tally::Tally;
    void on(const Recorded& recorded, Rows& rows) const override {
        sees(recorded.meta.position);
        Tally::on(recorded, rows);
    }
    std::function<void(Position)> sees = [](Position) {};
};

class PersonalTally final : public Tally {
public:
    [[nodiscard]] bool personal() const override { return true; }
};

inline void happen(FakeFeed& feed, int events) {
    for (int i = 0; i < events; ++i)
        feed.happens(spec::numbered<MemberId>(static_cast<std::uint8_t>(i % 7)), MemberDeactivated{});
}

inline std::int64_t count(const Runner& runner, std::string_view name = "tally") {
    return number_in(runner.table(name)->get(0, "count"));
}

inline std::vector<std::string> files_in(const std::string& directory) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
}

using Names = std::vector<std::string>;

}  // namespace muster::following
