#pragma once
// The log of a data directory as it stands still, for tools that need no keys: of a directory at rest the log itself,
// beside a running server a checkpoint that the server makes (eventstore/checkpoints.h).

#include "eventstore/anchor.h"
#include "eventstore/checkpoints.h"
#include "eventstore/store.h"
#include "eventstore/table.h"

#include <memory>
#include <optional>
#include <string>

namespace muster::tools {

class StillLog {
public:
    // Throws DamageError where it does not open or has no end, StorageError where there is no store.
    explicit StillLog(const std::string& data);
    ~StillLog();
    StillLog(const StillLog&) = delete;
    StillLog& operator=(const StillLog&) = delete;

    [[nodiscard]] const Reading& reading() const { return *table_; }
    [[nodiscard]] const std::optional<AnchorMark>& anchor() const { return anchor_; }

private:
    void clean_up();

    std::string copy_;  // its directory; empty where the directory itself is read
    CheckpointLock lock_;
    RocksShared shared_;
    std::unique_ptr<Table> table_;
    std::optional<AnchorMark> anchor_;
};

}  // namespace muster::tools
