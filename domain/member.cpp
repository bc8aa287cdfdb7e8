// Deciding on members: create, change, deactivate, reactivate, delete.
#include "domain/assignment.h"
#include "domain/event.h"
#include "domain/person.h"
#include "domain/seats.h"

#include <algorithm>

namespace muster {

std::vector<Fault> faults_of(const Workspace& workspace, const CreateMember& command, const Context& context) {
    auto person = new_person(workspace, command, context);
    auto faults = std::move(person.faults);
    // Nobody is asked for the name of somebody who is there already: whoever makes the member gives it [S2-5].
    if (!command.name && !workspace.settings.value.name_required)
        faults.push_back({"/name", Code::name_required, "A member is created with their name.", {}});
    if (!command.password) return faults;
    const auto& settings = workspace.settings.value;
    if (!has_password(settings, person.assignment.role))
        faults.push_back(password_not_used());
    else if (auto fault = password_fault(settings, *command.password, context.common_password))
        faults.push_back(*fault);
    return faults;
}

Decided decide(const Membership& membership, const Workspace& workspace, const CreateMember& command,
               const Context& context) {
    auto faults = faults_of(workspace, command, context);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    auto person = new_person(workspace, command, context);
    if (auto refusal = above_own(workspace, person.assignment, context)) return std::unexpected(*refusal);
    auto place = take_address(workspace, context);
    if (!place) return std::unexpected(place.error());
    Decision decision = std::move(*place);
    MemberCreated created{command.email, context.email_claim.bytes, person.profile, person.assignment,
                          command.send_email};
    Membership after = membership;
    evolve(after, created, {});
    if (auto refusal = misfit(workspace, holdings(membership), holdings(after), context))
        return std::unexpected(*refusal);
    decision.events.push_back({stream_of(membership.id), std::move(created)});
    if (command.password) decision.events.push_back({stream_of(membership.id), PasswordSet{context.credential}});
    decision.good_before = std::min(decision.good_before, fits_until(workspace, context.now));
    return decision;
}

std::optional<Refusal> member_out_of_reach(const Membership& membership, const Workspace& workspace,
                                           const Context& context) {
    if (membership.phase == Phase::deleted && membership.joined_at)
        return Refusal{
            Code::member_deleted, "This member was deleted, for good; their history stays in the audit.", {}, {}};
    if (!membership.member()) return Refusal{Code::not_found, "There is no such member here.", {}, {}};
    if (context.if_match && *context.if_match != membership.version) return version_mismatch().error();
    return above_own(workspace, membership.assignment, context);
}

namespace {

template <class E>
Decided fitting(const Membership& membership, const Workspace& workspace, E event, const Context& context) {
    Membership after = membership;
    evolve(after, event, {});
    if (auto refusal = misfit(workspace, holdings(membership), holdings(after), context))
        return std::unexpected(*refusal);
    return Decision{{{stream_of(membership.id), std::move(event)}}, {}, fits_until(workspace, context.now)};
}

}  // namespace

std::vector<Fault> faults_of(const Membership& membership, const Workspace& workspace, const ChangeMember& command,
                             const Context& context) {
    return changed_person(membership, workspace, command, context).faults;
}

Decided decide(const Membership& membership, const Workspace& workspace, const ChangeMember& command,
               const Context& context) {
    auto person = changed_person(membership, workspace, command, context);
    if (!person.faults.empty()) return std::unexpected(refuse(std::move(person.faults)));
    if (auto refusal = member_out_of_reach(membership, workspace, context)) return std::unexpected(*refusal);
    if (auto refusal = above_own(workspace, person.assignment, context)) return std::unexpected(*refusal);
    if (changes_email(membership, command.email)) return email_is_immutable();
    Personal<Profile> profile = membership.profile.erased() ? Personal<Profile>{} : Personal<Profile>{person.profile};
    if (profile == membership.profile && person.assignment == membership.assignment) return Decision{};
    return fitting(membership, workspace,
                   MemberChanged{membership.profile, profile, membership.assignment, person.assignment}, context);
}

Decided decide(const Membership& membership, const Workspace& workspace, const DeactivateMember&,
               const Context& context) {
    if (auto refusal = member_out_of_reach(membership, workspace, context)) return std::unexpected(*refusal);
    if (membership.phase == Phase::deactivated) return Decision{};
    return fitting(membership, workspace, MemberDeactivated{}, context);
}

Decided decide(const Membership& membership, const Workspace& workspace, const ReactivateMember&,
               const Context& context) {
    if (auto refusal = member_out_of_reach(membership, workspace, context)) return std::unexpected(*refusal);
    if (membership.phase == Phase::active) return Decision{};
    return fitting(membership, workspace, MemberReactivated{lost_licenses(workspace, membership.assignment)}, context);
}

Decided decide(const Membership& membership, const Workspace& workspace, const DeleteMember& command,
               const Context& context) {
    std::vector<Fault> faults;
    if (command.confirm != membership.id.text())
        faults.push_back(
            {"?confirm",
             Code::confirmation_required,
             "Deleting destroys this person's name, address, phone and photo for good. Repeat the request with "
             "confirm set to the member's id, or deactivate the member, which keeps everything.",
             {}});
    std::optional<MemberId> heir;
    if (command.reassign_to) {
        heir = MemberId::parse(*command.reassign_to);
        if (!heir || !context.reassign_target_exists || *heir == membership.id)
            faults.push_back({"?reassign_to", Code::unknown_member, "There is no other member of this id here.", {}});
    }
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (auto refusal = member_out_of_reach(membership, workspace, context)) return std::unexpected(*refusal);
    auto decided = fitting(membership, workspace, MemberDeleted{heir}, context);
    // What they once asked for goes with them.
    if (decided && context.open_request)
        decided->events.push_back({stream_of(*context.open_request), RequestDismissed{}});
    return decided;
}

}  // namespace muster
