#pragma once
// The first write that failed. Nobody knows what the disk holds after it, so every later one is refused, and with its
// reason: whichever of several threads is heard first, it tells what happened. Damage stays damage: whoever waited for
// the disk to hold again would wait in vain.

#include "eventstore/table.h"

#include <mutex>
#include <optional>
#include <string>

namespace muster {

class FirstFailure {  // by any thread
public:
    void keep(const std::string& why, bool damage) {
        const std::lock_guard lock(mutex_);
        if (why_) return;
        why_ = why;
        damage_ = damage;
    }
    [[nodiscard]] bool happened() const {
        const std::lock_guard lock(mutex_);
        return why_.has_value();
    }
    // Throws StorageError where one is kept, DamageError where it was of damage.
    void refuse_after() const {
        const std::lock_guard lock(mutex_);
        if (!why_) return;
        const auto why = *why_ + "; that write failed before, so nothing is written any more";
        if (damage_) throw DamageError(why);
        throw StorageError(why);
    }

private:
    mutable std::mutex mutex_;
    std::optional<std::string> why_;
    bool damage_ = false;
};

}  // namespace muster
