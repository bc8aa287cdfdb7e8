// Memory and RocksDB keep one contract; and what only a disk can do: be reopened, locked, damaged, purged, copied.

#include "eventstore/rocks_table.h"
#include "tests/eventstore/table_contract.h"

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

const RocksShared shared;

RocksOptions rows_and_heads(RocksUse use = RocksUse::log) {
    return {.families = {{.name = "rows", .kind = RowsKind::events},
                         {.name = "heads", .kind = RowsKind::small, .point_lookups = true}},
            .use = use,
            .create_if_missing = true};
}

RocksOptions one_view() { return {.families = {{.name = "rows"}}, .use = RocksUse::view, .create_if_missing = true}; }

std::string read_file(const std::filesystem::path& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<std::filesystem::path> files(const std::string& directory, std::string_view extension) {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
        if (entry.is_regular_file() && (extension.empty() || entry.path().extension() == extension))
            found.push_back(entry.path());
    return found;
}

std::vector<std::string> files_holding(const std::string& directory, const std::string& bytes) {
    std::vector<std::string> holding;
    for (const auto& path : files(directory, ""))
        if (read_file(path).contains(bytes)) holding.push_back(path.filename());
    return holding;
}

// Bytes that no compression shortens and nothing else contains.
std::string planted(std::uint64_t seed) {
    std::string bytes;
    for (int i = 0; i < 5; ++i) append_u64(bytes, seed = seed * 6364136223846793005u + 1442695040888963407u);
    return bytes;
}

}  // namespace

TEST_CASE("a table in memory keeps the contract") {
    check_table_contract([] { return open_memory_table(2); });
}

TEST_CASE("a table on RocksDB keeps the contract") {
    const Scratch scratch;
    check_table_contract([&] { return open_rocks_table(scratch / "table", rows_and_heads(), shared); });
}

TEST_CASE("a table in memory has no checkpoint") {
    CHECK_THROWS_AS(open_memory_table(1)->checkpoint("anywhere"), StorageError);
}

TEST_CASE("a table keeps its rows when it is closed and opened again") {
    const Scratch scratch;
    const bool flushed = GENERATE(false, true);
    {
        const auto table = open_rocks_table(scratch / "deep/down/table", rows_and_heads(), shared);
        put(*table, 0, "ada", "spring");
        put(*table, 1, "ada", "head");
        if (flushed) table->flush();
    }
    const auto table = open_rocks_table(scratch / "deep/down/table", rows_and_heads(), shared);
    CHECK(table->get(0, "ada") == "spring");
    CHECK(table->get(1, "ada") == "head");
}

TEST_CASE("a view keeps its rows when it is closed in order, and when a write was synced") {
    const Scratch scratch;
    {
        const auto table = open_rocks_table(scratch / "view", one_view(), shared);
        WriteBatch batch;
        batch.put(0, "synced", "");
        table->write(batch, Sync::yes);
        std::filesystem::copy(scratch / "view", scratch / "copy");
        put(*table, 0, "later", "");
    }
    CHECK(keys(*open_rocks_table(scratch / "view", one_view(), shared), 0, "").size() == 2);
    CHECK(keys(*open_rocks_table(scratch / "copy", one_view(), shared), 0, "").size() == 1);
}

TEST_CASE("a view of two families is refused, since they are not flushed as one") {
    const Scratch scratch;
    CHECK_THROWS_AS(open_rocks_table(scratch / "view", rows_and_heads(RocksUse::view), shared), std::invalid_argument);
}

TEST_CASE("a table that is not there is not made unless asked for") {
    const Scratch scratch;
    RocksOptions options = rows_and_heads();
    options.create_if_missing = false;
    CHECK_THROWS_AS(open_rocks_table(scratch / "none", options, shared), StorageError);
}

TEST_CASE("a family may be added to a table, and none may be left out") {
    const Scratch scratch;
    put(*open_rocks_table(scratch / "table", one_view(), shared), 0, "ada", "spring");
    CHECK(open_rocks_table(scratch / "table", rows_and_heads(), shared)->get(0, "ada") == "spring");
    CHECK_THROWS_WITH(open_rocks_table(scratch / "table", one_view(), shared), Contains("heads"));
}

TEST_CASE("a directory that is open is not opened twice") {
    const Scratch scratch;
    auto table = open_rocks_table(scratch / "table", rows_and_heads(), shared);
    SECTION("by this process") {
        CHECK_THROWS_WITH(open_rocks_table(scratch / "table", rows_and_heads(), shared),
                          "this process has " + scratch / "table" + " open already");
    }
    SECTION("by a process while a reading of it lives on") {
        auto reading = table->snapshot();
        table.reset();
        CHECK_THROWS_AS(open_rocks_table(scratch / "table", rows_and_heads(), shared), StorageError);
        reading.reset();
        CHECK_NOTHROW(open_rocks_table(scratch / "table", rows_and_heads(), shared));
    }
    SECTION("by another process") {
        table.reset();
        int ready[2];
        REQUIRE(pipe(ready) == 0);
        const pid_t other = fork();
        if (other == 0) {  // stands for a server: it holds the lock that RocksDB takes
            struct flock lock{};
            lock.l_type = F_WRLCK;
            const int file = open((scratch / "table/LOCK").c_str(), O_RDWR);
            const char locked = fcntl(file, F_SETLK, &lock) == 0 ? 'y' : 'n';
            if (write(ready[1], &locked, 1) == 1) pause();
            _exit(1);
        }
        char locked = 'n';
        REQUIRE(read(ready[0], &locked, 1) == 1);
        REQUIRE(locked == 'y');
        CHECK_THROWS_WITH(open_rocks_table(scratch / "table", rows_and_heads(), shared),
                          "another process has " + scratch / "table" + " open; stop it or name another directory");
        kill(other, SIGKILL);
        waitpid(other, nullptr, 0);
        close(ready[0]);
        close(ready[1]);
        CHECK_NOTHROW(open_rocks_table(scratch / "table", rows_and_heads(), shared));
    }
}

// A line in it that found the disk full ended the process at the next one; and keys are names and addresses.
TEST_CASE("RocksDB keeps no log of its own beside the rows") {
    const Scratch scratch;
    {
        const auto table = open_rocks_table(scratch / "table", rows_and_heads(), shared);
        table->purge(0);
    }
    CHECK_FALSE(std::filesystem::exists(scratch / "table/LOG"));
    CHECK(std::filesystem::exists(scratch / "table/CURRENT"));
}

TEST_CASE("a checkpoint is a table of its own with the rows of its moment") {
    const Scratch scratch;
    const auto table = open_rocks_table(scratch / "table", rows_and_heads(), shared);
    for (std::uint64_t i = 0; i < 500; ++i) put(*table, i % 2, number_key(i), "value " + std::to_string(i));
    table->flush();
    put(*table, 0, "unflushed", "");
    table->checkpoint(scratch / "copy");
    put(*table, 0, "later", "");
    const auto copy = open_rocks_table(scratch / "copy", rows_and_heads(), shared);
    CHECK(keys(*copy, 0, "").size() == 251);
    CHECK(keys(*copy, 1, "") == keys(*table, 1, ""));
    CHECK(copy->get(0, number_key(4)) == "value 4");
    CHECK(copy->get(0, "later") == std::nullopt);
    CHECK_THROWS_AS(table->checkpoint(scratch / "copy"), StorageError);
}

TEST_CASE("[N12] a flipped byte in a table file is reported as damage, wherever it is, and never served") {
    const Scratch scratch;
    const auto value = [](std::uint64_t i) { return "value " + std::to_string(i * i); };
    constexpr std::uint64_t rows = 2000;
    {
        const auto table = open_rocks_table(scratch / "table", rows_and_heads(), shared);
        for (std::uint64_t i = 0; i < rows; ++i) put(*table, 0, number_key(i), value(i));
        table->flush();
    }
    const auto path = files(scratch / "table", ".sst").at(0);
    const std::string good = read_file(path);
    // Reads everything, by `get` and by a scan; true where damage is reported, and fails on a wrong row.
    const auto damage_is_reported = [&] {
        try {
            const RocksShared cold;  // else good blocks would come from the cache
            const auto table = open_rocks_table(scratch / "table", rows_and_heads(), cold);
            bool by_get = false;
            for (std::uint64_t i = 0; i < rows; ++i) try {
                    if (table->get(0, number_key(i)) != value(i)) FAIL("row " << i << " is served wrong");
                } catch (const DamageError&) {
                    by_get = true;
                }
            std::uint64_t next = 0;
            for (auto cursor = table->scan(0, ""); cursor->valid(); cursor->next(), ++next)
                if (cursor->key() != number_key(next) || cursor->value() != value(next)) FAIL("scan is wrong");
            if (next != rows) FAIL("the scan ends early, at " << next << ", without a word");
            return by_get;
        } catch (const DamageError&) {
            return true;
        }
    };
    REQUIRE_FALSE(damage_is_reported());
    int reported = 0;
    constexpr std::size_t places = 20;
    for (std::size_t place = 0; place < places; ++place) {
        std::string bad = good;
        bad[(bad.size() - 1) * place / (places - 1)] ^= 0x10;
        write_file(path, bad);
        INFO("place " << place << " of " << places);
        reported += damage_is_reported();
    }
    CHECK(reported >= static_cast<int>(places) * 9 / 10);  // The rest is padding that nothing reads.
}

TEST_CASE(
    "[N12] damage that erasing meets stays damage for every write behind it, and is no disk that may hold again") {
    const Scratch scratch;
    {
        const auto table = open_rocks_table(scratch / "table", rows_and_heads(), shared);
        for (std::uint64_t i = 0; i < 2000; ++i) put(*table, 0, number_key(i), "value " + std::to_string(i * i));
        table->flush();
    }
    const auto path = files(scratch / "table", ".sst").at(0);
    std::string bad = read_file(path);
    bad[bad.size() / 4] ^= 0x10;
    write_file(path, bad);
    const RocksShared cold;
    const auto table = open_rocks_table(scratch / "table", rows_and_heads(), cold);
    CHECK_THROWS_AS(table->purge(0), DamageError);
    CHECK_THROWS_AS(put(*table, 0, "later", ""), DamageError);
    CHECK_THROWS_AS(table->flush(), DamageError);
}

TEST_CASE("[N12] missing and damaged files are damage when the table is opened") {
    const Scratch scratch;
    {
        const auto table = open_rocks_table(scratch / "table", rows_and_heads(), shared);
        put(*table, 0, "flushed", "");
        table->flush();
        for (int i = 0; i < 10; ++i) put(*table, 0, "logged " + std::to_string(i), std::string(100, 'x'));
    }
    SECTION("a table file is gone") { std::filesystem::remove(files(scratch / "table", ".sst").at(0)); }
    SECTION("CURRENT is gone") { std::filesystem::remove(scratch / "table/CURRENT"); }
    SECTION("a byte in the middle of the log file is flipped") {
        for (const auto& path : files(scratch / "table", ".log")) {
            std::string bytes = read_file(path);
            if (!bytes.empty()) bytes[bytes.size() / 2] ^= 1;
            write_file(path, bytes);
        }
    }
    SECTION("a byte of the manifest is flipped") {
        for (const auto& path : files(scratch / "table", ""))
            if (path.filename().string().starts_with("MANIFEST")) {
                std::string bytes = read_file(path);
                bytes[bytes.size() / 2] ^= 1;
                write_file(path, bytes);
            }
    }
    CHECK_THROWS_AS(open_rocks_table(scratch / "table", rows_and_heads(), shared), DamageError);
}

TEST_CASE("purging leaves erased and overwritten values in no file of the directory") {
    const Scratch scratch;
    const auto table = open_rocks_table(scratch / "vault", rows_and_heads(RocksUse::vault), shared);
    put(*table, 0, "flushed", planted(1));
    put(*table, 0, "neighbour", planted(2));
    table->flush();
    put(*table, 0, "logged", planted(3));
    put(*table, 0, "overwritten", planted(4));
    put(*table, 1, "other", planted(5));
    for (std::uint64_t seed : {1, 2, 3, 4, 5}) REQUIRE(files_holding(scratch / "vault", planted(seed)).size() == 1);

    erase(*table, 0, "flushed");
    erase(*table, 0, "logged");
    put(*table, 0, "overwritten", "new");
    table->purge(0);
    for (std::uint64_t seed : {1, 3, 4}) CHECK(files_holding(scratch / "vault", planted(seed)).empty());
    CHECK(table->get(0, "neighbour") == planted(2));
    CHECK(table->get(1, "other") == planted(5));

    erase(*table, 0, "neighbour");
    table->purge(0);
    CHECK(files_holding(scratch / "vault", planted(2)).empty());
    CHECK_NOTHROW(table->purge(0));
}

TEST_CASE("purging waits for the readings and cursors that still see erased rows") {
    const Scratch scratch;
    const auto table = open_rocks_table(scratch / "vault", rows_and_heads(RocksUse::vault), shared);
    put(*table, 0, "key", planted(1));
    table->flush();
    auto snapshot = table->snapshot();
    auto cursor = table->scan(0, "");
    erase(*table, 0, "key");
    std::jthread reader([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        snapshot.reset();
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        cursor.reset();
    });
    table->purge(0);
    CHECK(files_holding(scratch / "vault", planted(1)).empty());
}

TEST_CASE("purging does not claim what readings and cursors prevent") {
    const Scratch scratch;
    RocksOptions options = rows_and_heads(RocksUse::vault);
    options.purge_wait_max = std::chrono::milliseconds(50);
    const auto table = open_rocks_table(scratch / "vault", options, shared);
    put(*table, 0, "key", planted(1));
    table->flush();
    auto snapshot = table->snapshot();
    auto cursor = table->scan(0, "");
    erase(*table, 0, "key");
    CHECK_THROWS_WITH(table->purge(0), Contains("a reading"));
    snapshot.reset();
    CHECK_THROWS_WITH(table->purge(0), Contains("a cursor"));
    cursor.reset();
    CHECK_NOTHROW(table->purge(0));
}

}  // namespace muster::test
