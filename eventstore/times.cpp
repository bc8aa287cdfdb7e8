#include "eventstore/times.h"

namespace muster {

Position last_before(const Log& log, Instant at) {
    Position before = 0;
    for (Position behind = log.head() + 1; before + 1 < behind;) {
        const auto middle = before + (behind - before) / 2;
        const auto frame = log.frame(middle);
        if (!frame) throw DamageError("event " + std::to_string(middle) + " is missing from the log");
        (frame->meta.at < at ? before : behind) = middle;
    }
    return before;
}

}  // namespace muster
