#pragma once
// A projection: a read model made from the log and from nothing else. It sees one event after the other and its own
// rows; no clock, no other model. What it made can be thrown away and made again to the same bytes.

#include "domain/event.h"
#include "eventstore/table.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

// A projection's rows while a batch of events is applied: reads see what the batch wrote. One thread at a time.
class Rows {
public:
    explicit Rows(const Table& table) : table_(table) {}
    [[nodiscard]] std::optional<std::string> get(const std::string& key) const;
    void put(std::string key, std::string value);
    void erase(std::string key);
    // A number kept under a key; a row that comes to 0 is erased.
    void add(const std::string& key, std::int64_t delta);
    // All rows written, for one atomic write together with the checkpoint; empties itself.
    [[nodiscard]] WriteBatch take();

private:
    const Table& table_;
    std::map<std::string, std::optional<std::string>> written_;
};

// The number that Rows::add keeps in a row (eight bytes, big-endian, two's complement); 0 where there is no row.
[[nodiscard]] std::int64_t number_in(const std::optional<std::string>& row);

struct Projection {
    virtual ~Projection() = default;
    // A word of a-z; the folder of its rows.
    [[nodiscard]] virtual std::string_view name() const = 0;
    // Raised when `on` would make other rows: then the next generation is made beside the live one.
    [[nodiscard]] virtual std::uint32_t version() const = 0;
    virtual void on(const Recorded& recorded, Rows& rows) const = 0;
    // Its rows hold personal data: after an erasure the disk is cleared of what they were.
    [[nodiscard]] virtual bool personal() const { return false; }
};

// Keys that begin with this byte are the runner's own (the checkpoint); projections begin theirs with a letter.
inline constexpr char runner_prefix = '\0';

}  // namespace muster
