#pragma once
// InvitationRequest: somebody who is not invited asks to be, from the sign-in page [S4-2]. Open until an admin approves
// (which invites) or dismisses it; an address has one open request at most. What the person asks for is theirs: it is
// sealed under the same key as their invitation and membership.

#include "domain/membership.h"

#include <optional>
#include <string>
#include <vector>

namespace muster {

enum class RequestPhase : std::uint8_t { none, open, approved, dismissed };
MUSTER_ENUM(RequestPhase, none, open, approved, dismissed);

// What the person says of themselves; erased as one.
struct Applicant {
    std::optional<Name> name;
    std::optional<FreeText> message;
    bool operator==(const Applicant&) const = default;
};
MUSTER_DESCRIBE(Applicant, name, message);

struct InvitationRequest {
    RequestId id;
    WorkspaceId workspace;
    Version version = 0;
    RequestPhase phase = RequestPhase::none;
    Personal<EmailAddress> email;
    std::string email_claim;
    Personal<Applicant> applicant;
    Instant requested_at;
    std::optional<Instant> closed_at;
    Actor closed_by;
    std::optional<InvitationId> invitation;  // that approving made

    [[nodiscard]] bool exists() const { return phase != RequestPhase::none; }
    [[nodiscard]] bool open() const { return phase == RequestPhase::open; }
    bool operator==(const InvitationRequest&) const = default;
};
MUSTER_DESCRIBE(InvitationRequest, id, workspace, version, phase, email, email_claim, applicant, requested_at,
                closed_at, closed_by, invitation);

// ---- What happened.

struct InvitationRequested {
    static constexpr std::string_view sentence = "{target} asked for an invitation";
    Personal<EmailAddress> email;
    std::string email_claim;
    Personal<Applicant> applicant;
};
struct RequestApproved {
    static constexpr std::string_view sentence = "{actor} approved the request of {target}";
    InvitationId invitation;
};
struct RequestDismissed {
    static constexpr std::string_view sentence = "{actor} dismissed the request of {target}";
};
MUSTER_DESCRIBE(InvitationRequested, email, email_claim, applicant);
MUSTER_DESCRIBE(RequestApproved, invitation);
MUSTER_DESCRIBE(RequestDismissed);

using RequestEvents = boost::mp11::mp_list<InvitationRequested, RequestApproved, RequestDismissed>;

// ---- What can be asked.

struct RequestInvitation {
    EmailAddress email;
    std::optional<Name> name;
    std::optional<FreeText> message;
};
// As inviting, of the address that asked.
struct ApproveRequest {
    std::optional<Name> name;
    std::optional<Name> job_title;
    std::optional<RoleKey> role;
    std::optional<LicenseKey> license;
    std::vector<LicenseKey> add_ons;
    std::vector<TeamRef> teams;
    std::vector<PermissionKey> permissions;
    std::vector<ResourceAccess> resources;
    std::optional<std::int64_t> ttl;
    bool send_email = true;
};
struct DismissRequest {};
MUSTER_DESCRIBE(RequestInvitation, email, name, message);
MUSTER_DESCRIBE(ApproveRequest, name, job_title, role, license, add_ons, teams, permissions, resources, ttl,
                send_email);
MUSTER_DESCRIBE(DismissRequest);

void evolve(InvitationRequest&, const InvitationRequested&, const Meta&);
void evolve(InvitationRequest&, const RequestApproved&, const Meta&);
void evolve(InvitationRequest&, const RequestDismissed&, const Meta&);

// While it is open: the claim to be the address's one request.
Holdings holdings(const InvitationRequest&);

// Of somebody who is an active member already, or whose request is open, nothing comes: the caller is told the same.
Decided decide(const InvitationRequest&, const Workspace&, const RequestInvitation&, const Context&);
// The membership is the one that the invitation begins.
Decided decide(const InvitationRequest&, const Membership&, const Workspace&, const ApproveRequest&, const Context&);
Decided decide(const InvitationRequest&, const Workspace&, const DismissRequest&, const Context&);

}  // namespace muster
