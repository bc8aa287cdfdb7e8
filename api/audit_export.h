#pragma once
// The audit of a workspace as a file: as lines that prove themselves (api/audit_lines.h), or as CSV for people. Made
// piece by piece, each event read from the log when its line is written, so any size takes the same memory. One thread
// at a time.

#include "api/audit_entry.h"
#include "eventstore/history.h"
#include "eventstore/log.h"
#include "eventstore/vault.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

namespace limits {
// Names of people that an export keeps at hand; beyond it they are read again.
inline constexpr std::size_t names_at_hand = 100'000;
}  // namespace limits

// What exports are made from; all of it outlives them. `erasures` counts destroyed keys: names from before are dropped.
struct AuditSources {
    const Log& log;
    const History& history;
    Directory& directory;
    Vault& vault;
    std::function<std::uint64_t()> erasures = [] { return std::uint64_t{0}; };
};

// Events behind `after` and not behind `to`.
struct PositionRange {
    Position after = 0;
    Position to = 0;
};
// Those that happened at or after `from` and before `to`; without a limit, all that there are now.
PositionRange range_between(const Log& log, std::optional<Instant> from, std::optional<Instant> to);

// The frames of one workspace in their order, each checked to follow from the one before: DamageError where not.
class ChainWalk {
public:
    ChainWalk(const Log& log, WorkspaceId workspace, PositionRange range);
    // nullopt: there is none left.
    std::optional<Frame> next();
    // Of the last one; at first of the workspace's event before the range, 0 and zeros where there is none.
    [[nodiscard]] Position position() const { return position_; }
    [[nodiscard]] const Digest& link() const { return link_; }
    // Of the last one.
    [[nodiscard]] const Digest& payload_hash() const { return payload_hash_; }

private:
    const Log& log_;
    WorkspaceId workspace_;
    Position to_;
    Position position_ = 0;
    Digest link_{};
    Digest payload_hash_{};
    std::deque<Position> ahead_;
};

// Names for sentences, for as long as they may be kept.
class NamesAtHand {
public:
    NamesAtHand(const AuditSources& from, WorkspaceId workspace) : from_(from), workspace_(workspace) {}
    const AuditNames& names();

private:
    AuditSources from_;
    WorkspaceId workspace_;
    std::optional<AuditNames> names_;
    std::shared_ptr<const Workspace> of_;
    std::uint64_t erasures_ = 0;
};

class AuditExport {
public:
    // `at`: when it is made, as its head will say.
    AuditExport(const AuditSources& from, WorkspaceId workspace, PositionRange range, Instant at);
    // One that goes on at a place that another one's `place` gave. Throws DecodeError where it is none.
    AuditExport(const AuditSources& from, std::string_view place);

    // Appends whole lines until there are `bytes` or more; false where the last line is among them.
    bool append(std::string& out, std::size_t bytes);
    [[nodiscard]] std::string place() const;
    // Of the last event written, and of the last that will be.
    [[nodiscard]] Position position() const { return place_.position; }
    [[nodiscard]] Position end() const { return place_.to; }

private:
    struct Place {
        WorkspaceId workspace;
        Position to = 0;
        Instant at;
        Position position = 0;  // of the last event written
        Digest seal{};
        std::uint64_t lines = 0;
        std::uint64_t events = 0;
    };
    AuditExport(const AuditSources& from, const Place& place);
    static Place place_in(std::string_view bytes);
    void append_first(std::string& out);
    void append_event(std::string& out, const Frame& frame);
    void append_last(std::string& out);
    void append_seal(std::string& out, std::size_t line_begins);

    AuditSources from_;
    Place place_;
    ChainWalk walk_;
    NamesAtHand at_hand_;
};

// For people: position, at, actor, what happened, about whom or what, what changed.
class AuditSheet {
public:
    AuditSheet(const AuditSources& from, WorkspaceId workspace, PositionRange range)
        : from_(from), walk_(from.log, workspace, range), at_hand_(from, workspace) {}
    // Appends whole rows until there are `bytes` or more; false where the last row is among them.
    bool append(std::string& out, std::size_t bytes);

private:
    AuditSources from_;
    ChainWalk walk_;
    NamesAtHand at_hand_;
    bool begun_ = false;
};

}  // namespace muster
