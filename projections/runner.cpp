#include "projections/runner.h"

#include <algorithm>
#include <span>
#include <system_error>
#include <utility>

namespace muster {

using std::chrono::milliseconds;

namespace {

bool is_of_the_disk(const std::exception& fault) {
    return dynamic_cast<const StorageError*>(&fault) || dynamic_cast<const std::system_error*>(&fault);
}

}  // namespace

// A disk that failed may hold again. Damage stays, and so does what a projection makes of an event.
Runner::Halt::Halt(const std::exception& fault, const std::string& where)
    : reason(where + fault.what()), detail(reason), mend(Mend::restart) {
    if (dynamic_cast<const DamageError*>(&fault)) {
        reason = where + "its rows are damaged";
        mend = Mend::made_anew;
    } else if (is_of_the_disk(fault)) {
        reason = where + "its disk failed; the server's log says how";
        mend = Mend::disk_holds;
    }
}

Runner::Runner(Origin origin, const std::vector<const Projection*>& projections, std::function<Time()> now,
               std::function<void(const std::string& what)> tell)
    : origin_(std::move(origin)),
      now_(std::move(now)),
      tell_(std::move(tell)),
      met_damage_([this](const auto&... what) { note_damage(what...); }) {
    const auto head = origin_.feed.head();
    for (const auto* projection : projections) {
        auto generation = find_valid(origin_, *projection, [&](const std::string& why) {
            tell_("The read model `" + std::string(projection->name()) + "` can't be opened and is made anew: " + why +
                  ". Its disk may be failing; `muster fsck` looks through the log.");
        });
        if (!generation) generation = make_generation(origin_, *projection);
        const auto state = generation->live ? RunState::running : RunState::building;
        followers_.push_back({projection, std::move(*generation), head, state, {}, now_()});
    }
}

Runner::~Runner() { stop(); }

void Runner::start() {
    thread_ = std::thread([this] { run(); });
}

void Runner::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    woken_.notify_all();
    advanced_.notify_all();
    if (thread_.joinable()) thread_.join();
    answer_waiters();
}

void Runner::wake() {
    {
        const std::lock_guard lock(mutex_);
        wake_ = true;
    }
    woken_.notify_one();
}

void Runner::catch_up() {
    while (step()) continue;
    answer_waiters();
}

void Runner::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        wake_ = false;
        lock.unlock();
        const bool more = step();
        answer_waiters();
        lock.lock();
        if (more) continue;
        auto woken = [this] { return wake_ || stopping_; };
        if (const auto next = next_time())
            woken_.wait_for(lock, *next - now_(), woken);
        else
            woken_.wait(lock, woken);
    }
    lock.unlock();
    answer_waiters();
}

// When there is something to do even if the log does not grow.
std::optional<Runner::Time> Runner::next_time() const {
    std::optional<Time> first;
    auto consider = [&](Time time) { first = std::min(first.value_or(time), time); };
    for (const auto& waiter : waiters_) consider(waiter.until);
    for (const auto& follower : followers_)
        if (follower.open_again) consider(*follower.open_again);
    return first;
}

// ---- Following.

// Takes those that are furthest behind, and all that stand within the same batch, one batch further. What is being
// built has its turn when all that serve are at the head, and every other one while they are not: who reads waits for
// one batch of it at most, and a log that never rests does not keep it from being built. False where nobody can go on.
bool Runner::step() {
    const auto head = origin_.feed.head();
    Position serving = head, building = head;
    for (auto& follower : followers_) {
        halt_for_damage_met(follower);
        if (follower.open_again && now_() >= *follower.open_again) open_again(follower);
        if (follower.state != RunState::halted) serve_if_complete(follower);
        serve_next_if_complete(follower);
        if (follower.state == RunState::halted) continue;
        auto& furthest = follower.generation.live ? serving : building;
        furthest = std::min(furthest, follower.generation.position);
        const std::lock_guard lock(mutex_);
        if (follower.generation.position >= head) follower.at_head = now_();
    }
    built_last_ = building < head && (serving >= head || !built_last_);
    const auto behind = built_last_ ? building : serving;
    if (behind >= head) return false;
    std::vector<RecordedPtr> events;
    try {
        events = read(behind);
    } catch (const std::exception& fault) {
        Halt stopped(fault);
        if (stopped.mend == Mend::made_anew) {  // not the read model's own damage
            stopped.reason = "the log or the vault is damaged; the server's log says where";
            stopped.mend = Mend::restart;
        }
        for (auto& follower : followers_)
            if (follower.state != RunState::halted && follower.generation.position == behind) halt(follower, stopped);
        return true;
    }
    if (events.empty()) return false;
    for (auto& follower : followers_)
        if (follower.state != RunState::halted && follower.generation.position >= behind) apply(follower, events);
    return true;
}

// Where an unknown event stands in the batch, those in front of it.
std::vector<RecordedPtr> Runner::read(Position after) {
    for (std::size_t most = limits::batch_events;; most /= 2) {
        try {
            return origin_.feed.after(after, most);
        } catch (const std::exception&) {
            if (most == 1) throw;
        }
    }
}

std::optional<Runner::Halt> Runner::apply(const Projection& projection, Table& table,
                                          std::span<const RecordedPtr> events, Position& position) {
    auto first = std::ranges::find_if(events, [&](const auto& each) { return each->meta.position > position; });
    std::span<const RecordedPtr> todo(first, events.end());
    std::optional<Halt> halt;
    try {
        while (!todo.empty()) {
            Rows rows(table);
            std::size_t done = 0;
            try {
                for (; done < todo.size(); ++done) projection.on(*todo[done], rows);
            } catch (const std::exception& fault) {
                const auto& stopped = *todo[done];
                halt = Halt(fault, std::string(type_of(stopped.event)) + " at position " +
                                       std::to_string(stopped.meta.position) + ": ");
                todo = todo.first(done);  // Again, without what that event has half written.
                continue;
            }
            write(origin_, projection, table, rows, todo.back()->meta.position);
            position = todo.back()->meta.position;
            break;
        }
    } catch (const std::exception& fault) {
        halt = Halt(fault);
    }
    return halt;
}

void Runner::apply(Follower& follower, const std::vector<RecordedPtr>& events) {
    auto position = follower.generation.position;
    const auto stopped = apply(*follower.projection, *follower.generation.table, events, position);
    if (position != follower.generation.position) {
        {
            const std::lock_guard lock(mutex_);
            follower.generation.position = position;
            follower.applied = now_();
        }
        advanced_.notify_all();
    }
    if (stopped) halt(follower, *stopped);
}

void Runner::serve_if_complete(Follower& follower) {
    if (follower.generation.live || follower.generation.position < follower.serves_from) return;
    try {
        // Without a write-ahead log, what is not flushed is not there after a crash.
        follower.generation.table->flush();
        const Generations generations(origin_.views, *follower.projection);
        if (generations.current() != follower.generation.number) {
            generations.make_current(follower.generation.number);
            generations.keep_only(follower.generation.number);
        }
    } catch (const std::exception& fault) {
        return halt(follower, Halt(fault));
    }
    {
        const std::lock_guard lock(mutex_);
        follower.generation.live = true;
        follower.state = RunState::running;
    }
    advanced_.notify_all();
    if (std::exchange(follower.reopening, false))
        tell_("The read model `" + std::string(follower.projection->name()) + "` goes on: its disk holds again.");
}

void Runner::serve_next_if_complete(Follower& follower) {
    std::optional<Generation> next;
    {
        const std::lock_guard lock(mutex_);
        next = std::exchange(follower.next, std::nullopt);
    }
    if (!next) return;
    const bool had_halted = follower.state == RunState::halted;
    std::string reason;
    try {
        while (reason.empty() && next->position < follower.generation.position)
            if (auto stopped = apply(*follower.projection, *next->table, read(next->position), next->position))
                reason = stopped->detail;
        if (reason.empty()) {
            // It may have run ahead of the live one within a batch; who waited for less sees more.
            next->table->flush();
            const Generations generations(origin_.views, *follower.projection);
            generations.make_current(next->number);
            next->live = true;
        }
    } catch (const std::exception& fault) {
        reason = fault.what();
    }
    // Nothing else is begun beside it before the old one's files are gone.
    const std::lock_guard files(beside_mutex_);
    {
        const std::lock_guard lock(mutex_);
        follower.next_failure = reason;
        if (reason.empty()) {
            std::swap(follower.generation, *next);
            follower.state = RunState::running;
            follower.reason.clear();
            follower.met_damage.reset();
        }
    }
    advanced_.notify_all();
    if (!reason.empty()) return;
    follower.open_again.reset();
    follower.reopening = false;
    if (had_halted)
        tell_("The read model `" + std::string(follower.projection->name()) + "` goes on: it was made anew.");
    // Queries that hold the old table go on reading: its files are open.
    const auto number = follower.generation.number;
    next->table.reset();
    try {
        Generations(origin_.views, *follower.projection).keep_only(number);
    } catch (const std::exception&) {
        // Ignored: what cannot be removed goes at the next start.
    }
}

// ---- Halting, and going on.

void Runner::halt(Follower& follower, const Halt& halt) {
    const bool is_news = !follower.reopening;
    const bool passes = halt.mend == Mend::disk_holds;
    const std::string name(follower.projection->name());
    {
        const std::lock_guard lock(mutex_);
        follower.state = RunState::halted;
        follower.reason = halt.reason;
        follower.mend = halt.mend;
    }
    follower.reopening = passes;
    follower.open_again = passes ? std::optional(now_() + limits::view_reopen_pause) : std::nullopt;
    advanced_.notify_all();
    if (!is_news && passes) return;
    std::string until = "until the server is started again: ";
    if (passes) until = "until its disk holds again, which is tried every few seconds: ";
    if (halt.mend == Mend::made_anew) until = "until it is made anew (`muster projections rebuild " + name + "`): ";
    tell_("The read model `" + name + "` has halted; from the next event on it answers no more, " + until +
          halt.detail);
}

// What a query could not read is known to all from now on.
void Runner::halt_for_damage_met(Follower& follower) {
    std::optional<DamageError> damage;
    {
        const std::lock_guard lock(mutex_);
        damage = std::exchange(follower.met_damage, std::nullopt);
    }
    if (damage && follower.state != RunState::halted) halt(follower, Halt(*damage));
}

// A table that failed to write takes nothing more: it is opened anew, as far as it has reached the disk. It serves once
// it is where it could not go, so that nobody is shown less than before, and a disk that is still full is not said to
// hold.
void Runner::open_again(Follower& follower) {
    const std::lock_guard files(beside_mutex_);
    std::shared_ptr<Table> failed;
    {
        const std::lock_guard lock(mutex_);
        follower.open_again = now_() + limits::view_reopen_pause;
        if (follower.beside == Beside::next_generation) return;  // That one takes its place.
        follower.serves_from = origin_.feed.head();
        follower.generation.live = false;
        failed = std::exchange(follower.generation.table, nullptr);
    }
    failed.reset();
    try {
        auto opened = reopen(origin_, *follower.projection, follower.generation.number);
        const std::lock_guard lock(mutex_);
        follower.generation = std::move(opened);
        follower.state = RunState::building;
        follower.reason.clear();
        follower.open_again.reset();
    } catch (const std::exception& fault) {
        halt(follower, Halt(fault));
    }
}

}  // namespace muster
