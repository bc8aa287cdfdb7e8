// A workspace's roles, permissions and teams.
#include "domain/event.h"
#include "domain/seats.h"
#include "domain/workspace.h"

#include <algorithm>

namespace muster {

// ---- Roles.

void note_added(AddedPermissions& added, const std::set<PermissionKey>& before, const std::set<PermissionKey>& now,
                Position position) {
    std::erase_if(added, [&](const auto& each) { return !now.contains(each.first); });
    for (const auto& each : now)
        if (!before.contains(each)) added[each] = position;
}

void evolve(Workspace& workspace, const RoleDefined& event, const Meta& meta) {
    workspace.roles[event.role.key] = {event.role, meta.version, meta.position};
}

void evolve(Workspace& workspace, const RoleChanged& event, const Meta& meta) {
    const auto& key = event.to.key;
    auto& role = workspace.roles[key];
    note_added(workspace.added_to_roles[key], role.value.permissions, event.to.permissions, meta.position);
    role.value = event.to;
    role.changed = meta.version;
}

void evolve(Workspace& workspace, const RoleRemoved& event, const Meta&) {
    workspace.roles.erase(event.role.key);
    workspace.added_to_roles.erase(event.role.key);
}

std::vector<Fault> unknown_permissions(const Workspace& workspace, const std::vector<PermissionKey>& keys) {
    std::vector<Fault> faults;
    for (std::size_t i = 0; i < keys.size(); ++i)
        if (!built_in(keys[i]) && !workspace.permissions.contains(keys[i]))
            faults.push_back({"/permissions/" + std::to_string(i),
                              Code::unknown_permission,
                              "There is no permission `" + keys[i].value + "` here.",
                              {}});
    return faults;
}

namespace {

Decision one(const Workspace& workspace, Event event) {
    return Decision{{{stream_of(workspace.id), std::move(event)}}, {}, Instant::never()};
}

PermissionSet set_of(const std::set<PermissionKey>& keys) {
    PermissionSet set;
    for (const auto& key : keys) set.keys.insert(key.value);
    return set;
}

std::unexpected<Refusal> no_such(const char* what, const std::string& name) {
    return refused(Code::not_found, std::string("There is no ") + what + " `" + name + "` here.");
}

std::unexpected<Refusal> above_own() {
    return refused(Code::role_above_own, "The role would hold permissions that you do not have.");
}

std::unexpected<Refusal> admin_is_protected() {
    return refused(Code::role_protected,
                   "The role `admin` always exists and always holds every permission; only its name and home change.");
}

}  // namespace

Decided decide(const Workspace& workspace, const DefineRole& command, const Context& context) {
    auto faults = unknown_permissions(workspace, command.permissions);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    Role role{command.key,
              command.name,
              {command.permissions.begin(), command.permissions.end()},
              command.home.value_or(Path{"/"})};
    if (!set_of(role.permissions).within(context.actor_permissions)) return above_own();
    if (workspace.roles.contains(role.key))
        return refused(Code::key_taken, "There is a role `" + role.key.value + "` already.");
    if (workspace.roles.size() >= limits::roles_per_workspace)
        return limit_reached("roles", limits::roles_per_workspace);
    return one(workspace, RoleDefined{role});
}

Decided decide(const Workspace& workspace, const RoleKey& key, const ChangeRole& command, const Context& context) {
    std::vector<Fault> faults;
    if (command.permissions.has_value()) faults = unknown_permissions(workspace, command.permissions.value);
    if (command.name.is_null()) faults.push_back({"/name", Code::required, "A role needs a name.", {}});
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    auto found = workspace.roles.find(key);
    if (found == workspace.roles.end()) return no_such("role", key.value);
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    const Role& from = found->second.value;
    Role to = from;
    command.name.apply_to(to.name);
    if (!command.home.absent()) to.home = command.home.has_value() ? command.home.value : Path{"/"};
    if (!command.permissions.absent())
        to.permissions = {command.permissions.value.begin(), command.permissions.value.end()};
    if (key == admin_role) {  // stating what it holds anyway is no change
        if (to.permissions != from.permissions && set_of(to.permissions).keys != workspace.permissions_of(key).keys)
            return admin_is_protected();
        to.permissions = from.permissions;
    }
    std::set<PermissionKey> added;
    std::ranges::set_difference(to.permissions, from.permissions, std::inserter(added, added.end()));
    if (!set_of(added).within(context.actor_permissions)) return above_own();
    if (to == from) return Decision{};
    return one(workspace, RoleChanged{from, to});
}

Decided decide(const Workspace& workspace, const RoleKey& key, const RemoveRole&, const Context& context) {
    auto found = workspace.roles.find(key);
    if (found == workspace.roles.end()) return no_such("role", key.value);
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    if (key == admin_role) return admin_is_protected();
    if (workspace.settings.value.default_role == key)
        return refused(Code::role_in_use, "New people get this role by default; choose another `default_role` first.");
    auto in_use = context.counters.of(Counter::role(key.value));
    if (in_use > 0)
        return refused(Code::role_in_use, std::to_string(in_use) + " people have this role; give them another first.",
                       {{"used", in_use}});
    auto decision = one(workspace, RoleRemoved{found->second.value});
    decision.bounds.push_back({Counter::role(key.value), 0});
    return decision;
}

// ---- Permissions of the workspace's own.

void evolve(Workspace& workspace, const PermissionDefined& event, const Meta& meta) {
    workspace.permissions[event.permission.key] = {event.permission, meta.version, meta.position};
}

void evolve(Workspace& workspace, const PermissionChanged& event, const Meta& meta) {
    auto& own = workspace.permissions[event.to.key];
    own.value = event.to;
    own.changed = meta.version;
}

void evolve(Workspace& workspace, const PermissionRemoved& event, const Meta& meta) {
    const auto& key = event.permission.key;
    workspace.permissions.erase(key);
    for (auto& [_, role] : workspace.roles)
        if (role.value.permissions.erase(key)) role.changed = meta.version;
    for (auto& license : workspace.plan.value.licenses)
        if (license.permissions.erase(key)) workspace.plan.changed = meta.version;
    for (auto& [_, held] : workspace.api_keys) held.value.permissions.erase(key);
}

Decided decide(const Workspace& workspace, const DefinePermission& command, const Context&) {
    if (built_in(command.key) || workspace.permissions.contains(command.key))
        return refused(Code::key_taken, "There is a permission `" + command.key.value + "` already.");
    if (workspace.permissions.size() >= limits::permissions_per_workspace)
        return limit_reached("permissions", limits::permissions_per_workspace);
    return one(workspace, PermissionDefined{{command.key, command.name, command.description}});
}

Decided decide(const Workspace& workspace, const PermissionKey& key, const ChangePermission& command,
               const Context& context) {
    if (command.name.is_null())
        return std::unexpected(refuse({{"/name", Code::required, "A permission needs a name.", {}}}));
    auto found = workspace.permissions.find(key);
    if (found == workspace.permissions.end()) return no_such("permission of this workspace's own", key.value);
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    const auto& from = found->second.value;
    auto to = from;
    command.name.apply_to(to.name);
    command.description.apply_to(to.description);
    if (to == from) return Decision{};
    return one(workspace, PermissionChanged{from, to});
}

Decided decide(const Workspace& workspace, const PermissionKey& key, const RemovePermission&, const Context& context) {
    auto found = workspace.permissions.find(key);
    if (found == workspace.permissions.end()) return no_such("permission of this workspace's own", key.value);
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    return one(workspace, PermissionRemoved{found->second.value});
}

// ---- Teams.

void evolve(Workspace& workspace, const TeamCreated& event, const Meta& meta) {
    workspace.teams[event.team.id] = {event.team, meta.version, meta.position};
    workspace.teams_by_name[event.team.name.folded] = event.team.id;
}

void evolve(Workspace& workspace, const TeamRenamed& event, const Meta& meta) {
    auto& team = workspace.teams[event.team];
    workspace.teams_by_name.erase(team.value.name.folded);
    workspace.teams_by_name[event.to.folded] = event.team;
    team.value.name = event.to;
    team.changed = meta.version;
}

void evolve(Workspace& workspace, const TeamDeleted& event, const Meta&) {
    workspace.teams.erase(event.team.id);
    workspace.teams_by_name.erase(event.team.name.folded);
}

namespace {

std::unexpected<Refusal> team_name_taken(const FoldedName& name) {
    return refused(Code::name_taken, "There is a team `" + name.value + "` already.");
}

std::unexpected<Refusal> teams_are_off() {
    return std::unexpected(
        refuse({{"", Code::teams_disabled, "Teams are off in this workspace; turn `teams_enabled` on first.", {}}}));
}

}  // namespace

Decided decide(const Workspace& workspace, const CreateTeam& command, const Context& context) {
    if (!workspace.settings.value.teams_enabled) return teams_are_off();
    if (workspace.team_named(command.name.folded)) return team_name_taken(command.name);
    if (workspace.teams.size() >= limits::teams_per_workspace)
        return limit_reached("teams", limits::teams_per_workspace);
    return one(workspace, TeamCreated{{TeamId{context.fresh}, command.name}});
}

Decided decide(const Workspace& workspace, const TeamId& id, const RenameTeam& command, const Context& context) {
    if (command.name.is_null()) return std::unexpected(refuse({{"/name", Code::required, "A team needs a name.", {}}}));
    auto found = workspace.teams.find(id);
    if (found == workspace.teams.end()) return no_such("team", id.text());
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    const auto& from = found->second.value.name;
    if (command.name.absent() || command.name.value == from) return Decision{};
    const auto* other = workspace.team_named(command.name.value.folded);
    if (other && other->id != id) return team_name_taken(command.name.value);
    return one(workspace, TeamRenamed{id, from, command.name.value});
}

Decided decide(const Workspace& workspace, const TeamId& id, const DeleteTeam&, const Context& context) {
    auto found = workspace.teams.find(id);
    if (found == workspace.teams.end()) return no_such("team", id.text());
    if (context.if_match && *context.if_match != found->second.changed) return version_mismatch();
    return one(workspace, TeamDeleted{found->second.value});
}

}  // namespace muster
