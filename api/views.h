#pragma once
// How things look in answers: one function for each, used by commands, queries and lists alike.

#include "api/json/write.h"
#include "domain/mail.h"
#include "domain/membership.h"
#include "domain/resource.h"
#include "projections/seats.h"

#include <functional>
#include <optional>
#include <string>

namespace muster {

struct Call;

// NameLookup of what a row holds only the id of, as they are now: a renaming shows everywhere at once.
struct NameLookup {
    const Workspace& workspace;
    std::function<std::optional<Name>(ResourceId)> resource;
    std::function<std::optional<std::string>(const Actor&)> actor;
    const Unicode& unicode;
    // Of members that come from the aggregates; empty for those of the roster, which has it.
    std::function<std::optional<Instant>(MemberId)> last_login{};
    std::function<MailDelivery(const Membership&)> delivery{};  // of an invitation
    bool without_id = false;                                    // of a thing that a dry run does not make
};
// From the aggregates and streams.
NameLookup names(const Call& call, const Workspace& workspace);

// The members of the object, so that a caller can add to it before it ends.
void write_invitation(ObjectWriter& into, const Membership&, const NameLookup&);
void write_member(ObjectWriter& into, const Membership&, const NameLookup&);
void write_workspace(ObjectWriter& into, const Workspace&);
void write_resource(ObjectWriter& into, const Resource&);
void write_team(ObjectWriter& into, const Team&, std::int64_t member_count);
void write_seats(ObjectWriter& into, const Workspace&, const seats::Use&, Instant now);
// As it is effective: `admin` holds the workspace's own permissions too.
Role shown_role(const Workspace&, const Role&);
// None: it is the system, the operator or a visitor.
std::optional<std::string> id_of(const Actor&);
// None where the key was revoked since.
std::optional<std::string> key_name(const Workspace&, const Actor& api_key);
// As JSON: `{kind, id, name}`.
void write_actor(std::string& out, const Actor&, const std::optional<std::string>& name);

// The first letters of the first and last word of a name, in capitals, for who has no picture [S2-3].
std::string initials_of(std::string_view name, const Unicode&);

// The same person with everything personal gone.
Membership blanked(const Membership&);

// Where a member's role begins.
Path home_of(const Workspace&, const Membership&);

}  // namespace muster
