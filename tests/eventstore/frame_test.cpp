// A frame as bytes and back; whatever is done to one is seen [N12].
#include "eventstore/frame.h"

#include "eventstore/anchor.h"
#include "tests/eventstore/samples.h"

#include <catch2/catch.hpp>

namespace muster::test {
namespace {

Frame sample() {
    Frame frame;
    Filler filler;
    frame.type = "MemberInvited";
    frame.meta = {42, 3, Instant{1'767'603'600'000}, {}};
    frame.stream.kind = StreamKind::membership;
    frame.meta.actor.kind = ActorKind::member;
    for (auto* id : {&frame.stream.id, &frame.meta.actor.id, &frame.id.uuid, &frame.command, &frame.correlation,
                     &frame.workspace.uuid})
        filler.fill(*id);
    frame.causation = 41;
    frame.payload = "the payload";
    return frame;
}

std::string bytes_of(const Frame& frame) {
    auto header = header_of(frame);
    return frame_bytes(header, frame.payload, link_of({}, header, sha256(frame.payload)));
}

// With a checksum that fits whatever the body says.
std::string checked(const std::string& body) {
    std::string bytes;
    append_u32(bytes, static_cast<std::uint32_t>(body.size()));
    append_u32(bytes, crc32c(body));
    return bytes + body;
}

TEST_CASE("a frame is read back as it was written") {
    auto frame = sample();
    auto back = parse_frame(bytes_of(frame));
    CHECK(back.type == frame.type);
    CHECK(header_of(back) == header_of(frame));
    CHECK(back.payload == frame.payload);
    CHECK(back.link == link_of({}, header_of(frame), sha256(frame.payload)));
    frame.payload.clear();
    frame.type.clear();
    CHECK(header_of(parse_frame(bytes_of(frame))) == header_of(frame));
}

TEST_CASE("a frame that is cut anywhere, longer, or has a flipped bit is refused") {
    auto bytes = bytes_of(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_THROWS_AS(parse_frame(std::string_view(bytes).substr(0, size)), DecodeError);
    CHECK_THROWS_AS(parse_frame(bytes + "x"), DecodeError);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto altered = bytes;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
        CHECK_THROWS_AS(parse_frame(altered), DecodeError);
    }
}

TEST_CASE("a frame whose checksum fits is still refused where its layout does not") {
    auto body = bytes_of(sample()).substr(8);
    CHECK_NOTHROW(parse_frame(checked(body)));
    for (std::size_t size = 0; size < body.size(); ++size)
        CHECK_THROWS_AS(parse_frame(checked(body.substr(0, size))), DecodeError);
    CHECK_THROWS_AS(parse_frame(checked(body + "x")), DecodeError);
    auto kind = 1 + sample().type.size() + 8;
    auto unknown_stream = body;
    unknown_stream[kind] = '\x63';
    CHECK_THROWS_AS(parse_frame(checked(unknown_stream)), DecodeError);
    auto unknown_actor = body;
    unknown_actor[kind + 1 + 16 + 8 + 16 + 16 + 8] = '\x63';
    CHECK_THROWS_AS(parse_frame(checked(unknown_actor)), DecodeError);
    auto long_payload = body;
    auto size_at = body.size() - 32 - sample().payload.size() - 4;
    long_payload.replace(size_at, 4, "\xff\xff\xff\xff");
    CHECK_THROWS_AS(parse_frame(checked(long_payload)), DecodeError);
}

TEST_CASE("a link depends on the one before it, on the header and on the payload") {
    auto header = header_of(sample());
    auto link = link_of({}, header, sha256("payload"));
    CHECK(link == link_of({}, header, sha256("payload")));
    CHECK(link != link_of(sha256("another"), header, sha256("payload")));
    CHECK(link != link_of({}, header + "x", sha256("payload")));
    CHECK(link != link_of({}, header, sha256("payloaD")));
}

}  // namespace
}  // namespace muster::test
