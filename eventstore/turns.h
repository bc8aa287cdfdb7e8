#pragma once
// Whose turn it is in a workspace. Commands are decided side by side; where two change the same stream, the log says
// who was first, and the other decides anew. So that nobody comes second for ever (who changes their own name without
// pause would never be deactivated), one that lost often takes the turn: what begins there meanwhile waits for its end.
// In the order of asking; a workspace's turn is no other's concern. Safe for use by any number of threads.

#include "domain/ids.h"

#include <functional>
#include <memory>
#include <utility>

namespace muster {

class Turns {
    struct State;

public:
    // A turn that was taken, or none; given back when it goes, which calls those who waited for it. May outlive Turns.
    class Turn {
    public:
        Turn() = default;
        Turn(Turn&& other) noexcept : state_(std::move(other.state_)), workspace_(other.workspace_) {}
        Turn& operator=(Turn&& other) noexcept {
            std::swap(state_, other.state_);
            std::swap(workspace_, other.workspace_);
            return *this;
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn();
        explicit operator bool() const { return state_ != nullptr; }

    private:
        friend class Turns;
        Turn(std::shared_ptr<State> state, WorkspaceId workspace) : state_(std::move(state)), workspace_(workspace) {}
        std::shared_ptr<State> state_;
        WorkspaceId workspace_;
    };

    Turns();
    // Calls `go` here and now; where somebody has the workspace's turn, later, through `post`, on the thread that gives
    // it back. `go` gets the turn where it asked to be alone, else none. Neither may throw.
    using Post = std::function<void(std::function<void()>)>;
    void enter(WorkspaceId workspace, bool alone, const Post& post, std::function<void(Turn)> go);
    // The same for a thread that may wait.
    Turn enter_and_wait(WorkspaceId workspace, bool alone);

private:
    std::shared_ptr<State> state_;
};

}  // namespace muster
