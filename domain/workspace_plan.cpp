// A workspace's plan: how many users, and which licences with how many seats.
#include "domain/event.h"
#include "domain/seats.h"
#include "domain/workspace.h"

#include <algorithm>
#include <map>
#include <utility>

namespace muster {

void evolve(Workspace& workspace, const PlanChanged& event, const Meta& meta) {
    std::map<LicenseKey, AddedPermissions> added;
    for (const auto& license : event.to.licenses) {
        const auto* before = workspace.license(license.key);
        auto& own = added[license.key];
        if (before) own = std::move(workspace.added_to_licenses[license.key]);
        note_added(own, before ? before->permissions : std::set<PermissionKey>(), license.permissions, meta.position);
    }
    workspace.added_to_licenses = std::move(added);
    workspace.plan.value = event.to;
    workspace.plan.changed = meta.version;
}

namespace {

std::vector<Fault> faults_of(const Workspace& workspace, const ChangePlan& command) {
    std::vector<Fault> faults;
    auto seats = [&](const std::string& pointer, std::optional<std::int64_t> value) {
        if (value && (*value < 0 || *value > limits::seats))
            faults.push_back(
                {pointer, Code::invalid_value, "Seats are from 0 to 1000000000, or null for unlimited.", {}});
    };
    seats("/user_limit", command.user_limit);
    std::map<LicenseKey, std::size_t> first;  // where each key stands first
    for (std::size_t i = 0; i < command.licenses.size(); ++i) first.emplace(command.licenses[i].key, i);
    for (std::size_t i = 0; i < command.licenses.size(); ++i) {
        const auto& license = command.licenses[i];
        auto at = "/licenses/" + std::to_string(i);
        seats(at + "/seats", license.seats);
        if (first.at(license.key) < i)
            faults.push_back(
                {at + "/key", Code::invalid_value, "The licence `" + license.key.value + "` stands twice.", {}});
        if (license.kind == LicenseKind::base && !license.requires_.empty())
            faults.push_back({at + "/requires", Code::invalid_value, "Only an add-on requires base licences.", {}});
        for (const auto& base : license.requires_) {
            auto found = first.find(base);
            if (found == first.end() || command.licenses[found->second].kind != LicenseKind::base)
                faults.push_back({at + "/requires",
                                  Code::unknown_license,
                                  "There is no base licence `" + base.value + "` in this plan.",
                                  {}});
        }
        for (const auto& own : license.permissions)
            if (!workspace.permissions.contains(own))
                faults.push_back({at + "/permissions",
                                  Code::unknown_permission,
                                  "The workspace has no permission `" + own.value + "` of its own.",
                                  {}});
    }
    return faults;
}

// Every permission that a licence of the new plan gives and the old one did not.
PermissionSet given(const Workspace& workspace, const Plan& to) {
    PermissionSet added;
    for (const auto& license : to.licenses) {
        const auto* before = workspace.license(license.key);
        for (const auto& each : license.permissions)
            if (!before || !before->permissions.contains(each)) added.keys.insert(each.value);
    }
    return added;
}

}  // namespace

std::optional<Refusal> plan_out_of_reach(const Workspace& workspace, const Actor& actor) {
    if (workspace.plan_managed_by != ManagedBy::operator_ || actor.kind == ActorKind::operator_) return std::nullopt;
    return Refusal{Code::permission_denied,
                   "This workspace's plan is put by the operator only.",
                   {{"permission", "operator"}},
                   {}};
}

Decided decide(const Workspace& workspace, const ChangePlan& command, const Context& context) {
    if (auto refusal = plan_out_of_reach(workspace, context.actor)) return std::unexpected(*refusal);
    auto faults = faults_of(workspace, command);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (context.if_match && *context.if_match != workspace.plan.changed) return version_mismatch();

    Plan to{command.user_limit, command.trial_ends_at, command.licenses};
    const Plan& from = workspace.plan.value;
    if (!given(workspace, to).within(context.actor_permissions))
        return refused(Code::role_above_own, "A licence of this plan gives permissions that you do not have.");
    if (command.licenses.size() > limits::licenses_per_workspace)
        return limit_reached("licences in a plan", limits::licenses_per_workspace);
    if (to == from) return Decision{};

    Decision decision;
    auto bound = [&](const Counter& counter, std::int64_t most) -> std::optional<Refusal> {
        decision.bounds.push_back({counter, most});
        auto used = context.counters.of(counter);
        if (used <= most) return std::nullopt;
        return seats_in_use(workspace, counter, used, most);
    };
    bool trial = to.trial_ends_at && context.now < *to.trial_ends_at;
    if (trial) decision.good_before = *to.trial_ends_at;
    if (!trial && to.user_limit)
        if (auto refusal = bound(Counter::users(), *to.user_limit)) return std::unexpected(*refusal);
    for (const auto& license : to.licenses)
        if (license.seats)
            if (auto refusal = bound(Counter::license(license.key.value), *license.seats))
                return std::unexpected(*refusal);
    for (const auto& before : from.licenses) {
        auto after = std::ranges::find(to.licenses, before.key, &License::key);
        if (after != to.licenses.end() && after->kind == before.kind) continue;
        if (auto refusal = bound(Counter::license(before.key.value), 0)) return std::unexpected(*refusal);
    }
    decision.events.push_back({stream_of(workspace.id), PlanChanged{from, to}});
    return decision;
}

}  // namespace muster
