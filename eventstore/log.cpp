#include "eventstore/log.h"

#include "eventstore/group.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace muster {

struct Log::Queued {
    Append append;
    Answer answer;
};

namespace {

std::size_t bytes_of(const Append& append) {
    std::size_t bytes = 0;
    for (const auto& each : append.events) bytes += each.payload.size() + 400;
    return bytes;
}

Appended unanswered(AppendStatus status, const char* why) { return {status, why, {}, 0}; }

}  // namespace

Log::Log(std::unique_ptr<Table> table, std::unique_ptr<Anchor> anchor, LogOptions options)
    : table_(std::move(table)),
      anchor_(std::move(anchor)),
      options_(std::move(options)),
      ids_(*options_.clock, *options_.entropy) {
    verify_end();
    published_ = end_;
    writer_ = std::thread([this] { run(); });
}

Log::~Log() { close(); }

void Log::close() {
    {
        std::lock_guard lock(queue_mutex_);
        stopping_ = true;
    }
    queue_wakes_.notify_all();
    if (writer_.joinable()) writer_.join();
}

void Log::verify_end() {
    if (auto row = table_->get(family(LogFamily::heads), rows::head())) end_ = rows::to_head(*row);
    auto last = table_->scan(family(LogFamily::events), {});
    last->seek_for_previous(std::string(8, '\xff'));
    Position found = last->valid() ? ByteReader(last->key()).take<std::uint64_t>() : 0;
    if (found != end_.position)
        throw DamageError("the log's last event is " + std::to_string(found) + ", but its head row says " +
                          std::to_string(end_.position));
    if (end_.position > 0)
        if (auto frame = this->frame(end_.position)) ids_.begin_after(frame->id.uuid);
    auto mark = anchor_->read();
    if (!mark && end_.position > 0) throw DamageError("the anchor file is missing beside a log that is not empty");
    if (!mark) {
        anchor_->write({});
        return;
    }
    if (mark->position > end_.position)
        throw DamageError("the anchor has seen position " + std::to_string(mark->position) + ", but the log ends at " +
                          std::to_string(end_.position) + ": its end was lost");
    auto running = mark->running;
    for (Position position = mark->position; position < end_.position;) {
        for (const auto& each : frames(position, 1000)) {
            running = sha256(view(running), view(each.link));
            position = each.meta.position;
        }
    }
    if (running != end_.running) throw DamageError("the log's running hash from the anchor to its head does not fit");
    anchored_ = mark->position;
}

// ---- The writer.

void Log::append(Append append, Answer answer) {
    auto refuse = [&]() -> const char* {
        std::lock_guard lock(queue_mutex_);
        if (failed_) return "failed";
        if (queue_.size() >= limits::queued_appends || stopping_) return "full";
        queue_.push_back({std::move(append), std::move(answer)});
        return nullptr;
    }();
    if (!refuse) return queue_wakes_.notify_one();
    if (refuse == std::string_view("failed"))
        answer(unanswered(AppendStatus::failed, "an earlier write failed"));
    else
        answer(unanswered(AppendStatus::overloaded, "the log's queue is full"));
}

Appended Log::append_and_wait(Append request) {
    std::mutex mutex;
    std::condition_variable wakes;
    std::optional<Appended> answer;
    append(std::move(request), [&](Appended appended) {
        std::lock_guard lock(mutex);
        answer = std::move(appended);
        wakes.notify_one();
    });
    std::unique_lock lock(mutex);
    wakes.wait(lock, [&] { return answer.has_value(); });
    return std::move(*answer);
}

void Log::run() {
    std::vector<Queued> group;
    while (true) {
        group.clear();
        {
            std::unique_lock lock(queue_mutex_);
            auto ready = [this] { return !queue_.empty() || stopping_; };
            if (!queue_wakes_.wait_for(lock, std::chrono::milliseconds(limits::anchor_every_ms), ready)) {
                lock.unlock();
                write_anchor_if_due(true);
                continue;
            }
            if (queue_.empty()) break;
            std::size_t events = 0, bytes = 0;
            while (!queue_.empty()) {
                const auto& next = queue_.front().append;
                events += next.events.size();
                bytes += bytes_of(next);
                if (!group.empty() && (events > limits::group_events || bytes > limits::group_bytes)) break;
                group.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        write_group(group);
    }
    write_anchor_if_due(true);
}

void Log::write_group(std::vector<Queued>& queued) {
    std::vector<Appended> answers;
    std::vector<RecordedPtr> recorded;
    Group group(*table_, end_, *options_.clock, ids_);
    try {
        for (auto& each : queued) answers.push_back(group.add(each.append));
        if (auto batch = group.take(); !batch.empty()) table_->write(batch, Sync::yes);
    } catch (const std::exception& error) {
        fail(error.what());
        for (auto& each : queued) {
            each.append = {};
            each.answer(unanswered(AppendStatus::failed, error.what()));
        }
        return;
    }
    bool erased = false;
    for (std::size_t i = 0; i < queued.size(); ++i)
        erased = erased || (answers[i].status == AppendStatus::done && !queued[i].append.keys_destroyed.empty());
    for (const auto& answer : answers) recorded.insert(recorded.end(), answer.events.begin(), answer.events.end());
    end_ = group.end();
    {
        std::lock_guard lock(published_mutex_);
        published_ = end_;
        if (erased) tail_.clear();  // decoded, it would keep what was just destroyed
        for (const auto& each : recorded) tail_.push_back(each);
        while (tail_.size() > limits::tail_events) tail_.pop_front();
        for (const auto& [workspace, deltas] : group.counted()) {
            auto cached = counters_.find(workspace.uuid);
            if (cached == counters_.end()) continue;
            auto next = std::make_shared<Counters>(*cached->second);
            for (const auto& [counter, number] : deltas) next->used[counter] = number;
            cached->second = std::move(next);
        }
    }
    if (!recorded.empty() && options_.on_group) options_.on_group(recorded);
    for (std::size_t i = 0; i < queued.size(); ++i) {
        queued[i].append = {};  // whoever is answered may be gone a moment later, and what this holds with it
        queued[i].answer(std::move(answers[i]));
    }
    write_anchor_if_due(false);
}

void Log::write_anchor_if_due(bool now) {
    if (anchored_ == end_.position) return;
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
                  .count();
    if (!now && ms - anchored_ms_ < limits::anchor_every_ms) return;
    try {
        anchor_->write({end_.position, end_.running});
    } catch (const std::exception& error) {
        fail(error.what());
    }
    anchored_ = end_.position;
    anchored_ms_ = ms;
}

void Log::fail(const std::string& why) {
    std::deque<Queued> dropped;
    {
        std::lock_guard lock(queue_mutex_);
        if (failed_) return;
        failed_ = true;
        dropped.swap(queue_);
    }
    if (options_.on_failure) options_.on_failure(why);
    for (auto& each : dropped) each.answer(unanswered(AppendStatus::failed, why.c_str()));
}

}  // namespace muster
