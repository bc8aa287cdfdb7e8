// The list of destroyed keys survives a torn write, and refuses damage.

#include "eventstore/erasures.h"

#include "eventstore/table.h"
#include "eventstore/vault.h"
#include "tests/eventstore/fixture.h"
#include "tests/eventstore/table_contract.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

Uuid uuid(std::uint8_t last) { return {{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last}}; }
// Of the old form, in which a line is an id and nothing else.
const std::string first = base32(uuid(1)) + "\n";
const std::string second = base32(uuid(2)) + "\n";
const std::string three = erasures_file({uuid(1), uuid(2), uuid(3)});
constexpr std::size_t line = 36;  // bytes

struct ListFile {
    Scratch scratch;
    std::string path = scratch / "erasures";
    [[nodiscard]] std::string text() const {
        std::ostringstream bytes;
        bytes << std::ifstream(path, std::ios::binary).rdbuf();
        return bytes.str();
    }
    void write(const std::string& text) const { std::ofstream(path, std::ios::binary | std::ios::trunc) << text; }
};

}  // namespace

TEST_CASE("listed ids are read again; the file is made for the first of them") {
    const ListFile file;
    Erasures erasures(file.path);
    erasures.load();
    erasures.list({});
    CHECK_FALSE(std::filesystem::exists(file.path));
    erasures.list({uuid(1)});
    erasures.list({uuid(2), uuid(3)});
    CHECK(file.text() == three);
    CHECK_FALSE(erasures.contains(uuid(1)));
    erasures.know({uuid(1)});
    CHECK(erasures.contains(uuid(1)));
    Erasures again(file.path);
    again.load();
    CHECK(again.ids() == std::unordered_set<Uuid>{uuid(1), uuid(2), uuid(3)});
    again.list({uuid(4)});
    CHECK(file.text() == erasures_file({uuid(1), uuid(2), uuid(3), uuid(4)}));
    CHECK(three.substr(0, 26) == base32(uuid(1)));  // `strings` and `grep` find an id
    CHECK(three.ends_with("\nend\n"));
}

TEST_CASE("a write that a crash tore is mended, wherever it was torn; what was listed before it stays") {
    const ListFile file;
    const auto two = erasures_file({uuid(1), uuid(2)});
    const auto former = erasures_file({uuid(1)});
    std::vector<std::string> all;
    for (std::size_t size = line; size <= two.size(); ++size) all.push_back(two.substr(0, size));
    // The new bytes lie over the former end, of which some may be left.
    for (std::size_t size = line; size < former.size(); ++size)
        all.push_back(two.substr(0, size) + former.substr(size));
    for (const auto& torn : all) {
        CAPTURE(torn);
        file.write(torn);
        Erasures erasures(file.path);
        erasures.load();
        CHECK(file.text() == torn);  // until it is known that nothing is missing
        CHECK(erasures.contains(uuid(1)));
        const bool whole = torn.size() >= 2 * line;
        CHECK(erasures.contains(uuid(2)) == whole);
        erasures.mend();
        CHECK(read_erasures(file.text(), "").whole);
        erasures.list({uuid(3)});
        auto expected = std::unordered_set<Uuid>{uuid(1), uuid(3)};
        if (whole) expected.insert(uuid(2));
        CHECK(read_erasures(file.text(), "").ids == expected);
    }
}

TEST_CASE("[N12] each flipped bit of a list is refused by its line, or known to be at its end") {
    for (std::size_t bit = 0; bit < 8 * three.size(); ++bit) {
        auto damaged = three;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        CAPTURE(bit, damaged);
        if (bit / 8 < 3 * line) {
            CHECK_THROWS_AS(read_erasures(damaged, "list"), DamageError);
            CHECK_THROWS_WITH(read_erasures(damaged, "list"),
                              Contains("list: line " + std::to_string(bit / 8 / line + 1)));
            continue;
        }
        try {
            const auto list = read_erasures(damaged, "list");
            CHECK_FALSE(list.whole);
            CHECK(list.ids.size() == 3);
        } catch (const DamageError&) {
        }
    }
}

TEST_CASE("[N12] a list that was cut anywhere, between two lines too, has no end") {
    for (std::size_t size = 0; size < three.size(); ++size) {
        CAPTURE(size);
        const auto list = read_erasures(three.substr(0, size), "list");
        CHECK_FALSE(list.whole);
        CHECK(list.ids.size() == size / line);
    }
    CHECK(read_erasures(three, "list").whole);
    CHECK(read_erasures("end\n", "list").whole);
}

TEST_CASE("[N12] a list that lost, changed or gained a line is refused") {
    const auto at = [](std::size_t number) { return three.substr(number * line, line); };
    for (const auto& damaged :
         {at(0) + at(2) + "end\n", at(1) + at(2) + "end\n", at(1) + at(0) + at(2) + "end\n",
          at(0) + at(0) + at(1) + at(2) + "end\n", at(0) + first + "end\n", first + at(0) + "end\n", three + "end\n",
          three + "\n", three + std::string(20, '\0'), at(0) + std::string(line, '\0') + "end\n", at(0) + "eXd\n"}) {
        CAPTURE(damaged);
        CHECK_THROWS_AS(read_erasures(damaged, "list"), DamageError);
    }
}

TEST_CASE("a list of the old form is read, mended where it was torn, and gets checksums") {
    const ListFile file;
    for (std::size_t size = 0; size <= second.size(); ++size) {
        file.write(first + second.substr(0, size));
        const bool whole = size >= 26;
        Erasures erasures(file.path);
        erasures.load();
        CHECK(erasures.contains(uuid(1)));
        CHECK(erasures.contains(uuid(2)) == whole);
        CHECK(file.text() == first + second.substr(0, size));
        erasures.mend();
        const auto mended = read_erasures(file.text(), "");
        CHECK((mended.whole && mended.has_checksums));
        CHECK(mended.ids == erasures.ids());
        erasures.list({uuid(3)});
        CHECK(read_erasures(file.text(), "").ids.size() == erasures.ids().size() + 1);
    }
}

TEST_CASE("a vault that is opened with a list of the old form goes on with one that has checksums") {
    const ListFile file;
    file.write(first + second);
    Vault vault(open_memory_table(vault_families), SecretKey(std::string(32, 'm')), file.path, system_clock(),
                system_entropy(), [](const Uuid&) { return false; });
    CHECK(vault.erased(uuid(2)));
    CHECK(load_erasures(file.path).has_checksums);
    vault.destroy({uuid(3)});
    CHECK(load_erasures(file.path).ids == std::unordered_set<Uuid>{uuid(1), uuid(2), uuid(3)});
}

TEST_CASE("[N12] a line of the old form that is not an id is refused by file and number, and left as it is") {
    const ListFile file;
    std::string third = base32(uuid(3)) + "\n";
    SECTION("no id") { third = "an id\n"; }
    SECTION("not as it is written") { third[20] = 'o'; }
    SECTION("an empty line") { third = "\n" + third; }
    SECTION("the end of the last line changed") { third.back() = 'K'; }
    SECTION("zeros") { third = std::string(20, '\0'); }
    file.write(first + second + third);
    CHECK_THROWS_AS(Erasures(file.path).load(), DamageError);
    CHECK_THROWS_WITH(Erasures(file.path).load(), Contains(file.path + ": line 3"));
    CHECK(file.text() == first + second + third);
}

TEST_CASE("[N12] a list that somebody moved away or removed under a running server is there again with the next id") {
    const ListFile file;
    Erasures erasures(file.path);
    erasures.load();
    erasures.list({uuid(1)});
    erasures.know({uuid(1)});
    SECTION("removed") { std::filesystem::remove(file.path); }
    SECTION("moved") { std::filesystem::rename(file.path, file.path + ".old"); }
    SECTION("another one in its place, whose ids stay") {
        std::filesystem::remove(file.path);
        file.write(erasures_file({uuid(3)}));
    }
    erasures.list({uuid(2)});
    auto there = load_erasures(file.path);
    CHECK(there.whole);
    there.ids.erase(uuid(3));
    CHECK(there.ids == std::unordered_set<Uuid>{uuid(1), uuid(2)});
    erasures.list({uuid(4)});
    CHECK(load_erasures(file.path).ids.contains(uuid(4)));
}

TEST_CASE("[N12] a list that is gone, or another one, before a server lists its first id is whole with that one") {
    const ListFile file;
    file.write(erasures_file({uuid(1), uuid(2)}));
    Erasures erasures(file.path);
    erasures.load();
    SECTION("removed") { std::filesystem::remove(file.path); }
    SECTION("one that is shorter") { file.write(erasures_file({uuid(1)})); }
    SECTION("one as long, of others") { file.write(erasures_file({uuid(1), uuid(4)})); }
    SECTION("one that is longer") { file.write(erasures_file({uuid(1), uuid(2), uuid(4)})); }
    erasures.list({uuid(3)});
    const auto there = load_erasures(file.path);
    CHECK(there.whole);
    for (auto id : {uuid(1), uuid(2), uuid(3)}) CHECK(there.ids.contains(id));
}

TEST_CASE("[N12] ids that the list lost and of which the log tells are listed again; others are missed") {
    const ListFile file;
    auto table = open_memory_table(vault_families);
    auto shared = std::shared_ptr<Table>(std::move(table));
    const auto open = [&](const std::vector<Uuid>& told) {
        return Vault(
            std::make_unique<BorrowedTable>(shared, std::make_shared<BorrowedTable::Faults>()),
            SecretKey(std::string(32, 'm')), file.path, system_clock(), system_entropy(),
            [](const Uuid&) { return false; }, [&] { return told; });
    };
    {
        auto vault = open({});
        vault.destroy({uuid(1), uuid(2)});
        CHECK(vault.listed_again() == 0);
    }
    file.write(erasures_file({uuid(1)}));
    CHECK_THROWS_WITH(open({uuid(1)}), Contains("lists 1 destroyed keys of 2"));
    CHECK(load_erasures(file.path).ids.size() == 1);
    CHECK(open({uuid(1), uuid(2)}).listed_again() == 1);
    CHECK(load_erasures(file.path).ids.size() == 2);
    std::filesystem::remove(file.path);
    auto vault = open({uuid(1), uuid(2)});
    CHECK(vault.listed_again() == 2);
    CHECK(vault.erased(uuid(2)));
}

TEST_CASE("after a failed write nothing more is listed") {
    const ListFile file;
    Erasures erasures(file.scratch / "nowhere/erasures");
    CHECK_THROWS_AS(erasures.list({uuid(1)}), StorageError);
    CHECK_THROWS_WITH(erasures.list({uuid(1)}), Contains("a write failed before"));
}

}  // namespace muster::test
