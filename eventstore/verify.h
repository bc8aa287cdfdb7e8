#pragma once
// Whether a history is unbroken: every link is computed anew from the bytes as they are stored, which needs no keys.
// What is altered, missing or moved anywhere before the head shows; a history cut off at its end shows only against a
// head that was kept elsewhere.

#include "eventstore/log_rows.h"
#include "eventstore/table.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace muster {

class Log;

struct ChainFault {
    Position position = 0;
    std::string why;
};

struct ChainReport {
    std::uint64_t events = 0;         // that are unbroken
    Position position = 0;            // of the last of them
    Digest link{};                    // of a workspace's last event; of the whole log: the running hash
    std::optional<ChainFault> fault;  // the first
    [[nodiscard]] bool intact() const { return !fault; }
};

// One workspace's chain, up to its head row.
ChainReport verify_chain(const Reading& log, WorkspaceId workspace);
ChainReport verify_chain(const Log& log, WorkspaceId workspace);

// Every workspace's chain and the running hash over all, up to the log's head row. `progress` hears now and then how
// many events are done.
ChainReport verify_log(const Reading& log, const std::function<void(Position)>& progress = {});

}  // namespace muster
