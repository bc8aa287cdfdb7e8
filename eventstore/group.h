#pragma once
// One group of appends on its way to one synced write: each is checked against the table and what the group holds
// already, and is in the batch whole or not at all. The log's writer thread makes one per group.

#include "eventstore/log.h"

#include <map>
#include <optional>
#include <string>

namespace muster {

class Log::Group {
public:
    Group(const Table& table, const rows::Head& end, const LogOptions& options)
        : table_(table), end_(end), options_(options) {}

    // Checks every guard, then writes the append's rows into the batch; a failed guard leaves no trace.
    Appended add(Append& append);

    [[nodiscard]] const WriteBatch& batch() const { return batch_; }
    [[nodiscard]] const rows::Head& end() const { return end_; }
    // Counters that the group moved, and what they are now.
    [[nodiscard]] const std::map<WorkspaceId, std::map<Counter, std::int64_t>>& counted() const { return counted_; }

private:
    std::optional<std::string> row(LogFamily each, const std::string& key) const;
    void put(LogFamily each, std::string key, std::string value);
    void erase(LogFamily each, std::string key);

    std::optional<Appended> guard(const Append& append, Instant at) const;
    std::vector<RecordedPtr> record(Append& append, Instant at);
    void move_claims_and_counters(const Append& append, Instant at);

    const Table& table_;
    rows::Head end_;
    const LogOptions& options_;
    WriteBatch batch_;
    // Rows of the batch that later appends of the group have to see.
    std::map<std::pair<LogFamily, std::string>, std::optional<std::string>> seen_;
    std::map<WorkspaceId, std::map<Counter, std::int64_t>> counted_;
};

}  // namespace muster
