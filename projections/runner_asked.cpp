// What any thread asks of the runner: how far a view is, its rows, and another generation in its place.
#include "projections/runner.h"

#include <stdexcept>
#include <utility>

namespace muster {

using std::chrono::milliseconds;

std::size_t Runner::index_of(std::string_view name) const {
    for (std::size_t i = 0; i < followers_.size(); ++i)
        if (followers_[i].projection->name() == name) return i;
    throw std::invalid_argument("no projection `" + std::string(name) + "`");
}

Runner::Live Runner::live(std::string_view name) const {
    const auto index = index_of(name);
    const std::lock_guard lock(mutex_);
    const auto& generation = followers_[index].generation;
    if (!generation.live) return {};
    auto tell = [told = met_damage_, index, table = generation.table.get()](const DamageError& damage) {
        told(index, table, damage);
    };
    return {std::make_shared<LiveRows>(generation.table, std::move(tell)), generation.position};
}

// Of a generation that is not followed any more nobody needs to know.
void Runner::note_damage(std::size_t index, const Table* table, const DamageError& damage) {
    auto& follower = followers_[index];
    {
        const std::lock_guard lock(mutex_);
        if (follower.generation.table.get() != table) return;
        // Its words copied: what exceptions share of them is let go of in libstdc++, where ThreadSanitizer sees a race.
        follower.met_damage.emplace(std::string(damage.what()));
        wake_ = true;
    }
    woken_.notify_one();
}

Position Runner::position(std::string_view name) const {
    const auto& follower = followers_[index_of(name)];
    const std::lock_guard lock(mutex_);
    return follower.generation.position;
}

Standing Runner::standing(std::string_view name) const {
    const auto& follower = followers_[index_of(name)];
    return standing_of(follower, origin_.feed.head());
}

std::vector<Standing> Runner::standings() const {
    const auto head = origin_.feed.head();
    std::vector<Standing> all;
    all.reserve(followers_.size());
    for (const auto& follower : followers_) all.push_back(standing_of(follower, head));
    return all;
}

Standing Runner::standing_of(const Follower& follower, Position head) const {
    const std::lock_guard lock(mutex_);
    const auto since = [this](Time then) { return std::chrono::duration_cast<milliseconds>(now_() - then); };
    Standing standing{.name = std::string(follower.projection->name()),
                      .state = follower.state,
                      .reason = follower.reason,
                      .damaged = follower.state == RunState::halted && follower.mend == Mend::made_anew,
                      .position = follower.generation.position,
                      .lag = head - std::min(head, follower.generation.position),
                      .behind = milliseconds::zero(),
                      .idle = std::nullopt};
    if (standing.lag > 0) standing.behind = since(follower.at_head);
    if (follower.applied) standing.idle = since(*follower.applied);
    if (follower.beside == Beside::next_generation) standing.rebuilding = follower.next_position;
    return standing;
}

Runner::Told Runner::told(const Follower& follower, Position position) const {
    if (follower.generation.live && follower.generation.position >= position) return Told::yes;
    return follower.state == RunState::halted || stopping_ ? Told::no : Told::not_yet;
}

void Runner::when_applied(std::string_view name, Position position, milliseconds timeout,
                          std::function<void(bool)> answer) {
    const auto index = index_of(name);
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) {
            waiters_.push_back({index, position, now_() + timeout, std::move(answer)});
            answer = nullptr;
            wake_ = true;
        }
    }
    if (answer) return answer(told_now(followers_[index], position) == Told::yes);
    woken_.notify_one();
}

Runner::Told Runner::told_now(const Follower& follower, Position position) const {
    const std::lock_guard lock(mutex_);
    return told(follower, position);
}

bool Runner::wait(std::string_view name, Position position, milliseconds timeout) {
    const auto& follower = followers_[index_of(name)];
    std::unique_lock lock(mutex_);
    advanced_.wait_for(lock, timeout, [&] { return told(follower, position) != Told::not_yet; });
    return told(follower, position) == Told::yes;
}

bool Runner::purge_personal(Position position, milliseconds timeout) {
    for (std::size_t i = 0; i < followers_.size(); ++i) {
        auto& follower = followers_[i];
        if (!follower.projection->personal()) continue;
        if (!wait(follower.projection->name(), position, timeout)) return false;
        if (!forget_broken_off(follower)) return false;
        std::shared_ptr<Table> rows;
        {
            const std::lock_guard lock(mutex_);
            const bool damaged = follower.state == RunState::halted && follower.mend == Mend::made_anew;
            if (!damaged) rows = follower.generation.table;
        }
        if (!rows) return false;  // it has halted over its disk, or is to be made anew, which purges it
        try {
            rows->purge(0);
        } catch (const DamageError& damage) {
            note_damage(i, rows.get(), damage);
            throw;
        }
    }
    return true;
}

// ---- What is made beside a view.

// What is begun after this is made of events as they read now.
bool Runner::forget_broken_off(const Follower& follower) {
    const std::lock_guard files(beside_mutex_);
    std::uint64_t live = 0;
    {
        const std::lock_guard lock(mutex_);
        if (follower.beside != Beside::nothing) return false;
        if (!follower.generation.live) return true;  // it is itself the next one
        live = follower.generation.number;
    }
    Generations(origin_.views, *follower.projection).keep_only(live);
    return true;
}

// With the mutex held.
void Runner::begin(Follower& follower, Beside what) {
    const auto name = "`" + std::string(follower.projection->name()) + "`";
    if (follower.beside == Beside::next_generation)
        throw std::runtime_error(name + " is being made anew; ask again later");
    if (follower.beside == Beside::rows_aside) throw std::runtime_error(name + " is being verified; ask again later");
    follower.beside = what;
}

void Runner::leave(std::string_view name, Beside what) {
    const std::lock_guard lock(mutex_);
    auto& beside = followers_[index_of(name)].beside;
    if (beside == what) beside = Beside::nothing;
}

void Runner::begin_aside(std::string_view name) {
    auto& follower = followers_[index_of(name)];
    const std::lock_guard files(beside_mutex_);
    const std::lock_guard lock(mutex_);
    begin(follower, Beside::rows_aside);
}

void Runner::leave_aside(std::string_view name) { leave(name, Beside::rows_aside); }

Generation Runner::begin_next(std::string_view name) {
    auto& follower = followers_[index_of(name)];
    const std::lock_guard files(beside_mutex_);
    std::shared_ptr<Table> never_lived;
    {
        const std::lock_guard lock(mutex_);
        const bool halted = follower.state == RunState::halted;
        if (halted && follower.mend == Mend::disk_holds)
            throw std::runtime_error("`" + std::string(name) + "` has halted: " + follower.reason);
        if (!halted && !follower.generation.live)
            throw std::runtime_error("`" + std::string(name) + "` is being built; ask again later");
        begin(follower, Beside::next_generation);
        follower.next_position = 0;
        if (!follower.generation.live) {
            never_lived = std::exchange(follower.generation.table, nullptr);
            follower.generation.number = 0;
        }
    }
    try {
        // What halted before it was live is not gone on with: it may be damaged.
        if (never_lived) {
            never_lived.reset();
            Generations(origin_.views, *follower.projection).remove_next();
        }
        return next_generation(origin_, *follower.projection);
    } catch (...) {
        leave_next(name);
        throw;
    }
}

void Runner::next_is_at(std::string_view name, Position position) {
    const std::lock_guard lock(mutex_);
    followers_[index_of(name)].next_position = position;
}

void Runner::leave_next(std::string_view name) { leave(name, Beside::next_generation); }

bool Runner::serve_next(std::string_view name, Generation next) {
    auto& follower = followers_[index_of(name)];
    const auto number = next.number;
    std::unique_lock lock(mutex_);
    follower.next = std::move(next);
    follower.next_failure.clear();
    wake_ = true;
    woken_.notify_one();
    advanced_.wait(lock,
                   [&] { return follower.generation.number == number || !follower.next_failure.empty() || stopping_; });
    follower.next.reset();
    follower.beside = Beside::nothing;
    if (!follower.next_failure.empty()) throw StorageError(follower.next_failure);
    return follower.generation.number == number;
}

void Runner::answer_waiters() {
    std::vector<std::pair<std::function<void(bool)>, bool>> answers;
    {
        const std::lock_guard lock(mutex_);
        if (waiters_.empty()) return;
        const auto now = now_();
        std::erase_if(waiters_, [&](Waiter& waiter) {
            const auto is = told(followers_[waiter.follower], waiter.position);
            if (is == Told::not_yet && now < waiter.until) return false;
            answers.emplace_back(std::move(waiter.answer), is == Told::yes);
            return true;
        });
    }
    for (auto& [answer, applied] : answers) answer(applied);
}

}  // namespace muster
