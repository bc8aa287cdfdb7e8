#pragma once
// Taking a log up to where it is whole, when its end is damaged or lost and no backup is as new.

#include "tools/settle.h"

#include <cstdint>
#include <optional>
#include <string>

namespace muster::tools {

struct Recovered {
    std::optional<std::uint64_t>
        lost;          // events behind the log's end that the anchor had seen; there may have been more
    std::string kept;  // where log and anchor are as they were found
    Settled settled;
};
MUSTER_DESCRIBE(Recovered, lost, kept, settled);

// Of a directory at rest. What comes behind the first damaged record of the write-ahead log is given up, and the
// directory is settled as a restored one is. Broken off, it is gone on with by the next call; until then the directory
// is not served. Throws StorageError where there is nothing to recover or a server runs, and DamageError, leaving all
// as it was, where the damage is of another kind: then only a backup helps.
Recovered recover_to_point_in_time(const std::string& data, const std::string& master_key_file);

void print_text(const Recovered& recovered);

}  // namespace muster::tools
