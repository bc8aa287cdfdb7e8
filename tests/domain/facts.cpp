// The facts of spec.h, each as the events or circumstances that it stands for.
#include "tests/domain/spec.h"

namespace muster::spec {

// ---- Of grace and others.

Fact invited_as(Assignment assignment) {
    return [assignment](World& world) {
        Actor by_ada{ActorKind::member, ada.uuid};
        std::swap(world.actor, by_ada);
        world.happens(grace, MemberInvited{grace_address, claim_of(grace_address), Profile{.name = "Grace"}, assignment,
                                           days(7), true, std::nullopt});
        std::swap(world.actor, by_ada);
    };
}

void invited(World& world) { invited_as({.role = plain})(world); }

void expired(World& world) {
    world.now = world.person(grace).expires_at;
    world.happens(grace, InvitationExpired{});
}

void revoked(World& world) { world.happens(grace, InvitationRevoked{RevokeReason::revoked}); }
void resent(World& world) { world.happens(grace, InvitationResent{days(7), false, {}}); }
void rotated(World& world) { world.happens(grace, InvitationResent{days(7), true, {}}); }

void accepted(World& world) {
    auto pending = world.person(grace);
    world.happens(grace, InvitationAccepted{pending.profile, pending.assignment.teams, false});
}

void joined(World& world) {
    invited(world);
    accepted(world);
}

Fact joined_as(Assignment assignment) {
    return [assignment](World& world) {
        invited_as(assignment)(world);
        accepted(world);
    };
}

void deactivated(World& world) { world.happens(grace, MemberDeactivated{}); }
void deleted(World& world) { world.happens(grace, MemberDeleted{}); }

Fact created_as(MemberId id, const EmailAddress& email, Assignment assignment) {
    return [id, email, assignment](World& world) {
        Profile profile{.name = name_from(email, ascii)};
        world.happens(id, MemberCreated{email, claim_of(email), profile, assignment, true});
    };
}

Fact crowd(std::uint8_t people) {
    return [people](World& world) {
        for (std::uint8_t i = 0; i < people; ++i)
            created_as(numbered<MemberId>(static_cast<std::uint8_t>(100 + i)),
                       address("p" + std::to_string(i) + "@spring.example"), {.role = plain})(world);
    };
}

void second_admin(World& world) { created_as(linus, linus_address, {.role = admin})(world); }

// ---- Of the workspace.

Fact settings(const std::function<void(Settings&)>& change) {
    return [change](World& world) {
        SettingsChanged changed{world.workspace.settings.value, world.workspace.settings.value};
        change(changed.to);
        world.happens(changed);
    };
}

Fact plan(Plan to) {
    return [to](World& world) { world.happens(PlanChanged{world.workspace.plan.value, to}); };
}

Fact user_limit(std::int64_t limit) { return plan({.user_limit = limit}); }

Fact with_role(const RoleKey& key, std::set<PermissionKey> permissions) {
    return [=](World& world) { world.happens(RoleDefined{{key, named(key.value), permissions}}); };
}
Fact with_permission(const PermissionKey& key) {
    return [=](World& world) { world.happens(PermissionDefined{{key, named(key.value), std::nullopt}}); };
}
Fact without_permission(const PermissionKey& key) {
    return [=](World& world) { world.happens(PermissionRemoved{{key, named(key.value), std::nullopt}}); };
}
Fact with_team(TeamId id, const std::string& text) {
    return [=](World& world) { world.happens(TeamCreated{{id, team_name(text)}}); };
}
Fact without_team(TeamId id) {
    return [=](World& world) { world.happens(TeamDeleted{world.workspace.teams.at(id).value}); };
}
Fact with_resource(ResourceId id, const std::string& text) {
    return [=](World& world) {
        world.happens(stream_of(id), ResourceRegistered{named("agent"), named(text), std::nullopt});
    };
}

License base(const LicenseKey& key, std::optional<std::int64_t> seats) {
    return {.key = key, .name = named("Licence " + key.value), .kind = LicenseKind::base, .seats = seats};
}
License add_on(const LicenseKey& key, std::optional<std::int64_t> seats, std::set<LicenseKey> goes_with) {
    return {.key = key,
            .name = named("Add-on " + key.value),
            .kind = LicenseKind::add_on,
            .seats = seats,
            .requires_ = std::move(goes_with)};
}
Plan sold(std::optional<std::int64_t> organization_seats, std::optional<std::int64_t> coaching_seats) {
    return {.licenses = {base(basic, std::nullopt), base(organization, organization_seats),
                         add_on(coaching, coaching_seats, {organization})}};
}

// ---- Of the asking.

Fact later(std::int64_t seconds) {
    return [=](World& world) { world.now = world.now.plus_seconds(seconds); };
}

Fact who_may(std::initializer_list<std::string> keys) {
    PermissionSet set{false, {keys.begin(), keys.end()}};
    return [set](World& world) {
        world.actor = {ActorKind::member, linus.uuid};
        world.permissions = set;
    };
}

Fact by_member(MemberId id) {
    return [=](World& world) {
        world.actor = {ActorKind::member, id.uuid};
        world.permissions = effective_permissions(world.workspace, world.person(id).assignment);
    };
}

Fact if_match(Version version) {
    return [=](World& world) { world.if_match = version; };
}
Fact holding_link(std::uint32_t generation) {
    return [=](World& world) { world.link_generation = generation; };
}
Fact proved(Uuid credential) {
    return [=](World& world) { world.checked_credential = credential; };
}
Fact with_link_until(Instant end) {
    return [=](World& world) { world.link_ends = end; };
}
void common(World& world) { world.common_password = true; }
void slug_is_taken(World& world) { world.slug_taken = true; }

}  // namespace muster::spec
