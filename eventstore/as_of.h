#pragma once
// How a workspace stood at a moment: each aggregate folded from its own events up to there by the domain's own evolve,
// so that what is said of the past and what was decided then can't differ. Nothing but the log is read, one stream at a
// time. The personal data of who was erased since is erased in the past too.
//
// For use by one thread; the log and the history must outlive it.

#include "domain/mail.h"
#include "domain/resource.h"
#include "eventstore/history.h"
#include "eventstore/log.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace muster {

// The last event of a workspace at or before a moment, and the time that expiries and trials are judged by.
struct Moment {
    Position position = 0;  // 0: before its first event
    Instant at;
};

// `as_of T` is the last position with `at <= T`; the log's times never fall.
Moment moment_at(const Log& log, WorkspaceId workspace, Instant at);
// Right after that position, at the time of the workspace's last event until then.
Moment moment_at(const Log& log, WorkspaceId workspace, Position position);

// All who came to the workspace by events up to `last`, in order of their ids; every event until then is looked at.
// `progress`, which may be empty, is told from time to time how far of `last` it is.
std::vector<MemberId> people_until(const Log& log, WorkspaceId workspace, Position last,
                                   const std::function<void(Position done, Position all)>& progress = {});

class AsOf {
public:
    AsOf(const Log& log, const History& history, WorkspaceId workspace, Moment moment)
        : log_(log), history_(history), workspace_(workspace), moment_(moment) {}

    [[nodiscard]] const Moment& moment() const { return moment_; }
    // nullptr where it was not made yet.
    [[nodiscard]] std::shared_ptr<const Workspace> workspace() const;
    // Of phase `none` where there was none; expired where its time was over, whether or not that was recorded yet.
    [[nodiscard]] Membership membership(MemberId id) const;
    // When they had last signed in.
    [[nodiscard]] std::optional<Instant> last_login(MemberId id) const;
    // How the mail of their invitation stood.
    [[nodiscard]] MailDelivery delivery(MemberId id) const;
    [[nodiscard]] Resource resource(ResourceId id) const;

private:
    [[nodiscard]] std::vector<RecordedPtr> events(const StreamId& stream) const;

    const Log& log_;
    const History& history_;
    const WorkspaceId workspace_;
    const Moment moment_;
};

}  // namespace muster
