// Deciding on who comes in through the identity provider: single sign-on or SCIM.
#include "domain/assignment.h"
#include "domain/event.h"
#include "domain/person.h"
#include "domain/seats.h"

#include <algorithm>

namespace muster {
namespace {

// An invitation that is waiting brings its own role; anybody else needs one. Who is a member only comes in: nothing of
// what is said of them is given, so it is not judged.
Person provisioned_person(const Membership& membership, const Workspace& workspace, const ProvisionMember& command,
                          const Context& context) {
    std::vector<Fault> of_via;
    if (!command.via) of_via.push_back({"/via", Code::required, "Say how they come: `sso` or `scim`.", {}});
    if (membership.member()) return {membership.profile.or_blank(), membership.assignment, std::move(of_via)};
    bool waiting = membership.phase == Phase::pending;
    Assignment from;
    if (workspace.settings.value.default_role) from.role = *workspace.settings.value.default_role;
    Wanted wanted;
    wanted.role = patch_of(command.role);
    if (!command.role && from.role.value.empty() && !waiting) wanted.role = Patch<RoleKey>::cleared();
    auto made = assign(workspace, from, wanted, context);
    Person person{{}, std::move(made.assignment), identity_faults(workspace, command.email, true)};
    person.faults.insert(person.faults.end(), made.faults.begin(), made.faults.end());
    person.faults.insert(person.faults.end(), of_via.begin(), of_via.end());
    if (waiting) {
        person.profile = membership.profile.or_blank();
        person.assignment = membership.assignment;
        std::erase_if(person.assignment.teams,  // deleted since: dropped [trap 10]
                      [&](const TeamId& team) { return !workspace.teams.contains(team); });
    }
    person.profile.name = command.name.value;
    return person;
}

}  // namespace

std::vector<Fault> faults_of(const Membership& membership, const Workspace& workspace, const ProvisionMember& command,
                             const Context& context) {
    return provisioned_person(membership, workspace, command, context).faults;
}

Decided decide(const Membership& membership, const Workspace& workspace, const ProvisionMember& command,
               const Context& context) {
    auto person = provisioned_person(membership, workspace, command, context);
    if (!person.faults.empty()) return std::unexpected(refuse(std::move(person.faults)));
    if (context.if_match && *context.if_match != membership.version) return version_mismatch();
    if (membership.phase == Phase::active) return Decision{};
    // Who is locked out is given nothing.
    const auto gives = membership.member() ? std::nullopt : above_own(workspace, person.assignment, context);
    if (gives) return std::unexpected(*gives);
    Decision decision;
    if (membership.phase == Phase::pending) {
        decision.good_before = membership.expires_at;
    } else {
        auto place = take_address(workspace, context);
        if (!place) return std::unexpected(place.error());
        decision = std::move(*place);
    }
    MemberProvisioned provisioned{command.email,  context.email_claim.bytes,
                                  person.profile, person.assignment,
                                  *command.via,   Personal<Name>{command.external_id.value_or(Name{})}};
    Membership after = membership;
    evolve(after, provisioned, {});
    if (auto refusal = misfit(workspace, holdings(membership), holdings(after), context))
        return std::unexpected(*refusal);
    decision.events.push_back({stream_of(membership.id), std::move(provisioned)});
    decision.good_before = std::min(decision.good_before, fits_until(workspace, context.now));
    return decision;
}

}  // namespace muster
