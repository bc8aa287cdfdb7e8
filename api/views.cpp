#include "api/views.h"

#include "api/mail/delivery.h"
#include "api/service.h"
#include "domain/access.h"
#include "domain/credentials.h"
#include "domain/onboarding.h"

namespace muster {
namespace {

std::string first_letter(const std::string& word) {
    std::size_t length = 1;
    while (length < word.size() && (static_cast<unsigned char>(word[length]) >> 6) == 2) ++length;
    return word.substr(0, length);
}

// What invitations and members have in common: who, and what they are given.
void write_person(ObjectWriter& into, const Membership& membership) {
    const auto* profile = membership.profile.if_known();
    into.field("email", membership.email);
    into.field("name", profile ? std::optional(profile->name) : std::nullopt);
    into.field("job_title", profile ? profile->job_title : std::nullopt);
}

void write_assignment(ObjectWriter& into, const Membership& membership, const NameLookup& names) {
    const auto& given = membership.assignment;
    into.field("role", given.role);
    into.field("license", given.license);
    into.field("add_ons", given.add_ons);
    ArrayWriter teams(into.key("teams"));
    for (const auto& id : given.teams) {
        auto team = names.workspace.teams.find(id);
        if (team == names.workspace.teams.end()) continue;
        ObjectWriter each(teams.next());
        each.field("id", id);
        each.field("name", team->second.value.name);
        each.end();
    }
    teams.end();
    ArrayWriter permissions(into.key("permissions"));
    for (const auto& grant : given.permissions)
        if (holds(names.workspace, grant)) permissions.item(grant.key);
    permissions.end();
    ArrayWriter resources(into.key("resources"));
    for (const auto& assigned : given.resources) {
        auto name = names.resource(assigned.id);
        if (!name) continue;
        ObjectWriter each(resources.next());
        each.field("id", assigned.id);
        each.field("name", *name);
        each.field("access", assigned.access);
        each.end();
    }
    resources.end();
}

std::string_view invitation_status(Phase phase) {
    if (phase == Phase::active || phase == Phase::deactivated) return "accepted";
    return name_of(phase);
}

}  // namespace

NameLookup names(const Call& call, const Workspace& workspace) {
    auto& directory = call.service.directory;
    auto id = workspace.id;
    return {
        workspace,
        [&directory, id](ResourceId resource) -> std::optional<Name> {
            auto found = directory.resource(id, resource);
            return found->exists() ? std::optional(found->name) : std::nullopt;
        },
        [&directory, &workspace, id](const Actor& actor) -> std::optional<std::string> {
            if (actor.kind == ActorKind::api_key) return key_name(workspace, actor);
            if (actor.kind != ActorKind::member) return std::nullopt;
            auto member = directory.membership(id, MemberId{actor.id});
            const auto* profile = member->profile.if_known();
            return profile ? std::optional(profile->name) : std::nullopt;
        },
        call.service.unicode,
        [&log = call.service.log](MemberId member) { return log.last_at(sign_ins_of(member)); },
        [&history = call.service.history](const Membership& membership) { return delivery_of(history, membership); }};
}

Role shown_role(const Workspace& workspace, const Role& role) {
    auto shown = role;
    for (const auto& key : workspace.permissions_of(role.key).keys) shown.permissions.insert(PermissionKey{key});
    return shown;
}

std::optional<std::string> id_of(const Actor& actor) {
    switch (actor.kind) {
        case ActorKind::member:
            return MemberId{actor.id}.text();
        case ActorKind::invitee:
            return InvitationId{actor.id}.text();
        case ActorKind::api_key:
            return ApiKeyId{actor.id}.text();
        case ActorKind::system:
        case ActorKind::operator_:
        case ActorKind::visitor:
            break;
    }
    return std::nullopt;
}

std::optional<std::string> key_name(const Workspace& workspace, const Actor& api_key) {
    const ApiKeyId id{api_key.id};
    if (auto held = workspace.api_keys.find(id); held != workspace.api_keys.end()) return held->second.value.name.value;
    auto revoked = workspace.revoked_keys.find(id);
    return revoked == workspace.revoked_keys.end() ? std::nullopt : std::optional(revoked->second.value);
}

void write_actor(std::string& out, const Actor& actor, const std::optional<std::string>& name) {
    ObjectWriter into(out);
    into.field("kind", actor.kind);
    into.field("id", id_of(actor));
    into.field("name", name);
    into.end();
}

void write_invitation(ObjectWriter& into, const Membership& membership, const NameLookup& names) {
    into.field("id", names.without_id ? std::nullopt : std::optional(InvitationId{membership.id.uuid}));
    into.field("status", invitation_status(membership.phase));
    write_person(into, membership);
    write_assignment(into, membership, names);
    write_actor(into.key("invited_by"), membership.invited_by, names.actor(membership.invited_by));
    into.field("created_at", membership.created_at);
    into.field("sent_at", membership.sent_at);
    into.field("expires_at", membership.expires_at);
    into.field("resent_count", static_cast<std::int64_t>(membership.resent_count));
    into.field("accepted_at", membership.accepted_at);
    into.field("member_id", membership.member() ? std::optional(membership.id) : std::nullopt);
    auto delivery = names.delivery(membership);
    ObjectWriter mail(into.key("delivery"));
    mail.field("status", delivery.status);
    mail.field("attempts", static_cast<std::int64_t>(delivery.attempts));
    mail.field("detail", delivery.detail.empty() ? std::nullopt : std::optional(delivery.detail));
    mail.field("trouble",
               delivery.trouble == MailTrouble::unknown ? std::nullopt : std::optional(name_of(delivery.trouble)));
    mail.end();
}

void write_member(ObjectWriter& into, const Membership& membership, const NameLookup& names) {
    const auto* profile = membership.profile.if_known();
    into.field("id", names.without_id ? std::nullopt : std::optional(membership.id));
    into.field("status", membership.phase);
    write_person(into, membership);
    into.field("initials", profile ? std::optional(initials_of(profile->name, names.unicode)) : std::nullopt);
    into.field("phone", profile ? profile->phone : std::nullopt);
    into.field("photo_url", profile ? profile->photo_url : std::nullopt);
    write_assignment(into, membership, names);
    into.field("joined_at", membership.joined_at);
    into.field("last_login_at", names.last_login ? names.last_login(membership.id) : membership.last_login_at);
    into.field("deactivated_at", membership.deactivated_at);
    ObjectWriter onboarding(into.key("onboarding"));
    auto state = onboarding_of(membership, names.workspace.settings.value);
    onboarding.field("steps", state.steps);
    onboarding.field("completed", state.completed);
    onboarding.field("skipped", state.skipped);
    onboarding.field("next", state.next);
    onboarding.end();
}

void write_workspace(ObjectWriter& into, const Workspace& workspace) {
    into.field("id", workspace.id);
    into.field("name", workspace.name);
    into.field("slug", workspace.slug);
    into.field("preset", workspace.preset);
    into.field("plan_managed_by", workspace.plan_managed_by);
    into.field("created_at", workspace.created_at);
}

void write_resource(ObjectWriter& into, const Resource& resource) {
    into.field("id", resource.id);
    into.field("kind", resource.kind);
    into.field("name", resource.name);
    into.field("group", resource.group);
}

void write_team(ObjectWriter& into, const Team& team, std::int64_t member_count) {
    into.field("id", team.id);
    into.field("name", team.name);
    into.field("member_count", member_count);
}

namespace {

void write_pool(ObjectWriter& into, std::optional<std::int64_t> limit, std::int64_t used) {
    into.field("used", used);
    into.field("remaining", limit ? std::optional(std::max<std::int64_t>(0, *limit - used)) : std::nullopt);
    into.field("over", limit ? std::max<std::int64_t>(0, used - *limit) : std::int64_t{0});
}

}  // namespace

void write_seats(ObjectWriter& into, const Workspace& workspace, const seats::Use& use, Instant now) {
    auto taken = [&](const std::string& pool) {
        auto found = use.find(pool);
        return found == use.end() ? seats::PoolUse{} : found->second;
    };
    const auto& plan = workspace.plan.value;
    ObjectWriter users(into.key("users"));
    auto all = taken("users");
    bool trial = workspace.trial_runs(now);
    users.field("limit", plan.user_limit);
    users.field("active", all.active);
    users.field("pending", all.pending);
    write_pool(users, trial ? std::nullopt : plan.user_limit, all.active + all.pending);
    users.field("unlimited_until", trial ? plan.trial_ends_at : std::nullopt);
    users.end();
    ArrayWriter licenses(into.key("licenses"));
    for (const auto& license : plan.licenses) {
        auto pool = taken(license.key.value);
        ObjectWriter each(licenses.next());
        each.field("key", license.key);
        each.field("name", license.name);
        each.field("kind", license.kind);
        each.field("paid", license.paid);
        each.field("seats", license.seats);
        each.field("assigned", pool.active);
        each.field("reserved", pool.pending);
        write_pool(each, license.seats, pool.active + pool.pending);
        each.field("requires", license.requires_);
        each.end();
    }
    licenses.end();
}

std::string initials_of(std::string_view name, const Unicode& unicode) {
    std::string_view first, last;
    while (!name.empty()) {
        auto word = name.substr(0, name.find(' '));
        if (!word.empty()) (first.empty() ? first : last) = word;
        name.remove_prefix(std::min(name.size(), word.size() + 1));
    }
    std::string initials;
    for (auto word : {first, last})
        if (!word.empty()) initials += first_letter(unicode.titled(word));
    return initials;
}

Membership blanked(const Membership& membership) {
    auto blank = membership;
    blank.email = {};
    blank.profile = {};
    return blank;
}

Path home_of(const Workspace& workspace, const Membership& membership) {
    auto role = workspace.roles.find(membership.assignment.role);
    return role == workspace.roles.end() ? Path{"/"} : role->second.value.home;
}

}  // namespace muster
