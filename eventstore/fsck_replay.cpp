#include "eventstore/fsck_replay.h"

#include "domain/seats.h"
#include "eventstore/codec.h"

namespace muster {
namespace {

std::optional<SecretKey> no_keys(const Uuid&) { return std::nullopt; }

std::string amount(const Counter& counter, std::int64_t used) {
    return "`" + counter.name + "` at " + std::to_string(used);
}

}  // namespace

void Replay::follow(const Frame& frame, OfWorkspace& workspace) {
    auto position = frame.meta.position;
    auto link = link_of(workspace.head.link, header_of(frame), sha256(frame.payload));
    if (link != frame.link) {
        if (unread_ == 0) report_(position, "its link does not follow from the event before it in its workspace");
        if (unread_ > 0) --unread_;
    }
    workspace.head = {position, frame.link};
    if (frame.meta.at < end_.at) report_(position, "its time is before that of the event before it");
    end_ = {position, frame.meta.at, sha256(view(end_.running), view(frame.link))};
}

void Replay::next(const Frame& frame) {
    auto& workspace = workspaces_[frame.workspace.uuid];
    follow(frame, workspace);
    Recorded recorded{frame.meta,    frame.stream,      frame.workspace, frame.id,
                      frame.command, frame.correlation, frame.causation, InvitationExpired{}};
    try {
        recorded.event = decode(frame.type, frame.payload, no_keys);
    } catch (const std::exception& error) {
        return report_(frame.meta.position, std::string("its payload can't be read: ") + error.what());
    }
    if (frame.stream.kind == StreamKind::workspace) {
        if (frame.stream.id != frame.workspace.uuid)
            report_(frame.meta.position, "it is of another workspace than its stream");
        evolve(workspace.state, recorded);
    }
    if (frame.stream.kind == StreamKind::membership) evolve_membership(frame, recorded, workspace);
    if (frame.stream.kind == StreamKind::request) evolve_request(frame, recorded);
    if (const auto* erased = std::get_if<PersonErased>(&recorded.event))
        persons_.erase(rows::person(frame.workspace, erased->email_claim));
    if (const auto* destroyed = std::get_if<PersonalDataDestroyed>(&recorded.event)) keys_.erase(destroyed->key);
}

void Replay::evolve_membership(const Frame& frame, const Recorded& recorded, OfWorkspace& workspace) {
    auto found = holders_.find(frame.stream.id);
    Membership membership = found == holders_.end() ? Membership{} : found->second;
    if (found != holders_.end() && membership.workspace != frame.workspace)
        report_(frame.meta.position, "its stream belongs to another workspace");
    auto before = holdings(membership);
    auto claim = membership.email_claim;
    evolve(membership, recorded);
    auto after = holdings(membership);
    count(recorded, before, after, workspace);
    bind_key(frame, membership.email_claim);
    if (membership.phase == Phase::deleted) persons_.erase(rows::person(frame.workspace, claim));
    // What holds nothing is over: only how it was erased follows.
    if (after == Holdings{})
        holders_.erase(frame.stream.id);
    else
        holders_[frame.stream.id] = std::move(membership);
}

void Replay::evolve_request(const Frame& frame, const Recorded& recorded) {
    auto found = requests_.find(frame.stream.id);
    InvitationRequest request = found == requests_.end() ? InvitationRequest{} : found->second;
    if (found != requests_.end() && request.workspace != frame.workspace)
        report_(frame.meta.position, "its stream belongs to another workspace");
    evolve(request, recorded);
    bind_key(frame, request.email_claim);
    if (request.open())
        requests_[frame.stream.id] = std::move(request);
    else
        requests_.erase(frame.stream.id);
}

void Replay::bind_key(const Frame& frame, const std::string& email_claim) {
    auto key = sealed_under(frame.payload);
    if (!key) return;
    persons_[rows::person(frame.workspace, email_claim)] = *key;
    keys_[*key] = {frame.workspace, email_claim};
}

void Replay::count(const Recorded& recorded, const Holdings& before, const Holdings& after, OfWorkspace& workspace) {
    for (const auto& [counter, delta] : difference(before, after)) {
        auto& used = workspace.used[counter];
        used += delta;
        auto limit = workspace.state.limit_of(counter, recorded.meta.at);
        if (delta > 0 && limit && used > *limit)
            report_(recorded.meta.position,
                    "a seat was oversold: it leaves " + amount(counter, used) + " of " + std::to_string(*limit));
        if (used < 0) report_(recorded.meta.position, "it leaves " + amount(counter, used));
        if (used == 0) workspace.used.erase(counter);
    }
    bool admin = workspace.used.contains(Counter::active_admins());
    if (workspace.had_admin && !admin && !workspace.state.deleted)
        report_(recorded.meta.position, "it leaves the workspace without an active admin");
    workspace.had_admin = admin;
}

}  // namespace muster
