#include "eventstore/log.h"

#include "eventstore/log_writer.h"

#include <utility>

namespace muster {
namespace {

Appended unanswered(AppendStatus status, const char* why) { return {status, why, {}, 0}; }

}  // namespace

Log::Log(std::unique_ptr<Table> table, std::unique_ptr<Anchor> anchor, LogOptions options)
    : table_(std::move(table)),
      anchor_(std::move(anchor)),
      options_(std::move(options)),
      ids_(*options_.clock, *options_.entropy) {
    verify_end();
    published_ = written_;
    decider_ = std::thread([this] { decide(); });
    writer_ = std::thread([this] { write(); });
}

Log::~Log() { close(); }

void Log::close() {
    {
        std::lock_guard lock(queue_mutex_);
        stopping_ = true;
    }
    decider_wakes_.notify_all();
    if (decider_.joinable()) decider_.join();
    if (writer_.joinable()) writer_.join();
}

void Log::verify_end() {
    if (auto row = table_->get(family(LogFamily::heads), rows::head())) written_ = rows::to_head(*row);
    auto last = table_->scan(family(LogFamily::events), {});
    last->seek_for_previous(std::string(8, '\xff'));
    Position found = last->valid() ? ByteReader(last->key()).take<std::uint64_t>() : 0;
    if (found != written_.position)
        throw DamageError("the log's last event is " + std::to_string(found) + ", but its head row says " +
                          std::to_string(written_.position));
    if (written_.position > 0)
        if (auto frame = this->frame(written_.position)) ids_.begin_after(frame->id.uuid);
    auto mark = anchor_->read();
    if (!mark && written_.position > 0) throw DamageError("the anchor file is missing beside a log that is not empty");
    if (!mark) {
        anchor_->write({});
        return;
    }
    if (mark->position > written_.position)
        throw DamageError("the anchor has seen position " + std::to_string(mark->position) + ", but the log ends at " +
                          std::to_string(written_.position) + ": its end was lost");
    auto running = mark->running;
    for (Position position = mark->position; position < written_.position;) {
        for (const auto& each : frames(position, 1000)) {
            running = sha256(view(running), view(each.link));
            position = each.meta.position;
        }
    }
    if (running != written_.running)
        throw DamageError("the log's running hash from the anchor to its head does not fit");
    anchored_ = mark->position;
}

void Log::append(Append append, Answer answer) {
    bool wake = false;
    auto refuse = [&]() -> const char* {
        std::lock_guard lock(queue_mutex_);
        if (failed_) return "failed";
        if (queue_.size() + bulky_.size() >= limits::queued_appends || stopping_) return "full";
        auto& queue = append.events.size() < limits::bulky_events ? queue_ : bulky_;
        queue.push_back({std::move(append), std::move(answer)});
        wake = worth_deciding();
        return nullptr;
    }();
    if (wake) decider_wakes_.notify_one();
    if (!refuse) return;
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

}  // namespace muster
