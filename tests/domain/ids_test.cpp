#include "domain/ids.h"

#include "tests/domain/cast.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>

namespace muster::spec {
namespace {

// A UUIDv7 of that millisecond, with the same random part each time.
Uuid made_at(std::uint64_t ms) {
    Uuid id;
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    id.bytes[6] = 0x7a;
    for (std::size_t i = 7; i < 16; ++i) id.bytes[i] = static_cast<std::uint8_t>(0x80 + 11 * i);
    return id;
}

Uuid filled(std::uint8_t byte) {
    Uuid id;
    id.bytes.fill(byte);
    return id;
}

}  // namespace

TEST_CASE("an id is a prefix and 26 characters of Crockford base32") {
    CHECK(WorkspaceId{}.text() == "ws_00000000000000000000000000");
    CHECK(MemberId{filled(0xff)}.text() == "mem_7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    CHECK(base32(made_at(1'767'603'600'000)).size() == 26);
    CHECK(base32(made_at(1'767'603'600'000)).find_first_of("ILOU") == std::string::npos);
}

TEST_CASE("an id is read as it was written, in either case of its characters") {
    for (auto uuid : {Uuid{}, filled(0xff), filled(0x55), made_at(1'767'603'600'000)}) {
        CHECK(TeamId::parse(TeamId{uuid}.text()) == TeamId{uuid});
        auto lower = base32(uuid);
        std::ranges::transform(lower, lower.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        CHECK(from_base32(lower) == uuid);
    }
}

TEST_CASE("an invitation and the member it becomes share the 26 characters") {
    CHECK(InvitationId{grace.uuid}.text() == "inv_" + base32(grace.uuid));
    CHECK(MemberId{grace.uuid}.text() == "mem_" + base32(grace.uuid));
}

TEST_CASE("anything else is no id") {
    const auto good = grace.text();
    for (const auto& text :
         {std::string(), std::string("mem_"), good + "0", good.substr(0, good.size() - 1), "inv_" + good.substr(4),
          good.substr(4), "MEM_" + good.substr(4), "mem_8" + good.substr(5), "mem_I" + good.substr(5),
          "mem_0O" + good.substr(6), " " + good, "mem_-" + good.substr(5), "mem_\xc3\xbc" + good.substr(6)})
        CHECK_FALSE(MemberId::parse(text));
}

TEST_CASE("ids sort by creation, as bytes and as text") {
    auto first = MemberId{made_at(1'767'603'600'000)}, second = MemberId{made_at(1'767'603'600'001)},
         last = MemberId{made_at(4'000'000'000'000)};
    CHECK(first < second);
    CHECK(second < last);
    CHECK(first.text() < second.text());
    CHECK(second.text() < last.text());
}

TEST_CASE("streams of different kinds are different, whatever their id") {
    CHECK_FALSE(stream_of(WorkspaceId{grace.uuid}) == stream_of(grace));
    CHECK(stream_of(grace) == StreamId{StreamKind::membership, grace.uuid});
    CHECK(Uuid{}.nil());
    CHECK_FALSE(grace.uuid.nil());
}

}  // namespace muster::spec
