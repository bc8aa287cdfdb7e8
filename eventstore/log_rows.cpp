#include "eventstore/log_rows.h"

#include <cstring>

namespace muster::rows {
namespace {

// Room for what most keys go on with, so that one is allocated once.
constexpr std::size_t key_bytes = 64;

std::string of_workspace(WorkspaceId workspace) { return bytes_of(workspace.uuid); }

Digest take_digest(ByteReader& reader) {
    Digest digest;
    std::memcpy(digest.data(), reader.take(digest.size()).data(), digest.size());
    return digest;
}

}  // namespace

std::string position(Position position) {
    std::string key;
    append_u64(key, position);
    return key;
}

std::string stream(const StreamId& stream) { return bytes_of(stream); }

std::string stream_version(const StreamId& stream, Version version) {
    auto key = bytes_of(stream);
    append_u64(key, version);
    return key;
}

std::string chain(WorkspaceId workspace) { return std::string(1, '\0') + of_workspace(workspace); }
std::string head() { return std::string(1, '\xff'); }

std::string workspace_position(WorkspaceId workspace, Position position) {
    auto key = of_workspace(workspace);
    append_u64(key, position);
    return key;
}

std::string claim(WorkspaceId workspace, const Claim& claim) {
    bool of_all = claim.name.starts_with("slug:");
    return of_workspace(of_all ? WorkspaceId{} : workspace) + claim.name;
}

std::string counter(WorkspaceId workspace, const Counter& counter) { return of_workspace(workspace) + counter.name; }

std::string due(WorkspaceId workspace, Instant at, const StreamId& stream) {
    auto key = of_workspace(workspace);
    append_u64(key, static_cast<std::uint64_t>(at.ms));
    return key + bytes_of(stream);
}

std::string person(WorkspaceId workspace, std::string_view email_claim) {
    return (std::string(1, '\1') + of_workspace(workspace)).append(email_claim);
}

std::string person_key(const Uuid& key) { return std::string(1, '\2') + bytes_of(key); }

std::string bytes_of(const StreamId& stream) {
    std::string bytes;
    bytes.reserve(key_bytes);
    append_u8(bytes, static_cast<std::uint8_t>(stream.kind));
    append_uuid(bytes, stream.id);
    return bytes;
}

StreamId to_stream(std::string_view bytes) {
    ByteReader reader(bytes);
    auto kind = static_cast<StreamKind>(reader.take<std::uint8_t>());
    return {kind, take_uuid(reader)};
}

std::string bytes_of(const Uuid& id) {
    std::string bytes;
    bytes.reserve(key_bytes);
    append_uuid(bytes, id);
    return bytes;
}

Uuid to_uuid(std::string_view bytes) {
    ByteReader reader(bytes);
    return take_uuid(reader);
}

std::string number(std::int64_t value) {
    std::string bytes;
    append_u64(bytes, static_cast<std::uint64_t>(value));
    return bytes;
}

std::int64_t to_number(std::string_view bytes) {
    ByteReader reader(bytes);
    return static_cast<std::int64_t>(reader.take<std::uint64_t>());
}

std::string bytes_of(const StreamHead& head) {
    std::string bytes;
    append_u64(bytes, head.version);
    append_u64(bytes, head.position);
    return bytes;
}

StreamHead to_stream_head(std::string_view bytes) {
    ByteReader reader(bytes);
    auto version = reader.take<std::uint64_t>();
    return {version, reader.take<std::uint64_t>()};
}

std::string bytes_of(const ChainHead& head) {
    std::string bytes;
    append_u64(bytes, head.position);
    bytes += view(head.link);
    return bytes;
}

ChainHead to_chain_head(std::string_view bytes) {
    ByteReader reader(bytes);
    auto position = reader.take<std::uint64_t>();
    return {position, take_digest(reader)};
}

std::string bytes_of(const Head& head) {
    std::string bytes;
    append_u64(bytes, head.position);
    append_u64(bytes, static_cast<std::uint64_t>(head.at.ms));
    bytes += view(head.running);
    return bytes;
}

Head to_head(std::string_view bytes) {
    ByteReader reader(bytes);
    auto position = reader.take<std::uint64_t>();
    Instant at{static_cast<std::int64_t>(reader.take<std::uint64_t>())};
    return {position, at, take_digest(reader)};
}

}  // namespace muster::rows
