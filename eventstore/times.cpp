#include "eventstore/times.h"

namespace muster {

Position last_before(const Log& log, Instant at) {
    Position before = 0;
    for (Position behind = log.head() + 1; before + 1 < behind;) {
        const auto middle = before + (behind - before) / 2;
        (log.frame(middle)->meta.at < at ? before : behind) = middle;
    }
    return before;
}

}  // namespace muster
