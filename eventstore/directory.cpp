#include "eventstore/directory.h"

#include "domain/person_behind.h"

namespace muster {

template <class State>
std::shared_ptr<const State> Directory::Cache<State>::load(const StreamId& stream, const Log& log,
                                                           const History& history) {
    auto version = log.version(stream);
    std::shared_ptr<const State> known;
    std::uint64_t forgotten = 0;
    {
        std::lock_guard lock(mutex_);
        forgotten = forgotten_;
        auto found = entries_.find(stream.id);
        if (found != entries_.end()) {
            recent_.splice(recent_.begin(), recent_, found->second.place);
            known = found->second.state;
        }
    }
    if (known && known->version == version) return known;
    State state = known && known->version < version ? *known : State{};
    state.id = {stream.id};
    if (version == 0) return std::make_shared<const State>(std::move(state));
    const auto newer = history.stream(stream, state.version);
    auto loaded = std::make_shared<const State>(fold(newer, std::move(state)));
    std::lock_guard lock(mutex_);
    if (forgotten_ != forgotten) return loaded;
    auto found = entries_.find(stream.id);
    if (found != entries_.end()) {
        if (found->second.state->version < loaded->version) found->second.state = loaded;
        return loaded;
    }
    recent_.push_front(stream.id);
    entries_[stream.id] = {loaded, recent_.begin()};
    if (entries_.size() > most_) {
        entries_.erase(recent_.back());
        recent_.pop_back();
    }
    return loaded;
}

template <class State>
template <class Matches>
void Directory::Cache<State>::forget(Matches matches) {
    std::lock_guard lock(mutex_);
    ++forgotten_;
    for (auto each = entries_.begin(); each != entries_.end();) {
        if (!matches(*each->second.state)) {
            ++each;
            continue;
        }
        recent_.erase(each->second.place);
        each = entries_.erase(each);
    }
}

void Directory::forget(WorkspaceId workspace, const std::string& email_claim) {
    auto theirs = [&](const auto& each) { return each.workspace == workspace && each.email_claim == email_claim; };
    memberships_.forget(theirs);
    requests_.forget(theirs);
}

std::shared_ptr<const Workspace> Directory::workspace(WorkspaceId id) {
    auto workspace = workspaces_.load(stream_of(id), log_, history_);
    return workspace->exists() && !workspace->deleted ? workspace : nullptr;
}

std::shared_ptr<const Workspace> Directory::deleted_workspace(WorkspaceId id) {
    auto workspace = workspaces_.load(stream_of(id), log_, history_);
    return workspace->deleted ? workspace : nullptr;
}

Refusal Directory::no_workspace(WorkspaceId id) {
    if (deleted_workspace(id)) return workspace_is_deleted();
    return {Code::not_found, "There is no such workspace.", {}, {}};
}

std::optional<WorkspaceId> Directory::workspace_of(const Slug& slug) const {
    auto stream = log_.holder({}, {"slug:" + slug.value});
    if (!stream) return std::nullopt;
    return WorkspaceId{stream->id};
}

std::shared_ptr<const Membership> Directory::membership_anywhere(MemberId id) {
    return memberships_.load(stream_of(id), log_, history_);
}

namespace {

// One of another workspace is as if it did not exist [trap 13].
template <class State>
std::shared_ptr<const State> only_of(WorkspaceId workspace, std::shared_ptr<const State> found) {
    if (found->version == 0 || found->workspace == workspace) return found;
    State nothing;
    nothing.id = found->id;
    return std::make_shared<const State>(nothing);
}

}  // namespace

std::shared_ptr<const Membership> Directory::membership(WorkspaceId workspace, MemberId id) {
    return only_of(workspace, membership_anywhere(id));
}

std::shared_ptr<const Resource> Directory::resource(WorkspaceId workspace, ResourceId id) {
    return only_of(workspace, resources_.load(stream_of(id), log_, history_));
}

std::shared_ptr<const InvitationRequest> Directory::request(WorkspaceId workspace, RequestId id) {
    return only_of(workspace, requests_.load(stream_of(id), log_, history_));
}

std::shared_ptr<const Membership> Directory::holder(WorkspaceId workspace, const EmailClaim& claim) {
    auto stream = log_.holder(workspace, claim.claim());
    if (!stream || stream->kind != StreamKind::membership) return nullptr;
    return membership(workspace, MemberId{stream->id});
}

bool Directory::key_is_alive(const Workspace& workspace, const Actor& api_key) {
    const auto maker = person_behind(workspace, api_key);
    if (maker.kind == ActorKind::api_key) return false;  // one that is revoked, or what it made
    return maker.kind != ActorKind::member ||
           muster::key_is_alive(workspace, api_key, *membership(workspace.id, MemberId{maker.id}));
}

std::shared_ptr<const InvitationRequest> Directory::open_request(WorkspaceId workspace, const EmailClaim& claim) {
    auto stream = log_.holder(workspace, claim.request());
    return stream ? request(workspace, RequestId{stream->id}) : nullptr;
}

}  // namespace muster
