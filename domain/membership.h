#pragma once
// Membership: one person's life in one workspace. Invitation and member are phases of it.

#include "domain/decision.h"
#include "domain/password.h"
#include "domain/personal.h"
#include "domain/workspace.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

// ---- What a membership consists of.

//   none -> pending -> active <-> deactivated -> deleted
//             |  ^       ^
//      expired<--+       +-- none (created directly)
//   pending, expired -> revoked
enum class Phase : std::uint8_t { none, pending, expired, revoked, active, deactivated, deleted };
MUSTER_ENUM(Phase, none, pending, expired, revoked, active, deactivated, deleted);

enum class Access : std::uint8_t { view, edit };
MUSTER_ENUM(Access, view, edit);

enum class RevokeReason : std::uint8_t { revoked = 0, replaced = 1, erased = 2 };
MUSTER_ENUM(RevokeReason, revoked, erased, replaced);

// By which connector of the identity provider somebody came.
enum class Via : std::uint8_t { sso, scim };
MUSTER_ENUM(Via, sso, scim);

enum class OnboardingStep : std::uint8_t { password, sso, profile, tour };
MUSTER_ENUM(OnboardingStep, password, sso, profile, tour);

// What is known of the person; erased as one.
struct Profile {
    std::string name;
    std::optional<Name> job_title;
    std::optional<Phone> phone;
    std::optional<HttpsUrl> photo_url;
    bool operator==(const Profile&) const = default;
};
MUSTER_DESCRIBE(Profile, name, job_title, phone, photo_url);

// A workspace's own permission in a person's hand: the one that was defined at that position, and no later one of the
// same key.
struct Grant {
    PermissionKey key;
    Position defined = 0;
    auto operator<=>(const Grant&) const = default;
};
MUSTER_DESCRIBE(Grant, key, defined);

struct ResourceAccess {
    ResourceId id;
    Access access = Access::view;
    auto operator<=>(const ResourceAccess&) const = default;
};
MUSTER_DESCRIBE(ResourceAccess, id, access);

// What the person is given.
struct Assignment {
    RoleKey role;
    std::optional<LicenseKey> license;
    std::set<LicenseKey> add_ons;
    std::set<TeamId> teams;
    std::set<Grant> permissions;
    std::set<ResourceAccess> resources;
    bool operator==(const Assignment&) const = default;
};
MUSTER_DESCRIBE(Assignment, role, license, add_ons, teams, permissions, resources);

struct Membership {
    MemberId id;
    WorkspaceId workspace;
    Version version = 0;
    Phase phase = Phase::none;
    Personal<EmailAddress> email;
    std::string email_claim;
    Personal<Profile> profile;
    Assignment assignment;
    // As an invitation.
    bool invited = false;  // it began as an invitation
    Actor invited_by;
    Instant created_at;
    Instant sent_at;
    Instant expires_at;
    std::uint32_t resent_count = 0;
    std::uint32_t link_generation = 0;  // an accept needs a link of this generation
    std::vector<Instant> resends;       // the last ones, for the daily limit
    bool send_email = true;
    std::optional<BatchId> batch;
    // As a member.
    std::optional<Instant> accepted_at;
    std::optional<Instant> joined_at;
    std::optional<Instant> deactivated_at;
    std::optional<Instant> last_login_at;  // in the roster only: sign-ins are on a stream of their own
    Uuid credential;                       // of the password's hash in the vault; nil: they have none
    Position sessions_end_position = 0;    // sessions that were checked before it are over
    Position keys_end_position = 0;        // API keys that they made before it are dead
    bool sign_in_completed = false;        // a password was chosen, or they came through the identity provider
    bool profile_completed = false;
    bool tour_completed = false;
    bool tour_skipped = false;

    [[nodiscard]] bool exists() const { return phase != Phase::none; }
    [[nodiscard]] bool open_invitation() const { return phase == Phase::pending || phase == Phase::expired; }
    [[nodiscard]] bool member() const { return phase == Phase::active || phase == Phase::deactivated; }
    [[nodiscard]] bool due(Instant now) const { return phase == Phase::pending && now >= expires_at; }
    bool operator==(const Membership&) const = default;
};
MUSTER_DESCRIBE(Membership, id, workspace, version, phase, email, email_claim, profile, assignment, invited, invited_by,
                created_at, sent_at, expires_at, resent_count, link_generation, resends, send_email, batch, accepted_at,
                joined_at, deactivated_at, last_login_at, credential, sessions_end_position, keys_end_position,
                sign_in_completed, profile_completed, tour_completed, tour_skipped);

// The grant is of the permission that its key names today.
bool holds(const Workspace&, const Grant&);

// What a person may effectively do: role, own permissions, licence and add-ons [S0-6].
PermissionSet effective_permissions(const Workspace&, const Assignment&);

// ---- What happened.

struct MemberInvited {
    static constexpr std::string_view sentence = "{actor} invited {target} as {assignment.role}";
    Personal<EmailAddress> email;
    std::string email_claim;
    Personal<Profile> profile;
    Assignment assignment;
    std::int64_t ttl = 0;  // seconds from the event's time
    bool send_email = true;
    std::optional<BatchId> batch;
};
struct InvitationEdited {
    static constexpr std::string_view sentence = "{actor} edited the invitation of {target}";
    Personal<Profile> from_profile;
    Personal<Profile> to_profile;
    Assignment from;
    Assignment to;
};
struct InvitationResent {
    static constexpr std::string_view sentence = "{actor} sent the invitation of {target} again";
    std::int64_t ttl = 0;  // seconds from the event's time; the expiry is never shortened
    bool rotate_link = false;
    std::set<LicenseKey> dropped;  // licences that the plan no longer has
};
struct InvitationRevoked {
    static constexpr std::string_view sentence = "{actor} revoked the invitation of {target}";
    RevokeReason reason{};
};
struct InvitationExpired {
    static constexpr std::string_view sentence = "The invitation of {target} expired";
};
struct InvitationAccepted {
    static constexpr std::string_view sentence = "{target} accepted the invitation";
    Personal<Profile> profile;
    std::set<TeamId> teams;
    bool profile_completed = false;
};
struct MemberCreated {
    static constexpr std::string_view sentence = "{actor} added {target} as {assignment.role}";
    Personal<EmailAddress> email;
    std::string email_claim;
    Personal<Profile> profile;
    Assignment assignment;
    bool send_email = true;
};
// Somebody came through the identity provider: as a new member, or as the one whose invitation was waiting.
struct MemberProvisioned {
    static constexpr std::string_view sentence = "{target} joined through {via} as {assignment.role}";
    Personal<EmailAddress> email;
    std::string email_claim;
    Personal<Profile> profile;
    Assignment assignment;
    Via via{};
    Personal<Name> external_id;  // the provider's id of them; blank where it gave none
};
struct OnboardingStepCompleted {
    static constexpr std::string_view sentence = "{target} completed the step {step} of their onboarding";
    OnboardingStep step{};
};
struct OnboardingStepSkipped {
    static constexpr std::string_view sentence = "{target} skipped the step {step} of their onboarding";
    OnboardingStep step{};
};
struct MemberChanged {
    static constexpr std::string_view sentence = "{actor} changed {target}";
    Personal<Profile> from_profile;
    Personal<Profile> to_profile;
    Assignment from;
    Assignment to;
};
struct MemberDeactivated {
    static constexpr std::string_view sentence = "{actor} deactivated {target}";
};
struct MemberReactivated {
    static constexpr std::string_view sentence = "{actor} reactivated {target}";
    std::set<LicenseKey> dropped;
};
struct MemberDeleted {
    static constexpr std::string_view sentence = "{actor} deleted {target} for good";
    std::optional<MemberId> reassign_to;
};
// Whoever did it chose it: the person, or an admin for them. All their sessions end.
struct PasswordSet {
    static constexpr std::string_view sentence = "{actor} set the password of {target}";
    Uuid credential;
};
MUSTER_DESCRIBE(MemberInvited, email, email_claim, profile, assignment, ttl, send_email, batch);
MUSTER_DESCRIBE(InvitationEdited, from_profile, to_profile, from, to);
MUSTER_DESCRIBE(InvitationResent, ttl, rotate_link, dropped);
MUSTER_DESCRIBE(InvitationRevoked, reason);
MUSTER_DESCRIBE(InvitationExpired);
MUSTER_DESCRIBE(InvitationAccepted, profile, teams, profile_completed);
MUSTER_DESCRIBE(MemberCreated, email, email_claim, profile, assignment, send_email);
MUSTER_DESCRIBE(MemberProvisioned, email, email_claim, profile, assignment, via, external_id);
MUSTER_DESCRIBE(OnboardingStepCompleted, step);
MUSTER_DESCRIBE(OnboardingStepSkipped, step);
MUSTER_DESCRIBE(MemberChanged, from_profile, to_profile, from, to);
MUSTER_DESCRIBE(MemberDeactivated);
MUSTER_DESCRIBE(MemberReactivated, dropped);
MUSTER_DESCRIBE(MemberDeleted, reassign_to);
MUSTER_DESCRIBE(PasswordSet, credential);

using MembershipEvents = boost::mp11::mp_list<MemberInvited, InvitationEdited, InvitationResent, InvitationRevoked,
                                              InvitationExpired, InvitationAccepted, MemberCreated, MemberProvisioned,
                                              OnboardingStepCompleted, OnboardingStepSkipped, MemberChanged,
                                              MemberDeactivated, MemberReactivated, MemberDeleted, PasswordSet>;

// ---- What can be asked.

// A team as a request names it: its id, or its name in any case.
using TeamRef = FoldedName;

struct InviteMember {
    EmailAddress email;
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
struct CreateMember {
    static constexpr std::string_view required[] = {"name"};
    EmailAddress email;
    std::optional<Name> name;
    std::optional<Password> password;
    std::optional<Name> job_title;
    std::optional<RoleKey> role;
    std::optional<LicenseKey> license;
    std::vector<LicenseKey> add_ons;
    std::vector<TeamRef> teams;
    std::vector<PermissionKey> permissions;
    std::vector<ResourceAccess> resources;
    bool send_email = true;
};
// What the identity provider's connector says of somebody who may come in.
struct ProvisionMember {
    static constexpr std::string_view required[] = {"via"};
    EmailAddress email;
    Name name;
    std::optional<Name> external_id;
    std::optional<RoleKey> role;
    std::optional<Via> via;
};
struct EditInvitation {
    Patch<EmailAddress> email;
    Patch<Name> name;
    Patch<Name> job_title;
    Patch<RoleKey> role;
    Patch<LicenseKey> license;
    Patch<std::vector<LicenseKey>> add_ons;
    Patch<std::vector<TeamRef>> teams;
    Patch<std::vector<PermissionKey>> permissions;
    Patch<std::vector<ResourceAccess>> resources;
};
struct ChangeMember {
    Patch<EmailAddress> email;
    Patch<Name> name;
    Patch<Name> job_title;
    Patch<Phone> phone;
    Patch<HttpsUrl> photo_url;
    Patch<RoleKey> role;
    Patch<LicenseKey> license;
    Patch<std::vector<LicenseKey>> add_ons;
    Patch<std::vector<TeamRef>> teams;
    Patch<std::vector<PermissionKey>> permissions;
    Patch<std::vector<ResourceAccess>> resources;
};
struct ResendInvitation {
    bool rotate_link = false;
    std::optional<std::int64_t> ttl = {};
};
struct RevokeInvitation {};
struct ExpireInvitation {};
struct AcceptInvitation {
    std::optional<Password> password = {};
    std::optional<Name> name = {};
    std::optional<Phone> phone = {};
    std::optional<HttpsUrl> photo_url = {};
};
struct DeactivateMember {};
struct ReactivateMember {};
struct DeleteMember {
    static constexpr std::string_view required[] = {"confirm"};
    std::string confirm;
    std::optional<std::string> reassign_to = {};
};
MUSTER_DESCRIBE(InviteMember, email, name, job_title, role, license, add_ons, teams, permissions, resources, ttl,
                send_email);
MUSTER_DESCRIBE(CreateMember, email, name, password, job_title, role, license, add_ons, teams, permissions, resources,
                send_email);
MUSTER_DESCRIBE(ProvisionMember, email, name, external_id, role, via);
MUSTER_DESCRIBE(EditInvitation, email, name, job_title, role, license, add_ons, teams, permissions, resources);
MUSTER_DESCRIBE(ChangeMember, email, name, job_title, phone, photo_url, role, license, add_ons, teams, permissions,
                resources);
MUSTER_DESCRIBE(ResendInvitation, rotate_link, ttl);
MUSTER_DESCRIBE(RevokeInvitation);
MUSTER_DESCRIBE(ExpireInvitation);
MUSTER_DESCRIBE(AcceptInvitation, password, name, phone, photo_url);
MUSTER_DESCRIBE(DeactivateMember);
MUSTER_DESCRIBE(ReactivateMember);
MUSTER_DESCRIBE(DeleteMember, confirm, reassign_to);

void evolve(Membership&, const MemberInvited&, const Meta&);
void evolve(Membership&, const InvitationEdited&, const Meta&);
void evolve(Membership&, const InvitationResent&, const Meta&);
void evolve(Membership&, const InvitationRevoked&, const Meta&);
void evolve(Membership&, const InvitationExpired&, const Meta&);
void evolve(Membership&, const InvitationAccepted&, const Meta&);
void evolve(Membership&, const MemberCreated&, const Meta&);
void evolve(Membership&, const MemberProvisioned&, const Meta&);
void evolve(Membership&, const OnboardingStepCompleted&, const Meta&);
void evolve(Membership&, const OnboardingStepSkipped&, const Meta&);
void evolve(Membership&, const MemberChanged&, const Meta&);
void evolve(Membership&, const MemberDeactivated&, const Meta&);
void evolve(Membership&, const MemberReactivated&, const Meta&);
void evolve(Membership&, const MemberDeleted&, const Meta&);
void evolve(Membership&, const PasswordSet&, const Meta&);

// By phase: pending and active take seats, deactivated and expired keep the address, revoked and deleted hold nothing.
Holdings holdings(const Membership&);

Decided decide(const Membership&, const Workspace&, const InviteMember&, const Context&);
Decided decide(const Membership&, const Workspace&, const EditInvitation&, const Context&);
Decided decide(const Membership&, const Workspace&, const ResendInvitation&, const Context&);
Decided decide(const Membership&, const Workspace&, const RevokeInvitation&, const Context&);
Decided decide(const Membership&, const Workspace&, const ExpireInvitation&, const Context&);
Decided decide(const Membership&, const Workspace&, const AcceptInvitation&, const Context&);
Decided decide(const Membership&, const Workspace&, const CreateMember&, const Context&);
// On the membership whose invitation is waiting or who is a member already, else on a new one.
Decided decide(const Membership&, const Workspace&, const ProvisionMember&, const Context&);
Decided decide(const Membership&, const Workspace&, const ChangeMember&, const Context&);
Decided decide(const Membership&, const Workspace&, const DeactivateMember&, const Context&);
Decided decide(const Membership&, const Workspace&, const ReactivateMember&, const Context&);
Decided decide(const Membership&, const Workspace&, const DeleteMember&, const Context&);

// The faults of a body that only the workspace can tell: unknown references, what is not allowed here. For where other
// faults of the same body are known already; `decide` finds these again.
std::vector<Fault> faults_of(const Workspace&, const InviteMember&, const Context&);
std::vector<Fault> faults_of(const Workspace&, const CreateMember&, const Context&);
std::vector<Fault> faults_of(const Membership&, const Workspace&, const ProvisionMember&, const Context&);
std::vector<Fault> faults_of(const Membership&, const Workspace&, const EditInvitation&, const Context&);
std::vector<Fault> faults_of(const Membership&, const Workspace&, const ChangeMember&, const Context&);

// Why the link of an invitation lets nobody in; the caller's generation of it is in the context.
std::optional<Refusal> dead_link(const Membership&, const Context&);

// Why the link of an invitation is not shown: it is not pending, or its person may more than the caller.
std::optional<Refusal> link_refusal(const Membership&, const Workspace&, const Context&);

}  // namespace muster
