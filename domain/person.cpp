#include "domain/person.h"

#include <algorithm>

namespace muster {

std::vector<Fault> identity_faults(const Workspace& workspace, const EmailAddress& email, bool has_name) {
    std::vector<Fault> faults;
    const auto& settings = workspace.settings.value;
    const auto& domains = settings.allowed_email_domains;
    bool allowed = domains.empty() || std::ranges::any_of(domains, [&](const auto& each) {
                       return each.value == email.canonical_domain();
                   });
    if (!allowed && !email.text().empty())
        faults.push_back({"/email",
                          Code::email_domain_not_allowed,
                          "Only addresses of this workspace's domains are taken here.",
                          {}});
    if (settings.name_required && !has_name)
        faults.push_back({"/name", Code::name_required, "This workspace asks for everybody's name.", {}});
    return faults;
}

Decided take_address(const Workspace& workspace, const Context& context) {
    Decision decision;
    const auto* holder = context.holder;
    if (!holder) return decision;
    Details member{{"id", holder->id.text()}};
    Details invitation{{"id", InvitationId{holder->id.uuid}.text()}};
    if (holder->phase == Phase::active)
        return refused(Code::already_member, "Somebody with this address is a member already.", member);
    if (holder->phase == Phase::deactivated)
        return refused(Code::member_deactivated, "A deactivated member has this address; reactivate them instead.",
                       member);
    if (holder->phase == Phase::pending && !holder->due(context.now))
        return refused(Code::already_invited, "This address is invited already; resend that invitation instead.",
                       invitation);
    // Replacing it is revoking it: only who may act on that person.
    if (auto refusal = above_own(workspace, holder->assignment, context)) return std::unexpected(*refusal);
    if (holder->due(context.now)) decision.events.push_back({stream_of(holder->id), InvitationExpired{}});
    decision.events.push_back({stream_of(holder->id), InvitationRevoked{RevokeReason::replaced}});
    return decision;
}

bool changes_email(const Membership& membership, const Patch<EmailAddress>& email) {
    const auto* current = membership.email.if_known();
    return email.has_value() && !(current && *current == email.value);
}

std::unexpected<Refusal> email_is_immutable() {
    return refused(Code::email_immutable, "An address can't be changed; remove the person and invite the new address.");
}

}  // namespace muster
