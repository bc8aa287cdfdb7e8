#include "domain/credentials.h"

#include "domain/event.h"
#include "domain/person.h"

namespace muster {
namespace {

Decision chosen(const Membership& membership, const Context& context) {
    return Decision{{{stream_of(membership.id), PasswordSet{context.credential}}}, {}, Instant::never()};
}

std::vector<Fault> faults_of(const Membership& membership, const Workspace& workspace, const Password& password,
                             const Context& context) {
    const auto& settings = workspace.settings.value;
    if (membership.member() && !has_password(settings, membership.assignment.role)) return {password_not_used()};
    auto fault = password_fault(settings, password, context.common_password);
    return fault ? std::vector<Fault>{*fault} : std::vector<Fault>{};
}

}  // namespace

bool may_log_in(const Membership& membership, const Workspace& workspace) {
    return membership.phase == Phase::active && !membership.credential.nil() &&
           has_password(workspace.settings.value, membership.assignment.role);
}

Refusal invalid_credentials() {
    return {
        Code::invalid_credentials, "The address or the password is wrong, or this account may not sign in.", {}, {}};
}

Decided decide(const Membership& membership, const Workspace& workspace, const SetPassword& command,
               const Context& context) {
    auto faults = faults_of(membership, workspace, command.password, context);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (auto refusal = member_out_of_reach(membership, workspace, context)) return std::unexpected(*refusal);
    return chosen(membership, context);
}

Decided decide(const Membership& membership, const Workspace& workspace, const ChangeOwnPassword& command,
               const Context& context) {
    auto faults = faults_of(membership, workspace, command.password, context);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (membership.phase != Phase::active || membership.credential.nil() ||
        context.checked_credential != membership.credential)
        return std::unexpected(invalid_credentials());
    if (context.if_match && *context.if_match != membership.version) return version_mismatch();
    return chosen(membership, context);
}

Decided decide(const Membership& membership, const Workspace& workspace, const ResetPassword& command,
               const Context& context) {
    // Whether a link is any good is said first: only its holder learns what this workspace asks of passwords.
    if (membership.phase != Phase::active || membership.credential != context.checked_credential ||
        context.now >= context.link_ends || !has_password(workspace.settings.value, membership.assignment.role))
        return refused(Code::token_invalid, "This link is not valid any more; ask for a new one.");
    auto faults = faults_of(membership, workspace, command.password, context);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    auto decision = chosen(membership, context);
    decision.good_before = context.link_ends;
    return decision;
}

Decided decide(const Membership& membership, const Workspace& workspace, const LogIn&, const Context& context) {
    if (!may_log_in(membership, workspace) || context.checked_credential != membership.credential)
        return std::unexpected(invalid_credentials());
    return Decision{{{sign_ins_of(membership.id), MemberSignedIn{membership.id}}}, {}, Instant::never()};
}

Decided decide(const Membership& membership, const Workspace& workspace, const RequestPasswordReset&, const Context&) {
    if (membership.phase != Phase::active || !has_password(workspace.settings.value, membership.assignment.role))
        return Decision{};
    return Decision{{{recoveries_of(membership.id), PasswordResetRequested{membership.id}}}, {}, Instant::never()};
}

}  // namespace muster
