#pragma once
// Copies of the log or of the vault as they stood at a moment, for who reads them beside a running server.
//
//   DIR/checkpoints/<random>/log       hard links to the log's files where the disk allows
//   DIR/checkpoints/<random>/anchor    as it was before that, so that the copy must hold all that it has seen
//   DIR/checkpoints/<random>/vault     the same of the vault, with the personal keys of that moment
//
// Who reads one keeps a lock on <random>/ and removes it in the end. One that nobody locks was left by a process that
// died; it is swept before the next one is made, at a server's start, now and then, and before an erasure is answered,
// since a copied key reads what the erased one read. Functions throw std::filesystem::filesystem_error where the disk
// fails.

#include "eventstore/store.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster {

// While it lives, nobody sweeps the checkpoint.
class CheckpointLock {
public:
    CheckpointLock() = default;  // of none
    explicit CheckpointLock(const std::string& directory);
    CheckpointLock(CheckpointLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
    CheckpointLock& operator=(CheckpointLock&& other) noexcept {
        std::swap(file_, other.file_);
        return *this;
    }
    ~CheckpointLock();

private:
    int file_ = -1;
};

struct CheckpointMade {
    std::string name;
    CheckpointLock lock;  // to be kept until who asked for it has one of its own
};

// By `fill`, which is given the directory; with the anchor as it stood before where that is wanted.
CheckpointMade make_checkpoint(const std::string& data, const std::function<void(const std::string& directory)>& fill,
                               bool with_anchor);
// Of a store that is open: of the log with its anchor, and of the vault.
CheckpointMade make_checkpoint(const Store& store);
CheckpointMade make_vault_checkpoint(const Store& store);

std::string checkpoint_directory(const std::string& data, std::string_view name);
// Those that hold a copy of the vault, by name, whether or not somebody uses them.
std::vector<std::string> vault_checkpoints(const std::string& data);
void sweep_checkpoints(const std::string& data);

}  // namespace muster
