// The words in which the domain's tests are written:
//
//     given(invited, revoked).when(AcceptInvitation{}).refused(Code::invitation_revoked);
//
// `given` makes a world of facts, in their order; `when` decides a command in it; the rest says what is expected.
// Beside that, each accepted decision is held against what the log's writer refuses: no pool above its limit at any
// event, one holder to a claim, an active admin left.
#pragma once

#include "domain/seats.h"
#include "tests/domain/cast.h"
#include "tests/domain/print.h"

#include <functional>
#include <initializer_list>
#include <map>
#include <type_traits>
#include <utility>

namespace muster::spec {

// What is so when a command is decided: `spring` with its first admin `ada`, and what facts add.
struct World {
    World();

    Workspace workspace;
    std::map<MemberId, Membership> people;
    std::map<ResourceId, Resource> resources;
    std::map<RequestId, InvitationRequest> requests;
    std::optional<Uuid> person_key;  // of whose address a command is about
    Position position = 0;
    Instant now = monday;
    Actor actor{ActorKind::operator_, {}};
    PermissionSet permissions{true, {}};
    std::optional<Version> if_match;
    std::uint32_t link_generation = 0;
    Uuid checked_credential;
    Instant link_ends;
    bool common_password = false;
    std::optional<BatchId> batch;
    bool slug_taken = false;
    bool reassign_target_exists = false;
    bool plain_targets = false;

    void happens(StreamId, const Event&);
    void happens(MemberId id, const Event& event) { happens(stream_of(id), event); }
    void happens(const Event& event) { happens(stream_of(spring), event); }

    [[nodiscard]] Membership person(MemberId) const;
    [[nodiscard]] Resource resource(ResourceId) const;
    [[nodiscard]] InvitationRequest request(RequestId) const;
    // Whom provisioning is about, where it is nobody new.
    [[nodiscard]] std::optional<MemberId> waiting_or_member(const EmailAddress&) const;
    [[nodiscard]] Counters counters() const;  // the sum of all holdings
    template <class Command>
    [[nodiscard]] Context context(const Command&) const;

private:
    [[nodiscard]] Context context_of(const EmailAddress*, const std::vector<ResourceAccess>&) const;
};

using Fact = std::function<void(World&)>;

// ---- What may have happened to grace, by commands of ada, who is invited on Monday for 7 days.

void invited(World&);
void expired(World&);  // the 7 days pass, and it is recorded
void revoked(World&);
void resent(World&);
void rotated(World&);  // resent with a new link
void accepted(World&);
void joined(World&);  // invited and accepted
void deactivated(World&);
void deleted(World&);
Fact invited_as(Assignment);
Fact joined_as(Assignment);
Fact created_as(MemberId, const EmailAddress&, Assignment);  // an active member at once
Fact crowd(std::uint8_t people);                             // so many other active members
void second_admin(World&);                                   // linus

// ---- How the workspace may be.

Fact settings(const std::function<void(Settings&)>&);
Fact plan(Plan);
Fact user_limit(std::int64_t);
Fact with_role(const RoleKey&, std::set<PermissionKey> = {});
Fact with_permission(const PermissionKey&);
Fact without_permission(const PermissionKey&);
Fact with_team(TeamId, const std::string&);
Fact without_team(TeamId);
Fact with_resource(ResourceId, const std::string&);
License base(const LicenseKey&, std::optional<std::int64_t> seats);
License add_on(const LicenseKey&, std::optional<std::int64_t> seats, std::set<LicenseKey> goes_with = {});
// `basic`, free; `organization` and `coaching` with so many seats.
Plan sold(std::optional<std::int64_t> organization_seats, std::optional<std::int64_t> coaching_seats);

// ---- How the command is asked.

Fact later(std::int64_t seconds);
Fact who_may(std::initializer_list<std::string>);  // else the operator, who may everything
Fact by_member(MemberId);
Fact if_match(Version);
Fact holding_link(std::uint32_t generation);
Fact proved(Uuid credential);  // by its password, or by a link that names it
Fact with_link_until(Instant);
void common(World&);  // the password that is given
void slug_is_taken(World&);

// ---- What comes of it.

class Outcome {
public:
    Outcome(World before, MemberId subject, Decided decided);

    // Accepted, with exactly these events; or with one of this type among them, that stands the check.
    template <class... Events>
    const Outcome& then(const Events&... events) const {
        return expects({Event(events)...});
    }
    template <class E, class Check>
        requires std::is_invocable_v<Check, const E&>
    const Outcome& then(Check check) const {
        check(std::get<E>(*event_of(type_name<E>())));
        return *this;
    }
    const Outcome& then_types(std::initializer_list<std::string_view>) const;
    const Outcome& nothing_happens() const;
    const Outcome& good_before(Instant) const;
    const Outcome& bounded(std::initializer_list<Bound>) const;

    // Refused: with this code, and these members beside it.
    const Outcome& refused(Code) const;
    const Outcome& with(std::string_view detail_name, const Detail&) const;
    // All faults of a body, in any order.
    const Outcome& faults(std::initializer_list<std::pair<std::string, Code>>) const;

    // How things stand then; of the person whom the command was about, unless another is named.
    [[nodiscard]] Membership person() const { return after_.person(subject_); }
    [[nodiscard]] Membership person(MemberId id) const { return after_.person(id); }
    [[nodiscard]] const Workspace& workspace() const { return after_.workspace; }
    [[nodiscard]] Resource resource(ResourceId id) const { return after_.resource(id); }
    [[nodiscard]] InvitationRequest request(RequestId id = wish) const { return after_.request(id); }
    [[nodiscard]] const Refusal& refusal() const { return decided_.error(); }
    const Outcome& leaves(Phase) const;
    const Outcome& holds(const std::map<Counter, std::int64_t>& takes) const;
    const Outcome& used(const Counter&, std::int64_t) const;

private:
    const Outcome& expects(const std::vector<Event>&) const;
    [[nodiscard]] const Event* event_of(std::string_view type) const;
    [[nodiscard]] std::string shown() const;
    void hold_against_the_writer(const World& before) const;

    MemberId subject_;
    World after_;
    Decided decided_;
};

struct Given {
    World world;

    // A command on a person is about grace, one that makes a person about the newcomer, one on a resource about robot,
    // one on a request about the request `wish`.
    template <class Command>
    [[nodiscard]] Outcome when(const Command& command) const {
        if constexpr (std::is_same_v<Command, InviteMember> || std::is_same_v<Command, CreateMember>)
            return when(newcomer, command);
        else if constexpr (std::is_same_v<Command, ProvisionMember>)
            return when(world.waiting_or_member(command.email).value_or(newcomer), command);
        else if constexpr (requires(const InvitationRequest& any) { decide(any, world.workspace, command, Context{}); })
            return {world, newcomer, decide(world.request(wish), world.workspace, command, world.context(command))};
        else if constexpr (std::is_same_v<Command, ApproveRequest>)
            return {
                world, newcomer,
                decide(world.request(wish), world.person(newcomer), world.workspace, command, world.context(command))};
        else if constexpr (requires(const Membership& any) { decide(any, world.workspace, command, Context{}); })
            return when(grace, command);
        else if constexpr (requires(const Resource& any) { decide(any, world.workspace, command, Context{}); })
            return {world, grace, decide(world.resource(robot), world.workspace, command, world.context(command))};
        else
            return {world, grace, decide(world.workspace, command, world.context(command))};
    }
    template <class Command>
    [[nodiscard]] Outcome when(MemberId id, const Command& command) const {
        return {world, id, decide(world.person(id), world.workspace, command, world.context(command))};
    }
    // On a part of the workspace: a role, a permission, a team.
    template <class Part, class Command>
    [[nodiscard]] Outcome when(const Part& part, const Command& command) const {
        return {world, grace, decide(world.workspace, part, command, world.context(command))};
    }
};

template <class... Facts>
[[nodiscard]] Given given(const Facts&... facts) {
    Given made_of;
    (facts(made_of.world), ...);
    return made_of;
}

template <class Command>
Context World::context(const Command& command) const {
    const EmailAddress* email = nullptr;
    std::vector<ResourceAccess> named_resources;
    if constexpr (requires { command.email.canonical(); }) email = &command.email;
    // Of whose request is approved, and of whose membership is deleted.
    const auto asking = request(wish).email;
    if constexpr (std::is_same_v<Command, ApproveRequest>) email = asking.if_known();
    const auto mine = person(grace).email;
    if constexpr (std::is_same_v<Command, DeleteMember>) email = mine.if_known();
    if constexpr (requires { command.resources.begin(); }) named_resources = command.resources;
    if constexpr (requires { command.resources.value.begin(); }) named_resources = command.resources.value;
    return context_of(email, named_resources);
}

}  // namespace muster::spec
