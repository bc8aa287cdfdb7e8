#pragma once
// Making a read model anew, and the proof that it is what the live one is, byte for byte.

#include "projections/generation.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace muster {

class Runner;

// The canonical dump, as a number of rows and a hash: all rows but the runner's own, in order of their keys.
//   hash := SHA-256(hash of the rows before (32, zero at first) ‖ key size u32 ‖ key ‖ value)
struct Dump {
    std::uint64_t rows = 0;
    Digest hash{};
    bool operator==(const Dump&) const = default;
};
Dump dump(const Reading& reading);

// The first key that two tables do not hold the same under; nullopt in place of a value: there is no such row.
struct Difference {
    std::string key;
    std::optional<std::string> left;
    std::optional<std::string> right;
    // For people, in hexadecimal.
    [[nodiscard]] std::string text() const;
};
std::optional<Difference> first_difference(const Reading& left, const Reading& right);

using Progress = std::function<void(Position done, Position all)>;

// Applies the events behind `done` up to `until` to a table that holds those before, and writes the checkpoint with
// each batch. Throws what `on`, the feed, the table or `progress` throws.
void fill(const Origin& origin, const Projection& projection, Table& table, Position done, Position until,
          const Progress& progress);
// The rows of a generation that was made, once they were read from disk anew; DamageError where that is not what was
// written.
Dump read_back(const Origin& origin, const Projection& projection, Generation& made);

struct Rebuilt {
    std::uint64_t generation = 0;
    Position position = 0;
    Dump rows;
    // Whether the generation before held the same; nullopt where there was none that could be compared.
    std::optional<bool> same_as_before;
    std::string not_compared;              // why, where there was one
    std::optional<Difference> difference;  // left: the one before
};
// Why the generation before is not compared with.
inline constexpr const char* damaged_before = "the one before was damaged";
inline constexpr const char* halted_before = "the one before had halted";
// Says of a generation that was made, and holds the rows of `anew`, whether the one before holds the same. One that
// can't be read is not compared.
void compare_with_before(const Reading& before, const Reading& anew, Rebuilt& made);
// Makes the next generation, from where its making was broken off or the first event, to the head, reads it back from
// disk, compares and makes it live, whether or not it is the same. Only while no runner follows (beside one:
// rebuilder.h). Throws what `on` or the feed throws (the generation before stays live), and DamageError where what is
// read back is not what was written.
Rebuilt rebuild(const Origin& origin, const Projection& projection, const Progress& progress);

struct Verified {
    Position position = 0;
    Dump live;
    Dump anew;
    std::optional<Difference> difference;  // left: live
};
// Makes the rows a second time, in a directory of their own that goes again, up to the checkpoint of `live`, which must
// be a snapshot if a runner follows. Personal data that is erased meanwhile may make a difference. Throws like rebuild;
// DamageError where `live` has no checkpoint.
Verified verify(const Origin& origin, const Projection& projection, const Reading& live, const Progress& progress);
// The same of what a runner serves, which makes nothing else beside it meanwhile and purges nobody; nullopt where it
// serves nothing yet. Throws std::runtime_error where the next generation is being made.
std::optional<Verified> verify(const Origin& origin, const Projection& projection, Runner& runner,
                               const Progress& progress);

}  // namespace muster
