#pragma once
// The runner: one thread that follows the log for all projections, and what is asked of their views meanwhile.
//
// Events are read once for all projections that stand near one another, and applied in batches of at most
// `limits::batch_events`, each with its checkpoint in one write. A projection that cannot go on (an event that this
// program does not know, an exception in `on`, a table that fails, damage that a query meets) halts visibly with the
// reason, in front of the event that stopped it, and the others go on. Nothing is ever skipped; a restart tries again,
// and so does its next generation.
//
// Where no valid generation is found (none yet, another version, another store or history), one is made from the first
// event. It serves from when it has reached the head as it was when the runner was made; until then the projection is
// `building` and has no table: rows of another version cannot be read by this program's queries.

#include "projections/generation.h"
#include "projections/live_rows.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t batch_events = 1024;
inline constexpr std::chrono::milliseconds view_reopen_pause{3'000};  // between two tries on a disk that failed
}  // namespace limits

enum class RunState : std::uint8_t { building, running, halted };
MUSTER_ENUM(RunState, building, running, halted);

struct Standing {
    std::string name;
    RunState state = RunState::building;
    std::string reason;    // why it halted
    bool damaged = false;  // because its rows are not as they were written
    Position position = 0;
    Position lag = 0;                                   // events behind the head
    std::chrono::milliseconds behind;                   // since when it has been behind; zero at the head
    std::optional<std::chrono::milliseconds> idle;      // since it last applied an event; none: it has not yet
    std::optional<Position> rebuilding = std::nullopt;  // how far its next generation has come, while one is made
};

class Runner {
public:
    using Time = std::chrono::steady_clock::time_point;
    // Opens or makes every view, so it throws StorageError where the disk fails. Everything given must outlive it.
    // `tell` is called on the runner's thread where a projection halts, and where it goes on.
    Runner(
        Origin origin, const std::vector<const Projection*>& projections, std::function<Time()> now,
        std::function<void(const std::string& what)> tell = [](const std::string&) {});
    // Stops, answers those who still wait with false, and closes the tables that no query holds.
    ~Runner();
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    // Begins following on a thread of its own.
    void start();
    void stop();
    // The log has grown. Short, and safe on any thread; the log's writer calls it after each group.
    void wake();
    // Follows to the head on the caller's thread, for tests and simulations; not together with `start`.
    void catch_up();

    // For use by any thread. They throw std::invalid_argument for a name that no projection has.

    // The live rows; nullptr while building. Take one snapshot of it for each query. Damage that is met in them halts
    // the projection, so nobody reads them when the runner is gone.
    [[nodiscard]] std::shared_ptr<const LiveRows> table(std::string_view name) const { return live(name).rows; }
    // The same with a position that these very rows have applied: what is read of them is at least as new.
    struct Live {
        std::shared_ptr<const LiveRows> rows;
        Position position = 0;
    };
    [[nodiscard]] Live live(std::string_view name) const;
    [[nodiscard]] Position position(std::string_view name) const;
    [[nodiscard]] Standing standing(std::string_view name) const;
    [[nodiscard]] std::vector<Standing> standings() const;

    // Making the next generation of a view while the live one serves, by another thread (rebuilder.h): it is begun, or
    // gone on with where it was broken off, and ends by one of the last two. One that has halted is made anew as well,
    // but for one that waits for its disk. Throws StorageError.
    [[nodiscard]] Generation begin_next(std::string_view name);
    void next_is_at(std::string_view name, Position position);
    // It takes the live one's place as soon as it has caught up, also of one that has halted, which runs again. Blocks
    // until then; false where the runner stops, and the generation stays for another time. Throws StorageError where it
    // cannot be caught up.
    [[nodiscard]] bool serve_next(std::string_view name, Generation next);
    void leave_next(std::string_view name);  // harmless where none was begun

    // Making its rows a second time aside, to compare them (rebuild.h): nothing else is made beside a view until it is
    // left. Throws std::runtime_error where the next generation is being made.
    void begin_aside(std::string_view name);
    void leave_aside(std::string_view name);

    // What was overwritten in views of personal data has left the disk when it returns true; false where one of them
    // has not applied `position` within the timeout, has halted over damage, or is being made a second time beside it.
    // Blocks, and is dear. Throws StorageError where a reading takes too long or the disk fails, and DamageError where
    // it meets some, which halts the projection.
    [[nodiscard]] bool purge_personal(Position position, std::chrono::milliseconds timeout);

    // Calls back on the runner's thread, or on this one where it has stopped: true once the view serves and has applied
    // that position, false when the timeout is over, the projection has halted in front of it or the runner stops. It
    // must be short.
    void when_applied(std::string_view name, Position position, std::chrono::milliseconds timeout,
                      std::function<void(bool)> answer);
    // The same, waiting. Not on the runner's thread.
    [[nodiscard]] bool wait(std::string_view name, Position position, std::chrono::milliseconds timeout);

private:
    // What is being made beside a view, of the log as it reads meanwhile: who is erased then may be in it.
    enum class Beside : std::uint8_t { nothing, next_generation, rows_aside };
    // What lets a projection that has halted go on.
    enum class Mend : std::uint8_t { disk_holds, made_anew, restart };
    // Why a projection can't go on.
    struct Halt {
        std::string reason;  // for everybody: it names no file
        std::string detail;  // for the log
        Mend mend;
        explicit Halt(const std::exception& fault, const std::string& where = {});
    };
    struct Follower {
        const Projection* projection;
        Generation generation;  // the runner's thread only, but for `position` and `table`: guarded by mutex_
        Position serves_from;   // the position from which a generation that is not live is complete
        // Guarded by mutex_.
        RunState state;
        std::string reason;
        Time at_head;                             // when it was last seen at the head
        std::optional<Time> applied{};            // when it last applied events
        Mend mend = Mend::restart;                // where it has halted
        std::optional<DamageError> met_damage{};  // by who read its rows; it halts for it next
        Beside beside = Beside::nothing;
        Position next_position = 0;        // how far its next generation has come
        std::optional<Generation> next{};  // which is complete but for what came meanwhile
        std::string next_failure{};        // why it could not take the live one's place
        // The runner's thread only.
        bool reopening = false;            // it has halted over its disk, which was told
        std::optional<Time> open_again{};  // when that is tried
    };
    struct Waiter {
        std::size_t follower;
        Position position;
        Time until;
        std::function<void(bool)> answer;
    };
    enum class Told { not_yet, yes, no };

    void run();
    [[nodiscard]] std::optional<Time> next_time() const;
    bool step();
    [[nodiscard]] std::vector<RecordedPtr> read(Position after);
    void apply(Follower& follower, const std::vector<RecordedPtr>& events);
    void serve_if_complete(Follower& follower);
    void serve_next_if_complete(Follower& follower);
    // Applies what is to be applied of them, with the checkpoint; why it went no further, if so.
    [[nodiscard]] std::optional<Halt> apply(const Projection& projection, Table& table,
                                            std::span<const RecordedPtr> events, Position& position);
    // No view of personal data holds what was overwritten, but in files of the live generation.
    [[nodiscard]] bool forget_broken_off(const Follower& follower);
    void begin(Follower& follower, Beside what);
    void leave(std::string_view name, Beside what);
    void halt(Follower& follower, const Halt& halt);
    void halt_for_damage_met(Follower& follower);
    void note_damage(std::size_t index, const Table* table, const DamageError& damage);
    void open_again(Follower& follower);
    void answer_waiters();
    [[nodiscard]] Told told_now(const Follower& follower, Position position) const;
    [[nodiscard]] Told told(const Follower& follower, Position position) const;
    [[nodiscard]] std::size_t index_of(std::string_view name) const;
    [[nodiscard]] Standing standing_of(const Follower& follower, Position head) const;

    const Origin origin_;
    const std::function<Time()> now_;
    const std::function<void(const std::string& what)> tell_;
    const std::function<void(std::size_t, const Table*, const DamageError&)> met_damage_;

    mutable std::mutex mutex_;
    std::condition_variable woken_;
    std::condition_variable advanced_;
    std::vector<Follower> followers_;  // never grows after construction
    std::mutex beside_mutex_;          // while files beside the live ones are begun or removed; taken before mutex_
    std::vector<Waiter> waiters_;      // guarded by mutex_, as are the flags
    bool wake_ = false;
    bool stopping_ = false;

    bool built_last_ = true;  // the last step was of what is being built; the runner's thread only
    std::thread thread_;
};

}  // namespace muster
