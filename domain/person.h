#pragma once
// What inviting, creating and editing share: the profile and the assignment that come of a request's fields.

#include "domain/assignment.h"
#include "domain/event.h"
#include "domain/membership.h"

#include <concepts>

namespace muster {

struct Person {
    Profile profile;
    Assignment assignment;
    std::vector<Fault> faults;
};

template <class T>
Patch<T> patch_of(const std::optional<T>& given) {
    return given ? Patch<T>(*given) : Patch<T>();
}

// Of a member: 404 and 410 come first, then whether the caller saw this version, then whether they may act on this
// person.
std::optional<Refusal> member_out_of_reach(const Membership&, const Workspace&, const Context&);

std::vector<Fault> identity_faults(const Workspace&, const EmailAddress&, bool has_name);

// From a command that makes a person (InviteMember, CreateMember).
template <class Command>
Person new_person(const Workspace& workspace, const Command& command, const Context& context) {
    Assignment from;
    if (workspace.settings.value.default_role) from.role = *workspace.settings.value.default_role;
    Wanted wanted{patch_of(command.role), patch_of(command.license), command.add_ons,
                  command.teams,          command.permissions,       command.resources};
    if (!command.role && from.role.value.empty()) wanted.role = Patch<RoleKey>::cleared();  // neither named nor default
    auto made = assign(workspace, from, wanted, context);
    Person person{{}, std::move(made.assignment), identity_faults(workspace, command.email, command.name.has_value())};
    person.faults.insert(person.faults.end(), made.faults.begin(), made.faults.end());
    person.profile.name = command.name ? command.name->value : name_from(command.email, *context.unicode);
    person.profile.job_title = command.job_title;
    return person;
}

// Inviting in its two steps: who comes of it, with all that is wrong with the request; and, where nothing is and the
// actor may give what they get (above_own), the person's address, seats and event.
Person invitee(const Workspace&, const InviteMember&, const Context&);
Decided invite(const Membership&, const Workspace&, const InviteMember&, const Person&, const Context&);

// From a command that changes one (EditInvitation, ChangeMember). Who is invited need not be named, nor their role:
// cleared, both are what they are where inviting leaves them out.
template <class Command>
Person changed_person(const Membership& membership, const Workspace& workspace, const Command& command,
                      const Context& context) {
    Wanted wanted{command.role,  command.license,     command.add_ons,
                  command.teams, command.permissions, command.resources};
    constexpr bool invitation = std::same_as<Command, EditInvitation>;
    const auto& settings = workspace.settings.value;
    if (invitation && command.role.is_null() && settings.default_role) wanted.role = *settings.default_role;
    auto made = assign(workspace, membership.assignment, wanted, context);
    Person person{membership.profile.or_blank(), std::move(made.assignment), std::move(made.faults)};
    if (command.email.is_null())
        person.faults.push_back({"/email", Code::required, "The address can't be cleared.", {}});
    if (command.name.is_null() && invitation && !settings.name_required)
        person.profile.name = name_from(membership.email.or_blank(), *context.unicode);
    else if (command.name.is_null())
        person.faults.push_back({"/name", Code::name_required, "The name can't be cleared.", {}});
    if (command.name.has_value()) person.profile.name = command.name.value.value;
    command.job_title.apply_to(person.profile.job_title);
    if constexpr (requires { command.phone; }) {
        command.phone.apply_to(person.profile.phone);
        command.photo_url.apply_to(person.profile.photo_url);
    }
    return person;
}

// The address is free, or an expired invitation gives it up in the same append; else already_member, already_invited
// or member_deactivated, each with the id.
Decided take_address(const Workspace&, const Context&);

bool changes_email(const Membership&, const Patch<EmailAddress>&);
std::unexpected<Refusal> email_is_immutable();

}  // namespace muster
