#pragma once
// A command's way: load, decide, append. What fails in the writer is never an answer: the command is loaded and decided
// again, at most `attempts` times, the last of them alone (turns.h), then it is conflict_retry. Due invitations of the
// workspace are expired first where a seat is short, or a plan would have fewer than are used [trap 4]. Safe for use by
// any number of threads.

#include "eventstore/directory.h"
#include "eventstore/draft.h"
#include "eventstore/log.h"
#include "eventstore/turns.h"
#include "eventstore/vault.h"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

namespace limits {
inline constexpr int attempts = 8;
inline constexpr int attempts_beside_others = 4;
}  // namespace limits

// What a decision is made on.
struct Loaded {
    std::shared_ptr<const Workspace> workspace;
    std::shared_ptr<const Membership> membership;  // the target, where it is one
    std::shared_ptr<const Resource> resource;      // the target, where it is one
    // The target, where it is one; `membership` is then the one that approving makes or has made.
    std::shared_ptr<const InvitationRequest> request;
};

// How things stand after a command: as the append left them, or unchanged where there were no events.
struct Outcome {
    std::shared_ptr<const Workspace> workspace;
    std::shared_ptr<const Membership> membership;
    std::shared_ptr<const Resource> resource;
    std::shared_ptr<const InvitationRequest> request;
    std::vector<RecordedPtr> events;  // of a dry run: those that would be, without positions
    Position position = 0;
    bool dry_run = false;
    bool new_person = false;         // of a dry run: the membership would be made by it
    bool changes = true;             // it came to events, or (dry run) would
    std::optional<Uuid> person_key;  // that the target's personal data is sealed under
};

// Permissions by which the actor was let in, which they are to have still when it is decided [N5]; empty ones are none.
// Texts that last.
using Needed = std::array<std::string_view, 2>;
// Who was deactivated or deleted meanwhile, or whose key was revoked, has none.
std::optional<Refusal> lost(const Needed&, const PermissionSet& has);
// Others kept getting in the way: nothing happened, and the same request may well do next time.
Refusal conflict_retry();

struct Command {
    WorkspaceId workspace;
    bool creates_workspace = false;
    Actor actor;
    Needed needs{};
    StreamId target;  // for a new thing: a fresh id
    Uuid fresh;       // for what has no stream of its own (a team)
    std::optional<EmailAddress> address;
    bool on_holder = false;  // of the address, where a waiting invitation or a member holds it, instead of the target
    bool whole_person =
        false;  // look up the open request and the key of the address (of the target's, if none is given)
    std::vector<ResourceId> resources;
    std::optional<Slug> slug;
    std::optional<MemberId> reassign_to;
    std::optional<Version> if_match;
    std::uint32_t link_generation = 0;
    std::optional<BatchId> batch;
    // What Context says of them.
    Uuid credential;
    bool common_password = false;
    Uuid checked_credential;
    Instant link_ends;
    bool plain_targets = false;
    Uuid correlation;
    bool dry_run = false;
    std::function<Decided(const Loaded&, const Context&)> decide;
    // Where the answer is kept: the row's key, and the row for an outcome (run on a thread of the log's).
    std::string idempotency_key;
    std::function<std::string(const Outcome&)> idempotency_row;
};

using Result = std::expected<Outcome, Refusal>;

// One row of a batch after it was decided: its state, or why not.
struct BatchRow {
    std::expected<std::shared_ptr<const Membership>, Refusal> row;
    std::optional<Uuid> person_key;
    std::shared_ptr<const Membership> before = nullptr;  // where it stood already
};
struct BatchOutcome {
    std::shared_ptr<const Workspace> workspace;
    std::vector<BatchRow> rows;  // those before `begin` are blank refusals
    Position position = 0;
    bool dry_run = false;
    bool appended = false;  // any event
    // Of a dry run: how far counters would have moved, by expiring all that is due and by the rows decided so far.
    std::map<Counter, std::int64_t> by_expiring{};
    std::map<Counter, std::int64_t> by_rows{};
};
struct BatchCommand {
    WorkspaceId workspace;
    Actor actor;
    Needed needs{};
    Uuid correlation;
    bool all_or_nothing = false;  // decided and appended as one, or refused with every row's fault
    bool dry_run = false;
    struct Row {
        StreamId target;
        bool stands = false;  // it is there already, and decided on as it stands; else it is new
        std::optional<EmailAddress> address;
        std::vector<ResourceId> resources;
        std::optional<BatchId> batch;
        std::function<Decided(const Loaded&, const Context&)> decide;
        std::optional<Refusal> refused;  // known before anything is decided (a body with faults)
    };
    std::vector<Row> rows;
    // The rows before it were appended by an earlier run of the same request, which was cut off.
    std::size_t begin = 0;
    // Where the whole answer is kept, with the last chunk.
    std::string idempotency_key;
    std::function<std::string(const BatchOutcome&)> idempotency_row;
    // Where what became of another chunk is kept, whose first row is given: by it a repeat finds where to go on.
    std::function<std::string(std::size_t first)> chunk_key;
    std::function<std::string(const BatchOutcome&, std::size_t first)> chunk_row;
    // Where given: called after each chunk, on the caller's thread; it may let go of states that nobody needs any more.
    std::function<void(BatchOutcome&)> chunk_done;
};

class Execute {
public:
    // `post` runs work on the caller's threads; the log's threads only hand on.
    using Post = Turns::Post;
    Execute(Log& log, Directory& directory, Vault& vault, const Unicode& unicode, const Clock& clock, Post post)
        : log_(log), directory_(directory), vault_(vault), unicode_(unicode), clock_(clock), post_(std::move(post)) {}

    // Loads and decides here; `done`, which must not throw, is called exactly once, here or on one of `post`'s threads.
    void run(Command command, std::function<void(Result)> done);
    // On a thread of `post`'s for a dry run only: others may have to wait for who is decided there.
    Result run_and_wait(Command command);
    // Blocks while it works: for threads that may wait. Best effort: appended in chunks of limits::rows_per_append.
    std::expected<BatchOutcome, Refusal> run_batch(const BatchCommand& command);

    // Expires what is due in a workspace (at most limits::expiries_per_append an append); how many.
    std::size_t expire_due(WorkspaceId workspace);

    // What an actor may do now, from the aggregates.
    PermissionSet permissions_of(const Workspace& workspace, const Actor& actor);
    EmailClaim claim_of(WorkspaceId workspace, const EmailAddress& address);

    [[nodiscard]] Directory& directory() { return directory_; }
    [[nodiscard]] Log& log() { return log_; }
    [[nodiscard]] Vault& vault() { return vault_; }
    [[nodiscard]] const Unicode& unicode() const { return unicode_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }
    [[nodiscard]] Instant now() const;       // never before the log's last event
    Uuid fresh() { return log_.next_id(); }  // in the order of their making

private:
    struct Attempt;
    void attempt(std::shared_ptr<Attempt> attempt);  // when nobody else has the turn
    void decide(std::shared_ptr<Attempt> attempt);
    void appended(std::shared_ptr<Attempt> attempt, const Appended& appended);
    // The states that a command is decided on, known to the draft, and the claim of the address that it is about.
    Loaded load(const Command& command, Draft& draft);
    std::optional<EmailClaim> claim_of(const Command& command, const Loaded& loaded);
    Context context(const Workspace& workspace, const Actor& actor, const std::optional<EmailClaim>& claim,
                    Draft& draft, const std::vector<ResourceId>& resources);
    // One chunk, decided over what the chunk holds already and appended; the refusal that ends the whole batch.
    std::optional<Refusal> run_chunk(const BatchCommand& command, std::size_t from, std::size_t to,
                                     BatchOutcome& outcome);
    bool decide_chunk(const BatchCommand& command, std::size_t from, std::size_t to, Draft& draft,
                      std::vector<BatchRow>& rows, BatchOutcome& outcome);
    // What expiring all that is due would move, for dry runs: nothing is written.
    std::map<Counter, std::int64_t> moved_by_expiring(WorkspaceId workspace, Instant now);

    Log& log_;
    Directory& directory_;
    Vault& vault_;
    const Unicode& unicode_;
    const Clock& clock_;
    Post post_;
    Turns turns_;
};

}  // namespace muster
