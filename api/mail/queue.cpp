#include "api/mail/queue.h"

#include "eventstore/bytes.h"
#include "eventstore/frame.h"

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

std::uint64_t day_of(Instant at) { return static_cast<std::uint64_t>(at.ms / 86'400'000); }

std::string key_of(WorkspaceId workspace) {
    std::string key;
    append_uuid(key, workspace.uuid);
    return key;
}

}  // namespace

Queue::Queue(SealedRows rows) : rows_(rows) {
    for (const auto& key : rows_.keys({})) {
        auto row = rows_.get(key);
        if (!row) continue;
        if (key.size() == sizeof(Uuid)) {
            ByteReader workspace(key), bytes(*row);
            auto day = bytes.take<std::uint64_t>();
            days_[WorkspaceId{take_uuid(workspace)}] = {day, bytes.take<std::uint64_t>()};
            continue;
        }
        if (key.size() != sizeof(Position)) throw DamageError("the vault: a mail that waits has no position");
        auto waiting = read_row(read_u64(key), *row);
        by_time_.emplace(waiting.due, waiting.cause);
        waiting_.emplace(waiting.cause, std::move(waiting));
    }
}

void Queue::add(const std::vector<Cause>& causes, Instant now) {
    std::lock_guard lock(mutex_);
    std::vector<Waiting> added;
    std::map<WorkspaceId, Day> days;
    for (const auto& cause : causes) {
        if (waiting_.contains(cause.position)) continue;
        added.push_back({cause.position, 0, now, {}});
        auto& day = days.try_emplace(cause.workspace, days_[cause.workspace]).first->second;
        if (day.day != day_of(now)) day = {day_of(now), 0};
        ++day.mails;
    }
    if (added.empty()) return;
    std::vector<SealedRow> rows;
    for (const auto& each : added) rows.push_back({key_of(each.cause), row_of(each)});
    for (const auto& [workspace, day] : days) {
        rows.push_back({key_of(workspace), {}});
        append_u64(rows.back().text, day.day);
        append_u64(rows.back().text, day.mails);
    }
    rows_.put(rows, Sync::no);
    for (const auto& [workspace, day] : days) days_[workspace] = day;
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
    rows_.put({{key_of(waiting.cause), row_of(waiting)}}, Sync::no);
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

std::uint64_t Queue::caused(WorkspaceId workspace, Instant day) const {
    std::lock_guard lock(mutex_);
    auto found = days_.find(workspace);
    return found != days_.end() && found->second.day == day_of(day) ? found->second.mails : 0;
}

std::size_t Queue::size() const {
    std::lock_guard lock(mutex_);
    return waiting_.size();
}

}  // namespace muster::mail
