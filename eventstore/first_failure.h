#pragma once
// The first write that failed. Nobody knows what the disk holds after it, so every later one is refused, and with its
// reason: whichever of several threads is heard first, it tells what happened.

#include "eventstore/table.h"

#include <mutex>
#include <optional>
#include <string>

namespace muster {

class FirstFailure {  // by any thread
public:
    void keep(const std::string& why) {
        const std::lock_guard lock(mutex_);
        if (!why_) why_ = why;
    }
    [[nodiscard]] bool happened() const {
        const std::lock_guard lock(mutex_);
        return why_.has_value();
    }
    // Throws StorageError where one is kept.
    void refuse_after() const {
        const std::lock_guard lock(mutex_);
        if (why_) throw StorageError(*why_ + "; that write failed before, so nothing is written any more");
    }

private:
    mutable std::mutex mutex_;
    std::optional<std::string> why_;
};

}  // namespace muster
