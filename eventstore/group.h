#pragma once
// One group of appends on its way to one synced write: each is checked against the table and what the group holds
// already, and is in the batch whole or not at all. The log's decider makes one per group, while the one before is
// being written: what that holds counts as if the table did.

#include "eventstore/log.h"

#include <array>
#include <map>
#include <optional>
#include <string>

namespace muster {

class Log::Group {
public:
    // `before` is the group that may not be in the table yet, if there is one; nothing is added to it any more.
    Group(const Table& table, const rows::Head& end, const Clock& clock, Uuids& ids, const Group* before)
        : table_(table), end_(end), clock_(clock), ids_(ids), before_(before) {}

    // Checks every guard, then writes the append's rows into the batch; a failed guard leaves no trace.
    Appended add(Append& append);

    // All rows of the group, once nothing is added any more. It keeps those that the next group has to see.
    WriteBatch take();
    void forget_before() { before_ = nullptr; }
    [[nodiscard]] const rows::Head& end() const { return end_; }
    // Counters that the group moved, and what they are now.
    [[nodiscard]] const std::map<WorkspaceId, std::map<Counter, std::int64_t>>& counted() const { return counted_; }

private:
    struct Row {
        std::optional<std::string> value{};
        bool written = false;
    };
    // As it stands after what the group holds already; valid until it is put or erased.
    const std::optional<std::string>& row(LogFamily each, std::string key);
    // What the group has read or written; null where it has no word of it.
    [[nodiscard]] const Row* known(LogFamily each, const std::string& key) const;
    void put(LogFamily each, std::string key, std::string value);
    void erase(LogFamily each, std::string key);

    std::optional<Appended> guard(const Append& append, Instant at);
    std::vector<RecordedPtr> record(Append& append, Instant at);
    void move_claims_and_counters(const Append& append, Instant at);

    const Table& table_;
    rows::Head end_;
    const Clock& clock_;
    Uuids& ids_;
    const Group* before_;
    WriteBatch batch_;  // rows that no append asks for
    // Rows that were read or that later appends have to see. A row that changes with every append, like a counter, is
    // written once; and in order, since RocksDB sorts them in as fast as they are neighbours.
    std::array<std::map<std::string, Row>, log_families> rows_;
    std::map<WorkspaceId, std::map<Counter, std::int64_t>> counted_;
};

}  // namespace muster
