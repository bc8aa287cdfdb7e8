#include "domain/request.h"

#include "domain/event.h"
#include "domain/person.h"

namespace muster {

void evolve(InvitationRequest& request, const InvitationRequested& event, const Meta& meta) {
    request.phase = RequestPhase::open;
    request.email = event.email;
    request.email_claim = event.email_claim;
    request.applicant = event.applicant;
    request.requested_at = meta.at;
}

void evolve(InvitationRequest& request, const RequestApproved& event, const Meta& meta) {
    request.phase = RequestPhase::approved;
    request.invitation = event.invitation;
    request.closed_at = meta.at;
    request.closed_by = meta.actor;
}

void evolve(InvitationRequest& request, const RequestDismissed&, const Meta& meta) {
    request.phase = RequestPhase::dismissed;
    request.closed_at = meta.at;
    request.closed_by = meta.actor;
}

Holdings holdings(const InvitationRequest& request) {
    Holdings held;
    if (request.open()) held.claims.insert(EmailClaim{request.email_claim}.request());
    return held;
}

Decided decide(const InvitationRequest& request, const Workspace& workspace, const RequestInvitation& command,
               const Context& context) {
    auto faults = identity_faults(workspace, command.email, true);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (!workspace.settings.value.invitation_requests)
        return refused(Code::not_found, "Invitations can't be asked for here.");
    if (context.open_request || (context.holder && context.holder->phase == Phase::active)) return Decision{};
    return Decision{
        {{stream_of(request.id), InvitationRequested{command.email, context.email_claim.bytes,
                                                     Personal<Applicant>{Applicant{command.name, command.message}}}}},
        {},
        Instant::never()};
}

namespace {

// 404 comes first. A condition on its version can't be met, since nobody is shown one.
std::optional<Refusal> out_of_reach(const InvitationRequest& request, const Context& context) {
    if (!request.exists()) return Refusal{Code::not_found, "There is no such request here.", {}, {}};
    if (context.if_match) return version_mismatch().error();
    return std::nullopt;
}

std::unexpected<Refusal> is_dismissed() {
    return refused(Code::request_dismissed, "This request was dismissed; invite the person instead.");
}

// The name that the person gave stands where the admin gives none.
InviteMember inviting(const InvitationRequest& request, const ApproveRequest& command) {
    auto name = command.name;
    if (!name && request.applicant.if_known()) name = request.applicant->name;
    return {request.email.or_blank(), name,          command.job_title,   command.role,      command.license,
            command.add_ons,          command.teams, command.permissions, command.resources, command.ttl,
            command.send_email};
}

}  // namespace

Decided decide(const InvitationRequest& request, const Membership& newcomer, const Workspace& workspace,
               const ApproveRequest& command, const Context& context) {
    auto asked = inviting(request, command);
    auto person = invitee(workspace, asked, context);
    if (!person.faults.empty()) return std::unexpected(refuse(std::move(person.faults)));
    if (auto refusal = out_of_reach(request, context)) return std::unexpected(*refusal);
    if (request.open() && request.email.erased())
        return refused(Code::member_deleted, "Who asked was deleted since, for good; dismiss the request.");
    // What was approved is answered with whom it led to.
    if (newcomer.phase == Phase::deleted)
        return refused(Code::member_deleted,
                       "Who asked was invited and then deleted, for good; their history stays in the audit.");
    if (auto refusal = above_own(workspace, person.assignment, context)) return std::unexpected(*refusal);
    if (request.phase == RequestPhase::approved) {
        // Their link is in the answer, and they may have been given more since.
        if (auto refusal = above_own(workspace, newcomer.assignment, context)) return std::unexpected(*refusal);
        return Decision{};
    }
    if (request.phase == RequestPhase::dismissed) return is_dismissed();
    auto decided = invite(newcomer, workspace, asked, person, context);
    if (!decided) return decided;
    decided->events.push_back({stream_of(request.id), RequestApproved{InvitationId{newcomer.id.uuid}}});
    return decided;
}

Decided decide(const InvitationRequest& request, const Workspace&, const DismissRequest&, const Context& context) {
    if (auto refusal = out_of_reach(request, context)) return std::unexpected(*refusal);
    if (request.phase == RequestPhase::dismissed) return Decision{};
    if (request.phase == RequestPhase::approved)
        return refused(Code::request_approved, "This request was approved; revoke the invitation instead.");
    return Decision{{{stream_of(request.id), RequestDismissed{}}}, {}, Instant::never()};
}

}  // namespace muster
