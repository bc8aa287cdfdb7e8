#pragma once
// The log of a data directory as it stands still, for tools that need no keys: of a directory at rest the log itself,
// beside a running server a checkpoint that the server makes.
//
//   DIR/checkpoints/<random>/log       hard links to the log's files where the disk allows
//   DIR/checkpoints/<random>/anchor    as it was before that, so that the copy must hold all that it has seen
//
// The tool keeps a lock on <random>/ while it reads and removes it in the end; the server removes those that nobody
// locks.

#include "eventstore/anchor.h"
#include "eventstore/store.h"
#include "eventstore/table.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
    int lock_ = -1;
    RocksShared shared_;
    std::unique_ptr<Table> table_;
    std::optional<AnchorMark> anchor_;
};

// Makes a checkpoint by `fill`, which is given its directory, and gives its name below checkpoints/. With the anchor as
// it stood before where that is wanted.
std::string make_checkpoint(const std::string& data, const std::function<void(const std::string& directory)>& fill,
                            bool with_anchor);
// On the server: of the log with its anchor, and of the vault.
std::string make_checkpoint(const Store& store);
std::string make_vault_checkpoint(const Store& store);
void sweep_checkpoints(const std::string& data);

// On the tool's side: the checkpoint of that name, and a lock on it that lasts until the descriptor is closed; to be
// taken while it is given, for the server removes no copy before the next one asks.
std::string checkpoint_directory(const std::string& data, std::string_view name);
int lock_checkpoint(const std::string& directory);

}  // namespace muster::tools
