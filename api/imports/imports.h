#pragma once
// The imports of all workspaces. Whatever writes one runs on one thread of its own, one piece of work at a time: so
// nothing here needs a lock, a huge file takes the memory of one, and nobody else waits for it.
//
// Sending goes piece by piece (limits::import_piece_rows): each row's invitation gets its id in the vault, synced,
// before it is appended; what a crash interrupted is done again, and a row whose membership exists counts as sent. So
// every row is sent once, whenever the server dies. Between two pieces other work gets its turn.

#include "api/imports/drafts.h"
#include "api/pool.h"
#include "api/rate_limits.h"
#include "eventstore/execute.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace muster {

struct Traces;

namespace limits {
inline constexpr std::size_t imports_share = 8;  // that wait for one workspace: a file can take seconds
}  // namespace limits

class Imports {
public:
    // `report` is told what goes wrong while nobody waits for an answer.
    Imports(Execute& execute, Vault& vault, std::shared_ptr<RateLimits> rates,
            std::function<void(const std::string&)> report)
        : execute_(execute),
          rates_(std::move(rates)),
          drafts_(vault, execute.unicode()),
          report_(std::move(report)),
          pool_(1, limits::imports_share) {}

    // Runs work that writes; false where there is too much to do.
    [[nodiscard]] bool post(std::function<void()> work, const std::string& whose = {}) {
        return pool_.post(std::move(work), whose);
    }
    // Before all that waits; false when it stops.
    [[nodiscard]] bool post_first(std::function<void()> work) { return pool_.post_first(std::move(work)); }

    // Reading it, on any thread.
    [[nodiscard]] const Drafts& drafts() const { return drafts_; }

    // What follows is for the writing thread.

    // limit_reached where the workspace keeps too many.
    std::optional<Refusal> store_new(Import& import, const std::vector<ImportRow>& rows);
    void store_preview(Import& import, const std::vector<ImportRow>& rows);
    // It is off the disk when this returns. Also where it is damaged.
    void erase(WorkspaceId workspace, ImportId id);
    // What they say of people who were erased, all of a deleted workspace, and what can't be read of a workspace where
    // somebody was; it is off the disk when this returns.
    void forget_people(const Traces& traces);
    // From now on it is sent, whatever happens to the server. Only for one that is previewed.
    void begin_sending(Import& import, const Actor& actor);

    // Any thread. Goes on with imports that are being sent and with which nobody goes on, and forgets those that were
    // kept for long enough; at the start, and now and then.
    void tidy();

private:
    void forget_people(Import& import, const Traces& traces);
    void forget_old();
    void resume_sending();
    void go_on(WorkspaceId workspace, ImportId id);
    // What can't be read any more is not sent: the import is done with what was sent.
    void give_up(Import& import);
    // Sends one piece; false where there is nothing more to do, or nothing now.
    bool send_piece(WorkspaceId workspace, ImportId id);
    // Fixes the ids of the rows that have none; those that a crash left behind may be sent already.
    void prepare(const Import& import, std::vector<ImportRow>& rows);
    // Decides and appends the rows that wait; false where they are to be tried again.
    bool send_rows(const Import& import, std::vector<ImportRow>& rows);

    Execute& execute_;
    std::shared_ptr<RateLimits> rates_;
    Drafts drafts_;
    const std::function<void(const std::string&)> report_;
    std::set<ImportId> going_on_;  // the writing thread's
    Pool pool_;                    // the last member: its thread ends before the rest does
};

}  // namespace muster
