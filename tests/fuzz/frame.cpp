#include "eventstore/frame.h"

#include "eventstore/anchor.h"
#include "eventstore/bytes.h"
#include "tests/fuzz/targets.h"

namespace muster::fuzz {
namespace {

// Refused, or nothing but what it was made of.
void refused_or_whole(std::string_view bytes) {
    try {
        const Frame read = parse_frame(bytes);
        must(frame_bytes(header_of(read), read.payload, read.link) == bytes,
             "a frame is another one when written again");
    } catch (const DecodeError&) {
    }
}

}  // namespace

void frame(std::string_view bytes) {
    refused_or_whole(bytes);
    // The checksum would keep nearly all others from being looked at.
    std::string summed;
    append_u32(summed, static_cast<std::uint32_t>(bytes.size()));
    append_u32(summed, crc32c(bytes));
    refused_or_whole(summed.append(bytes));
}

}  // namespace muster::fuzz
