#pragma once
// How an event stands in the log.
//
//   frame  := size of body u32 ‖ CRC32C of body u32 ‖ body
//   body   := header ‖ size of payload u32 ‖ payload ‖ link (32)
//   header := length of type u8 ‖ type ‖ position u64 ‖ stream kind u8 ‖ stream id (16) ‖ version u64 ‖ event id (16)
//             ‖ command id (16) ‖ time in ms u64 ‖ actor kind u8 ‖ actor id (16) ‖ correlation (16) ‖ causation u64
//             ‖ workspace (16)
//   link   := SHA-256(link of the workspace's previous event, or 32 zeros ‖ header ‖ SHA-256(payload))
//
// Integers are big-endian. The links make each workspace's history a chain: what is altered, missing or moved shows.

#include "domain/event.h"
#include "eventstore/bytes.h"
#include "eventstore/crypto.h"

#include <string>
#include <string_view>

namespace muster {

// An event's place and origin; `payload` is as eventstore/codec.h has it.
struct Frame {
    std::string type;
    Meta meta;
    StreamId stream;
    EventId id;
    Uuid command;
    Uuid correlation;
    Position causation = 0;
    WorkspaceId workspace;
    std::string payload;
    Digest link{};
};

std::string header_of(const Frame& frame);
// All but payload and link. Throws DecodeError where the layout is wrong.
Frame parse_header(std::string_view header);
Digest link_of(const Digest& previous, std::string_view header, const Digest& payload_hash);
std::string frame_bytes(std::string_view header, std::string_view payload, const Digest& link);
// Throws DecodeError where the size, the checksum or the layout is wrong.
Frame parse_frame(std::string_view bytes);

void append_uuid(std::string& bytes, const Uuid& id);
Uuid take_uuid(ByteReader& reader);

}  // namespace muster
