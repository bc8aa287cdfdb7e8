#include "tests/model/requests_of.h"

#include "domain/erasure.h"

#include <type_traits>

namespace muster::test {
namespace {

template <class Key>
std::vector<Key> keys(const auto& texts) {
    std::vector<Key> made;
    for (const auto& each : texts) made.push_back(Key{each});
    return made;
}
std::vector<TeamRef> teams(const std::vector<std::string>& names) {
    std::vector<TeamRef> made;
    for (const auto& each : names) made.push_back(spec::team_name(each));
    return made;
}
std::vector<ResourceAccess> resources(const Fields& fields) {
    std::vector<ResourceAccess> made;
    for (const auto& [id, edit] : *fields.resources) made.push_back({id, edit ? Access::edit : Access::view});
    return made;
}

// As a new person's request has them.
template <class C>
C newcomer(const Ask& ask) {
    C made;
    const auto& fields = ask.fields;
    if constexpr (requires { made.email; }) made.email = spec::address(ask.email);
    if (fields.name) made.name = spec::named(*fields.name);
    if (fields.role) made.role = RoleKey{*fields.role};
    if (fields.license) made.license = LicenseKey{*fields.license};
    if (fields.add_ons) made.add_ons = keys<LicenseKey>(*fields.add_ons);
    if (fields.teams) made.teams = teams(*fields.teams);
    if (fields.permissions) made.permissions = keys<PermissionKey>(*fields.permissions);
    if (fields.resources) made.resources = resources(fields);
    if constexpr (requires { made.ttl; }) made.ttl = ask.ttl;
    return made;
}

// As a patch has them.
template <class C>
C patch(const Ask& ask) {
    C made;
    const auto& fields = ask.fields;
    if (!ask.email.empty()) made.email = spec::address(ask.email);
    if (fields.name) made.name = spec::named(*fields.name);
    if (fields.role) made.role = RoleKey{*fields.role};
    if (fields.license)
        made.license = fields.license->empty() ? Patch<LicenseKey>::cleared() : LicenseKey{*fields.license};
    if (fields.add_ons) made.add_ons = keys<LicenseKey>(*fields.add_ons);
    if (fields.teams) made.teams = teams(*fields.teams);
    if (fields.permissions) made.permissions = keys<PermissionKey>(*fields.permissions);
    if (fields.resources) made.resources = resources(fields);
    return made;
}

template <class T>
std::set<T> as_set(const std::vector<T>& all) {
    return {all.begin(), all.end()};
}

ChangePlan plan(const PlanOf& wanted) {
    ChangePlan made{wanted.users, std::nullopt, {}};
    if (wanted.trial_ends) made.trial_ends_at = Instant{*wanted.trial_ends};
    for (const auto& each : wanted.pools)
        made.licenses.push_back(
            {LicenseKey{each.key}, Name{each.key}, each.base ? LicenseKind::base : LicenseKind::add_on, true,
             each.seats, as_set(keys<LicenseKey>(each.goes_with)), as_set(keys<PermissionKey>(each.permissions))});
    return made;
}

ChangeSettings settings(const SettingsOf& wanted) {
    ChangeSettings made;
    made.default_role =
        wanted.default_role.empty() ? Patch<RoleKey>::cleared() : Patch<RoleKey>(RoleKey{wanted.default_role});
    made.name_required = wanted.name_required;
    made.invitation_requests = wanted.requests;
    made.teams_enabled = wanted.teams;
    made.max_teams_per_member =
        wanted.max_teams ? Patch<std::int64_t>(*wanted.max_teams) : Patch<std::int64_t>::cleared();
    std::set<EmailDomain> domains;
    if (wanted.own_domain_only) domains.insert(EmailDomain{"spring.example"});
    made.allowed_email_domains = domains;
    made.resend_limit_per_day =
        wanted.resend_limit ? Patch<std::int64_t>(*wanted.resend_limit) : Patch<std::int64_t>::cleared();
    made.invitation_ttl = wanted.ttl;
    return made;
}

ProvisionMember provision(const Ask& ask) {
    ProvisionMember made;
    made.email = spec::address(ask.email);
    made.name = spec::named(*ask.fields.name);
    if (ask.fields.role) made.role = RoleKey{*ask.fields.role};
    made.via = Via::scim;
    return made;
}

using Decide = std::function<Decided(const Loaded&, const Context&)>;

template <class C>
Decide of_person(C asked) {
    return [asked](const Loaded& now, const Context& context) {
        return decide(*now.membership, *now.workspace, asked, context);
    };
}
template <class C>
Decide of_request(C asked) {
    return [asked](const Loaded& now, const Context& context) {
        if constexpr (std::is_same_v<C, ApproveRequest>)
            return decide(*now.request, *now.membership, *now.workspace, asked, context);
        else
            return decide(*now.request, *now.workspace, asked, context);
    };
}
template <class C>
Decide of_resource(C asked) {
    return [asked](const Loaded& now, const Context& context) {
        return decide(*now.resource, *now.workspace, asked, context);
    };
}
template <class C, class... Part>
Decide of_workspace(C asked, Part... part) {
    return [=](const Loaded& now, const Context& context) { return decide(*now.workspace, part..., asked, context); };
}

Decide decision(const Ask& ask) {
    switch (ask.what) {
        case Do::invite:
            return of_person(newcomer<InviteMember>(ask));
        case Do::edit:
            return of_person(patch<EditInvitation>(ask));
        case Do::resend:
            return of_person(ResendInvitation{ask.rotate, ask.ttl});
        case Do::revoke:
            return of_person(RevokeInvitation{});
        case Do::accept: {
            AcceptInvitation made;
            made.password = spec::made<Password>("an old engine room");
            if (ask.fields.name) made.name = spec::named(*ask.fields.name);
            return of_person(made);
        }
        case Do::create:
            return of_person(newcomer<CreateMember>(ask));
        case Do::provision:
            return of_person(provision(ask));
        case Do::change:
            return of_person(patch<ChangeMember>(ask));
        case Do::deactivate:
            return of_person(DeactivateMember{});
        case Do::reactivate:
            return of_person(ReactivateMember{});
        case Do::remove: {
            DeleteMember made{ask.confirmed ? ask.person.text() : "", {}};
            if (ask.heir) made.reassign_to = ask.heir->text();
            return of_person(made);
        }
        case Do::erase:
            return of_workspace(ErasePerson{spec::address(ask.email)});
        case Do::request: {
            RequestInvitation made{spec::address(ask.email), {}, {}};
            if (ask.fields.name) made.name = spec::named(*ask.fields.name);
            return of_request(made);
        }
        case Do::approve:
            return of_request(newcomer<ApproveRequest>(ask));
        case Do::dismiss:
            return of_request(DismissRequest{});
        case Do::plan:
            return of_workspace(plan(ask.plan));
        case Do::settings:
            return of_workspace(settings(ask.settings));
        case Do::define_role:
            return of_workspace(
                DefineRole{RoleKey{ask.key}, spec::named(ask.key), keys<PermissionKey>(ask.permissions), {}});
        case Do::change_role: {
            ChangeRole made;
            made.permissions = keys<PermissionKey>(ask.permissions);
            return of_workspace(made, RoleKey{ask.key});
        }
        case Do::remove_role:
            return of_workspace(RemoveRole{}, RoleKey{ask.key});
        case Do::define_permission:
            return of_workspace(DefinePermission{PermissionKey{ask.key}, spec::named(ask.key), {}});
        case Do::remove_permission:
            return of_workspace(RemovePermission{}, PermissionKey{ask.key});
        case Do::create_team:
            return of_workspace(CreateTeam{spec::team_name(ask.key)});
        case Do::delete_team:
            return of_workspace(DeleteTeam{}, ask.team);
        case Do::register_resource:
            return of_resource(RegisterResource{spec::named("agent"), spec::named(ask.key), {}});
        default:
            return of_resource(RemoveResource{});
    }
}

StreamId target(WorkspaceId workspace, const Ask& ask) {
    switch (ask.what) {
        case Do::invite:
        case Do::create:
        case Do::provision:
            return stream_of(MemberId{ask.fresh});
        case Do::edit:
        case Do::resend:
        case Do::revoke:
        case Do::accept:
        case Do::change:
        case Do::deactivate:
        case Do::reactivate:
        case Do::remove:
            return stream_of(ask.person);
        case Do::request:
            return stream_of(RequestId{ask.fresh});
        case Do::approve:
        case Do::dismiss:
            return stream_of(ask.request);
        case Do::register_resource:
            return stream_of(ResourceId{ask.fresh});
        case Do::remove_resource:
            return stream_of(ask.resource);
        default:
            return stream_of(workspace);
    }
}

Actor actor(const Ask& ask) {
    if (ask.what == Do::accept) return {ActorKind::invitee, ask.person.uuid};
    if (ask.what == Do::request) return {ActorKind::visitor, {}};
    if (ask.by) return {ActorKind::member, ask.by->uuid};
    return {ActorKind::operator_, {}};
}

std::vector<ResourceId> named_resources(const Ask& ask) {
    std::vector<ResourceId> ids;
    if (ask.fields.resources)
        for (const auto& each : *ask.fields.resources) ids.push_back(each.first);
    return ids;
}

}  // namespace

Command command_of(World& world, WorkspaceId workspace, const Ask& ask) {
    Command made;
    made.workspace = workspace;
    made.actor = actor(ask);
    made.target = target(workspace, ask);
    made.fresh = ask.fresh;
    made.correlation = world.execute->fresh();
    made.link_generation = ask.generation;
    made.dry_run = ask.dry;
    bool of_address = ask.what == Do::invite || ask.what == Do::create || ask.what == Do::provision ||
                      ask.what == Do::erase || ask.what == Do::request;
    if (of_address) made.address = spec::address(ask.email);
    made.on_holder = ask.what == Do::provision;
    made.whole_person = ask.what == Do::remove || ask.what == Do::erase || ask.what == Do::request;
    made.resources = named_resources(ask);
    made.reassign_to = ask.heir;
    if (ask.stale) made.if_match = 9999;
    made.decide = decision(ask);
    if (!ask.repeat.empty()) {
        IdempotencyKey key{std::string(32, 's'), ask.repeat, "request"};
        made.idempotency_key = row_key(key);
        made.idempotency_row = [&world, key](const Outcome& outcome) {
            return kept_row(*world.vault, key, world.clock.now(), {201, outcome.position, {}});
        };
    }
    return made;
}

BatchCommand batch_of(World& world, WorkspaceId workspace, const Ask& ask) {
    BatchCommand made;
    made.workspace = workspace;
    made.actor = actor(ask);
    made.correlation = world.execute->fresh();
    made.all_or_nothing = ask.all_or_nothing;
    made.dry_run = ask.dry;
    for (const auto& row : ask.rows)
        made.rows.push_back({stream_of(MemberId{row.fresh}),
                             false,
                             spec::address(row.email),
                             named_resources(row),
                             BatchId{ask.fresh},
                             decision(row),
                             {}});
    return made;
}

}  // namespace muster::test
