#pragma once
// Every invariant of the log, checked without any key: positions are dense, frames are whole, links and the running
// hash follow from them, and every other row is made anew from the events and compared. Personal data stays sealed:
// claims stand in events in clear, so what people hold can be counted all the same.
//
// It reads the events once; memory grows with the workspaces, the people who hold something and the keys in use.

#include "eventstore/anchor.h"
#include "eventstore/log_rows.h"
#include "eventstore/table.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::size_t fsck_findings = 1000;
}

struct Finding {
    Position position = 0;  // of the event that it is about; 0 where it is about a row
    std::string row;        // family and key in hexadecimal; empty where it is about an event
    std::string sentence;
    [[nodiscard]] std::string text() const;
};

struct FsckReport {
    std::uint64_t events = 0;
    std::uint64_t workspaces = 0;
    std::vector<Finding> findings;  // the first limits::fsck_findings
    std::uint64_t found = 0;        // all of them
    [[nodiscard]] bool clean() const { return found == 0; }
};

// `log` must stand still while it is read: a directory at rest, a snapshot or a checkpoint. `anchor`: where known.
// `progress` is told of every 10,000th event: how many were read, of how many.
FsckReport fsck(const Reading& log, const AnchorMark* anchor,
                const std::function<void(Position, Position)>& progress = {});

}  // namespace muster
