#pragma once
// Who may what, and why: what a person is given, each part with the event of their life that gave it, and the
// permissions and resources that come of it. Pure functions of the workspace and the person's events.

#include "domain/event.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster {

// The position of the last event that gave what they have now: of the person's life, or of the workspace's where a role
// or a licence that they held already came to give it.
using GivenBy = Position;

// A person as their events leave them, and which event gave each part of their assignment.
struct Life {
    Membership membership;
    GivenBy role = 0;
    GivenBy license = 0;  // where they have one
    std::map<LicenseKey, GivenBy> add_ons;
    std::map<Grant, GivenBy> permissions;
    std::map<ResourceAccess, GivenBy> resources;
};
// From all events of one membership, in their order.
Life life_of(const std::vector<RecordedPtr>& events);
// What a deactivated person, or one whose invitation has expired, would get by being let in again: without the licences
// and add-ons that are dropped then.
Life once_active(const Workspace&, Life);

// What gives a permission: a role, a licence or an add-on by its key and name, or that it is the person's own.
// Resources are given to a person alone.
enum class SourceKind : std::uint8_t { role, own, license, add_on };
MUSTER_ENUM(SourceKind, role, own, license, add_on);

struct Source {
    SourceKind kind{};
    std::optional<std::string> key;  // none of one's own
    std::optional<std::string> name;
    std::optional<GivenBy> given;  // none where the person does not have it
};

// Role, licence and add-ons: each with what gave it. A role first, which everybody has.
std::vector<Source> given_to(const Workspace&, const Life&);

struct HeldPermission {
    PermissionKey key;
    std::vector<Source> from;  // at least one
};
// The same permissions as effective_permissions, by key.
std::vector<HeldPermission> held_permissions(const Workspace&, const Life&);

// What of the workspace's plan and roles would give the permission to who has it: add-ons and licences, then roles.
std::vector<Source> sources_of(const Workspace&, const PermissionKey&);

// pending, expired (also where nobody has recorded it yet), active, …
Phase phase_at(const Membership&, Instant now);

// May this person do that? Where both are asked, both are needed.
struct AccessQuestion {
    std::optional<PermissionKey> permission;
    const Resource* resource = nullptr;
    Access access = Access::view;  // to the resource; who may edit may view
    bool tells_givers = true;      // which roles and licences would give it: not to whom these are not shown
};
struct Verdict {
    bool allowed = false;
    std::string because;                  // for people: what gives it, or what is missing
    std::vector<Source> sources;          // of what is allowed
    std::vector<Source> would_come_from;  // of a permission that is missing
};
Verdict check_access(const Workspace&, const Life&, const AccessQuestion&, Instant now);

}  // namespace muster
