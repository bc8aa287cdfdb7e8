#include "eventstore/end_mark.h"

#include "eventstore/table.h"

#include <algorithm>
#include <exception>

namespace muster {

EndMark::~EndMark() {
    try {
        if (reached_ > marked_) anchor_->write({reached_, {}});
    } catch (const std::exception&) {  // An older mark finds less out; it claims nothing wrong.
    }
}

void EndMark::check(std::uint64_t end) const {
    const auto mark = anchor_->read();
    if (mark && mark->position > end)
        throw DamageError(path_ + " has seen write " + std::to_string(mark->position) + ", but the table ends at " +
                          std::to_string(end) + ": its end was lost");
}

void EndMark::reached(std::uint64_t end) {
    const std::lock_guard lock(mutex_);
    reached_ = std::max(reached_, end);
    const auto now = std::chrono::steady_clock::now();
    if (reached_ == marked_ || now - marked_at_ < limits::end_mark_every) return;
    anchor_->write({reached_, {}});
    marked_ = reached_;
    marked_at_ = now;
}

}  // namespace muster
