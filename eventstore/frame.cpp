#include "eventstore/frame.h"

#include "eventstore/anchor.h"

#include <cstring>

namespace muster {

void append_uuid(std::string& bytes, const Uuid& id) {
    bytes.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

Uuid take_uuid(ByteReader& reader) {
    Uuid id;
    std::memcpy(id.bytes.data(), reader.take(id.bytes.size()).data(), id.bytes.size());
    return id;
}

std::string header_of(const Frame& frame) {
    std::string bytes;
    bytes.reserve(160 + frame.type.size());
    append_u8(bytes, static_cast<std::uint8_t>(frame.type.size()));
    bytes += frame.type;
    append_u64(bytes, frame.meta.position);
    append_u8(bytes, static_cast<std::uint8_t>(frame.stream.kind));
    append_uuid(bytes, frame.stream.id);
    append_u64(bytes, frame.meta.version);
    append_uuid(bytes, frame.id.uuid);
    append_uuid(bytes, frame.command);
    append_u64(bytes, static_cast<std::uint64_t>(frame.meta.at.ms));
    append_u8(bytes, static_cast<std::uint8_t>(frame.meta.actor.kind));
    append_uuid(bytes, frame.meta.actor.id);
    append_uuid(bytes, frame.correlation);
    append_u64(bytes, frame.causation);
    append_uuid(bytes, frame.workspace.uuid);
    return bytes;
}

Digest link_of(const Digest& previous, std::string_view header, const Digest& payload_hash) {
    return sha256(view(previous), header, view(payload_hash));
}

std::string frame_bytes(std::string_view header, std::string_view payload, const Digest& link) {
    std::string bytes(8, '\0');
    bytes.reserve(8 + header.size() + 4 + payload.size() + link.size());
    bytes += header;
    append_u32(bytes, static_cast<std::uint32_t>(payload.size()));
    bytes += payload;
    bytes += view(link);
    std::string front;
    append_u32(front, static_cast<std::uint32_t>(bytes.size() - 8));
    append_u32(front, crc32c(std::string_view(bytes).substr(8)));
    bytes.replace(0, 8, front);
    return bytes;
}

namespace {

Frame take_header(ByteReader& reader) {
    Frame frame;
    frame.type = std::string(reader.take(reader.take<std::uint8_t>()));
    frame.meta.position = reader.take<std::uint64_t>();
    frame.stream.kind = static_cast<StreamKind>(reader.take<std::uint8_t>());
    frame.stream.id = take_uuid(reader);
    frame.meta.version = reader.take<std::uint64_t>();
    frame.id.uuid = take_uuid(reader);
    frame.command = take_uuid(reader);
    frame.meta.at.ms = static_cast<std::int64_t>(reader.take<std::uint64_t>());
    frame.meta.actor.kind = static_cast<ActorKind>(reader.take<std::uint8_t>());
    frame.meta.actor.id = take_uuid(reader);
    frame.correlation = take_uuid(reader);
    frame.causation = reader.take<std::uint64_t>();
    frame.workspace.uuid = take_uuid(reader);
    if (name_of(frame.stream.kind).empty() || name_of(frame.meta.actor.kind).empty())
        throw DecodeError("a frame's stream or actor is of an unknown kind");
    return frame;
}

}  // namespace

Frame parse_header(std::string_view header) {
    ByteReader reader(header);
    auto frame = take_header(reader);
    reader.expect_end();
    return frame;
}

Frame parse_frame(std::string_view bytes) {
    ByteReader outer(bytes);
    auto size = outer.take<std::uint32_t>();
    auto checksum = outer.take<std::uint32_t>();
    if (size != outer.rest().size()) throw DecodeError("a frame's size is not that of its bytes");
    if (checksum != crc32c(outer.rest())) throw DecodeError("a frame's checksum is wrong");
    ByteReader reader(outer.rest());
    auto frame = take_header(reader);
    frame.payload = std::string(reader.take(reader.take<std::uint32_t>()));
    auto link = reader.take(frame.link.size());
    std::memcpy(frame.link.data(), link.data(), link.size());
    if (!reader.rest().empty()) throw DecodeError("a frame has bytes left over");
    return frame;
}

}  // namespace muster
