#include "domain/assignment.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace muster {
namespace {

std::string at(const char* field, std::size_t index) { return std::string("/") + field + "/" + std::to_string(index); }

// What a request asks by name may be long where it is read from a file.
std::string in_quotes(std::string_view name) {
    constexpr std::size_t bytes_shown = 200;
    if (name.size() <= bytes_shown) return "`" + std::string(name) + "`";
    auto end = bytes_shown;
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;  // whole characters only
    return "`" + std::string(name.substr(0, end)) + "…`";
}

// Whether a list has as many faults as are told, those from `first` on. Then the last one says so.
bool enough_told(std::vector<Fault>& faults, std::size_t first, const char* list) {
    if (faults.size() - first < limits::faults_per_list) return false;
    faults.push_back({list,
                      faults.back().code,
                      "Only the first " + std::to_string(limits::faults_per_list) + " faults of this list are told.",
                      {{"limit", static_cast<std::int64_t>(limits::faults_per_list)}}});
    return true;
}

void choose_role(const Workspace& workspace, const Patch<RoleKey>& wanted, Assigned& made) {
    if (wanted.has_value()) made.assignment.role = wanted.value;
    if (wanted.is_null()) {
        auto detail = workspace.settings.value.default_role ? "The role can't be cleared; choose another one."
                                                            : "Choose a role; this workspace has no default role.";
        made.faults.push_back({"/role", Code::role_required, detail, {}});
    } else if (wanted.has_value() && !workspace.roles.contains(wanted.value)) {
        made.faults.push_back(
            {"/role", Code::unknown_role, "There is no role " + in_quotes(wanted.value.value) + " here.", {}});
    }
}

void choose_licenses(const Workspace& workspace, const Wanted& wanted, Assigned& made) {
    auto& given = made.assignment;
    const auto had = given;
    bool another = wanted.license.has_value() && wanted.license.value != given.license;
    wanted.license.apply_to(given.license);
    if (another) {
        const auto* license = workspace.license(wanted.license.value);
        if (!license || license->kind != LicenseKind::base)
            made.faults.push_back({"/license",
                                   Code::unknown_license,
                                   "There is no licence " + in_quotes(wanted.license.value.value) + " in the plan.",
                                   {}});
    }
    if (!wanted.add_ons.absent()) given.add_ons = {wanted.add_ons.value.begin(), wanted.add_ons.value.end()};
    if (given.license == had.license && given.add_ons == had.add_ons) return;
    auto place = [&](const LicenseKey& key) -> std::string {
        auto found = std::ranges::find(wanted.add_ons.value, key);
        if (found == wanted.add_ons.value.end()) return "/license";  // the licence under an add-on is taken away
        return at("add_ons", static_cast<std::size_t>(found - wanted.add_ons.value.begin()));
    };
    const auto first = made.faults.size();
    for (const auto& key : given.add_ons) {
        if (enough_told(made.faults, first, "/add_ons")) return;
        if (given.license == had.license && had.add_ons.contains(key)) continue;
        const auto* add_on = workspace.license(key);
        if (!add_on || add_on->kind != LicenseKind::add_on) {
            if (!wanted.add_ons.absent())
                made.faults.push_back({place(key),
                                       Code::unknown_add_on,
                                       "There is no add-on " + in_quotes(key.value) + " in the plan.",
                                       {}});
            continue;
        }
        bool eligible = given.license && (add_on->requires_.empty() || add_on->requires_.contains(*given.license));
        if (!eligible)
            made.faults.push_back({place(key),
                                   Code::add_on_not_eligible,
                                   add_on->name.value + " needs a base licence that it goes with.",
                                   {}});
    }
}

const Team* team_named(const Workspace& workspace, const TeamRef& ref) {
    const auto id = TeamId::parse(ref.value);
    if (id && workspace.teams.contains(*id)) return &workspace.teams.at(*id).value;
    return workspace.team_named(ref.folded);
}

void choose_teams(const Workspace& workspace, const Patch<std::vector<TeamRef>>& wanted, Assigned& made) {
    if (wanted.absent()) return;
    auto& teams = made.assignment.teams;
    std::set<TeamId> had, chosen;  // had, but for those that were deleted
    std::ranges::copy_if(teams, std::inserter(had, had.end()), [&](auto& id) { return workspace.teams.contains(id); });
    bool known = true;
    for (const auto& ref : wanted.value)
        if (const auto* team = team_named(workspace, ref))
            chosen.insert(team->id);
        else
            known = false;
    if (known && chosen == had) return;
    teams = chosen;
    if (known && std::ranges::includes(had, chosen)) return;  // who only leaves some
    if (!workspace.settings.value.teams_enabled) {
        made.faults.push_back({"/teams", Code::teams_disabled, "Teams are off in this workspace.", {}});
        return;
    }
    const auto first = made.faults.size();
    for (std::size_t i = 0; i < wanted.value.size(); ++i) {
        if (enough_told(made.faults, first, "/teams")) return;
        if (!team_named(workspace, wanted.value[i]))
            made.faults.push_back(
                {at("teams", i), Code::unknown_team, "There is no team `" + wanted.value[i].value + "` here.", {}});
    }
    auto most = std::min<std::int64_t>(workspace.settings.value.max_teams_per_member.value_or(limits::teams_per_person),
                                       limits::teams_per_person);
    if (static_cast<std::int64_t>(teams.size()) > most)
        made.faults.push_back({"/teams",
                               Code::too_many_teams,
                               "A person is in at most " + std::to_string(most) + " teams here.",
                               {{"limit", most}}});
}

void choose_permissions(const Workspace& workspace, const Patch<std::vector<PermissionKey>>& wanted, Assigned& made) {
    if (wanted.absent()) return;
    decltype(made.assignment.permissions) had, chosen;  // had, but for those of what was removed
    std::ranges::copy_if(made.assignment.permissions, std::inserter(had, had.end()),
                         [&](const Grant& each) { return holds(workspace, each); });
    const auto first = made.faults.size();
    for (std::size_t i = 0; i < wanted.value.size(); ++i) {
        if (enough_told(made.faults, first, "/permissions")) return;
        auto own = workspace.permissions.find(wanted.value[i]);
        if (own != workspace.permissions.end())
            chosen.insert({own->first, own->second.defined});
        else if (built_in(wanted.value[i]))
            chosen.insert({wanted.value[i], 0});
        else
            made.faults.push_back({at("permissions", i),
                                   Code::unknown_permission,
                                   "There is no permission `" + wanted.value[i].value + "` here.",
                                   {}});
    }
    if (chosen != had) made.assignment.permissions = std::move(chosen);
}

void choose_resources(const Patch<std::vector<ResourceAccess>>& wanted, Assigned& made, const Context& context) {
    if (wanted.absent()) return;
    std::map<ResourceId, Access> chosen;
    const auto first = made.faults.size();
    for (std::size_t i = 0; i < wanted.value.size(); ++i) {
        if (enough_told(made.faults, first, "/resources")) return;
        const auto& each = wanted.value[i];
        bool known = context.resources.contains(each.id) ||
                     std::ranges::any_of(made.assignment.resources, [&](const auto& had) { return had.id == each.id; });
        if (!known)
            made.faults.push_back(
                {at("resources", i) + "/id", Code::unknown_resource, "There is no such resource here.", {}});
        auto& access = chosen[each.id];
        access = std::max(access, each.access);
    }
    made.assignment.resources.clear();
    for (const auto& [id, access] : chosen) made.assignment.resources.insert({id, access});
    if (chosen.size() > limits::resources_per_person)
        made.faults.push_back({"/resources",
                               Code::too_long,
                               "A person has at most " + std::to_string(limits::resources_per_person) + " resources.",
                               {}});
}

}  // namespace

Assigned assign(const Workspace& workspace, const Assignment& from, const Wanted& wanted, const Context& context) {
    Assigned made{from, {}};
    choose_role(workspace, wanted.role, made);
    choose_licenses(workspace, wanted, made);
    choose_teams(workspace, wanted.teams, made);
    choose_permissions(workspace, wanted.permissions, made);
    choose_resources(wanted.resources, made, context);
    return made;
}

std::optional<Refusal> above_own(const Workspace& workspace, const Assignment& assignment, const Context& context) {
    if (effective_permissions(workspace, assignment).within(context.actor_permissions)) return std::nullopt;
    return Refusal{Code::role_above_own,
                   "This person has, or would have, permissions that you do not have; ask somebody who has them.",
                   {},
                   {}};
}

std::set<LicenseKey> lost_licenses(const Workspace& workspace, const Assignment& assignment) {
    std::set<LicenseKey> lost;
    auto in_plan = [&](const LicenseKey& key, LicenseKind kind) {
        const auto* license = workspace.license(key);
        return license && license->kind == kind ? license : nullptr;
    };
    bool base = assignment.license && in_plan(*assignment.license, LicenseKind::base);
    if (assignment.license && !base) lost.insert(*assignment.license);
    for (const auto& key : assignment.add_ons) {
        const auto* add_on = in_plan(key, LicenseKind::add_on);
        if (!add_on || !base || (!add_on->requires_.empty() && !add_on->requires_.contains(*assignment.license)))
            lost.insert(key);
    }
    return lost;
}

}  // namespace muster
