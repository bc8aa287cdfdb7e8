#pragma once
// From what a request wants a person to be given to what the workspace has: keys and names are looked up, and every
// fault is named with its place.

#include "domain/decision.h"
#include "domain/membership.h"

#include <vector>

namespace muster {

// What a request says of a person's assignment; absent fields keep what `from` has.
struct Wanted {
    Patch<RoleKey> role;
    Patch<LicenseKey> license;
    Patch<std::vector<LicenseKey>> add_ons;
    Patch<std::vector<TeamRef>> teams;
    Patch<std::vector<PermissionKey>> permissions;
    Patch<std::vector<ResourceAccess>> resources;
};

struct Assigned {
    Assignment assignment;
    std::vector<Fault> faults;
};

// Only what the request changes is judged: what was given before stays, whatever has become of it since [trap 2]. What
// is no more (a deleted team, a removed permission) stays too where the request names all the others: it is not shown.
Assigned assign(const Workspace&, const Assignment& from, const Wanted&, const Context&);

// Nobody gives permissions outside their own, and nobody acts on a person who may more than they (role_above_own).
std::optional<Refusal> above_own(const Workspace&, const Assignment&, const Context&);

// Licences and add-ons that a person remembers but the plan no longer has (or no longer lets together).
std::set<LicenseKey> lost_licenses(const Workspace&, const Assignment&);

}  // namespace muster
