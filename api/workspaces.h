#pragma once
// The body that makes a workspace with its first admin.

#include "api/service.h"
#include "domain/workspace.h"

#include <memory>
#include <optional>
#include <string>

namespace muster {

struct WorkspaceOwner {
    EmailAddress email;
    Name name;
    std::optional<Password> password;
};
MUSTER_DESCRIBE(WorkspaceOwner, email, name, password);

struct NewWorkspace {
    Name name;
    std::optional<Slug> slug;
    std::string preset = "default";
    ManagedBy plan_managed_by = ManagedBy::workspace;
    WorkspaceOwner owner;
};
MUSTER_DESCRIBE(NewWorkspace, name, slug, preset, plan_managed_by, owner);

void create_workspace(std::shared_ptr<Call> call);

}  // namespace muster
