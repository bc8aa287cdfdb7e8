#pragma once
// What projections follow: the log, as far as they need it. Safe for use by any number of threads.

#include "domain/event.h"
#include "eventstore/crypto.h"

#include <cstddef>
#include <vector>

namespace muster {

struct Feed {
    virtual ~Feed() = default;
    // Events behind `after`, in order of position, at most `most`; empty only at the head. An event that this program
    // does not know throws UnknownEvent, also where others stand before it.
    [[nodiscard]] virtual std::vector<RecordedPtr> after(Position after, std::size_t most) const = 0;
    // The chain link of the event at that position, by which a view made from another history is told; zero for 0.
    [[nodiscard]] virtual Digest link_at(Position position) const = 0;
    [[nodiscard]] virtual Position head() const = 0;
};

}  // namespace muster
