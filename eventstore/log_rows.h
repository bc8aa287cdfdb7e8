#pragma once
// The rows of the log's table: families and keys. Integers are big-endian. Claims, counters, due and persons are
// functions of the events; fsck makes them again and compares.

#include "domain/holdings.h"
#include "domain/ids.h"
#include "domain/instant.h"
#include "eventstore/bytes.h"
#include "eventstore/frame.h"
#include "eventstore/table.h"

#include <optional>
#include <string>
#include <string_view>

namespace muster {

// Numbers are the order in which the table's families were made: never change one, only add.
enum class LogFamily : std::uint8_t {
    events,       // position u64 -> frame
    streams,      // stream ‖ version u64 -> position u64
    heads,        // stream -> version u64 ‖ position u64;  0 ‖ workspace -> position u64 ‖ link;  255 -> head row
    workspaces,   // workspace ‖ position u64 -> nothing
    claims,       // workspace (zeros: of all) ‖ name -> stream
    counters,     // workspace ‖ name -> number u64 (two's complement)
    due,          // workspace ‖ time u64 ‖ stream -> nothing
    persons,      // 1 ‖ workspace ‖ email claim -> key id;  2 ‖ key id -> workspace ‖ email claim
    idempotency,  // scope ‖ SHA-256 of the key -> time u64 ‖ row of the caller's
};
inline constexpr std::size_t log_families = 9;
constexpr Family family(LogFamily each) { return static_cast<Family>(each); }

namespace rows {

std::string position(Position position);
std::string stream(const StreamId& stream);
std::string stream_version(const StreamId& stream, Version version);
std::string chain(WorkspaceId workspace);
std::string head();
std::string workspace_position(WorkspaceId workspace, Position position);
std::string claim(WorkspaceId workspace, const Claim& claim);
std::string counter(WorkspaceId workspace, const Counter& counter);
std::string due(WorkspaceId workspace, Instant at, const StreamId& stream);
std::string person(WorkspaceId workspace, std::string_view email_claim);
std::string person_key(const Uuid& key);

std::string bytes_of(const StreamId& stream);
StreamId to_stream(std::string_view bytes);
std::string bytes_of(const Uuid& id);
Uuid to_uuid(std::string_view bytes);
std::string number(std::int64_t value);
std::int64_t to_number(std::string_view bytes);

struct StreamHead {
    Version version = 0;
    Position position = 0;
};
struct ChainHead {
    Position position = 0;
    Digest link{};
};
// How far the whole log has come: written with every group of appends.
struct Head {
    Position position = 0;
    Instant at;
    Digest running{};  // SHA-256(running hash before ‖ link), over every event
};
std::string bytes_of(const StreamHead& head);
StreamHead to_stream_head(std::string_view bytes);
std::string bytes_of(const ChainHead& head);
ChainHead to_chain_head(std::string_view bytes);
std::string bytes_of(const Head& head);
Head to_head(std::string_view bytes);

}  // namespace rows
}  // namespace muster
