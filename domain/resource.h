#pragma once
// Resource: what members are assigned to (an agent, a project). One small stream each, since there may be many.

#include "domain/decision.h"
#include "domain/workspace.h"

namespace muster {

struct Resource {
    ResourceId id;
    WorkspaceId workspace;
    Version version = 0;
    bool removed = false;
    Name kind;
    Name name;
    std::optional<Name> group;

    [[nodiscard]] bool exists() const { return version > 0 && !removed; }
    bool operator==(const Resource&) const = default;
};
MUSTER_DESCRIBE(Resource, id, workspace, version, removed, kind, name, group);

struct ResourceRegistered {
    static constexpr std::string_view sentence = "{actor} registered the {kind} {name}";
    Name kind;
    Name name;
    std::optional<Name> group;
};
struct ResourceChanged {
    static constexpr std::string_view sentence = "{actor} changed the {to_kind} {to_name}";
    Name from_kind;
    Name to_kind;
    Name from_name;
    Name to_name;
    std::optional<Name> from_group;
    std::optional<Name> to_group;
};
struct ResourceRemoved {
    static constexpr std::string_view sentence = "{actor} removed {target}";
};
MUSTER_DESCRIBE(ResourceRegistered, kind, name, group);
MUSTER_DESCRIBE(ResourceChanged, from_kind, to_kind, from_name, to_name, from_group, to_group);
MUSTER_DESCRIBE(ResourceRemoved);

using ResourceEvents = boost::mp11::mp_list<ResourceRegistered, ResourceChanged, ResourceRemoved>;

struct RegisterResource {
    Name kind;
    Name name;
    std::optional<Name> group;
};
struct ChangeResource {
    Patch<Name> kind;
    Patch<Name> name;
    Patch<Name> group;
};
struct RemoveResource {};
MUSTER_DESCRIBE(RegisterResource, kind, name, group);
MUSTER_DESCRIBE(ChangeResource, kind, name, group);
MUSTER_DESCRIBE(RemoveResource);

void evolve(Resource&, const ResourceRegistered&, const Meta&);
void evolve(Resource&, const ResourceChanged&, const Meta&);
void evolve(Resource&, const ResourceRemoved&, const Meta&);

Holdings holdings(const Resource&);

Decided decide(const Resource&, const Workspace&, const RegisterResource&, const Context&);
Decided decide(const Resource&, const Workspace&, const ChangeResource&, const Context&);
Decided decide(const Resource&, const Workspace&, const RemoveResource&, const Context&);

}  // namespace muster
