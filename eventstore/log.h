#pragma once
// The event log: append under guards, and read. The one place where the rules that span streams are kept, over any
// Table. One thread, the decider, takes what has queued and checks each append in order against state that includes all
// earlier ones; another, the writer, writes the rows of a group in one batch, syncs once, and then answers all, while
// the next group is decided. Positions are gapless, and a refused append leaves no trace.

#include "domain/event.h"
#include "eventstore/anchor.h"
#include "eventstore/crypto.h"
#include "eventstore/frame.h"
#include "eventstore/log_rows.h"
#include "eventstore/table.h"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t group_events = 1024;
inline constexpr std::size_t forgotten_at_once = 256;  // rows of idempotency keys: so long does no group get written
inline constexpr std::size_t group_bytes = std::size_t{1} << 20;
// Fewer are not worth a group of their own beside the one that is written: each costs a sync.
inline constexpr std::size_t decided_ahead = 16;
// From so many events on an append is a group of its own. Where both wait, the small ones go first, a few groups long.
inline constexpr std::size_t bulky_events = 16;
inline constexpr std::size_t small_groups_before_bulky = 4;
inline constexpr std::int64_t anchor_every_ms = 250;
inline constexpr std::size_t tail_events = 16'384;  // newly appended events that stay decoded in memory
inline constexpr std::size_t queued_appends = 16'384;
inline constexpr std::size_t cached_counters = 10'000;        // workspaces
inline constexpr std::int64_t idempotency_seconds = 604'800;  // 7 days
}  // namespace limits

// The stream must be at this version: it was read so. Also for streams that are only looked at.
struct Expected {
    StreamId stream;
    Version version = 0;
};

struct ToAppend {
    StreamId stream;
    Event event;
    std::string payload;  // encoded and sealed before the queue
    Digest payload_hash{};
};

struct CounterChange {
    Counter counter;
    std::int64_t delta = 0;
    std::optional<std::int64_t> limit;  // binds where the change is upwards
    bool keep_one = false;              // must not fall below 1 (checked only where it falls)
};

// When a stream falls due: `ttl` seconds from the event's time, or at `not_before` if that is later.
struct Lifetime {
    std::int64_t ttl = 0;
    Instant not_before;
};
struct DueChange {
    StreamId stream;
    std::optional<Instant> before;
    std::optional<Lifetime> after;
};

struct PersonBinding {
    std::string email_claim;
    Uuid key;
    bool bound_before = false;  // it was read as bound to this key: a person who was deleted meanwhile is another one
};

struct Append {
    WorkspaceId workspace;
    Uuid command;
    Uuid correlation;
    Position causation = 0;
    Actor actor;
    std::vector<Expected> expected;
    std::vector<ToAppend> events;
    std::vector<std::pair<Claim, StreamId>> released;
    std::vector<std::pair<Claim, StreamId>> claimed;
    std::vector<Claim> vacant;  // nobody may hold them, but streams that release them here
    std::vector<CounterChange> counters;
    std::vector<Bound> bounds;
    std::vector<DueChange> due;
    std::vector<PersonBinding> persons;        // the person's key, unless another one was bound meanwhile
    std::vector<std::string> persons_unbound;  // by email claim: the next one of this address gets a new key
    std::vector<Uuid> keys_destroyed;
    Instant good_before = Instant::never();
    // Where given: kept under this key in the same batch, made on the decider's thread from the events as recorded.
    std::string idempotency_key;
    std::function<std::string(std::span<const RecordedPtr>, Position)> idempotency_row;
};

enum class AppendStatus : std::uint8_t {
    done,
    conflict,    // a guard failed: the state moved; decide again
    too_late,    // the time has come that changes the answer; decide again
    repeated,    // the idempotency key is taken; look its row up
    overloaded,  // the queue is full; nothing happened
    failed       // the disk failed: unknown whether it is on disk; nothing is acknowledged any more
};

struct Appended {
    AppendStatus status = AppendStatus::done;
    std::string why;                  // which guard, for logs and tests
    std::vector<RecordedPtr> events;  // as recorded
    Position position = 0;            // of the last one; the head where there are none
};

struct LogOptions {
    const Clock* clock = &system_clock();
    Entropy* entropy = &system_entropy();
    // Called after each group and before its answers, in order, on a thread of the log's: caches and followers hear of
    // it here.
    std::function<void(std::span<const RecordedPtr>)> on_group = {};
    // Called once, on a thread of the log's, after a failed write or sync.
    std::function<void(const std::string& why)> on_failure = {};
};

class Log {
public:
    // Verifies the log's end against its head row and the anchor. Throws DamageError where they do not fit.
    Log(std::unique_ptr<Table> table, std::unique_ptr<Anchor> anchor, LogOptions options);
    ~Log();  // closes
    // Takes no more appends, answers those that have queued, and stops both threads. Reading goes on.
    void close();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    using Answer = std::function<void(Appended)>;
    // `answer` is called exactly once, in order, on a thread of the log's, or on this one where nothing was queued
    // (overloaded, failed): it must be short and pass the work on.
    void append(Append append, Answer answer);
    Appended append_and_wait(Append append);

    // For an event, or for a new thing: behind every id that this log holds, whatever the clock says, since an event's
    // id is made after those that it names.
    Uuid next_id() { return ids_.next(); }

    [[nodiscard]] Position head() const;
    [[nodiscard]] rows::Head head_row() const;
    // The position of a workspace's last event; 0 where it has none.
    [[nodiscard]] Position head(WorkspaceId workspace) const;
    [[nodiscard]] Version version(const StreamId& stream) const;
    // When the stream's last event was appended.
    [[nodiscard]] std::optional<Instant> last_at(const StreamId& stream) const;
    [[nodiscard]] std::optional<StreamId> holder(WorkspaceId workspace, const Claim& claim) const;
    [[nodiscard]] std::shared_ptr<const Counters> counters(WorkspaceId workspace) const;
    [[nodiscard]] std::optional<Uuid> person_key(WorkspaceId workspace, std::string_view email_claim) const;
    [[nodiscard]] bool key_in_use(const Uuid& key) const;
    // Whose a key is that is in use.
    struct KeyOwner {
        WorkspaceId workspace;
        std::string email_claim;
    };
    [[nodiscard]] std::optional<KeyOwner> key_owner(const Uuid& key) const;
    // People of a workspace that have a key, by email claim, behind `after`.
    [[nodiscard]] std::vector<PersonBinding> persons(WorkspaceId workspace, std::string_view after,
                                                     std::size_t most) const;
    // Streams of a workspace that fell due at or before `now`, the longest due first.
    [[nodiscard]] std::vector<StreamId> due(WorkspaceId workspace, Instant now, std::size_t most) const;
    [[nodiscard]] std::optional<Instant> next_due(WorkspaceId workspace) const;
    // All that will fall due in a workspace, in order of time, behind `after`.
    struct Due {
        Instant at;
        StreamId stream;
        auto operator<=>(const Due&) const = default;
    };
    [[nodiscard]] std::vector<Due> schedule(WorkspaceId workspace, const std::optional<Due>& after,
                                            std::size_t most) const;
    // Workspaces with a stream that is due.
    [[nodiscard]] std::vector<WorkspaceId> workspaces_due(Instant now) const;
    // Workspaces in order of id (of making), behind `after`.
    [[nodiscard]] std::vector<WorkspaceId> workspaces(std::optional<WorkspaceId> after, std::size_t most) const;
    // How many there are that were not deleted, at most `most`.
    [[nodiscard]] std::size_t count_workspaces(std::size_t most) const;
    // The row kept under an idempotency key, if it is not older than `not_before`.
    [[nodiscard]] std::optional<std::string> idempotency_row(const std::string& key, Instant not_before) const;
    // Forgets idempotency rows older than that; returns how many.
    std::size_t forget_idempotency_rows(Instant before);

    // Frames in order of position; DamageError where one is missing or does not decode.
    [[nodiscard]] std::vector<Frame> frames(Position after, std::size_t most) const;
    [[nodiscard]] std::optional<Frame> frame(Position position) const;
    [[nodiscard]] std::vector<Position> positions(WorkspaceId workspace, Position after, std::size_t most) const;
    [[nodiscard]] std::vector<Position> positions(const StreamId& stream, Version after) const;
    // The workspace's last one at or before `most`; 0 where there is none.
    [[nodiscard]] Position last_position(WorkspaceId workspace, Position most) const;
    // Newly appended events behind `after`, decoded; nullopt where they reach back no further than that.
    [[nodiscard]] std::optional<std::vector<RecordedPtr>> tail(Position after, std::size_t most) const;
    [[nodiscard]] Digest link_at(Position position) const;

    [[nodiscard]] const Table& table() const { return *table_; }
    void checkpoint(const std::string& directory) { table_->checkpoint(directory); }

private:
    struct Queued;
    class Group;
    struct Filled;

    void verify_end();
    [[nodiscard]] bool worth_deciding() const;  // under queue_mutex_
    void decide();
    void write();
    void write_group(Filled& filled);
    void publish(const Filled& filled);
    void write_anchor_if_due(bool now);
    void anchor_if_due(bool now);  // under write_mutex_
    [[nodiscard]] bool failed() const;
    void fail(const std::string& why);

    // Constant after construction.
    std::unique_ptr<Table> table_;
    std::unique_ptr<Anchor> anchor_;
    LogOptions options_;

    Uuids ids_;  // by any thread

    // Held while a group is written and answered, or the anchor is: by the writer, or by the decider where it writes a
    // group of one itself. Taken before the others.
    std::mutex write_mutex_;
    rows::Head written_;
    std::int64_t anchored_ms_ = 0;
    Position anchored_ = 0;

    // Guarded by queue_mutex_.
    mutable std::mutex queue_mutex_;
    std::condition_variable decider_wakes_, writer_wakes_;
    std::deque<Queued> queue_, bulky_;
    std::shared_ptr<Filled> handed_over_;  // to the writer
    bool writing_ = false;                 // a group is handed over or being written; its rows may not be in the table
    bool all_decided_ = false;
    bool stopping_ = false;
    bool failed_ = false;

    // Guarded by published_mutex_.
    mutable std::mutex published_mutex_;
    rows::Head published_;
    std::deque<RecordedPtr> tail_;
    mutable std::unordered_map<Uuid, std::shared_ptr<const Counters>> counters_;

    std::thread decider_, writer_;
};

}  // namespace muster
