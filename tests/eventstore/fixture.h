// A small world to test the event store in: a clock that is set by hand, seeded randomness, a table that can be looked
// at, damaged and made to fail, and the log, the vault and execution on top of it.
#pragma once

#include "eventstore/answers.h"
#include "eventstore/erase.h"
#include "eventstore/execute.h"
#include "eventstore/rocks_table.h"
#include "tests/domain/cast.h"
#include "tests/eventstore/table_contract.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace muster::test {

struct HandClock final : Clock {
    [[nodiscard]] Instant now() const override { return {ms.load()}; }
    void advance(std::int64_t seconds) { ms += seconds * 1000; }
    std::atomic<std::int64_t> ms = spec::monday.ms;
};

struct SeededEntropy final : Entropy {
    explicit SeededEntropy(std::uint64_t seed = 1) : random(seed) {}
    void fill(std::uint8_t* bytes, std::size_t count) override {
        std::lock_guard lock(mutex);
        for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(random());
    }
    std::mutex mutex;
    std::mt19937_64 random;
};

// Hands on to a table that outlives it, so that a log can be closed and opened again on the same rows.
class BorrowedTable final : public Table {
public:
    struct Faults {
        std::atomic<bool> write_fails = false;
        std::atomic<bool> dies_behind_write = false;  // the rows are there, and nobody is told
        std::atomic<bool> purge_fails = false;
        std::atomic<int> writes = 0;
        std::function<void()> before_write;  // on the writing thread
        std::function<void()> scanned;       // once, when rows are walked that stood before it
    };
    BorrowedTable(std::shared_ptr<Table> table, std::shared_ptr<Faults> faults)
        : table_(std::move(table)), faults_(std::move(faults)) {}
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        return table_->get(family, key);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        auto cursor = table_->scan(family, prefix);
        if (auto scanned = std::exchange(faults_->scanned, nullptr)) scanned();
        return cursor;
    }
    void write(const WriteBatch& batch, Sync sync) override {
        if (faults_->before_write) faults_->before_write();
        if (faults_->write_fails) throw StorageError("the disk is full");
        ++faults_->writes;
        table_->write(batch, sync);
        if (faults_->dies_behind_write) throw StorageError("the power is cut");
    }
    [[nodiscard]] std::unique_ptr<Reading> snapshot() const override { return table_->snapshot(); }
    void flush() override { table_->flush(); }
    void purge(Family family) override {
        if (faults_->purge_fails) throw StorageError("erased rows stay");
        table_->purge(family);
    }
    void checkpoint(const std::string& directory) override { table_->checkpoint(directory); }

private:
    std::shared_ptr<Table> table_;
    std::shared_ptr<Faults> faults_;
};

class BorrowedAnchor final : public Anchor {
public:
    explicit BorrowedAnchor(std::shared_ptr<Anchor> anchor) : anchor_(std::move(anchor)) {}
    [[nodiscard]] std::optional<AnchorMark> read() const override { return anchor_->read(); }
    void write(const AnchorMark& mark) override { anchor_->write(mark); }

private:
    std::shared_ptr<Anchor> anchor_;
};

// Threads that answers are posted to.
class Pool {
public:
    explicit Pool(int threads) {
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
    }
    ~Pool() {
        {
            std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wakes_.notify_all();
        for (auto& each : threads_) each.join();
    }
    // Wakes under the lock: whoever runs the task may end the pool.
    void post(std::function<void()> task) {
        std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        wakes_.notify_one();
    }

private:
    void work() {
        while (true) {
            std::function<void()> task;
            {
                std::unique_lock lock(mutex_);
                wakes_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
                if (tasks_.empty()) return;
                task = std::move(tasks_.front());
                tasks_.pop_front();
            }
            task();
        }
    }
    std::mutex mutex_;
    std::condition_variable wakes_;
    std::deque<std::function<void()>> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

enum class On { memory, rocks };

// The log's families in the order of their numbers, as store.cpp has them.
std::unique_ptr<Table> rocks_log_table(const std::string& directory);

using Rows = std::map<std::pair<Family, std::string>, std::string>;
Rows all_rows(const Reading& table);

// A log on a table that the test keeps.
struct LogWorld {
    explicit LogWorld(On on = On::memory);
    void open();
    void close() { log.reset(); }
    void reopen();
    [[nodiscard]] Rows rows() const { return all_rows(*table); }

    HandClock clock;
    SeededEntropy entropy;
    Scratch scratch;
    On kind;
    std::shared_ptr<BorrowedTable::Faults> faults = std::make_shared<BorrowedTable::Faults>();
    std::shared_ptr<Anchor> anchor = memory_anchor();
    std::vector<RecordedPtr> heard;  // by on_group, on a thread of the log's
    std::atomic<int> failures = 0;
    std::shared_ptr<Table> table;
    std::unique_ptr<Log> log;
};

// What stands above a log.
struct World : LogWorld {
    explicit World(On on = On::memory, int threads = 2);
    ~World();
    void start();
    void restart();

    // A workspace of preset `default` with ada as its active admin.
    WorkspaceId workspace(const std::string& slug = "spring");
    Result run(Command command) { return execute->run_and_wait(std::move(command)); }
    template <class C>
    Command command(WorkspaceId workspace, StreamId target, C asked) {
        Command made;
        made.workspace = workspace;
        made.actor = {ActorKind::operator_, {}};
        made.target = target;
        made.correlation = execute->fresh();
        if constexpr (requires { asked.resources.size(); }) made.address = asked.email;
        made.decide = [asked](const Loaded& loaded, const Context& context) {
            if constexpr (requires { decide(*loaded.membership, *loaded.workspace, asked, context); })
                return decide(*loaded.membership, *loaded.workspace, asked, context);
            else if constexpr (requires { decide(*loaded.resource, *loaded.workspace, asked, context); })
                return decide(*loaded.resource, *loaded.workspace, asked, context);
            else
                return decide(*loaded.workspace, asked, context);
        };
        return made;
    }
    Command invite(WorkspaceId workspace, const std::string& email, const std::string& role = "member");
    Command create(WorkspaceId workspace, const std::string& email, const std::string& role = "member");
    Command plan(WorkspaceId workspace, std::optional<std::int64_t> user_limit, std::vector<License> licenses = {});
    template <class C>
    Command on(WorkspaceId workspace, MemberId member, C asked) {
        return command(workspace, stream_of(member), std::move(asked));
    }
    Command accept(WorkspaceId workspace, MemberId member, std::uint32_t generation = 0);
    MemberId done(const Result& result);  // the membership that it is about; fails the test where it was refused
    std::int64_t used(WorkspaceId workspace, const Counter& counter = Counter::users()) const {
        return log->counters(workspace)->of(counter);
    }
    std::shared_ptr<const Membership> member(WorkspaceId workspace, MemberId id) {
        return directory->membership(workspace, id);
    }

    // So many random commands on two workspaces, in every order that comes; most are done, the rest is refused.
    void work(std::uint64_t seed, int steps);

    SecretKey master = random_key(entropy);
    std::shared_ptr<Table> vault_table;
    std::shared_ptr<BorrowedTable::Faults> vault_faults = std::make_shared<BorrowedTable::Faults>();
    std::unique_ptr<Pool> pool;
    int threads;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<History> history;
    std::unique_ptr<Directory> directory;
    std::unique_ptr<Execute> execute;
    std::unique_ptr<Eraser> eraser;
};

// Runs the same on so many threads at once, and waits for all.
void at_once(int threads, const std::function<void(int)>& work);

inline std::string code(const Result& result) { return result ? "done" : std::string(name_of(result.error().code)); }

}  // namespace muster::test
