#include "api/mail/queue.h"

#include "eventstore/bytes.h"

namespace muster::mail {
namespace {

std::string key_of(Position cause) {
    std::string key;
    append_u64(key, cause);
    return key;
}

std::string row_of(const Waiting& waiting) {
    std::string row;
    append_u32(row, waiting.attempts);
    append_u64(row, static_cast<std::uint64_t>(waiting.due.ms));
    return row + waiting.reason;
}

Waiting read_row(Position cause, std::string_view row) {
    ByteReader bytes(row);
    Waiting waiting{cause, bytes.take<std::uint32_t>(), {}, {}};
    waiting.due.ms = static_cast<std::int64_t>(bytes.take<std::uint64_t>());
    waiting.reason = bytes.rest();
    return waiting;
}

}  // namespace

Queue::Queue(SealedRows rows) : rows_(rows) {
    for (const auto& key : rows_.keys({})) {
        auto row = rows_.get(key);
        if (key.size() != sizeof(Position) || !row) throw DamageError("the vault: a mail that waits has no position");
        auto waiting = read_row(read_u64(key), *row);
        by_time_.emplace(waiting.due, waiting.cause);
        waiting_.emplace(waiting.cause, std::move(waiting));
    }
}

void Queue::write(const std::vector<Waiting>& all) {
    std::vector<SealedRow> rows;
    for (const auto& each : all) rows.push_back({key_of(each.cause), row_of(each)});
    if (!rows.empty()) rows_.put(rows, Sync::no);
}

void Queue::add(const std::vector<Position>& causes, Instant now) {
    std::lock_guard lock(mutex_);
    std::vector<Waiting> added;
    for (auto cause : causes)
        if (!waiting_.contains(cause)) added.push_back({cause, 0, now, {}});
    write(added);
    for (auto& each : added) {
        by_time_.emplace(each.due, each.cause);
        waiting_.emplace(each.cause, std::move(each));
    }
}

std::optional<Waiting> Queue::take(Instant now) {
    std::lock_guard lock(mutex_);
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    auto cause = by_time_.begin()->second;
    by_time_.erase(by_time_.begin());
    return waiting_.at(cause);
}

void Queue::put_back(const Waiting& waiting) {
    std::lock_guard lock(mutex_);
    write({waiting});
    waiting_.insert_or_assign(waiting.cause, waiting);
    by_time_.emplace(waiting.due, waiting.cause);
}

void Queue::done(Position cause) {
    std::lock_guard lock(mutex_);
    rows_.erase({key_of(cause)}, Sync::no);
    waiting_.erase(cause);
}

std::optional<Instant> Queue::next_due() const {
    std::lock_guard lock(mutex_);
    if (by_time_.empty()) return std::nullopt;
    return by_time_.begin()->first;
}

std::size_t Queue::size() const {
    std::lock_guard lock(mutex_);
    return waiting_.size();
}

}  // namespace muster::mail
