#pragma once
// The mails that wait to be sent, in the vault, so that a restart goes on with them. A mail is named by the position of
// the event that causes it; whom it goes to and what it says is made when it is sent. Workspaces take turns, so that
// nobody waits for the thousands that another one imports. For any thread.
//
//   position u64 ‖ workspace (16)  → attempts u32 ‖ due u64 (ms) ‖ reason     (integers big-endian)
//   workspace (16)                 → passed over: how many mails of a day, which were counted here once
//   position u64                   → as the first: of before there were turns; they are all of one workspace here
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
#include <string_view>
#include <utility>
#include <vector>

namespace muster::mail {

struct Waiting {
    Position cause = 0;
    WorkspaceId workspace;  // nil: of before there were turns
    std::uint32_t attempts = 0;
    Instant due;
    std::string reason;  // of the last attempt
};

struct Cause {
    Position position = 0;
    WorkspaceId workspace;
    bool urgent = false;  // before all others of the workspace: somebody waits for it
};

// The cause in the key of a row; nullopt of one that is no mail.
std::optional<Position> cause_in(std::string_view key);

class Queue {
public:
    // With what waited when the vault was closed. Throws DamageError where a row is not as it was written.
    explicit Queue(SealedRows rows);

    // Nothing comes of those that are there.
    void add(const std::vector<Cause>& causes, Instant now);
    // The one that is due for the longest of the workspace whose turn it is; nobody else gets it until it is put back.
    std::optional<Waiting> take(Instant now);
    void put_back(const Waiting& waiting);
    void done(Position cause);

    // Of those that are not taken.
    [[nodiscard]] std::optional<Instant> next_due() const;
    [[nodiscard]] std::size_t size() const;

private:
    // Of a workspace, those that are not taken, and its turn: when, and of equal times who came first.
    struct Line {
        std::set<std::pair<Instant, Position>> mails;
        std::pair<Instant, std::uint64_t> turn;
    };
    void stand(const Waiting& waiting);
    void take_turn(WorkspaceId workspace, Line& line, Instant at);
    // It was set back: nobody waits for longer than a pause.
    void heed_clock(Instant now);

    SealedRows rows_;
    mutable std::mutex mutex_;
    std::map<Position, Waiting> waiting_;  // guarded by mutex_, as is all that follows
    std::map<WorkspaceId, Line> lines_;    // none is empty
    std::map<std::pair<Instant, std::uint64_t>, WorkspaceId> turns_;
    std::uint64_t turns_given_ = 0;
    Instant taken_at_;  // when somebody last asked for one
};

}  // namespace muster::mail
