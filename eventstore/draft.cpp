#include "eventstore/draft.h"

#include "domain/seats.h"
#include "eventstore/codec.h"

#include <algorithm>

namespace muster {

Draft::Draft(std::shared_ptr<const Workspace> workspace, Log& log, Vault& vault, Instant now, Actor actor)
    : before_(std::move(workspace)), log_(log), vault_(vault), now_(now), actor_(actor) {
    looked_at(stream_of(before_->id), before_->version);
}

Draft::~Draft() {
    if (!spent_) give_keys_back();
}

void Draft::give_keys_back() {
    for (const auto& [_, sealing] : keys_)
        if (sealing.minted) vault_.give_back(sealing.key);
    keys_.clear();
}

void Draft::know(std::shared_ptr<const Membership> membership) {
    auto id = membership->id;
    if (memberships_.contains(id)) return;
    looked_at(stream_of(id), membership->version);
    auto copy = std::make_shared<Membership>(*membership);
    memberships_.emplace(id, Tracked<Membership>{std::move(membership), std::move(copy), {}});
}

void Draft::know(std::shared_ptr<const Resource> resource) {
    auto id = resource->id;
    looked_at(stream_of(id), resource->version);
    auto copy = std::make_shared<Resource>(*resource);
    resources_.emplace(id, Tracked<Resource>{std::move(resource), std::move(copy), {}});
}

void Draft::know(std::shared_ptr<const InvitationRequest> request) {
    auto id = request->id;
    if (requests_.contains(id)) return;
    looked_at(stream_of(id), request->version);
    auto copy = std::make_shared<InvitationRequest>(*request);
    requests_.emplace(id, Tracked<InvitationRequest>{std::move(request), std::move(copy), {}});
}

void Draft::looked_at(const StreamId& stream, Version version) { looked_at_.emplace(stream, version); }

Draft::Tracked<Membership>& Draft::tracked(MemberId id) {
    if (!memberships_.contains(id)) {
        Membership blank;
        blank.id = id;
        blank.workspace = before_->id;
        know(std::make_shared<const Membership>(blank));
    }
    return memberships_.at(id);
}

Draft::Tracked<InvitationRequest>& Draft::tracked(RequestId id) {
    if (!requests_.contains(id)) {
        InvitationRequest blank;
        blank.id = id;
        blank.workspace = before_->id;
        know(std::make_shared<const InvitationRequest>(blank));
    }
    return requests_.at(id);
}

const std::string& Draft::email_claim_of(const StreamId& stream) {
    if (stream.kind == StreamKind::request) return tracked(RequestId{stream.id}).after->email_claim;
    return tracked(MemberId{stream.id}).after->email_claim;
}

void Draft::evolve_with(const Recorded& added) {
    if (added.stream.kind == StreamKind::workspace) {
        if (!evolved_) evolved_ = std::make_shared<Workspace>(*before_);
        evolve(*evolved_, added);
    }
    if (added.stream.kind == StreamKind::resource) {
        ResourceId id{added.stream.id};
        if (!resources_.contains(id)) {
            Resource blank;
            blank.id = id;
            know(std::make_shared<const Resource>(blank));
        }
        evolve(*resources_.at(id).after, added);
    }
    if (added.stream.kind == StreamKind::request) evolve(*tracked(RequestId{added.stream.id}).after, added);
    if (const auto* erased = std::get_if<PersonErased>(&added.event)) erased_.push_back(erased->email_claim);
    if (added.stream.kind == StreamKind::membership) {
        auto& each = tracked(MemberId{added.stream.id});
        if (const auto* invited = std::get_if<MemberInvited>(&added.event)) each.lifetime = Lifetime{invited->ttl, {}};
        if (const auto* resent = std::get_if<InvitationResent>(&added.event))
            each.lifetime = Lifetime{resent->ttl, each.after->expires_at};
        auto held = holdings(*each.after);
        evolve(*each.after, added);
        for (const auto& [counter, delta] : difference(held, holdings(*each.after))) moved_[counter] += delta;
    }
}

const PersonKey& Draft::key_for(const std::string& email_claim) {
    auto found = keys_.find(email_claim);
    if (found != keys_.end()) return found->second.key;
    if (auto bound = log_.person_key(before_->id, email_claim)) {
        auto key = vault_.person_key(*bound);
        if (!key) throw DamageError("the vault lacks the key of a person who was not erased; restore the vault");
        return keys_.emplace(email_claim, Sealing{{*bound, *key}, false}).first->second.key;
    }
    return keys_.emplace(email_claim, Sealing{vault_.mint(), true}).first->second.key;
}

void Draft::add(Decision decision) {
    good_before_ = std::min(good_before_, decision.good_before);
    bounds_.insert(bounds_.end(), decision.bounds.begin(), decision.bounds.end());
    for (auto& each : decision.events) {
        auto [version, fresh] = versions_.try_emplace(each.stream, 0);
        if (fresh && looked_at_.contains(each.stream)) version->second = looked_at_.at(each.stream);
        Recorded added;
        added.stream = each.stream;
        added.workspace = before_->id;
        added.meta = {0, ++version->second, now_, actor_};
        added.event = std::move(each.event);
        evolve_with(added);
        const PersonKey* key = nullptr;
        if (has_personal_data(added.event)) key = &key_for(email_claim_of(added.stream));
        auto payload = encode(added.event, key);
        auto hash = sha256(payload);
        events_.push_back({added.stream, std::move(added.event), std::move(payload), hash});
    }
}

const Membership& Draft::membership(MemberId id) const { return *memberships_.at(id).after; }
std::shared_ptr<const Membership> Draft::after(MemberId id) const {
    auto found = memberships_.find(id);
    return found == memberships_.end() ? nullptr : found->second.after;
}

std::shared_ptr<const Resource> Draft::after_resource(ResourceId id) const {
    auto found = resources_.find(id);
    return found == resources_.end() ? nullptr : found->second.after;
}

std::shared_ptr<const InvitationRequest> Draft::after_request(RequestId id) const {
    auto found = requests_.find(id);
    return found == requests_.end() ? nullptr : found->second.after;
}

const Membership* Draft::holder(const EmailClaim& claim) const {
    for (const auto& [_, each] : memberships_)
        if (each.after->email_claim == claim.bytes && holdings(*each.after).claims.contains(claim.claim()))
            return each.after.get();
    return nullptr;
}

Counters Draft::applied_to(const Counters& before) const {
    auto counters = before;
    for (const auto& [counter, delta] : moved_) counters.used[counter] += delta;
    return counters;
}

std::optional<Uuid> Draft::key_of(const std::string& email_claim) const {
    auto found = keys_.find(email_claim);
    if (found == keys_.end()) return log_.person_key(before_->id, email_claim);
    return found->second.key.id;
}

Append Draft::append() {
    spent_ = true;
    Append append;
    append.workspace = before_->id;
    append.actor = actor_;
    append.events = std::move(events_);
    append.bounds = std::move(bounds_);
    append.good_before = good_before_;
    for (const auto& [stream, version] : looked_at_) append.expected.push_back({stream, version});

    auto claims_of = [&](const Holdings& before, const Holdings& after, const StreamId& stream) {
        for (const auto& claim : before.claims)
            if (!after.claims.contains(claim)) append.released.emplace_back(claim, stream);
        for (const auto& claim : after.claims)
            if (!before.claims.contains(claim)) append.claimed.emplace_back(claim, stream);
    };
    if (evolved_) claims_of(holdings(*before_), holdings(*evolved_), stream_of(before_->id));
    for (const auto& [id, each] : memberships_) {
        claims_of(holdings(*each.before), holdings(*each.after), stream_of(id));
        bool was = each.before->phase == Phase::pending, is = each.after->phase == Phase::pending;
        DueChange due{stream_of(id), {}, {}};
        if (was && (!is || each.lifetime)) due.before = each.before->expires_at;
        if (is && each.lifetime) due.after = each.lifetime;
        if (due.before || due.after) append.due.push_back(due);
        if (each.after->phase == Phase::deleted && each.before->phase != Phase::deleted) {
            append.persons_unbound.push_back(each.before->email_claim);
            // What they asked for meanwhile is to go with them too.
            append.vacant.push_back(EmailClaim{each.before->email_claim}.request());
        }
    }
    for (const auto& [id, each] : requests_) claims_of(holdings(*each.before), holdings(*each.after), stream_of(id));
    for (const auto& claim : erased_) {
        // Whoever came with the address meanwhile is not erased.
        append.vacant.push_back(EmailClaim{claim}.claim());
        append.vacant.push_back(EmailClaim{claim}.request());
        append.persons_unbound.push_back(claim);
    }
    for (const auto& [counter, delta] : moved_)
        if (delta != 0)
            append.counters.push_back({counter, delta, before_->limit_of(counter, now_),
                                       counter == Counter::active_admins() && !before_->deleted});
    for (const auto& [claim, sealing] : keys_) append.persons.push_back({claim, sealing.key.id, !sealing.minted});
    return append;
}

}  // namespace muster
