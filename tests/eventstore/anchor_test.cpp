// The anchor keeps the last mark through torn writes, and never takes damage for a mark.

#include "eventstore/anchor.h"

#include "eventstore/table.h"
#include "tests/eventstore/table_contract.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

namespace muster::test {
namespace {

AnchorMark mark(Position position) { return {.position = position, .running = sha256(std::to_string(position))}; }

std::string read_file(const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
}

void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void flip(const std::string& path, std::size_t at) {
    std::string bytes = read_file(path);
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 0x10);
    write_file(path, bytes);
}

constexpr std::size_t slot_bytes = 56;

}  // namespace

TEST_CASE("CRC32C gives the published sums (RFC 3720, B.4), with and without the processor's help") {
    std::string ascending;
    for (char byte = 0; byte < 32; ++byte) ascending += byte;
    for (auto* crc : {&crc32c, &crc32c_by_table}) {
        CHECK(crc("") == 0);
        CHECK(crc("123456789") == 0xe3069283);
        CHECK(crc(std::string(32, '\0')) == 0x8a9136aa);
        CHECK(crc(std::string(32, '\xff')) == 0x62a8ab43);
        CHECK(crc(ascending) == 0x46dd794e);
    }
    std::string bytes;
    for (std::uint32_t i = 0; i < 600; ++i) {
        bytes += static_cast<char>(i * 2'654'435'761u >> 24);
        if (crc32c(bytes) != crc32c_by_table(bytes)) FAIL("they differ at " << bytes.size() << " bytes");
        const std::string_view all(bytes);
        const auto half = bytes.size() / 2;
        if (crc32c_of_more(crc32c(all.substr(0, half)), all.substr(half)) != crc32c(all))
            FAIL("it does not go on at " << bytes.size() << " bytes");
    }
}

TEST_CASE("an anchor that was never written has no mark") {
    const Scratch scratch;
    CHECK(open_anchor(scratch / "anchor")->read() == std::nullopt);
    CHECK_FALSE(std::filesystem::exists(scratch / "anchor"));
    CHECK(memory_anchor()->read() == std::nullopt);
}

TEST_CASE("an anchor tells the last mark, also after it was closed") {
    const Scratch scratch;
    for (Position position = 1; position <= 5; ++position) {
        const auto anchor = open_anchor(scratch / "anchor");
        anchor->write(mark(position));
        CHECK(anchor->read() == mark(position));
        CHECK(open_anchor(scratch / "anchor")->read() == mark(position));
    }
    const auto anchor = memory_anchor();
    anchor->write(mark(7));
    CHECK(anchor->read() == mark(7));
}

TEST_CASE("the slots are written by turns, and the file keeps its size") {
    const Scratch scratch;
    const std::string path = scratch / "anchor";
    const auto anchor = open_anchor(path);
    anchor->write(mark(1));
    std::string before = read_file(path);
    REQUIRE(before.size() == 1024);
    for (Position position = 2; position <= 6; ++position) {
        anchor->write(mark(position));
        const std::string after = read_file(path);
        REQUIRE(after.size() == 1024);
        const std::size_t kept = position % 2 == 0 ? 0 : 512;
        CHECK(after.substr(kept, 512) == before.substr(kept, 512));
        CHECK(after.substr(512 - kept, 512) != before.substr(512 - kept, 512));
        before = after;
    }
    anchor->write(mark(3));  // A mark may go back: it is the order of writing that counts.
    CHECK(open_anchor(path)->read() == mark(3));
}

TEST_CASE("[N12] a slot with any one byte changed is passed over for the other, and written next") {
    const Scratch scratch;
    const std::string path = scratch / "anchor";
    {
        const auto anchor = open_anchor(path);
        anchor->write(mark(1));
        anchor->write(mark(2));
    }
    const std::string whole = read_file(path);
    for (std::size_t at = 0; at < slot_bytes; ++at) {
        write_file(path, whole);
        flip(path, 512 + at);
        CHECK(open_anchor(path)->read() == mark(1));
    }
    const auto anchor = open_anchor(path);
    anchor->write(mark(3));
    CHECK(anchor->read() == mark(3));
    flip(path, 512);
    CHECK(anchor->read() == mark(1));  // 3 took the damaged place, and left 1 alone.
}

TEST_CASE("[N12] a file whose end was cut off keeps its first slot") {
    const Scratch scratch;
    const std::string path = scratch / "anchor";
    {
        const auto anchor = open_anchor(path);
        for (Position position = 1; position <= 3; ++position) anchor->write(mark(position));
    }
    write_file(path, read_file(path).substr(0, 512 + 30));
    CHECK(open_anchor(path)->read() == mark(3));
}

TEST_CASE("[N12] an anchor without a whole slot is damage, and is not written over") {
    const Scratch scratch;
    const std::string path = scratch / "anchor";
    {
        const auto anchor = open_anchor(path);
        anchor->write(mark(1));
        anchor->write(mark(2));
    }
    SECTION("both slots changed") {
        flip(path, 20);
        flip(path, 512 + 20);
    }
    SECTION("emptied") { write_file(path, ""); }
    SECTION("zeroed") { write_file(path, std::string(1024, '\0')); }
    SECTION("another file") { write_file(path, "not an anchor"); }
    const std::string damaged = read_file(path);
    const auto anchor = open_anchor(path);
    CHECK_THROWS_AS(anchor->read(), DamageError);
    CHECK_THROWS_WITH(anchor->read(), Catch::Matchers::Contains(path));
    CHECK_THROWS_AS(anchor->write(mark(3)), DamageError);
    CHECK(read_file(path) == damaged);
}

TEST_CASE("an anchor in a directory that is not there fails, and keeps failing") {
    const Scratch scratch;
    const auto anchor = open_anchor(scratch / "nowhere/anchor");
    CHECK_THROWS_AS(anchor->write(mark(1)), StorageError);
    CHECK_THROWS_WITH(anchor->write(mark(1)), Catch::Matchers::Contains("a write failed before"));
}

TEST_CASE("a replaced file is whole, and leaves nothing beside it") {
    const Scratch scratch;
    const std::string path = scratch / "file";
    replace_file(path, "first");
    replace_file(path, "second");
    CHECK(read_file(path) == "second");
    CHECK(std::distance(std::filesystem::directory_iterator(scratch / ""), {}) == 1);
}

}  // namespace muster::test
