// The power fails, or the disk refuses, at every single call of a short life of a table. [N1]: what was acknowledged
// with Sync::yes is there when the table is opened again; [N12]: beyond it there are whole batches or none.

#include "eventstore/rocks_table.h"
#include "tests/eventstore/faulty_file_system.h"
#include "tests/eventstore/table_contract.h"

#include <algorithm>

namespace muster::test {
namespace {

const RocksShared shared;

RocksOptions on(const std::shared_ptr<FaultyFileSystem>& disk, RocksUse use) {
    RocksOptions options{
        .families = {{.name = "rows"}, {.name = "heads", .kind = RowsKind::small, .point_lookups = true}},
        .use = use,
        .create_if_missing = true,
        .purge_wait_max = std::chrono::milliseconds(20),
        .env = env_on(disk)};
    if (use == RocksUse::view) options.families.pop_back();
    return options;
}

constexpr std::uint64_t batches = 12;

// Some fit a page, some span several, one spans several blocks of a log file.
std::string value_of(std::uint64_t batch) {
    return std::string(batch == 9 ? 70'000 : batch % 3 * 900 + 40, static_cast<char>('a' + batch));
}

// A batch changes three rows; in a table of one family they are all there.
WriteBatch batch_of(std::uint64_t batch, Family heads) {
    WriteBatch rows;
    rows.put(0, "row " + number_key(batch), value_of(batch));
    rows.put(heads, "head " + number_key(batch), "");
    rows.put(heads, "last", number_key(batch));
    return rows;
}

bool synced(std::uint64_t batch) { return batch % 4 != 2; }

struct Life {
    std::uint64_t durable = 0;     // batches 1 to this one must be there
    bool obeyed_the_error = true;  // nothing was acknowledged after something was refused
    bool told_why = true;          // later refusals name what failed first: any thread's may be heard first
};

// Goes on after an error, as a program must not, to see that nothing more is acknowledged.
Life live(const std::string& path, const RocksOptions& options) {
    Life life;
    const Family heads = options.families.size() > 1 ? 1 : 0;
    try {
        const auto table = open_rocks_table(path, options, shared);
        bool refused = false;
        for (std::uint64_t batch = 1; batch <= batches; ++batch) {
            try {
                const bool sync = synced(batch) && options.use != RocksUse::view;
                table->write(batch_of(batch, heads), sync ? Sync::yes : Sync::no);
                if (sync) life.durable = batch;
                if (refused) life.obeyed_the_error = false;
                if (batch == 5 || batch == 10) {
                    table->flush();
                    life.durable = batch;
                }
                if (batch == 7 && options.use != RocksUse::view) table->purge(heads);
            } catch (const StorageError& error) {
                const std::string_view why = error.what();
                if (refused && !why.contains("the power is cut") && !why.contains("Input/output error"))
                    life.told_why = false;
                refused = true;
            }
        }
    } catch (const StorageError&) {
        // Ignored: it is not even opened.
    }
    return life;
}

// How many batches are there, all of them whole and none between them missing.
std::uint64_t whole_batches(const Table& table, Family heads) {
    const auto last = table.get(heads, "last");
    const std::uint64_t there = last ? read_u64(*last) : 0;
    CHECK(keys(table, 0, "row ").size() == there);
    CHECK(keys(table, heads, "head ").size() == there);
    for (std::uint64_t batch = 1; batch <= there; ++batch)
        CHECK((table.get(0, "row " + number_key(batch)) == value_of(batch)));
    return there;
}

const char* name(Loss loss) { return loss == Loss::all ? "all" : loss == Loss::some ? "some" : "torn"; }

struct Tally {
    std::uint64_t cuts = 0;
    std::uint64_t refused = 0;  // reported as damage
};

// True where the fault struck.
bool survive(Fault fault, Loss loss, RocksUse use, Tally& tally) {
    // The faulty file system never syncs, so memory will do, and spares the disk some thousand files.
    const Scratch scratch(std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path());
    const auto disk = std::make_shared<FaultyFileSystem>(fault);
    const Life life = live(scratch / "table", on(disk, use));
    if (!disk->struck()) return false;
    disk->lose(loss, fault.power_cut_at + fault.write_error_at);
    ++tally.cuts;
    INFO("power cut at call " << fault.power_cut_at << ", error at write " << fault.write_error_at << ", loses "
                              << name(loss));
    CHECK(life.obeyed_the_error);
    CHECK(life.told_why);
    const RocksOptions again = on(std::make_shared<FaultyFileSystem>(Fault{}), use);
    try {
        const auto table = open_rocks_table(scratch / "table", again, shared);
        CHECK(whole_batches(*table, use == RocksUse::view ? 0 : 1) >= life.durable);
    } catch (const DamageError& damage) {
        ++tally.refused;
        UNSCOPED_INFO(damage.what());
        CHECK(loss == Loss::torn);
    }
    return true;
}

}  // namespace

TEST_CASE("[N1][N12] a power cut at any call loses no synced batch and halves none") {
    const auto loss = GENERATE(Loss::all, Loss::some, Loss::torn);
    Tally tally;
    for (std::uint64_t call = 1; survive({.power_cut_at = call}, loss, RocksUse::log, tally); ++call) {
    }
    CHECK(tally.cuts > 50);
}

TEST_CASE("[N1][N12] a view is whole batches after a power cut, without gaps, and all that was flushed") {
    Tally tally;
    for (std::uint64_t call = 1; survive({.power_cut_at = call}, Loss::some, RocksUse::view, tally); ++call) {
    }
    CHECK(tally.cuts > 50);
    CHECK(tally.refused == 0);
}

TEST_CASE("[N1] after an error of any write or sync nothing is acknowledged, and what was is there") {
    Tally tally;
    for (std::uint64_t write = 1; survive({.write_error_at = write}, Loss::all, RocksUse::log, tally); ++write) {
    }
    CHECK(tally.cuts > 50);
    CHECK(tally.refused == 0);
}

}  // namespace muster::test
