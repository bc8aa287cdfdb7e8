#include "domain/resource.h"

#include "domain/event.h"

namespace muster {

void evolve(Resource& resource, const ResourceRegistered& event, const Meta&) {
    resource.kind = event.kind;
    resource.name = event.name;
    resource.group = event.group;
}

void evolve(Resource& resource, const ResourceChanged& event, const Meta&) {
    resource.kind = event.to_kind;
    resource.name = event.to_name;
    resource.group = event.to_group;
}

void evolve(Resource& resource, const ResourceRemoved&, const Meta&) { resource.removed = true; }

Holdings holdings(const Resource&) { return {}; }

namespace {

std::optional<Refusal> out_of_reach(const Resource& resource, const Context& context) {
    if (!resource.exists()) return Refusal{Code::not_found, "There is no such resource here.", {}, {}};
    if (context.if_match && *context.if_match != resource.version) return version_mismatch().error();
    return std::nullopt;
}

Decision one(const Resource& resource, Event event) {
    return Decision{{{stream_of(resource.id), std::move(event)}}, {}, Instant::never()};
}

}  // namespace

Decided decide(const Resource& resource, const Workspace&, const RegisterResource& command, const Context&) {
    return one(resource, ResourceRegistered{command.kind, command.name, command.group});
}

Decided decide(const Resource& resource, const Workspace&, const ChangeResource& command, const Context& context) {
    std::vector<Fault> faults;
    if (command.kind.is_null()) faults.push_back({"/kind", Code::required, "A resource needs a kind.", {}});
    if (command.name.is_null()) faults.push_back({"/name", Code::required, "A resource needs a name.", {}});
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (auto refusal = out_of_reach(resource, context)) return std::unexpected(*refusal);
    ResourceChanged changed{resource.kind, resource.kind, resource.name, resource.name, resource.group, resource.group};
    command.kind.apply_to(changed.to_kind);
    command.name.apply_to(changed.to_name);
    command.group.apply_to(changed.to_group);
    bool same = changed.from_kind == changed.to_kind && changed.from_name == changed.to_name &&
                changed.from_group == changed.to_group;
    if (same) return Decision{};
    return one(resource, std::move(changed));
}

Decided decide(const Resource& resource, const Workspace&, const RemoveResource&, const Context& context) {
    if (auto refusal = out_of_reach(resource, context)) return std::unexpected(*refusal);
    return one(resource, ResourceRemoved{});
}

}  // namespace muster
