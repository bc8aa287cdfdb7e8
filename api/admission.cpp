#include "api/admission.h"

#include "api/audit_entry.h"
#include "api/auth/caller.h"

namespace muster {
namespace {

bool permitted(const Caller& caller, std::string_view needed) {
    if (needed == needs::nobody || needed == needs::nothing) return true;
    if (needed == needs::member) return caller.session.has_value();
    return needed == needs::operator_key ? caller.permissions.everything : caller.permissions.has(needed);
}

}  // namespace

Admission admission(const Route& route, const Caller& caller, std::string_view id, bool as_of) {
    auto needs = as_of && !route.needs_as_of.empty() ? route.needs_as_of : route.needs;
    for (auto needed : {needs, route.also_needs}) {
        if (permitted(caller, needed)) continue;
        if (!route.or_own || caller.actor.kind != ActorKind::member) return {needed, false};
        if (id.empty()) return {{}, true};
        if (audit_person(std::string(id)) != MemberId{caller.actor.id}) return {needed, false};
    }
    return {};
}

bool still_admitted(const Call& call) {
    if (call.route.needs == needs::nobody) return true;
    auto caller = caller_of(call.service, call.request, SessionUse::looked_at);
    if (!caller || (!caller->workspace.uuid.nil() && caller->workspace != call.workspace_id)) return false;
    if (!call.service.directory.workspace(call.workspace_id)) return false;
    auto now = admission(call.route, *caller, call.parameter("id"));
    return now.missing.empty() && now.own_only == call.own_only;
}

Needed needed_still(const Call& call) {
    Needed needed{call.route.needs, call.route.also_needs};
    for (auto& each : needed)
        if (!call.caller.permissions.has(each)) each = {};
    return needed;
}

Refusal not_admitted(std::string_view missing) {
    auto refusal = permission_denied(missing);
    if (missing == needs::member) refusal.detail = "Only a member can do this, for themselves: sign in as one.";
    if (missing == needs::operator_key) refusal.detail = "Only the operator can do this, with the operator key.";
    return refusal;
}

}  // namespace muster
