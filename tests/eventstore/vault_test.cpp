// The vault keeps keys, gives out each minted key once, and lets a destroyed one never come back: over memory and over
// RocksDB alike.

#include "eventstore/vault.h"

#include "eventstore/anchor.h"
#include "eventstore/erasures.h"
#include "eventstore/rocks_table.h"
#include "tests/eventstore/table_contract.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using Ids = std::set<Uuid>;

const SecretKey master(std::string(32, 'm'));
const RocksShared shared;

Family family(VaultFamily which) { return static_cast<Family>(which); }
std::string row_of(const Uuid& id) { return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}; }
Uuid uuid(std::uint8_t last) { return {{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last}}; }

std::string read_file(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

// A table that stays when its vault is gone, and tells of what is written to it before it happens.
class Watched final : public Table {
public:
    Watched(std::shared_ptr<Table> table, std::function<void(const WriteBatch&, Sync)> writing)
        : table_(std::move(table)), writing_(std::move(writing)) {}
    [[nodiscard]] std::optional<std::string> get(Family which, std::string_view key) const override {
        return table_->get(which, key);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family which, std::string_view prefix) const override {
        return table_->scan(which, prefix);
    }
    void write(const WriteBatch& batch, Sync sync) override {
        if (writing_) writing_(batch, sync);
        table_->write(batch, sync);
    }
    [[nodiscard]] std::unique_ptr<Reading> snapshot() const override { return table_->snapshot(); }
    void flush() override { table_->flush(); }
    void purge(Family which) override { table_->purge(which); }
    void checkpoint(const std::string& directory) override { table_->checkpoint(directory); }

private:
    std::shared_ptr<Table> table_;
    std::function<void(const WriteBatch&, Sync)> writing_;
};

enum class Kind { memory, rocks };

// A vault's disk, on which it is opened again and again.
struct Disk {
    explicit Disk(Kind which) : kind(which) {}

    std::unique_ptr<Vault> open(const Ids& in_use = {}, const SecretKey& key = master) {
        if (kind == Kind::rocks) {
            table.reset();
            const RocksOptions options{.families = {{.name = "person_keys", .point_lookups = true},
                                                    {.name = "blocks", .kind = RowsKind::small},
                                                    {.name = "claim_keys", .kind = RowsKind::small},
                                                    {.name = "server_keys", .kind = RowsKind::small},
                                                    {.name = "checkpoints", .kind = RowsKind::small}},
                                       .use = RocksUse::vault,
                                       .create_if_missing = true};
            table = open_rocks_table(scratch / "vault", options, shared);
        }
        return std::make_unique<Vault>(std::make_unique<Watched>(table, writing), key, erasures, system_clock(),
                                       system_entropy(), [&](const Uuid& id) { return in_use.contains(id); });
    }

    Kind kind;
    Scratch scratch;
    std::string erasures = scratch / "erasures";
    std::function<void(const WriteBatch&, Sync)> writing;
    std::shared_ptr<Table> table = open_memory_table(vault_families);
};

std::vector<PersonKey> mint(Vault& vault, int count) {
    std::vector<PersonKey> keys;
    for (int i = 0; i < count; ++i) keys.push_back(vault.mint());
    return keys;
}

bool same(const SecretKey& a, const std::optional<SecretKey>& b) { return b && a.bytes() == b->bytes(); }

}  // namespace

TEST_CASE("keys and checkpoints survive that the vault is opened again") {
    Disk disk(GENERATE(Kind::memory, Kind::rocks));
    auto vault = disk.open();
    const PersonKey ada = vault->mint();
    const WorkspaceId spring{uuid(1)};
    const SecretKey claim = vault->claim_key(spring);
    const Vault::Generation link = vault->current(Purpose::link);
    const SecretKey today = vault->day_key(20'000);
    vault->set_checkpoint("mail", 42);
    const auto check = [&] {
        CHECK(same(ada.key, vault->person_key(ada.id)));
        CHECK(same(claim, vault->claim_key(spring)));
        CHECK(vault->current(Purpose::link).id == link.id);
        CHECK(same(link.key, vault->current(Purpose::link).key));
        CHECK(same(link.key, vault->of(Purpose::link, link.id)));
        CHECK(same(today, vault->existing_day_key(20'000)));
        CHECK(same(today, vault->day_key(20'000)));
        CHECK(vault->checkpoint("mail") == 42);
    };
    check();
    vault.reset();
    vault = disk.open({ada.id});
    check();
}

TEST_CASE("what the vault never held it does not find, and no two keys are one") {
    Disk disk(Kind::memory);
    const auto vault = disk.open();
    CHECK_FALSE(vault->person_key(uuid(1)));
    CHECK_FALSE(vault->erased(uuid(1)));
    CHECK_FALSE(vault->existing_day_key(1));
    CHECK_FALSE(vault->of(Purpose::link, 1));
    CHECK(vault->checkpoint("mail") == 0);
    CHECK_FALSE(same(vault->claim_key({uuid(1)}), vault->claim_key({uuid(2)})));
    CHECK_FALSE(same(vault->current(Purpose::link).key, vault->current(Purpose::cursor).key));
    CHECK_FALSE(same(vault->day_key(1), vault->day_key(2)));
}

TEST_CASE("a master key that does not fit is refused with a sentence that says what to do") {
    Disk disk(GENERATE(Kind::memory, Kind::rocks));
    const PersonKey ada = disk.open()->mint();
    CHECK_THROWS_WITH(disk.open({}, SecretKey(std::string(32, 'w'))),
                      "the master key does not fit this vault; give the one it was made with");
    CHECK(same(ada.key, disk.open({ada.id})->person_key(ada.id)));
}

TEST_CASE("[N12] a wrapped key that was changed or put in another's place is refused") {
    Disk disk(Kind::memory);
    auto vault = disk.open();
    const PersonKey ada = vault->mint();
    const PersonKey ben = vault->mint();
    vault.reset();
    std::string wrapped = *disk.table->get(family(VaultFamily::person_keys), row_of(ben.id));
    SECTION("changed") { wrapped[30] = static_cast<char>(wrapped[30] ^ 1); }
    SECTION("put in another's place") { wrapped = *disk.table->get(family(VaultFamily::person_keys), row_of(ada.id)); }
    put(*disk.table, family(VaultFamily::person_keys), row_of(ben.id), wrapped);
    vault = disk.open({ada.id, ben.id});
    CHECK(same(ada.key, vault->person_key(ada.id)));
    CHECK_THROWS_AS(vault->person_key(ben.id), DamageError);
}

TEST_CASE("[N12] a vault that lost the row about its master key is refused") {
    Disk disk(Kind::memory);
    (void)disk.open()->mint();
    erase(*disk.table, family(VaultFamily::server_keys), std::string(1, '\0'));
    CHECK_THROWS_AS(disk.open(), DamageError);
}

TEST_CASE("a key is on disk before it is given out") {
    Disk disk(Kind::memory);
    bool synced = false;
    disk.writing = [&](const WriteBatch& batch, Sync sync) {
        if (batch.operations().size() > 1'000) synced = sync == Sync::yes;
    };
    const PersonKey ada = disk.open()->mint();
    CHECK(synced);
    CHECK(disk.table->get(family(VaultFamily::person_keys), row_of(ada.id)));
}

TEST_CASE("minted keys that no event names are given out again, and those that one names never") {
    Disk disk(GENERATE(Kind::memory, Kind::rocks));
    const auto keys = mint(*disk.open(), 900);
    Ids used;
    Ids unused;
    for (std::size_t i = 0; i < keys.size(); ++i) (i % 3 == 0 ? used : unused).insert(keys[i].id);
    const auto vault = disk.open(used);
    Ids again;
    for (const PersonKey& key : mint(*vault, 3'000)) {
        CHECK_FALSE(used.contains(key.id));
        CHECK(same(key.key, vault->person_key(key.id)));
        again.insert(key.id);
    }
    CHECK(again.size() == 3'000);
    CHECK(std::ranges::includes(again, unused));
}

TEST_CASE("a block of keys is forgotten when all of them are in use, and when it is long past") {
    Disk disk(Kind::memory);
    const auto blocks = [&] { return keys(*disk.table, family(VaultFamily::blocks), "").size(); };
    Ids used;
    {
        const auto vault = disk.open();
        for (const PersonKey& key : mint(*vault, 20'000)) used.insert(key.id);
        CHECK(blocks() == 4);
    }
    (void)disk.open(used);
    CHECK(blocks() == 1);
}

TEST_CASE("a key that is given back is the next to be given out") {
    const auto vault = Disk(Kind::memory).open();
    const PersonKey ada = vault->mint();
    vault->give_back(ada);
    CHECK(vault->mint().id == ada.id);
    CHECK(vault->mint().id != ada.id);
}

TEST_CASE("eight threads are given different keys, each of them stored") {
    Disk disk(GENERATE(Kind::memory, Kind::rocks));
    const auto vault = disk.open();
    std::vector<std::vector<PersonKey>> minted(8);
    std::vector<std::thread> threads;
    for (auto& keys : minted) threads.emplace_back([&] { keys = mint(*vault, 1'000); });
    for (auto& thread : threads) thread.join();
    Ids all;
    for (const auto& keys : minted)
        for (const PersonKey& key : keys) {
            all.insert(key.id);
            if (!disk.table->get(family(VaultFamily::person_keys), row_of(key.id))) FAIL("a key was not stored");
        }
    CHECK(all.size() == 8'000);
}

TEST_CASE("where the next block cannot be written, minting fails and others are not left waiting") {
    Disk disk(Kind::memory);
    bool full = false;
    disk.writing = [&](const WriteBatch&, Sync) {
        if (full) throw StorageError("the disk is full");
    };
    const auto vault = disk.open();
    (void)mint(*vault, 10);
    full = true;
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            try {
                (void)mint(*vault, 2'000);
            } catch (const StorageError&) {
                ++failures;
            }
        });
    for (auto& thread : threads) thread.join();
    CHECK(failures == 4);
    full = false;
    CHECK_NOTHROW(vault->mint());
}

TEST_CASE("a destroyed key is gone, at once and for good") {
    Disk disk(GENERATE(Kind::memory, Kind::rocks));
    auto vault = disk.open();
    const PersonKey ada = vault->mint();
    const PersonKey ben = vault->mint();
    vault->destroy({ada.id});
    const auto check = [&] {
        CHECK_FALSE(vault->person_key(ada.id));
        CHECK(vault->erased(ada.id));
        CHECK(same(ben.key, vault->person_key(ben.id)));
        CHECK_FALSE(vault->erased(ben.id));
    };
    check();
    vault->give_back(ada);
    CHECK(vault->mint().id != ada.id);
    vault.reset();
    vault = disk.open({ben.id});
    check();
    for (const PersonKey& key : mint(*vault, 2'000))
        if (key.id == ada.id) FAIL("a destroyed key was given out");
}

TEST_CASE("the bytes of a destroyed key have left every file") {
    Disk disk(Kind::rocks);
    auto vault = disk.open();
    const PersonKey ada = vault->mint();
    const PersonKey ben = vault->mint();
    const auto wrapped = [&](const PersonKey& key) {
        return disk.table->get(family(VaultFamily::person_keys), row_of(key.id)).value();
    };
    const auto files_holding = [&](const std::string& bytes) {
        int count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(disk.scratch / ""))
            if (entry.is_regular_file() && read_file(entry.path()).contains(bytes)) ++count;
        return count;
    };
    const std::string of_ada = wrapped(ada);
    const std::string of_ben = wrapped(ben);
    REQUIRE(files_holding(of_ada) > 0);
    vault->destroy({ada.id});
    CHECK(files_holding(of_ada) == 0);
    CHECK(files_holding(of_ada.substr(24, 32)) == 0);
    CHECK(files_holding(of_ben.substr(24, 32)) > 0);
    const std::string day =
        (vault->day_key(1),
         disk.table->get(family(VaultFamily::server_keys), std::string("\2\0\0\0\0\0\0\0\1", 9)).value());
    REQUIRE(files_holding(day) > 0);
    vault->destroy_day_keys_before(2);
    CHECK(files_holding(day) == 0);
}

TEST_CASE("a key's id is listed and synced before the key is deleted, and once") {
    Disk disk(Kind::memory);
    std::vector<std::string> listed_at_deletion;
    disk.writing = [&](const WriteBatch& batch, Sync sync) {
        const auto& first = batch.operations().front();
        if (!first.erase || first.family != family(VaultFamily::person_keys)) return;
        CHECK(sync == Sync::yes);
        listed_at_deletion.push_back(read_file(disk.erasures));
    };
    const auto vault = disk.open();
    const Uuid ada = vault->mint().id;
    const Uuid ben = vault->mint().id;
    vault->destroy({ada, ada});
    vault->destroy({ben, ada});
    CHECK(listed_at_deletion == std::vector<std::string>{erasures_file({ada}), erasures_file({ada, ben})});
    CHECK(read_file(disk.erasures) == erasures_file({ada, ben}));
}

TEST_CASE("a destruction that a crash cut short after listing is finished when the vault is opened") {
    Disk disk(GENERATE(Kind::memory, Kind::rocks));
    auto vault = disk.open();
    const PersonKey ada = vault->mint();
    vault.reset();
    replace_file(disk.erasures, erasures_file({ada.id}));
    vault = disk.open({ada.id});
    CHECK_FALSE(vault->person_key(ada.id));
    CHECK_FALSE(disk.table->get(family(VaultFamily::person_keys), row_of(ada.id)));
}

TEST_CASE("[N12] erasures that lost lines, or all of the file, are refused, and stay as they are") {
    Disk disk(GENERATE(Kind::memory, Kind::rocks));
    disk.open()->destroy({uuid(1), uuid(2)});
    const std::string lines = read_file(disk.erasures);
    replace_file(disk.erasures, lines.substr(0, 50));
    CHECK_THROWS_AS(disk.open(), DamageError);
    CHECK(read_file(disk.erasures) == lines.substr(0, 50));
    std::filesystem::remove(disk.erasures);
    CHECK_THROWS_WITH(disk.open(), Contains("lists 0 destroyed keys of 2"));
    replace_file(disk.erasures, lines);
    CHECK(disk.open()->erased(uuid(2)));
}

TEST_CASE("without a file the erasures are kept in memory") {
    Disk disk(Kind::memory);
    disk.erasures.clear();
    const auto vault = disk.open();
    vault->destroy({uuid(1)});
    CHECK(vault->erased(uuid(1)));
    CHECK_NOTHROW(disk.open());
}

TEST_CASE("a key that is read by many while it is destroyed does not come back") {
    Disk disk(Kind::rocks);
    const auto vault = disk.open();
    for (int round = 0; round < 5; ++round) {
        const PersonKey ada = vault->mint();
        std::atomic<bool> destroyed = false;
        std::atomic<int> back = 0;
        std::vector<std::thread> readers;
        for (int i = 0; i < 3; ++i)
            readers.emplace_back([&] {
                for (int reads = 0; reads < 500; ++reads) {
                    const bool gone = destroyed;
                    if (vault->person_key(ada.id) && gone) ++back;
                }
            });
        vault->destroy({ada.id});
        destroyed = true;
        for (auto& reader : readers) reader.join();
        CHECK(back == 0);
        CHECK_FALSE(vault->person_key(ada.id));
    }
}

TEST_CASE("day keys before a day are destroyed, that day's and later ones stay") {
    Disk disk(GENERATE(Kind::memory, Kind::rocks));
    auto vault = disk.open();
    const SecretKey first = vault->day_key(255);
    const SecretKey second = vault->day_key(256);
    vault->destroy_day_keys_before(256);
    CHECK_FALSE(vault->existing_day_key(255));
    CHECK(same(second, vault->existing_day_key(256)));
    vault.reset();
    vault = disk.open();
    CHECK_FALSE(vault->existing_day_key(255));
    CHECK(same(second, vault->existing_day_key(256)));
    CHECK_FALSE(same(first, vault->day_key(255)));
}

}  // namespace muster::test
