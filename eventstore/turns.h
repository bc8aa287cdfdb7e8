#pragma once
// Whose turn it is in a workspace. Commands are decided side by side; where two change the same stream, the log says
// who was first, and the other decides anew. So that nobody comes second for ever (who changes their own name without
// pause would never be deactivated), one that lost often takes the turn: what begins there meanwhile waits for its end.
// In the order of asking; a workspace's turn is no other's concern. Safe for use by any number of threads.

#include "domain/ids.h"

#include <functional>
#include <memory>

namespace muster {

class Turns {
public:
    // A turn that was taken, or none; when the last of it goes it is given back, which calls those who waited for it.
    // It may outlive Turns.
    using Turn = std::shared_ptr<void>;

    Turns();
    // Calls `go` here and now; where somebody has the workspace's turn, later, through `post`, on the thread that gives
    // it back. `go` gets the turn where it asked to be alone, else none. Neither may throw.
    using Post = std::function<void(std::function<void()>)>;
    void enter(WorkspaceId workspace, bool alone, const Post& post, std::function<void(Turn)> go);
    // The same for a thread that may wait.
    Turn enter_and_wait(WorkspaceId workspace, bool alone);

private:
    struct State;
    static Turn taken(const std::shared_ptr<State>& state, WorkspaceId workspace);
    static void give_back(const std::shared_ptr<State>& state, WorkspaceId workspace);

    std::shared_ptr<State> state_;
};

}  // namespace muster
