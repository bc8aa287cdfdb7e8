#include "projections/rebuilder.h"

#include "eventstore/scheduling.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace muster {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds look_again{200};  // whether to stop, while the live one is waited for

}  // namespace

Rebuilder::Rebuilder(Origin origin, Runner& runner) : origin_(std::move(origin)), runner_(runner) {}

void Rebuilder::stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
}

std::uint64_t Rebuilder::begin(std::vector<const Projection*> projections) {
    std::lock_guard lock(mutex_);
    if (standing_.under_way)
        throw std::runtime_error("read models are being made anew already: `" + standing_.name + "`");
    if (thread_.joinable()) thread_.join();
    each_ = origin_.feed.head();
    standing_ = {standing_.run + 1, true, {}, {}, 0, each_ * projections.size()};
    thread_ = std::thread([this, projections = std::move(projections)] {
        come_behind(Niceness::unawaited);
        run(projections);
    });
    return standing_.run;
}

Rebuilder::Standing Rebuilder::standing() const {
    std::lock_guard lock(mutex_);
    return standing_;
}

void Rebuilder::run(const std::vector<const Projection*>& projections) {
    for (const auto* projection : projections) {
        if (stopping_) break;  // begins no further one
        Ended ended{std::string(projection->name()), {}, {}};
        {
            std::lock_guard lock(mutex_);
            standing_.name = ended.name;
        }
        try {
            ended.made = make(*projection);
        } catch (const Stopped&) {
            ended.failure = "the server stops; the next time goes on where it was";
        } catch (const std::exception& error) {
            ended.failure = error.what();
        }
        std::lock_guard lock(mutex_);
        standing_.ended.push_back(std::move(ended));
        standing_.done = each_ * standing_.ended.size();
    }
    std::lock_guard lock(mutex_);
    standing_.under_way = false;
}

void Rebuilder::progress(Position done) {
    if (stopping_) throw Stopped{};
    runner_.next_is_at(standing_.name, done);
    std::lock_guard lock(mutex_);
    standing_.done = each_ * standing_.ended.size() + std::min(done, each_);
}

Rebuilt Rebuilder::make(const Projection& projection) {
    const auto name = projection.name();
    auto next = runner_.begin_next(name);
    const auto number = next.number;
    // However it ends: its files may fail to be removed, too.
    struct Leaving {
        Runner& runner;
        std::string_view name;
        ~Leaving() { runner.leave_next(name); }
    };
    const Leaving leaving{runner_, name};
    try {
        auto made = fill_and_compare(projection, next);
        if (runner_.serve_next(name, std::move(next))) return made;
        throw Stopped{};
    } catch (const Stopped&) {
        next.table.reset();  // NOLINT(bugprone-use-after-move): whether it was handed over or not
        throw;
    } catch (...) {
        next.table.reset();
        Generations(origin_.views, projection).remove(number);
        throw;
    }
}

// To where the live one stands, which goes on meanwhile; the last of it is the runner's part.
Rebuilt Rebuilder::fill_and_compare(const Projection& projection, Generation& next) {
    const auto name = projection.name();
    auto fill_to = [&](Position until) {
        fill(origin_, projection, *next.table, next.position, until, [&](Position done, Position) { progress(done); });
        next.position = std::max(next.position, until);
    };
    progress(next.position);
    while (next.position + limits::batch_events < origin_.feed.head()) fill_to(origin_.feed.head());
    Rebuilt made{.generation = next.number,
                 .position = 0,
                 .rows = {},
                 .same_as_before = {},
                 .not_compared = {},
                 .difference = {}};
    // Who is erased meanwhile is in the one and not in the other; a second look tells that from a real difference.
    for (int looks = 0; looks < 2 && !made.same_as_before.value_or(false) && made.not_compared.empty(); ++looks) {
        const auto before = before_at_least(name, next.position);
        fill_to(before.rows ? before.position : origin_.feed.head());
        made.position = next.position;
        made.rows = read_back(origin_, projection, next);
        made.not_compared = before.missing;
        if (before.rows) compare_with_before(*before.rows, *next.table, made);
    }
    return made;
}

Rebuilder::Before Rebuilder::before_at_least(std::string_view name, Position position) {
    for (bool applied = false; !applied;) {
        applied = runner_.wait(name, position, look_again);
        const auto live = runner_.standing(name);
        if (live.state == RunState::halted) return {nullptr, 0, live.damaged ? damaged_before : halted_before};
        if (!applied) progress(position);
    }
    const auto live = runner_.table(name);
    if (!live) return {nullptr, 0, halted_before};
    auto rows = live->snapshot();
    std::optional<Checkpoint> checkpoint;
    try {
        checkpoint = read_checkpoint(*rows);
    } catch (const DamageError&) {
        checkpoint.reset();
    }
    if (!checkpoint) return {nullptr, 0, damaged_before};
    return {std::move(rows), checkpoint->position, {}};
}

}  // namespace muster
