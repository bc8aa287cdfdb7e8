#pragma once
// A generation: one table that holds all that a projection made of the log up to its checkpoint.
//
//   views/<projection>/<generation>/   a number; the table's own files
//   views/<projection>/CURRENT         the number of the live one, in decimal
//   row "\0checkpoint" := position u64 ‖ link of that event (32) ‖ store id (16) ‖ version u32   (big-endian)
//
// The checkpoint is in one batch with the rows, so each event counts exactly once. A generation is valid where its
// checkpoint is of this store and version and its link is the log's; whatever else lies there is thrown away and made
// again. CURRENT names a generation only once it is complete, so a process that is killed leaves what was live alone.

#include "eventstore/crypto.h"
#include "eventstore/table.h"
#include "projections/feed.h"
#include "projections/projection.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

// Opens the table in a directory, or makes it where `create` is set. Throws StorageError.
using OpenTable = std::function<std::unique_ptr<Table>(const std::string& directory, bool create)>;

struct Checkpoint {
    Position position = 0;
    Digest link{};
    Uuid store;
    std::uint32_t version = 0;
    bool operator==(const Checkpoint&) const = default;
};

extern const std::string checkpoint_key;
std::string encode(const Checkpoint& checkpoint);
// nullopt where there is none, or bytes that are none.
std::optional<Checkpoint> read_checkpoint(const Reading& reading);

// The directory of one projection's generations. Functions throw StorageError or std::filesystem::filesystem_error.
class Generations {
public:
    Generations(const std::string& views, const Projection& projection);

    // What CURRENT names; nullopt where it is missing or is no number.
    [[nodiscard]] std::optional<std::uint64_t> current() const;
    // All that there are, whatever they hold, the newest first.
    [[nodiscard]] std::vector<std::uint64_t> all() const;
    [[nodiscard]] std::string path(std::uint64_t generation) const;
    // A number that no generation has.
    [[nodiscard]] std::uint64_t next() const;
    // The generation is live from now on, also after a crash.
    void make_current(std::uint64_t generation) const;
    // All but this one (and the other) go, and whatever was left half removed.
    void keep_only(std::uint64_t generation, std::optional<std::uint64_t> other = std::nullopt) const;
    // Those made after the live one go.
    void remove_next() const;
    void remove(std::uint64_t generation) const;
    [[nodiscard]] const std::string& directory() const { return directory_; }

private:
    std::string directory_;
};

// The store whose log is followed, and how its tables are opened.
struct Origin {
    const Feed& feed;
    OpenTable open;
    std::string views;  // the directory
    Uuid store;
};

// A generation that is open, and how far it has come.
struct Generation {
    std::uint64_t number = 0;
    bool live = false;  // CURRENT names it
    std::shared_ptr<Table> table;
    Position position = 0;
};

// The valid generation to go on with: the live one, else one whose making was broken off, else none. Beside a live one,
// the newest valid one whose making was broken off stays, for `next_generation`; all others go. `lost` is told why the
// live one could not be opened, if so.
std::optional<Generation> find_valid(const Origin& origin, const Projection& projection,
                                     const std::function<void(const std::string& why)>& lost = {});
// A new one, empty, its checkpoint at 0 on disk.
Generation make_generation(const Origin& origin, const Projection& projection);
// One whose table has failed and is closed, opened again as far as it has reached the disk. Not live. Throws
// StorageError.
Generation reopen(const Origin& origin, const Projection& projection, std::uint64_t number);
// The one to follow the live one: that whose making was broken off, as far as it had come, else a new one.
Generation next_generation(const Origin& origin, const Projection& projection);

// Writes the rows and the checkpoint at `position` in one batch.
void write(const Origin& origin, const Projection& projection, Table& table, Rows& rows, Position position);

}  // namespace muster
