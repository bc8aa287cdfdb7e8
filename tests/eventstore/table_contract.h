#pragma once
// What every Table keeps to, whatever lies below it: run by table_test.cpp over memory and RocksDB alike.

#include "eventstore/bytes.h"
#include "eventstore/table.h"
#include "tests/scratch.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace muster::test {

inline void put(Table& table, Family family, const std::string& key, const std::string& value) {
    WriteBatch batch;
    batch.put(family, key, value);
    table.write(batch, Sync::no);
}

inline void erase(Table& table, Family family, const std::string& key) {
    WriteBatch batch;
    batch.erase(family, key);
    table.write(batch, Sync::no);
}

inline std::vector<std::string> keys(const Reading& reading, Family family, std::string_view prefix) {
    std::vector<std::string> found;
    for (auto cursor = reading.scan(family, prefix); cursor->valid(); cursor->next()) found.emplace_back(cursor->key());
    return found;
}

inline std::vector<std::string> keys_backwards(const Reading& reading, Family family, std::string_view prefix) {
    std::vector<std::string> found;
    auto cursor = reading.scan(family, prefix);
    for (cursor->seek_to_last(); cursor->valid(); cursor->previous()) found.emplace_back(cursor->key());
    return found;
}

inline std::string number_key(std::uint64_t number) {
    std::string key;
    append_u64(key, number);
    return key;
}

// `open` makes an empty table of at least two families, anew at each call.
inline void check_table_contract(const std::function<std::unique_ptr<Table>()>& open) {
    using Keys = std::vector<std::string>;
    const std::unique_ptr<Table> opened = open();
    Table& table = *opened;

    SECTION("a row is found under its key, in its family only") {
        put(table, 0, "ada", "spring");
        CHECK(table.get(0, "ada") == "spring");
        CHECK(table.get(0, "ad") == std::nullopt);
        CHECK(table.get(0, "adab") == std::nullopt);
        CHECK(table.get(1, "ada") == std::nullopt);
    }
    SECTION("an erased row is gone, and erasing what is not there is no fault") {
        put(table, 0, "ada", "spring");
        erase(table, 0, "ada");
        erase(table, 0, "never");
        CHECK(table.get(0, "ada") == std::nullopt);
        CHECK_FALSE(table.scan(0, "")->valid());
    }
    SECTION("an empty value is a value") {
        put(table, 0, "ada", "");
        CHECK(table.get(0, "ada") == "");
        CHECK(table.scan(0, "a")->valid());
    }
    SECTION("keys are walked in byte order, unsigned, both ways") {
        const std::string zero("\0", 1);
        const Keys ordered{zero, zero + zero, zero + "\xff", "A",    "a",       "a" + zero,
                           "ab", "\x7f",      "\x80",        "\xff", "\xff\xff"};
        for (std::size_t i = 0; i < ordered.size(); ++i) put(table, 0, ordered[i * 7 % ordered.size()], "");
        CHECK(keys(table, 0, "") == ordered);
        CHECK(keys_backwards(table, 0, "") == Keys(ordered.rbegin(), ordered.rend()));
        CHECK(keys(table, 0, zero) == Keys{zero, zero + zero, zero + "\xff"});
        CHECK(keys(table, 0, "a") == Keys{"a", "a" + zero, "ab"});
        CHECK(keys(table, 0, "\xff") == Keys{"\xff", "\xff\xff"});
        CHECK(keys_backwards(table, 0, "\xff") == Keys{"\xff\xff", "\xff"});
    }
    SECTION("a scan stays within its prefix") {
        for (const char* key : {"a", "b/1", "b/2", "b/3", "b0", "c"}) put(table, 0, key, key);
        CHECK(keys(table, 0, "b/") == Keys{"b/1", "b/2", "b/3"});
        CHECK(keys_backwards(table, 0, "b/") == Keys{"b/3", "b/2", "b/1"});
        CHECK(keys(table, 0, "x").empty());
        CHECK(keys_backwards(table, 0, "x").empty());
    }
    SECTION("seeking finds the nearest key on the side that was asked for") {
        for (const char* key : {"a", "b/1", "b/3", "c"}) put(table, 0, key, std::string("value of ") + key);
        const auto cursor = table.scan(0, "b/");
        const auto at = [&] { return cursor->valid() ? std::string(cursor->key()) : "nothing"; };
        const auto from = [&](const char* key) { return cursor->seek(key), at(); };
        const auto until = [&](const char* key) { return cursor->seek_for_previous(key), at(); };
        CHECK(at() == "b/1");
        CHECK(cursor->value() == "value of b/1");
        CHECK(from("b/2") == "b/3");
        CHECK(from("b/3") == "b/3");
        CHECK(from("b/4") == "nothing");
        CHECK(from("a") == "b/1");
        CHECK(from("d") == "nothing");
        CHECK(until("b/2") == "b/1");
        CHECK(until("b/1") == "b/1");
        CHECK(until("b/0") == "nothing");
        CHECK(until("a") == "nothing");
        CHECK(until("b/9") == "b/3");
        CHECK(until("b0") == "b/3");
        CHECK(until("z") == "b/3");
    }
    SECTION("a cursor turns round, and stays where it is once it has left the prefix") {
        for (const char* key : {"1", "2", "3"}) put(table, 0, key, key);
        const auto cursor = table.scan(0, "");
        cursor->next();
        cursor->next();
        cursor->previous();
        CHECK(cursor->key() == "2");
        cursor->seek_to_last();
        cursor->next();
        cursor->next();
        cursor->previous();
        CHECK_FALSE(cursor->valid());
        cursor->seek("3");
        CHECK(cursor->key() == "3");
    }
    SECTION("of two operations on a key in one batch the later wins") {
        WriteBatch batch;
        batch.put(0, "kept", "first");
        batch.erase(0, "kept");
        batch.put(0, "kept", "last");
        batch.put(0, "gone", "first");
        batch.erase(0, "gone");
        batch.put(1, "gone", "in the other family");
        table.write(batch, Sync::no);
        CHECK(table.get(0, "kept") == "last");
        CHECK(table.get(0, "gone") == std::nullopt);
        CHECK(table.get(1, "gone") == "in the other family");
    }
    SECTION("an empty batch changes nothing") {
        table.write({}, Sync::yes);
        CHECK(keys(table, 0, "").empty());
    }
    SECTION("a batch that names a family which is not there leaves nothing behind") {
        WriteBatch batch;
        batch.put(0, "ada", "");
        batch.put(200, "ada", "");
        CHECK_THROWS(table.write(batch, Sync::no));
        CHECK(table.get(0, "ada") == std::nullopt);
    }
    SECTION("values may be large") {
        std::string large(3 << 20, '\0');
        for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * i >> 7);
        put(table, 0, "large", large);
        table.flush();
        CHECK((table.get(0, "large") == large));
        CHECK((table.scan(0, "l")->value() == large));
    }
    SECTION("a snapshot and a cursor see the table as it stood at their making, and outlive what made them") {
        put(table, 0, "changed", "old");
        put(table, 0, "erased", "old");
        auto snapshot = table.snapshot();
        const auto cursor = table.scan(0, "");
        put(table, 0, "added", "new");
        put(table, 0, "changed", "new");
        erase(table, 0, "erased");
        table.flush();
        CHECK(snapshot->get(0, "added") == std::nullopt);
        CHECK(snapshot->get(0, "changed") == "old");
        CHECK(snapshot->get(0, "erased") == "old");
        CHECK(keys(*snapshot, 0, "") == Keys{"changed", "erased"});
        const auto of_snapshot = snapshot->scan(0, "e");
        snapshot.reset();
        CHECK(of_snapshot->value() == "old");
        CHECK(cursor->value() == "old");
        cursor->next();
        CHECK(cursor->key() == "erased");
        CHECK(keys(table, 0, "") == Keys{"added", "changed"});
    }
    SECTION("purging keeps the rows that are there") {
        for (std::uint64_t i = 0; i < 100; ++i) put(table, 0, number_key(i), "value");
        for (std::uint64_t i = 0; i < 100; i += 2) erase(table, 0, number_key(i));
        put(table, 1, "other", "family");
        table.purge(0);
        CHECK(keys(table, 0, "").size() == 50);
        CHECK(table.get(0, number_key(1)) == "value");
        CHECK(table.get(1, "other") == "family");
    }
    SECTION("four writers at once: each batch is seen whole, in its writer's order, and none is lost") {
        constexpr int writers = 4;
        constexpr std::uint64_t batches = 200;
        std::atomic<int> writing = writers;
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < writers; ++writer)
            threads.emplace_back([&table, &writing, name = std::string(1, static_cast<char>('a' + writer))] {
                for (std::uint64_t i = 1; i <= batches; ++i) {
                    WriteBatch batch;
                    batch.put(0, name + number_key(i), "");
                    batch.put(1, name, number_key(i));
                    table.write(batch, Sync::no);
                }
                --writing;
            });
        int torn = 0;
        int looks = 0;
        while (writing > 0 || looks == 0) {
            ++looks;
            const auto snapshot = table.snapshot();
            for (const char* name : {"a", "b", "c", "d"}) {
                const auto newest = snapshot->get(1, name);
                const std::uint64_t rows = keys(*snapshot, 0, name).size();
                if (rows != (newest ? read_u64(*newest) : 0)) ++torn;
            }
        }
        threads.clear();
        CHECK(torn == 0);
        CHECK(keys(table, 0, "").size() == writers * batches);
    }
    SECTION("writers of one key leave the value that was written last, in every place alike") {
        std::vector<std::jthread> threads;
        for (int writer = 0; writer < 4; ++writer)
            threads.emplace_back([&table, writer] {
                for (int i = 0; i < 100; ++i) {
                    WriteBatch batch;
                    batch.put(0, "one", std::to_string(writer * 1000 + i));
                    batch.put(1, "one", std::to_string(writer * 1000 + i));
                    table.write(batch, Sync::no);
                }
            });
        threads.clear();
        CHECK(table.get(0, "one") == table.get(1, "one"));
    }
}

}  // namespace muster::test
