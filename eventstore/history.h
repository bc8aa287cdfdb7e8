#pragma once
// What happened, read back: recorded events with their personal data unsealed, or erased where the person's key is
// gone. Newly appended events are kept decoded for a while, so that projections that keep up never decode anything.
// Safe for use by any number of threads.

#include "domain/event.h"
#include "eventstore/log.h"
#include "eventstore/vault.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace muster {

class History {
public:
    History(const Log& log, Vault& vault) : log_(log), vault_(vault) {}

    // Events behind `after`, in order of position, at most `most`. An event type that this program does not know
    // throws UnknownEvent with its name and position.
    [[nodiscard]] std::vector<RecordedPtr> after(Position after, std::size_t most) const;
    // One workspace's.
    [[nodiscard]] std::vector<RecordedPtr> after(WorkspaceId workspace, Position after, std::size_t most) const;
    // One stream's, in order of version, behind version `after`.
    [[nodiscard]] std::vector<RecordedPtr> stream(StreamId stream, Version after = 0) const;
    // The event at a position, or nullptr.
    [[nodiscard]] RecordedPtr at(Position position) const;

    // Those at the given positions, in their order; DamageError where one is missing.
    [[nodiscard]] std::vector<RecordedPtr> read(const std::vector<Position>& positions) const;
    // A frame of the log.
    [[nodiscard]] RecordedPtr decoded(const Frame& frame) const;

private:
    const Log& log_;
    Vault& vault_;
};

// Folds a stream: the aggregate as it stands (version 0 where there is none).
template <class State>
State fold(const std::vector<RecordedPtr>& events, State state = {}) {
    for (const auto& each : events) evolve(state, *each);
    return state;
}

}  // namespace muster
