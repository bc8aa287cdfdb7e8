// A workspace's settings.
#include "domain/event.h"
#include "domain/workspace.h"

namespace muster {

void evolve(Workspace& workspace, const SettingsChanged& event, const Meta& meta) {
    workspace.settings.value = event.to;
    workspace.settings.changed = meta.version;
}

namespace {

// Puts what the patch says into `target`; a setting that can't be null says so.
class Patching {
public:
    explicit Patching(std::vector<Fault>& faults) : faults_(faults) {}
    template <class T>
    void required(const char* pointer, const Patch<T>& patch, T& target) {
        if (patch.is_null())
            faults_.push_back({pointer, Code::required, "This setting can't be null; leave it out to keep it.", {}});
        if (patch.has_value()) target = patch.value;
    }
    void within(const char* pointer, std::int64_t value, std::int64_t least, std::int64_t most, Code code) {
        if (value < least || value > most)
            faults_.push_back({pointer,
                               code,
                               "This must be from " + std::to_string(least) + " to " + std::to_string(most) + ".",
                               {{"minimum", least}, {"maximum", most}}});
    }

private:
    std::vector<Fault>& faults_;
};

}  // namespace

Decided decide(const Workspace& workspace, const ChangeSettings& command, const Context& context) {
    std::vector<Fault> faults;
    Patching patching(faults);
    Settings to = workspace.settings.value;
    patching.required("/invitation_ttl", command.invitation_ttl, to.invitation_ttl);
    patching.required("/name_required", command.name_required, to.name_required);
    patching.required("/invitation_requests", command.invitation_requests, to.invitation_requests);
    patching.required("/teams_enabled", command.teams_enabled, to.teams_enabled);
    patching.required("/password_min_length", command.password_min_length, to.password_min_length);
    patching.required("/sign_in", command.sign_in, to.sign_in);
    command.default_role.apply_to(to.default_role);
    command.max_teams_per_member.apply_to(to.max_teams_per_member);
    command.allowed_email_domains.apply_to(to.allowed_email_domains);
    command.resend_limit_per_day.apply_to(to.resend_limit_per_day);
    command.upgrade_url.apply_to(to.upgrade_url);
    command.contact.apply_to(to.contact);

    patching.within("/invitation_ttl", to.invitation_ttl, limits::ttl_seconds_min, limits::ttl_seconds_max,
                    Code::ttl_out_of_range);
    patching.within("/password_min_length", to.password_min_length, limits::password_length_min,
                    limits::password_length_max, Code::invalid_value);
    if (to.max_teams_per_member)
        patching.within("/max_teams_per_member", *to.max_teams_per_member, 1, limits::teams_per_person,
                        Code::invalid_value);
    if (to.resend_limit_per_day)
        patching.within("/resend_limit_per_day", *to.resend_limit_per_day, 0, limits::resends_per_day_max,
                        Code::invalid_value);
    if (to.allowed_email_domains.size() > limits::email_domains_per_workspace)
        faults.push_back({"/allowed_email_domains",
                          Code::too_long,
                          "At most " + std::to_string(limits::email_domains_per_workspace) + " domains.",
                          {}});
    if (to.default_role && !workspace.roles.contains(*to.default_role))
        faults.push_back(
            {"/default_role", Code::unknown_role, "There is no role `" + to.default_role->value + "` here.", {}});
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));

    const Settings& from = workspace.settings.value;
    if (context.if_match && *context.if_match != workspace.settings.changed) return version_mismatch();
    bool gives = to.default_role && to.default_role != from.default_role;
    if (gives && !workspace.permissions_of(*to.default_role).within(context.actor_permissions))
        return refused(Code::role_above_own, "The default role holds permissions that you do not have.");
    if (to == from) return Decision{};
    return Decision{{{stream_of(workspace.id), SettingsChanged{from, to}}}, {}, Instant::never()};
}

}  // namespace muster
