#include "domain/erasure.h"

#include "domain/assignment.h"
#include "domain/event.h"

namespace muster {

Decided decide(const Workspace& workspace, const ErasePerson& command, const Context& context) {
    if (command.email.text().empty())
        return std::unexpected(refuse({{"/email", Code::required, "Whose data is to be destroyed?", {}}}));
    if (!context.person_key)
        return refused(Code::not_found,
                       "No invitation or request here is of this address. The preview of an import may still have it: "
                       "delete that import.");
    if (context.if_match) return version_mismatch();  // nobody is shown a version of all that there is of somebody
    Decision decision;
    if (const auto* holder = context.holder) {
        if (auto refusal = above_own(workspace, holder->assignment, context)) return std::unexpected(*refusal);
        if (holder->member())
            return refused(Code::already_member, "Somebody with this address is a member; delete the member instead.",
                           {{"id", holder->id.text()}});
        if (holder->phase == Phase::pending && !holder->due(context.now))
            return refused(Code::already_invited, "This address is invited; revoke the invitation first.",
                           {{"id", InvitationId{holder->id.uuid}.text()}});
        if (holder->due(context.now)) decision.events.push_back({stream_of(holder->id), InvitationExpired{}});
        decision.events.push_back({stream_of(holder->id), InvitationRevoked{RevokeReason::erased}});
    }
    if (context.open_request) decision.events.push_back({stream_of(*context.open_request), RequestDismissed{}});
    decision.events.push_back({{StreamKind::person, *context.person_key}, PersonErased{context.email_claim.bytes}});
    return decision;
}

std::vector<NewEvent> end_person(const KeyedPerson& person, Instant now) {
    std::vector<NewEvent> events;
    const auto* holder = person.holder;
    bool member = holder && holder->member();
    if (member) events.push_back({stream_of(holder->id), MemberDeleted{}});
    if (holder && holder->due(now)) events.push_back({stream_of(holder->id), InvitationExpired{}});
    if (holder && holder->open_invitation())
        events.push_back({stream_of(holder->id), InvitationRevoked{RevokeReason::erased}});
    if (person.open_request) events.push_back({stream_of(*person.open_request), RequestDismissed{}});
    if (!member) events.push_back({{StreamKind::person, person.key}, PersonErased{person.email_claim}});
    return events;
}

}  // namespace muster
