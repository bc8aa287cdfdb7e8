#pragma once
// Many invitations in one command [S0-19, S4-10].

#include "api/service.h"
#include "domain/membership.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace muster {

enum class BatchMode { best_effort, all_or_nothing };
MUSTER_ENUM(BatchMode, best_effort, all_or_nothing);

// Either `invitations`, or `emails` (separated by comma, semicolon, space or line break) with the same fields for all.
struct InvitationBatch {
    std::optional<std::string> emails;
    BatchMode mode = BatchMode::best_effort;
    std::vector<InviteMember> invitations;
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
MUSTER_DESCRIBE(InvitationBatch, emails, mode, invitations, name, job_title, role, license, add_ons, teams, permissions,
                resources, ttl, send_email);

void invite_batch(std::shared_ptr<Call> call);

}  // namespace muster
