// How far a table had come, kept in a file beside its own: a write-ahead log that was deleted, or whose last records
// are damaged, opens cleanly, only shorter. The log has its running hash for that (eventstore/log.h); the vault has
// this.
#pragma once

#include "eventstore/anchor.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace muster {

namespace limits {
inline constexpr std::chrono::milliseconds end_mark_every{250};
}

// The mark is written with the first synced write after so long, and when the table is closed; what was written in
// between before the process was killed can be lost without notice. Safe for use by any number of threads.
class EndMark {
public:
    explicit EndMark(std::string path) : path_(std::move(path)), anchor_(open_anchor(path_)) {}
    EndMark(const EndMark&) = delete;
    EndMark& operator=(const EndMark&) = delete;

    // Throws DamageError where the table ends before it, or where the file is damaged. Where there is none, as in a
    // copy of the table, nothing is known.
    void check(std::uint64_t end);
    // Everything up to there is on the disk. Throws StorageError.
    void reached(std::uint64_t end);
    // The same, and it is the last; a failure leaves an older mark, which finds less out and claims nothing wrong.
    void close_at(std::uint64_t end);

private:
    std::string path_;
    std::unique_ptr<Anchor> anchor_;
    std::mutex mutex_;  // guards the rest, and writing
    std::uint64_t reached_ = 0;
    std::uint64_t marked_ = 0;
    std::chrono::steady_clock::time_point marked_at_{};
};

}  // namespace muster
