#pragma once
// Aggregates as they stand, folded from their streams and cached by version: what a decision is made on. A cached one
// is used only when its stream has not moved; else the events since are folded onto a copy. Safe for any thread.

#include "eventstore/history.h"
#include "eventstore/log.h"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace muster {

namespace limits {
inline constexpr std::size_t cached_workspaces = 10'000;
inline constexpr std::size_t cached_memberships = 20'000;
}  // namespace limits

class Directory {
public:
    Directory(const Log& log, const History& history) : log_(log), history_(history) {}

    // nullptr where there is none, or it was deleted; `no_workspace` says which.
    std::shared_ptr<const Workspace> workspace(WorkspaceId id);
    [[nodiscard]] Refusal no_workspace(WorkspaceId id);
    // One that was deleted, else nullptr.
    std::shared_ptr<const Workspace> deleted_workspace(WorkspaceId id);
    std::optional<WorkspaceId> workspace_of(const Slug& slug) const;
    // Never nullptr: a stream without events is a membership of phase `none`. One of another workspace is not found
    // either [trap 13].
    std::shared_ptr<const Membership> membership(WorkspaceId workspace, MemberId id);
    std::shared_ptr<const Resource> resource(WorkspaceId workspace, ResourceId id);
    std::shared_ptr<const InvitationRequest> request(WorkspaceId workspace, RequestId id);
    // Of whichever workspace; for links, which name no workspace.
    std::shared_ptr<const Membership> membership_anywhere(MemberId id);
    // Who holds an address's claim.
    std::shared_ptr<const Membership> holder(WorkspaceId workspace, const EmailClaim& claim);
    // Whether whoever an API key rests on lets it be good: nobody's key outlives their deactivation [N5].
    bool key_is_alive(const Workspace& workspace, const Actor& api_key);
    // The one open request of an address.
    std::shared_ptr<const InvitationRequest> open_request(WorkspaceId workspace, const EmailClaim& claim);
    // The person of this claim was erased: nothing decoded before is used any more (a revoked invitation of theirs).
    void forget(WorkspaceId workspace, const std::string& email_claim);

private:
    template <class State>
    class Cache {
    public:
        explicit Cache(std::size_t most) : most_(most) {}
        std::shared_ptr<const State> load(const StreamId& stream, const Log& log, const History& history);
        template <class Matches>
        void forget(Matches matches);

    private:
        const std::size_t most_;
        std::mutex mutex_;
        std::uint64_t forgotten_ = 0;  // how often: what was being read meanwhile may have been decoded before
        std::list<Uuid> recent_;       // the most recently used first
        struct Entry {
            std::shared_ptr<const State> state;
            std::list<Uuid>::iterator place;
        };
        std::unordered_map<Uuid, Entry> entries_;
    };

    const Log& log_;
    const History& history_;
    Cache<Workspace> workspaces_{limits::cached_workspaces};
    Cache<Membership> memberships_{limits::cached_memberships};
    Cache<Resource> resources_{limits::cached_memberships};
    Cache<InvitationRequest> requests_{limits::cached_memberships};
};

}  // namespace muster
