#include "projections/runner.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

namespace muster {

using std::chrono::milliseconds;

Runner::Runner(Origin origin, const std::vector<const Projection*>& projections, std::function<Time()> now,
               std::function<void(const std::string& what)> tell)
    : origin_(std::move(origin)), now_(std::move(now)), tell_(std::move(tell)) {
    const auto head = origin_.feed.head();
    for (const auto* projection : projections) {
        auto generation = find_valid(origin_, *projection);
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
        auto first = std::min_element(waiters_.begin(), waiters_.end(),
                                      [](const Waiter& a, const Waiter& b) { return a.until < b.until; });
        if (first == waiters_.end())
            woken_.wait(lock, woken);
        else
            woken_.wait_for(lock, first->until - now_(), woken);
    }
    lock.unlock();
    answer_waiters();
}

// ---- Following.

// Takes those that are furthest behind, and all that stand within the same batch, one batch further. False where nobody
// can go on.
bool Runner::step() {
    const auto head = origin_.feed.head();
    Position behind = head;
    for (auto& follower : followers_) {
        if (follower.state != RunState::halted) serve_if_complete(follower);
        if (follower.state != RunState::halted) serve_next_if_complete(follower);
        if (follower.state == RunState::halted) continue;
        behind = std::min(behind, follower.generation.position);
        const std::lock_guard lock(mutex_);
        if (follower.generation.position >= head) follower.at_head = now_();
    }
    if (behind >= head) return false;
    std::vector<RecordedPtr> events;
    try {
        events = read(behind);
    } catch (const std::exception& fault) {
        for (auto& follower : followers_)
            if (follower.state != RunState::halted && follower.generation.position == behind)
                halt(follower, fault.what());
        return true;
    }
    if (events.empty()) return false;
    for (auto& follower : followers_)
        if (follower.state != RunState::halted) apply(follower, events);
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

std::string Runner::apply(const Projection& projection, Table& table, std::span<const RecordedPtr> events,
                          Position& position) {
    auto first = std::ranges::find_if(events, [&](const auto& each) { return each->meta.position > position; });
    std::span<const RecordedPtr> todo(first, events.end());
    std::string reason;
    try {
        while (!todo.empty()) {
            Rows rows(table);
            std::size_t done = 0;
            try {
                for (; done < todo.size(); ++done) projection.on(*todo[done], rows);
            } catch (const std::exception& fault) {
                const auto& stopped = *todo[done];
                reason = std::string(type_of(stopped.event)) + " at position " + std::to_string(stopped.meta.position) +
                         ": " + fault.what();
                todo = todo.first(done);  // Again, without what that event has half written.
                continue;
            }
            write(origin_, projection, table, rows, todo.back()->meta.position);
            position = todo.back()->meta.position;
            break;
        }
    } catch (const std::exception& fault) {
        reason = fault.what();
    }
    return reason;
}

void Runner::apply(Follower& follower, const std::vector<RecordedPtr>& events) {
    auto position = follower.generation.position;
    const auto reason = apply(*follower.projection, *follower.generation.table, events, position);
    if (position != follower.generation.position) {
        {
            const std::lock_guard lock(mutex_);
            follower.generation.position = position;
        }
        advanced_.notify_all();
    }
    if (!reason.empty()) halt(follower, reason);
}

void Runner::serve_if_complete(Follower& follower) {
    if (follower.generation.live || follower.generation.position < follower.serves_from) return;
    try {
        // Without a write-ahead log, what is not flushed is not there after a crash.
        follower.generation.table->flush();
        const Generations generations(origin_.views, *follower.projection);
        generations.make_current(follower.generation.number);
        generations.keep_only(follower.generation.number);
    } catch (const std::exception& fault) {
        return halt(follower, fault.what());
    }
    {
        const std::lock_guard lock(mutex_);
        follower.generation.live = true;
        follower.state = RunState::running;
    }
    advanced_.notify_all();
}

void Runner::serve_next_if_complete(Follower& follower) {
    std::optional<Generation> next;
    {
        const std::lock_guard lock(mutex_);
        next = std::exchange(follower.next, std::nullopt);
    }
    if (!next) return;
    std::string reason;
    try {
        while (reason.empty() && next->position < follower.generation.position)
            reason = apply(*follower.projection, *next->table, read(next->position), next->position);
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
    {
        const std::lock_guard lock(mutex_);
        follower.next_failure = reason;
        if (reason.empty()) std::swap(follower.generation, *next);
    }
    advanced_.notify_all();
    if (!reason.empty()) return;
    // Queries that hold the old table go on reading: its files are open.
    const auto number = follower.generation.number;
    next->table.reset();
    try {
        Generations(origin_.views, *follower.projection).keep_only(number);
    } catch (const std::exception&) {
        // Ignored: what cannot be removed goes at the next start.
    }
}

void Runner::halt(Follower& follower, const std::string& reason) {
    {
        const std::lock_guard lock(mutex_);
        follower.state = RunState::halted;
        follower.reason = reason;
    }
    advanced_.notify_all();
    tell_("The read model `" + std::string(follower.projection->name()) +
          "` has halted and answers no more until the server is started again: " + reason);
}

// ---- What is asked meanwhile.

std::size_t Runner::index_of(std::string_view name) const {
    for (std::size_t i = 0; i < followers_.size(); ++i)
        if (followers_[i].projection->name() == name) return i;
    throw std::invalid_argument("no projection `" + std::string(name) + "`");
}

std::shared_ptr<const Table> Runner::table(std::string_view name) const {
    const auto& follower = followers_[index_of(name)];
    const std::lock_guard lock(mutex_);
    return follower.generation.live ? follower.generation.table : nullptr;
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
    Standing standing{.name = std::string(follower.projection->name()),
                      .state = follower.state,
                      .reason = follower.reason,
                      .position = follower.generation.position,
                      .lag = head - std::min(head, follower.generation.position),
                      .behind = milliseconds::zero()};
    if (standing.lag > 0) standing.behind = std::chrono::duration_cast<milliseconds>(now_() - follower.at_head);
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
    for (auto& follower : followers_) {
        if (!follower.projection->personal()) continue;
        if (!wait(follower.projection->name(), position, timeout)) return false;
        if (!forget_broken_off(follower)) return false;
        std::shared_ptr<Table> rows;
        {
            const std::lock_guard lock(mutex_);
            rows = follower.generation.table;
        }
        rows->purge(0);
    }
    return true;
}

// ---- The next generation.

// What is begun after this is made of events as they read now.
bool Runner::forget_broken_off(const Follower& follower) {
    const std::lock_guard files(next_mutex_);
    {
        const std::lock_guard lock(mutex_);
        if (follower.next_begun) return false;
        if (!follower.generation.live) return true;  // it is itself the next one
    }
    Generations(origin_.views, *follower.projection).remove_next();
    return true;
}

Generation Runner::begin_next(std::string_view name) {
    auto& follower = followers_[index_of(name)];
    const std::lock_guard files(next_mutex_);
    {
        const std::lock_guard lock(mutex_);
        if (!follower.generation.live)
            throw std::runtime_error("`" + std::string(name) + "` is being built; ask again later");
        if (follower.state == RunState::halted)
            throw std::runtime_error("`" + std::string(name) + "` has halted: " + follower.reason);
        if (std::exchange(follower.next_begun, true))
            throw std::runtime_error("`" + std::string(name) + "` is being made anew already");
    }
    try {
        return next_generation(origin_, *follower.projection);
    } catch (...) {
        leave_next(name);
        throw;
    }
}

void Runner::leave_next(std::string_view name) {
    const std::lock_guard lock(mutex_);
    followers_[index_of(name)].next_begun = false;
}

bool Runner::serve_next(std::string_view name, Generation next) {
    auto& follower = followers_[index_of(name)];
    const auto number = next.number;
    std::unique_lock lock(mutex_);
    follower.next = std::move(next);
    follower.next_failure.clear();
    wake_ = true;
    woken_.notify_one();
    advanced_.wait(lock, [&] {
        return follower.generation.number == number || !follower.next_failure.empty() ||
               follower.state == RunState::halted || stopping_;
    });
    follower.next.reset();
    follower.next_begun = false;
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
