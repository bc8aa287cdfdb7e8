#pragma once
// The question that access:check answers.

#include "domain/membership.h"

#include <optional>

namespace muster {

// About a permission, a resource or both; without `access` it is about viewing the resource.
struct AccessBody {
    MemberId member_id;
    std::optional<PermissionKey> permission;
    std::optional<ResourceId> resource_id;
    std::optional<Access> access;
};
MUSTER_DESCRIBE(AccessBody, member_id, permission, resource_id, access);

}  // namespace muster
