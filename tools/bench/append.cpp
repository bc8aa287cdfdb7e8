// Durable appends, against RocksDB alone writing the very same rows.
#include "eventstore/rocks_table.h"
#include "tools/bench/bare_rocks.h"
#include "tools/bench/bench.h"
#include "tools/bench/world.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fcntl.h>
#include <filesystem>
#include <semaphore>
#include <stdexcept>
#include <unistd.h>

namespace muster::bench {
namespace {

namespace fs = std::filesystem;

// Hands on to a table and keeps what is written.
class Recorded final : public Table {
public:
    Recorded(std::unique_ptr<Table> table, std::vector<WriteBatch>& batches)
        : table_(std::move(table)), batches_(batches) {}
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        return table_->get(family, key);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        return table_->scan(family, prefix);
    }
    void write(const WriteBatch& batch, Sync sync) override {
        batches_.push_back(batch);
        table_->write(batch, sync);
    }
    [[nodiscard]] std::unique_ptr<Reading> snapshot() const override { return table_->snapshot(); }
    void flush() override { table_->flush(); }
    void purge(Family family) override { table_->purge(family); }
    void checkpoint(const std::string& directory) override { table_->checkpoint(directory); }

private:
    std::unique_ptr<Table> table_;
    std::vector<WriteBatch>& batches_;
};

// Invitations that are ready to be queued, and the directory whose log they fit.
struct Prepared {
    std::string directory;
    std::vector<Append> appends;
};

Prepared prepare(Bench& bench, std::size_t count) {
    Prepared prepared{bench.directory() + "/data", {}};
    World world(prepared.directory);
    auto workspace = world.workspace("spring");
    for (std::size_t i = 0; i < count; ++i) prepared.appends.push_back(world.prepared_invite(workspace));
    return prepared;
}

std::string copied(Bench& bench, const std::string& directory) {
    auto copy = bench.directory() + "/data";
    fs::copy(directory, copy, fs::copy_options::recursive);
    return copy;
}

// All of them, so many at a time: each answer sends the next.
Measured append_all(Bench& bench, const Prepared& prepared, std::size_t in_flight, std::vector<WriteBatch>* batches) {
    auto directory = copied(bench, prepared.directory);
    auto appends = prepared.appends;
    RocksShared shared;
    auto table = open_log_table(directory + "/log", shared);
    if (batches) table = std::make_unique<Recorded>(std::move(table), *batches);
    LogOptions options;
    std::size_t groups = 0;
    options.on_group = [&groups](std::span<const RecordedPtr>) { ++groups; };
    Log log(std::move(table), open_anchor(directory + "/anchor"), std::move(options));

    Measured measured;
    measured.microseconds.reserve(appends.size());
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    std::binary_semaphore finished(0);
    std::function<void()> send = [&] {
        auto mine = next++;
        if (mine >= appends.size()) return;
        log.append(std::move(appends[mine]), [&, begun = SteadyClock::now()](const Appended& appended) {
            failed = failed || appended.status != AppendStatus::done;
            measured.microseconds.push_back(microseconds_since(begun));
            bool last = measured.microseconds.size() == appends.size();
            send();
            if (last) finished.release();  // the last thing: who waits ends all this
        });
    };
    auto begun = SteadyClock::now();
    for (std::size_t i = 0; i < in_flight; ++i) send();
    finished.acquire();
    measured.per_second = static_cast<double>(appends.size()) / seconds_since(begun);
    if (failed) throw std::runtime_error("an append was refused");
    auto group = static_cast<double>(appends.size()) / static_cast<double>(groups);
    measured.note = "groups of " + std::to_string(std::lround(group));
    return measured;
}

Measured write_bare(Bench& bench, const Prepared& prepared, const std::vector<WriteBatch>& batches) {
    const BareRocks rocks(copied(bench, prepared.directory) + "/log");
    std::vector<rocksdb::WriteBatch> rows(batches.size());
    for (std::size_t i = 0; i < batches.size(); ++i)
        for (const auto& each : batches[i].operations()) {
            auto* family = rocks.family(each.family);
            check(each.erase ? rows[i].Delete(family, each.key) : rows[i].Put(family, each.key, each.value));
        }
    rocksdb::WriteOptions durable;
    durable.sync = true;
    auto begun = SteadyClock::now();
    for (auto& each : rows) check(rocks.db().Write(durable, &each));
    return {static_cast<double>(prepared.appends.size()) / seconds_since(begun), {}, {}};
}

Measured sync_file(Bench& bench, std::size_t bytes, std::size_t count) {
    auto path = bench.directory() + "/file";
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    std::string row(bytes, 'x');
    Measured measured;
    auto begun = SteadyClock::now();
    bool well = file >= 0;
    for (std::size_t i = 0; i < count && well; ++i) {
        auto each = SteadyClock::now();
        well = ::write(file, row.data(), row.size()) == static_cast<ssize_t>(row.size()) && ::fdatasync(file) == 0;
        measured.microseconds.push_back(microseconds_since(each));
    }
    measured.per_second = static_cast<double>(count) / seconds_since(begun);
    ::close(file);
    if (!well) throw std::runtime_error("can't write " + path);
    return measured;
}

}  // namespace

void appends(Bench& bench) {
    struct Case {
        std::size_t in_flight, count;
        double aim;
    };
    for (const auto& each : {Case{1, 2'000, 0}, Case{16, 15'000, 0}, Case{64, 40'000, 0.7}}) {
        auto name = "append/" + std::to_string(each.in_flight);
        if (!bench.wants(name)) continue;
        auto prepared = prepare(bench, bench.count(each.count, 2 * each.in_flight));
        std::vector<WriteBatch> batches;
        append_all(bench, prepared, each.in_flight, &batches);
        bench.compare(name, "appends", [&] { return append_all(bench, prepared, each.in_flight, nullptr); },
                      {"bare RocksDB", [&] { return write_bare(bench, prepared, batches); }, each.aim, 0});
    }
}

void commands(Bench& bench) {
    if (!bench.wants("command/alone")) return;
    auto count = bench.count(2'000, 5);
    auto prepared = prepare(bench, 1);
    std::vector<WriteBatch> batches;
    append_all(bench, prepared, 1, &batches);
    auto invite_one_by_one = [&] {
        World world(bench.directory() + "/data");
        auto workspace = world.workspace("spring");
        Measured measured;
        auto begun = SteadyClock::now();
        for (std::size_t i = 0; i < count; ++i) {
            auto each = SteadyClock::now();
            if (!world.system().execute().run_and_wait(world.invite(workspace)))
                throw std::runtime_error("an invitation was refused");
            measured.microseconds.push_back(microseconds_since(each));
        }
        measured.per_second = static_cast<double>(count) / seconds_since(begun);
        return measured;
    };
    auto bytes = batches.front().bytes();
    bench.compare("command/alone", "commands", invite_one_by_one,
                  {"fdatasync of " + std::to_string(bytes) + " bytes", [&] { return sync_file(bench, bytes, count); }});
}

}  // namespace muster::bench
