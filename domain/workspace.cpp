#include "domain/workspace.h"

#include "domain/event.h"
#include "domain/presets.h"

#include <algorithm>
#include <utility>

namespace muster {

const License* Workspace::license(const LicenseKey& key) const {
    auto found = std::ranges::find(plan.value.licenses, key, &License::key);
    return found == plan.value.licenses.end() ? nullptr : &*found;
}

const Team* Workspace::team_named(const std::string& folded) const {
    auto found = teams_by_name.find(folded);
    return found == teams_by_name.end() ? nullptr : &teams.at(found->second).value;
}

bool Workspace::trial_runs(Instant now) const { return plan.value.trial_ends_at && now < *plan.value.trial_ends_at; }

std::optional<std::int64_t> Workspace::limit_of(const Counter& counter, Instant now) const {
    if (counter == Counter::users()) return trial_runs(now) ? std::nullopt : plan.value.user_limit;
    for (const auto& each : plan.value.licenses)
        if (counter == Counter::license(each.key.value)) return each.seats;
    return std::nullopt;
}

PermissionSet Workspace::permissions_of(const RoleKey& key) const {
    PermissionSet set;
    auto role = roles.find(key);
    if (role == roles.end()) return set;
    for (const auto& each : role->second.value.permissions) set.keys.insert(each.value);
    if (key == admin_role) {  // always all, also those defined later
        for (auto each : built_in_permissions) set.keys.emplace(each);
        for (const auto& [own, _] : permissions) set.keys.insert(own.value);
    }
    return set;
}

Holdings holdings(const Workspace& workspace) {
    Holdings held;
    if (workspace.exists() && !workspace.deleted) held.claims.insert({"slug:" + workspace.slug.value});
    return held;
}

// ---- Creating and renaming.

void evolve(Workspace& workspace, const WorkspaceCreated& event, const Meta& meta) {
    workspace.name = event.name;
    workspace.slug = event.slug;
    workspace.preset = event.preset;
    workspace.plan_managed_by = event.plan_managed_by;
    workspace.created_at = meta.at;
    workspace.changed = meta.version;
    workspace.settings = {event.settings, meta.version, meta.position};
    workspace.plan = {event.plan, meta.version, meta.position};
    for (const auto& role : event.roles) workspace.roles[role.key] = {role, meta.version, meta.position};
    for (const auto& own : event.permissions) workspace.permissions[own.key] = {own, meta.version, meta.position};
}

void evolve(Workspace& workspace, const WorkspaceRenamed& event, const Meta& meta) {
    workspace.name = event.to_name;
    workspace.slug = event.to_slug;
    workspace.changed = meta.version;
}

namespace {

Slug slug_from(const std::string& name) {
    std::string slug;
    for (char c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain) slug += c;
        if (!plain && !slug.empty() && slug.back() != '-') slug += '-';
        if (slug.size() == 40) break;
    }
    while (!slug.empty() && slug.back() == '-') slug.pop_back();
    return Slug{slug.empty() ? "workspace" : slug};
}

}  // namespace

Slug slug_for(const CreateWorkspace& command) { return command.slug ? *command.slug : slug_from(command.name.value); }

Decided decide(const Workspace& workspace, const CreateWorkspace& command, const Context& context) {
    auto begun = preset(command.preset, context.now);
    if (!begun)
        return std::unexpected(
            refuse({{"/preset", Code::invalid_value, "There is no such preset; `default` is one.", {}}}));
    auto slug = slug_for(command);
    if (context.slug_taken && command.slug)
        return refused(Code::slug_taken, "Another workspace has the slug `" + slug.value + "`; choose another.");
    if (context.slug_taken) {  // made from the name: make it unique
        auto suffix = base32(workspace.id.uuid).substr(20);
        std::ranges::transform(suffix, suffix.begin(),
                               [](char c) { return static_cast<char>(c >= 'A' ? c - 'A' + 'a' : c); });
        slug.value += "-" + suffix;
    }
    WorkspaceCreated created{command.name,    slug,        command.preset, command.plan_managed_by,
                             begun->settings, begun->plan, begun->roles,   begun->permissions};
    return Decision{{{stream_of(workspace.id), created}}, {}, Instant::never()};
}

Decided decide(const Workspace& workspace, const RenameWorkspace& command, const Context& context) {
    std::vector<Fault> faults;
    if (command.name.is_null()) faults.push_back({"/name", Code::required, "A workspace needs a name.", {}});
    if (command.slug.is_null()) faults.push_back({"/slug", Code::required, "A workspace needs a slug.", {}});
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (context.if_match && *context.if_match != workspace.changed) return version_mismatch();
    WorkspaceRenamed renamed{workspace.name, workspace.name, workspace.slug, workspace.slug};
    command.name.apply_to(renamed.to_name);
    command.slug.apply_to(renamed.to_slug);
    if (renamed.from_name == renamed.to_name && renamed.from_slug == renamed.to_slug) return Decision{};
    if (context.slug_taken && renamed.from_slug != renamed.to_slug)
        return refused(Code::slug_taken,
                       "Another workspace has the slug `" + renamed.to_slug.value + "`; choose another.");
    return Decision{{{stream_of(workspace.id), renamed}}, {}, Instant::never()};
}

}  // namespace muster
