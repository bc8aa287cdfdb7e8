// Rows of the vault that are neither keys nor history: sealed, bound to their place, gone when they are erased.
#include "eventstore/sealed_rows.h"

#include "eventstore/rocks_table.h"
#include "eventstore/store.h"
#include "tests/eventstore/table_contract.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace muster::test {
namespace {

std::string all_bytes_below(const std::filesystem::path& directory) {
    std::string bytes;
    for (const auto& each : std::filesystem::recursive_directory_iterator(directory)) {
        if (!each.is_regular_file()) continue;
        std::ifstream in(each.path(), std::ios::binary);
        bytes.append(std::istreambuf_iterator<char>(in), {});
    }
    return bytes;
}

Store open(const std::string& directory) {
    StoreOptions options;
    options.create = true;
    return open_store(directory, options);
}

}  // namespace

TEST_CASE("a sealed row is read back, also after opening again, and does not lie in clear") {
    Scratch scratch;
    {
        auto store = open(scratch / "data");
        store.vault->drafts().put({{"row", "canary text"}, {"rows", "another"}}, Sync::yes);
    }
    CHECK(all_bytes_below(scratch / "data").find("canary") == std::string::npos);
    auto store = open(scratch / "data");
    auto rows = store.vault->drafts();
    CHECK(rows.get("row") == "canary text");
    CHECK_FALSE(rows.get("ro"));
    CHECK(rows.keys("row") == std::vector<std::string>{"row", "rows"});
    CHECK(rows.keys("x").empty());
}

TEST_CASE("what is erased and purged is read no more; a snapshot before still has it") {
    Scratch scratch;
    auto store = open(scratch / "data");
    auto rows = store.vault->drafts();
    rows.put({{"a", "1"}, {"b", "2"}}, Sync::yes);
    {
        auto before = rows.snapshot();
        rows.erase({"a"});
        CHECK(rows.get("a", before.get()) == "1");
    }
    rows.purge();
    CHECK_FALSE(rows.get("a"));
    CHECK(rows.get("b") == "2");
}

TEST_CASE("a row that was moved or altered is damage, not somebody else's text") {
    Vault* vault = nullptr;
    auto table = open_memory_table(vault_families);
    auto* rows_of_vault = table.get();
    Vault made(std::move(table), SecretKey(std::string(32, 'm')), "", system_clock(), system_entropy(),
               [](const Uuid&) { return false; });
    vault = &made;
    auto rows = vault->drafts();
    rows.put({{"a", "1"}}, Sync::no);
    auto family = static_cast<Family>(VaultFamily::drafts);
    auto sealed = *rows_of_vault->get(family, "a");
    WriteBatch batch;
    batch.put(family, "b", sealed);
    batch.put(family, "short", "x");
    sealed.back() = static_cast<char>(sealed.back() ^ 1);
    batch.put(family, "a", sealed);
    rows_of_vault->write(batch, Sync::no);
    CHECK_THROWS_AS(rows.get("a"), DamageError);
    CHECK_THROWS_AS(rows.get("b"), DamageError);
    CHECK_THROWS_AS(rows.get("short"), DamageError);
}

TEST_CASE("a vault of an older program, without this family, is opened and gets it") {
    Scratch scratch;
    auto directory = scratch / "data";
    {
        auto store = open(directory);
    }
    std::filesystem::remove_all(directory + "/vault");
    RocksShared shared;
    RocksOptions older;
    older.families = {{"person_keys", RowsKind::small, true},
                      {"blocks", RowsKind::small, false},
                      {"claim_keys", RowsKind::small, false},
                      {"server_keys", RowsKind::small, false},
                      {"checkpoints", RowsKind::small, false}};
    older.use = RocksUse::vault;
    older.create_if_missing = true;
    {
        auto table = open_rocks_table(directory + "/vault", older, shared);
    }
    auto store = open(directory);
    store.vault->drafts().put({{"a", "1"}}, Sync::yes);
    CHECK(store.vault->drafts().get("a") == "1");
}

}  // namespace muster::test
