#include "eventstore/end_mark.h"

#include "eventstore/table.h"

#include <algorithm>
#include <exception>

namespace muster {

void EndMark::check(std::uint64_t end) {
    const std::lock_guard lock(mutex_);
    const auto mark = anchor_->read();
    if (mark) marked_ = mark->position;  // and never less again
    if (marked_ > end)
        throw DamageError(path_ + " has seen write " + std::to_string(marked_) + ", but the table ends at " +
                          std::to_string(end) + ": its end was lost");
}

void EndMark::reached(std::uint64_t end) {
    const std::lock_guard lock(mutex_);
    reached_ = std::max(reached_, end);
    const auto now = std::chrono::steady_clock::now();
    if (reached_ <= marked_ || now - marked_at_ < limits::end_mark_every) return;
    anchor_->write({reached_, {}});
    marked_ = reached_;
    marked_at_ = now;
}

void EndMark::close_at(std::uint64_t end) {
    const std::lock_guard lock(mutex_);
    try {
        if (end > marked_) anchor_->write({end, {}});
    } catch (const std::exception&) {
        // Ignored: the mark is then as old as one after a crash.
    }
}

}  // namespace muster
