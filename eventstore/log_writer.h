#pragma once
// How the log's two threads hand on what is being appended: the decider checks and numbers a group while the writer
// writes and syncs the one before.

#include "eventstore/group.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace muster {

struct Log::Queued {
    Append append;
    Answer answer;
    void answered(Appended appended);
};

// A group and who waits for it. The decider fills it; handed over, it is the writer's, and of the group the rows are
// only read, by both.
struct Log::Filled {
    explicit Filled(Group made) : group(std::move(made)) {}

    Group group;
    std::vector<Queued> queued{};
    std::vector<Appended> answers{};
    WriteBatch batch{};
    std::string failure{};  // why nothing of it is to be written

    [[nodiscard]] bool fits(const Append& next) const;
    void add(Queued next);
    // Nothing is added any more.
    void close();

private:
    std::size_t events_ = 0, bytes_ = 0;
};

}  // namespace muster
