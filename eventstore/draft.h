#pragma once
// From decisions to an append: what each stream holds before and after gives claims, counters and due dates; personal
// data is sealed under the person's key. Several decisions of one workspace can go into one draft (a batch).

#include "eventstore/directory.h"
#include "eventstore/log.h"
#include "eventstore/vault.h"

#include <map>
#include <memory>
#include <variant>

namespace muster {

class Draft {
public:
    // `workspace` may be a blank one that the decision creates.
    Draft(std::shared_ptr<const Workspace> workspace, Log& log, Vault& vault, Instant now, Actor actor);
    ~Draft();  // gives back keys that no event came to name
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    // A state that a decision was made on. What is not made known is taken as new.
    void know(std::shared_ptr<const Membership> membership);
    void know(std::shared_ptr<const Resource> resource);
    void know(std::shared_ptr<const InvitationRequest> request);
    // A stream that was only looked at, and must not have moved.
    void looked_at(const StreamId& stream, Version version);

    void add(Decision decision);

    // As it will stand after what was added (with `now` as the time).
    [[nodiscard]] const Membership& membership(MemberId id) const;
    [[nodiscard]] const Workspace& workspace() const { return evolved_ ? *evolved_ : *before_; }
    [[nodiscard]] std::shared_ptr<const Membership> after(MemberId id) const;
    [[nodiscard]] std::shared_ptr<const Resource> after_resource(ResourceId id) const;
    [[nodiscard]] std::shared_ptr<const InvitationRequest> after_request(RequestId id) const;
    // The counters as they will stand.
    [[nodiscard]] Counters applied_to(const Counters& before) const;
    // Who holds an address's claim after what was added, among those that are known; nullptr where none does.
    [[nodiscard]] const Membership* holder(const EmailClaim& claim) const;
    [[nodiscard]] Instant now() const { return now_; }
    [[nodiscard]] std::size_t events() const { return events_.size(); }

    // The append; the draft is spent by it. Its keys count as used, unless it is told that the append was refused.
    Append append();
    void refused() { give_keys_back(); }
    // The person's key that an address's events are sealed under, in this draft or before it.
    [[nodiscard]] std::optional<Uuid> key_of(const std::string& email_claim) const;

private:
    template <class State>
    struct Tracked {
        std::shared_ptr<const State> before;
        std::shared_ptr<State> after;
        std::optional<Lifetime> lifetime;
    };
    Tracked<Membership>& tracked(MemberId id);
    Tracked<InvitationRequest>& tracked(RequestId id);
    // The claim of the address whose key an event of this stream is sealed under.
    const std::string& email_claim_of(const StreamId& stream);
    void evolve_with(const Recorded& added);
    void give_keys_back();
    const PersonKey& key_for(const std::string& email_claim);

    std::shared_ptr<const Workspace> before_;
    std::shared_ptr<Workspace> evolved_;  // made where an event is the workspace's own; most are not
    Log& log_;
    Vault& vault_;
    Instant now_;
    Actor actor_;
    std::map<MemberId, Tracked<Membership>> memberships_;
    std::map<ResourceId, Tracked<Resource>> resources_;
    std::map<RequestId, Tracked<InvitationRequest>> requests_;
    std::vector<std::string> erased_;  // by email claim
    std::map<StreamId, Version> looked_at_;
    std::map<StreamId, Version> versions_;
    std::map<Counter, std::int64_t> moved_;
    std::vector<ToAppend> events_;
    std::vector<Bound> bounds_;
    Instant good_before_ = Instant::never();
    struct Sealing {
        PersonKey key;
        bool minted;
    };
    std::map<std::string, Sealing> keys_;
    bool spent_ = false;
};

}  // namespace muster
