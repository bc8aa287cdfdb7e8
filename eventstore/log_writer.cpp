#include "eventstore/log_writer.h"

#include "eventstore/scheduling.h"

#include <chrono>

namespace muster {
namespace {

std::size_t bytes_of(const Append& append) {
    std::size_t bytes = 0;
    for (const auto& each : append.events) bytes += each.payload.size() + 400;
    return bytes;
}

}  // namespace

// Whoever is answered may be gone a moment later, and what this holds with it.
void Log::Queued::answered(Appended appended) {
    append = {};
    auto told = std::exchange(answer, nullptr);
    told(std::move(appended));
}

bool Log::Filled::fits(const Append& next) const {
    return queued.empty() ||
           (events_ + next.events.size() <= limits::group_events && bytes_ + bytes_of(next) <= limits::group_bytes);
}

void Log::Filled::add(Queued next) {
    events_ += next.append.events.size();
    bytes_ += bytes_of(next.append);
    queued.push_back(std::move(next));
    if (!failure.empty()) return;
    try {
        answers.push_back(group.add(queued.back().append));
    } catch (const std::exception& error) {
        failure = error.what();
    }
}

void Log::Filled::close() {
    batch = group.take();
    group.forget_before();
}

// ---- The decider.

// Whoever comes while a group is written waits for its end, unless there are many.
bool Log::worth_deciding() const {
    return writing_ ? queue_.size() >= limits::decided_ahead : !queue_.empty() || !bulky_.empty();
}

void Log::decide() {
    come_first();
    std::shared_ptr<Filled> before;
    bool bulky = false;
    std::size_t passed = 0;  // groups of small ones, one after the other, while a bulky one waited
    auto end = written_;
    std::unique_lock lock(queue_mutex_);
    while (true) {
        decider_wakes_.wait(lock, [&] {
            if (!writing_) before = nullptr;  // its rows are in the table
            return worth_deciding() || stopping_;
        });
        if (queue_.empty() && bulky_.empty()) break;
        auto filled =
            std::make_shared<Filled>(Group(*table_, end, *options_.clock, ids_, before ? &before->group : nullptr));
        bulky = !bulky_.empty() && (queue_.empty() || passed == limits::small_groups_before_bulky);
        passed = bulky || bulky_.empty() ? 0 : passed + 1;
        auto& queue = bulky ? bulky_ : queue_;
        // Where many wait, half of them go first, so that the others are decided while those are written.
        const auto enough = queue_.size() > 2 * limits::decided_ahead ? queue_.size() / 2 : queue_.size();
        auto wants_more = [&] { return bulky ? filled->queued.empty() : writing_ || filled->queued.size() < enough; };
        while (true) {
            bool fits = true;
            while (!queue.empty() && wants_more()) {
                fits = filled->fits(queue.front().append);
                if (!fits) break;
                auto next = std::move(queue.front());
                queue.pop_front();
                lock.unlock();
                filled->add(std::move(next));
                lock.lock();
            }
            if (!writing_) break;
            decider_wakes_.wait(lock, [&] { return !writing_ || (fits && !bulky && worth_deciding()); });
        }
        writing_ = true;
        const bool alone = !bulky && filled->queued.size() == 1 && queue_.empty();
        lock.unlock();
        filled->close();
        end = filled->group.end();
        before = filled;
        if (alone) write_group(*filled);  // at once, without waking another thread
        lock.lock();
        if (alone) continue;
        handed_over_ = std::move(filled);
        writer_wakes_.notify_one();
    }
    all_decided_ = true;
    writer_wakes_.notify_one();
}

// ---- The writer.

void Log::write() {
    come_first();
    std::unique_lock lock(queue_mutex_);
    while (true) {
        auto ready = [this] { return handed_over_ || all_decided_; };
        const bool idle = !writer_wakes_.wait_for(lock, std::chrono::milliseconds(limits::anchor_every_ms), ready);
        auto filled = std::move(handed_over_);
        if (!filled && !idle) break;
        lock.unlock();
        if (filled)
            write_group(*filled);
        else
            write_anchor_if_due(true);
        filled = nullptr;
        lock.lock();
    }
    lock.unlock();
    write_anchor_if_due(true);
}

void Log::write_group(Filled& filled) {
    const std::lock_guard order(write_mutex_);
    auto written = [this] {
        {
            const std::lock_guard lock(queue_mutex_);
            writing_ = false;
        }
        decider_wakes_.notify_one();
    };
    try {
        if (!filled.failure.empty()) throw StorageError(filled.failure);
        if (failed()) throw StorageError("an earlier write failed");
        if (!filled.batch.empty()) table_->write(filled.batch, Sync::yes);
    } catch (const std::exception& error) {
        fail(error.what());
        written();
        for (auto& each : filled.queued) each.answered({AppendStatus::failed, error.what(), {}, 0});
        return;
    }
    filled.batch = {};
    publish(filled);
    written();
    for (std::size_t i = 0; i < filled.queued.size(); ++i) filled.queued[i].answered(std::move(filled.answers[i]));
    anchor_if_due(false);
}

// Before the decider is told that it is written: what it decides next would else be ahead of what readers see.
void Log::publish(const Filled& filled) {
    bool erased = false;
    std::vector<RecordedPtr> recorded;
    for (std::size_t i = 0; i < filled.queued.size(); ++i) {
        const auto& answer = filled.answers[i];
        erased = erased || (answer.status == AppendStatus::done && !filled.queued[i].append.keys_destroyed.empty());
        recorded.insert(recorded.end(), answer.events.begin(), answer.events.end());
    }
    written_ = filled.group.end();
    {
        std::lock_guard lock(published_mutex_);
        published_ = written_;
        if (erased) tail_.clear();  // decoded, it would keep what was just destroyed
        for (const auto& each : recorded) tail_.push_back(each);
        while (tail_.size() > limits::tail_events) tail_.pop_front();
        for (const auto& [workspace, deltas] : filled.group.counted()) {
            auto cached = counters_.find(workspace.uuid);
            if (cached == counters_.end()) continue;
            auto next = std::make_shared<Counters>(*cached->second);
            for (const auto& [counter, number] : deltas) next->used[counter] = number;
            cached->second = std::move(next);
        }
    }
    if (!recorded.empty() && options_.on_group) options_.on_group(recorded);
}

void Log::write_anchor_if_due(bool now) {
    const std::lock_guard order(write_mutex_);
    anchor_if_due(now);
}

void Log::anchor_if_due(bool now) {
    if (anchored_ == written_.position) return;
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
                  .count();
    if (!now && ms - anchored_ms_ < limits::anchor_every_ms) return;
    try {
        anchor_->write({written_.position, written_.running});
    } catch (const std::exception& error) {
        fail(error.what());
    }
    anchored_ = written_.position;
    anchored_ms_ = ms;
}

bool Log::failed() const {
    const std::lock_guard lock(queue_mutex_);
    return failed_;
}

void Log::fail(const std::string& why) {
    std::deque<Queued> dropped, dropped_bulky;
    {
        std::lock_guard lock(queue_mutex_);
        if (failed_) return;
        failed_ = true;
        dropped.swap(queue_);
        dropped_bulky.swap(bulky_);
    }
    if (options_.on_failure) options_.on_failure(why);
    for (auto* queue : {&dropped, &dropped_bulky})
        for (auto& each : *queue) each.answered({AppendStatus::failed, why, {}, 0});
}

}  // namespace muster
