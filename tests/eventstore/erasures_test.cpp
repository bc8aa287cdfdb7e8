// The list of destroyed keys survives a torn write, and refuses damage.

#include "eventstore/erasures.h"

#include "eventstore/table.h"
#include "tests/eventstore/table_contract.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

Uuid uuid(std::uint8_t last) { return {{0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last}}; }
const std::string first = base32(uuid(1)) + "\n";
const std::string second = base32(uuid(2)) + "\n";

struct ListFile {
    ScratchDirectory scratch;
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
    erasures.list({uuid(2)});
    CHECK(file.text() == first + second);
    CHECK_FALSE(erasures.contains(uuid(1)));
    erasures.know({uuid(1)});
    CHECK(erasures.contains(uuid(1)));
    Erasures again(file.path);
    again.load();
    CHECK(again.ids() == std::unordered_set<Uuid>{uuid(1), uuid(2)});
}

TEST_CASE("a last line that a crash tore is mended, wherever it was torn") {
    const ListFile file;
    for (std::size_t size = 0; size <= second.size(); ++size) {
        file.write(first + second.substr(0, size));
        const bool whole = size >= 26;
        Erasures erasures(file.path);
        erasures.load();
        CHECK(erasures.contains(uuid(1)));
        CHECK(erasures.contains(uuid(2)) == whole);
        CHECK(file.text() == (whole ? first + second : first));
        erasures.list({uuid(3)});
        CHECK(file.text() == (whole ? first + second : first) + base32(uuid(3)) + "\n");
    }
}

TEST_CASE("[N12] a line that is not an id is refused by file and number, and left as it is") {
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

TEST_CASE("after a failed write nothing more is listed") {
    const ListFile file;
    Erasures erasures(file.scratch / "nowhere/erasures");
    CHECK_THROWS_AS(erasures.list({uuid(1)}), StorageError);
    CHECK_THROWS_WITH(erasures.list({uuid(1)}), Contains("a write failed before"));
}

}  // namespace muster::test
