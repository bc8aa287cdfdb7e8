#pragma once
// Workspace: name, settings, plan, roles, permissions and teams. It is bounded (limits.h), changes seldom, and every
// command reads it.

#include "domain/api_key.h"
#include "domain/decision.h"
#include "domain/holdings.h"
#include "domain/ids.h"
#include "domain/instant.h"
#include "domain/permissions.h"
#include "domain/values.h"
#include "domain/webhook.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

// ---- What a workspace consists of.

enum class ManagedBy { workspace, operator_ };
enum class SignIn { password, sso, both };
enum class LicenseKind { base, add_on };
MUSTER_ENUM(ManagedBy, workspace, operator_);
MUSTER_ENUM(SignIn, password, sso, both);
MUSTER_ENUM(LicenseKind, base, add_on);

struct Settings {
    std::int64_t invitation_ttl = limits::ttl_seconds_default;  // seconds [S1-7]
    std::optional<RoleKey> default_role;                        // none: every invitation must name a role
    bool name_required = false;
    bool invitation_requests = false;
    bool teams_enabled = true;
    std::optional<std::int64_t> max_teams_per_member;
    std::set<EmailDomain> allowed_email_domains;  // none: any
    std::int64_t password_min_length = 8;
    SignIn sign_in = SignIn::password;
    std::optional<std::int64_t> resend_limit_per_day = 3;
    std::optional<HttpsUrl> upgrade_url;
    std::optional<FreeText> contact;
    bool operator==(const Settings&) const = default;
};
MUSTER_DESCRIBE(Settings, invitation_ttl, default_role, name_required, invitation_requests, teams_enabled,
                max_teams_per_member, allowed_email_domains, password_min_length, sign_in, resend_limit_per_day,
                upgrade_url, contact);

// A licence is a pool of seats: a base licence, or an add-on that requires one.
struct License {
    LicenseKey key;
    Name name;
    LicenseKind kind = LicenseKind::base;
    bool paid = true;
    std::optional<std::int64_t> seats;  // none: unlimited
    std::set<LicenseKey> requires_;     // an add-on: one of these base licences; none: any
    std::set<PermissionKey> permissions;
    bool operator==(const License&) const = default;
};
MUSTER_DESCRIBE(License, key, name, kind, paid, seats, requires_, permissions);

struct Plan {
    std::optional<std::int64_t> user_limit;  // none: unlimited
    std::optional<Instant> trial_ends_at;    // until then the user limit does not bind [S3-4]
    std::vector<License> licenses;
    bool operator==(const Plan&) const = default;
};
MUSTER_DESCRIBE(Plan, user_limit, trial_ends_at, licenses);

struct Role {
    RoleKey key;
    Name name;
    std::set<PermissionKey> permissions;
    Path home{"/"};
    bool operator==(const Role&) const = default;
};
MUSTER_DESCRIBE(Role, key, name, permissions, home);

struct OwnPermission {
    PermissionKey key;
    Name name;
    std::optional<FreeText> description;
    bool operator==(const OwnPermission&) const = default;
};
MUSTER_DESCRIBE(OwnPermission, key, name, description);

struct Team {
    TeamId id;
    FoldedName name;
    bool operator==(const Team&) const = default;
};
MUSTER_DESCRIBE(Team, id, name);

// A thing and the version of the workspace's stream that last changed it: what its ETag is made from.
template <class T>
struct Versioned {
    T value;
    Version changed = 0;
    Position defined = 0;  // where it was made; a key removed and made again is another thing
};

// Permissions, each with the position of the event that put it there.
using AddedPermissions = std::map<PermissionKey, Position>;
// `now` takes the place of `before`.
void note_added(AddedPermissions& added, const std::set<PermissionKey>& before, const std::set<PermissionKey>& now,
                Position position);

struct Workspace {
    WorkspaceId id;
    Version version = 0;
    Name name;
    Slug slug;
    std::string preset;
    ManagedBy plan_managed_by = ManagedBy::workspace;
    Instant created_at;
    Version changed = 0;  // of name and slug
    Versioned<Settings> settings;
    Versioned<Plan> plan;
    std::map<RoleKey, Versioned<Role>> roles;
    std::map<PermissionKey, Versioned<OwnPermission>> permissions;
    std::map<TeamId, Versioned<Team>> teams;
    std::map<std::string, TeamId> teams_by_name;  // folded
    std::map<ApiKeyId, HeldApiKey> api_keys;
    std::map<ApiKeyId, Name> revoked_keys;  // the last made: who acted through one is told by its name all the same
    std::map<WebhookId, HeldWebhook> webhooks;
    // What roles and licences came to give after they were there, and where: what is not in it they always gave.
    std::map<RoleKey, AddedPermissions> added_to_roles;
    std::map<LicenseKey, AddedPermissions> added_to_licenses;
    bool deleted = false;  // for good (workspace_deletion.h)
    bool erased = false;   // and of its people nothing is left

    [[nodiscard]] bool exists() const { return version > 0; }
    [[nodiscard]] const License* license(const LicenseKey& key) const;
    [[nodiscard]] const Team* team_named(const std::string& folded) const;
    [[nodiscard]] bool trial_runs(Instant now) const;
    // The limit that binds a counter now; none where it is unlimited or has none.
    [[nodiscard]] std::optional<std::int64_t> limit_of(const Counter& counter, Instant now) const;
    [[nodiscard]] PermissionSet permissions_of(const RoleKey& role) const;
};

inline const RoleKey admin_role{"admin"};

// ---- What happened, each with the audit's sentence: its placeholders are `actor`, `target` or the path of a field.

struct WorkspaceCreated {
    static constexpr std::string_view sentence = "{actor} created the workspace {name}";
    Name name;
    Slug slug;
    std::string preset;
    ManagedBy plan_managed_by{};
    Settings settings;
    Plan plan;
    std::vector<Role> roles;
    std::vector<OwnPermission> permissions;
};
struct WorkspaceRenamed {
    static constexpr std::string_view sentence = "{actor} renamed the workspace to {to_name}";
    Name from_name;
    Name to_name;
    Slug from_slug;
    Slug to_slug;
};
struct SettingsChanged {
    static constexpr std::string_view sentence = "{actor} changed the settings";
    Settings from;
    Settings to;
};
struct PlanChanged {
    static constexpr std::string_view sentence = "{actor} changed the plan";
    Plan from;
    Plan to;
};
struct RoleDefined {
    static constexpr std::string_view sentence = "{actor} defined the role {role.name}";
    Role role;
};
struct RoleChanged {
    static constexpr std::string_view sentence = "{actor} changed the role {to.name}";
    Role from;
    Role to;
};
struct RoleRemoved {
    static constexpr std::string_view sentence = "{actor} removed the role {role.name}";
    Role role;
};
struct PermissionDefined {
    static constexpr std::string_view sentence = "{actor} defined the permission {permission.name}";
    OwnPermission permission;
};
struct PermissionChanged {
    static constexpr std::string_view sentence = "{actor} changed the permission {to.name}";
    OwnPermission from;
    OwnPermission to;
};
struct PermissionRemoved {
    static constexpr std::string_view sentence = "{actor} removed the permission {permission.name}";
    OwnPermission permission;
};
struct TeamCreated {
    static constexpr std::string_view sentence = "{actor} created the team {team.name}";
    Team team;
};
struct TeamRenamed {
    static constexpr std::string_view sentence = "{actor} renamed the team {from} to {to}";
    TeamId team;
    FoldedName from;
    FoldedName to;
};
struct TeamDeleted {
    static constexpr std::string_view sentence = "{actor} deleted the team {team.name}";
    Team team;
};
MUSTER_DESCRIBE(WorkspaceCreated, name, slug, preset, plan_managed_by, settings, plan, roles, permissions);
MUSTER_DESCRIBE(WorkspaceRenamed, from_name, to_name, from_slug, to_slug);
MUSTER_DESCRIBE(SettingsChanged, from, to);
MUSTER_DESCRIBE(PlanChanged, from, to);
MUSTER_DESCRIBE(RoleDefined, role);
MUSTER_DESCRIBE(RoleChanged, from, to);
MUSTER_DESCRIBE(RoleRemoved, role);
MUSTER_DESCRIBE(PermissionDefined, permission);
MUSTER_DESCRIBE(PermissionChanged, from, to);
MUSTER_DESCRIBE(PermissionRemoved, permission);
MUSTER_DESCRIBE(TeamCreated, team);
MUSTER_DESCRIBE(TeamRenamed, team, from, to);
MUSTER_DESCRIBE(TeamDeleted, team);

using WorkspaceEvents =
    boost::mp11::mp_list<WorkspaceCreated, WorkspaceRenamed, SettingsChanged, PlanChanged, RoleDefined, RoleChanged,
                         RoleRemoved, PermissionDefined, PermissionChanged, PermissionRemoved, TeamCreated, TeamRenamed,
                         TeamDeleted>;

// ---- What can be asked.

struct CreateWorkspace {
    Name name;
    std::optional<Slug> slug;  // none: made from the name
    std::string preset = "default";
    ManagedBy plan_managed_by = ManagedBy::workspace;
};
struct RenameWorkspace {
    Patch<Name> name;
    Patch<Slug> slug;
};
struct ChangeSettings {
    Patch<std::int64_t> invitation_ttl;
    Patch<RoleKey> default_role;
    Patch<bool> name_required;
    Patch<bool> invitation_requests;
    Patch<bool> teams_enabled;
    Patch<std::int64_t> max_teams_per_member;
    Patch<std::set<EmailDomain>> allowed_email_domains;
    Patch<std::int64_t> password_min_length;
    Patch<SignIn> sign_in;
    Patch<std::int64_t> resend_limit_per_day;
    Patch<HttpsUrl> upgrade_url;
    Patch<FreeText> contact;
};
struct ChangePlan {
    std::optional<std::int64_t> user_limit;
    std::optional<Instant> trial_ends_at;
    std::vector<License> licenses;
};
struct DefineRole {
    RoleKey key;
    Name name;
    std::vector<PermissionKey> permissions;
    std::optional<Path> home;
};
struct ChangeRole {
    Patch<Name> name;
    Patch<std::vector<PermissionKey>> permissions;
    Patch<Path> home;
};
struct RemoveRole {};
struct DefinePermission {
    PermissionKey key;
    Name name;
    std::optional<FreeText> description;
};
struct ChangePermission {
    Patch<Name> name;
    Patch<FreeText> description;
};
struct RemovePermission {};
struct CreateTeam {
    FoldedName name;
};
struct RenameTeam {
    Patch<FoldedName> name;
};
struct DeleteTeam {};
MUSTER_DESCRIBE(CreateWorkspace, name, slug, preset, plan_managed_by);
MUSTER_DESCRIBE(RenameWorkspace, name, slug);
MUSTER_DESCRIBE(ChangeSettings, invitation_ttl, default_role, name_required, invitation_requests, teams_enabled,
                max_teams_per_member, allowed_email_domains, password_min_length, sign_in, resend_limit_per_day,
                upgrade_url, contact);
MUSTER_DESCRIBE(ChangePlan, user_limit, trial_ends_at, licenses);
MUSTER_DESCRIBE(DefineRole, key, name, permissions, home);
MUSTER_DESCRIBE(ChangeRole, name, permissions, home);
MUSTER_DESCRIBE(RemoveRole);
MUSTER_DESCRIBE(DefinePermission, key, name, description);
MUSTER_DESCRIBE(ChangePermission, name, description);
MUSTER_DESCRIBE(RemovePermission);
MUSTER_DESCRIBE(CreateTeam, name);
MUSTER_DESCRIBE(RenameTeam, name);
MUSTER_DESCRIBE(DeleteTeam);

void evolve(Workspace&, const WorkspaceCreated&, const Meta&);
void evolve(Workspace&, const WorkspaceRenamed&, const Meta&);
void evolve(Workspace&, const SettingsChanged&, const Meta&);
void evolve(Workspace&, const PlanChanged&, const Meta&);
void evolve(Workspace&, const RoleDefined&, const Meta&);
void evolve(Workspace&, const RoleChanged&, const Meta&);
void evolve(Workspace&, const RoleRemoved&, const Meta&);
void evolve(Workspace&, const PermissionDefined&, const Meta&);
void evolve(Workspace&, const PermissionChanged&, const Meta&);
void evolve(Workspace&, const PermissionRemoved&, const Meta&);
void evolve(Workspace&, const TeamCreated&, const Meta&);
void evolve(Workspace&, const TeamRenamed&, const Meta&);
void evolve(Workspace&, const TeamDeleted&, const Meta&);

Holdings holdings(const Workspace&);

// Those that are no permission here, as faults of `/permissions/INDEX`.
std::vector<Fault> unknown_permissions(const Workspace&, const std::vector<PermissionKey>&);

// The slug that the command wants: as given, or made from the name.
Slug slug_for(const CreateWorkspace&);

// A key or id beside the command names the part of the workspace that the command is about.
Decided decide(const Workspace&, const CreateWorkspace&, const Context&);
Decided decide(const Workspace&, const RenameWorkspace&, const Context&);
Decided decide(const Workspace&, const ChangeSettings&, const Context&);
Decided decide(const Workspace&, const ChangePlan&, const Context&);
// Why this actor puts no plan here, whatever it says: it is managed by the operator.
std::optional<Refusal> plan_out_of_reach(const Workspace&, const Actor&);
Decided decide(const Workspace&, const DefineRole&, const Context&);
Decided decide(const Workspace&, const RoleKey&, const ChangeRole&, const Context&);
Decided decide(const Workspace&, const RoleKey&, const RemoveRole&, const Context&);
Decided decide(const Workspace&, const DefinePermission&, const Context&);
Decided decide(const Workspace&, const PermissionKey&, const ChangePermission&, const Context&);
Decided decide(const Workspace&, const PermissionKey&, const RemovePermission&, const Context&);
Decided decide(const Workspace&, const CreateTeam&, const Context&);
Decided decide(const Workspace&, const TeamId&, const RenameTeam&, const Context&);
Decided decide(const Workspace&, const TeamId&, const DeleteTeam&, const Context&);

}  // namespace muster
