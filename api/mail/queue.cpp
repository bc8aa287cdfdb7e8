#include "api/mail/queue.h"

#include "api/mail/limits.h"
#include "eventstore/bytes.h"
#include "eventstore/frame.h"

#include <algorithm>
#include <utility>

namespace muster::mail {
namespace {

std::string key_of(const Waiting& waiting) {
    std::string key;
    append_u64(key, waiting.cause);
    if (!waiting.workspace.uuid.nil()) append_uuid(key, waiting.workspace.uuid);
    return key;
}

std::string row_of(const Waiting& waiting) {
    std::string row;
    append_u32(row, waiting.attempts);
    append_u64(row, static_cast<std::uint64_t>(waiting.due.ms));
    return row + waiting.reason;
}

Waiting read_row(std::string_view key, std::string_view row) {
    ByteReader named(key), bytes(row);
    Waiting waiting;
    waiting.cause = named.take<std::uint64_t>();
    if (!named.rest().empty()) waiting.workspace.uuid = take_uuid(named);
    waiting.attempts = bytes.take<std::uint32_t>();
    waiting.due.ms = static_cast<std::int64_t>(bytes.take<std::uint64_t>());
    waiting.reason = bytes.rest();
    return waiting;
}

}  // namespace

std::optional<Position> cause_in(std::string_view key) {
    bool mail = key.size() == sizeof(Position) || key.size() == sizeof(Position) + sizeof(Uuid);
    return mail ? std::optional(read_u64(key.substr(0, sizeof(Position)))) : std::nullopt;
}

Queue::Queue(SealedRows rows) : rows_(rows) {
    for (const auto& key : rows_.keys({})) {
        auto row = rows_.get(key);
        if (!row) continue;
        if (key.size() == sizeof(Uuid)) continue;  // a workspace's mails of a day, which were counted here once
        if (!cause_in(key)) throw DamageError("the vault: a mail that waits has no position");
        auto waiting = read_row(key, *row);
        stand(waiting);
        waiting_.emplace(waiting.cause, std::move(waiting));
    }
}

void Queue::stand(const Waiting& waiting) {
    auto& line = lines_[waiting.workspace];
    bool waits = !line.mails.empty();
    line.mails.emplace(waiting.due, waiting.cause);
    if (!waits || waiting.due < line.turn.first) take_turn(waiting.workspace, line, waiting.due);
}

// In the place of the turn that it has.
void Queue::take_turn(WorkspaceId workspace, Line& line, Instant at) {
    turns_.erase(line.turn);
    line.turn = {at, ++turns_given_};
    turns_.emplace(line.turn, workspace);
}

void Queue::heed_clock(Instant now) {
    const auto most = now.plus_seconds(limits::mail_pause_seconds_most);
    turns_.clear();
    for (const auto& [_, line] : std::exchange(lines_, {}))
        for (const auto& [due, cause] : line.mails) {
            auto& waiting = waiting_.at(cause);
            if (due > most) waiting.due = now;
            stand(waiting);
        }
}

void Queue::add(const std::vector<Cause>& causes, Instant now) {
    std::lock_guard lock(mutex_);
    std::vector<Waiting> added;
    for (const auto& cause : causes) {
        if (waiting_.contains(cause.position)) continue;
        added.push_back({cause.position, cause.workspace, 0, cause.urgent ? Instant{} : now, {}});
    }
    if (added.empty()) return;
    std::vector<SealedRow> rows;
    for (const auto& each : added) rows.push_back({key_of(each), row_of(each)});
    rows_.put(rows, Sync::no);
    for (auto& each : added) {
        stand(each);
        waiting_.emplace(each.cause, std::move(each));
    }
}

std::optional<Waiting> Queue::take(Instant now) {
    std::lock_guard lock(mutex_);
    if (now < taken_at_) heed_clock(now);
    taken_at_ = now;
    if (turns_.empty() || turns_.begin()->first.first > now) return std::nullopt;
    const auto workspace = turns_.begin()->second;
    auto& line = lines_.at(workspace);
    auto cause = line.mails.begin()->second;
    line.mails.erase(line.mails.begin());
    if (line.mails.empty()) {
        turns_.erase(turns_.begin());
        lines_.erase(workspace);
    } else {
        take_turn(workspace, line, std::max(line.mails.begin()->first, now));
    }
    return waiting_.at(cause);
}

void Queue::put_back(const Waiting& waiting) {
    std::lock_guard lock(mutex_);
    rows_.put({{key_of(waiting), row_of(waiting)}}, Sync::no);
    waiting_.insert_or_assign(waiting.cause, waiting);
    stand(waiting);
}

void Queue::done(Position cause) {
    std::lock_guard lock(mutex_);
    auto found = waiting_.find(cause);
    if (found == waiting_.end()) return;
    rows_.erase({key_of(found->second)}, Sync::no);
    waiting_.erase(found);
}

std::optional<Instant> Queue::next_due() const {
    std::lock_guard lock(mutex_);
    if (turns_.empty()) return std::nullopt;
    return turns_.begin()->first.first;
}

std::size_t Queue::size() const {
    std::lock_guard lock(mutex_);
    return waiting_.size();
}

}  // namespace muster::mail
