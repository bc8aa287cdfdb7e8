#include "projections/runner.h"

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

namespace muster {

using std::chrono::milliseconds;

Runner::Runner(Origin origin, const std::vector<const Projection*>& projections, std::function<Time()> now)
    : origin_(std::move(origin)), now_(std::move(now)) {
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

void Runner::apply(Follower& follower, const std::vector<RecordedPtr>& events) {
    auto first = std::find_if(events.begin(), events.end(), [&](const RecordedPtr& each) {
        return each->meta.position > follower.generation.position;
    });
    std::span<const RecordedPtr> todo(first, events.end());
    std::string reason;
    try {
        while (!todo.empty()) {
            Rows rows(*follower.generation.table);
            std::size_t done = 0;
            try {
                for (; done < todo.size(); ++done) follower.projection->on(*todo[done], rows);
            } catch (const std::exception& fault) {
                const auto& stopped = *todo[done];
                reason = std::string(type_of(stopped.event)) + " at position " + std::to_string(stopped.meta.position) +
                         ": " + fault.what();
                todo = todo.first(done);  // Again, without what that event has half written.
                continue;
            }
            const auto position = todo.back()->meta.position;
            write(origin_, *follower.projection, *follower.generation.table, rows, position);
            {
                const std::lock_guard lock(mutex_);
                follower.generation.position = position;
            }
            advanced_.notify_all();
            break;
        }
    } catch (const std::exception& fault) {
        reason = fault.what();
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

void Runner::halt(Follower& follower, const std::string& reason) {
    {
        const std::lock_guard lock(mutex_);
        follower.state = RunState::halted;
        follower.reason = reason;
    }
    advanced_.notify_all();
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
        std::shared_ptr<Table> rows;
        {
            const std::lock_guard lock(mutex_);
            rows = follower.generation.table;
        }
        rows->purge(0);
    }
    return true;
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
