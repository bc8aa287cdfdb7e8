#pragma once
// The mails that wait to be sent, in the vault, so that a restart goes on with them. A mail is named by the position of
// the event that causes it; whom it goes to and what it says is made when it is sent. For any thread.
//
//   position u64    → attempts u32 ‖ due u64 (ms) ‖ reason     (integers big-endian)
//   workspace (16)  → day u64 ‖ mails of that day u64          days since 1970
//
// Rows are not synced: after a crash the follower stands further back too, and an outcome in the log outweighs a row.

#include "domain/ids.h"
#include "domain/instant.h"
#include "eventstore/sealed_rows.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::mail {

struct Waiting {
    Position cause = 0;
    std::uint32_t attempts = 0;
    Instant due;
    std::string reason;  // of the last attempt
};

struct Cause {
    Position position = 0;
    WorkspaceId workspace;
};

class Queue {
public:
    // With what waited when the vault was closed. Throws DamageError where a row is not as it was written.
    explicit Queue(SealedRows rows);

    // Nothing comes of those that are there.
    void add(const std::vector<Cause>& causes, Instant now);
    // The one that is due for the longest; nobody else gets it until it is put back.
    std::optional<Waiting> take(Instant now);
    void put_back(const Waiting& waiting);
    void done(Position cause);

    // Of those that are not taken.
    [[nodiscard]] std::optional<Instant> next_due() const;
    [[nodiscard]] std::size_t size() const;
    // Mails that a workspace has caused on that day (UTC).
    [[nodiscard]] std::uint64_t caused(WorkspaceId workspace, Instant day) const;

private:
    struct Day {
        std::uint64_t day = 0;
        std::uint64_t mails = 0;
    };

    SealedRows rows_;
    mutable std::mutex mutex_;
    std::map<Position, Waiting> waiting_;               // guarded by mutex_, as is
    std::set<std::pair<Instant, Position>> by_time_{};  // those that are not taken
    std::map<WorkspaceId, Day> days_;
};

}  // namespace muster::mail
