// Presets as data. Paid seats are 0 until a plan is put; only `admin` holds built-in permissions.
#include "domain/presets.h"

#include <initializer_list>
#include <vector>

namespace muster {
namespace {

struct RoleRow {
    const char* key;
    const char* name;
};
struct LicenseRow {
    const char* key;
    const char* name;
    LicenseKind kind;
    bool paid;
    std::vector<const char*> goes_with;  // an add-on: base licences, one of which it needs
    std::vector<const char*> unlocks;    // own permissions
};
struct PermissionRow {
    const char* key;
    const char* name;
    const char* description;
};

struct PresetRow {
    const char* name;
    std::vector<RoleRow> roles;  // the first is `admin`
    const char* default_role;    // nullptr: every invitation must name one
    std::vector<LicenseRow> licenses;
    std::vector<PermissionRow> permissions;
    void (*settings)(Settings&);
    std::optional<std::int64_t> user_limit;
    std::int64_t trial_days;
};

constexpr auto base = LicenseKind::base, add_on = LicenseKind::add_on;

const std::vector<PresetRow>& table() {
    static const std::vector<PresetRow> rows{
        {"default",
         {{"admin", "Admin"}, {"member", "Member"}, {"guest", "Guest"}},
         "member",
         {},
         {},
         [](Settings&) {},
         {},
         0},
        {"avoma",
         {{"admin", "Admin"}, {"member", "Member"}, {"guest", "Guest"}},
         "member",
         {{"basic", "Basic", base, false, {}, {}},
          {"organization", "Organization", base, true, {}, {"collaboration.advanced"}},
          {"conversation_intelligence",
           "Conversation Intelligence",
           add_on,
           true,
           {"organization"},
           {"calls.notes", "calls.coaching", "calls.analysis"}},
          {"revenue_intelligence",
           "Revenue Intelligence",
           add_on,
           true,
           {"organization"},
           {"deals.risk", "deals.forecast", "deals.insights"}}},
         {{"collaboration.advanced", "Advanced collaboration", "Work on meetings together across the organization"},
          {"calls.notes", "AI notes", "Notes that are written from a call"},
          {"calls.coaching", "Coaching insights", "What a call shows about how to coach"},
          {"calls.analysis", "Call analysis", "Topics, talk time and trends of calls"},
          {"deals.risk", "Deal risk", "Which deals need attention"},
          {"deals.forecast", "Pipeline and forecast health", "How well pipeline and forecast stand"},
          {"deals.insights", "Revenue insights", "What moves revenue"}},
         [](Settings&) {},
         {},
         0},
        {"salesos",
         {{"admin", "Admin"}, {"manager", "Manager"}, {"sales_rep", "Sales Rep"}},
         nullptr,
         {},
         {},
         [](Settings& settings) {
             settings.name_required = true;
             settings.max_teams_per_member = 1;
         },
         {},
         0},
        {"agents",
         {{"admin", "Admin"}, {"member", "Member"}},
         "member",
         {},
         {{"agents.edit", "Can edit agents", "Change how agents are configured"},
          {"editor.advanced", "Can use advanced editor", "Use the advanced editor of agents"},
          {"crm.access", "Can access CRM", "Contacts, segments and campaigns"},
          {"minutes.view", "Can view billable minutes", "Billing information and usage statistics"},
          {"recordings.view", "Can view recordings", "Listen to recordings of calls"}},
         [](Settings& settings) {
             settings.name_required = true;
             settings.password_min_length = 6;
         },
         {},
         0},
        {"awork",
         {{"admin", "Admin"}, {"member", "Member"}, {"guest", "Guest"}},
         nullptr,
         {},
         {},
         [](Settings&) {},
         5,
         14},
        {"omni",
         {{"admin", "Organization Admin"}, {"member", "Member"}},
         "member",
         {},
         {},
         [](Settings& settings) { settings.invitation_requests = false; },
         {},
         0},
    };
    return rows;
}

template <class Key>
std::set<Key> keys(const std::vector<const char*>& texts) {
    std::set<Key> all;
    for (const auto* text : texts) all.insert(Key{text});
    return all;
}

Preset made_of(const PresetRow& row, Instant created_at) {
    Preset made;
    row.settings(made.settings);
    if (row.default_role) made.settings.default_role = RoleKey{row.default_role};
    for (const auto& each : row.roles) made.roles.push_back({RoleKey{each.key}, Name{each.name}, {}, Path{"/"}});
    for (auto key : built_in_permissions) made.roles[0].permissions.insert(PermissionKey{std::string(key)});
    for (const auto& each : row.permissions)
        made.permissions.push_back({PermissionKey{each.key}, Name{each.name}, FreeText{each.description}});
    for (const auto& each : row.licenses)
        made.plan.licenses.push_back({LicenseKey{each.key}, Name{each.name}, each.kind, each.paid,
                                      each.paid ? std::optional<std::int64_t>(0) : std::nullopt,
                                      keys<LicenseKey>(each.goes_with), keys<PermissionKey>(each.unlocks)});
    made.plan.user_limit = row.user_limit;
    if (row.trial_days > 0) made.plan.trial_ends_at = created_at.plus_seconds(row.trial_days * limits::day_seconds);
    return made;
}

}  // namespace

std::optional<Preset> preset(std::string_view name, Instant created_at) {
    for (const auto& row : table())
        if (row.name == name) return made_of(row, created_at);
    return std::nullopt;
}

}  // namespace muster
