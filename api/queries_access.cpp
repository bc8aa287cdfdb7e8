// What a member may and why; of the aggregates, which are never behind.
#include "api/access_body.h"
#include "api/admission.h"
#include "api/audit_entry.h"
#include "api/commands.h"
#include "api/queries.h"
#include "api/views.h"
#include "domain/access.h"

#include <algorithm>
#include <map>

namespace muster::queries {
namespace {

// Writes what gives something: with the event, who did it and through which request, batch or import.
class Sources {
public:
    explicit Sources(const Call& call)
        : history_(call.service.history), names_(call.service.directory, call.service.history, call.workspace) {}

    void write(std::string& out, const Source& source) {
        ObjectWriter into(out);
        into.field("kind", source.kind);
        into.field("key", source.key);
        into.field("name", source.name);
        if (source.given) write_event(into.key("event"), *source.given);
        into.end();
    }
    void write(std::string& out, const std::vector<Source>& sources) {
        ArrayWriter array(out);
        for (const auto& each : sources) write(array.next(), each);
        array.end();
    }

private:
    void write_event(std::string& out, GivenBy position) {
        auto& recorded = read_[position];  // few events give much
        if (!recorded) recorded = history_.read({position}).front();
        ObjectWriter event(out);
        event.field("id", recorded->id);
        event.field("position", position);
        event.field("at", recorded->meta.at);
        write_actor(event.key("actor"), recorded->meta.actor, names_.of(recorded->meta.actor, position));
        write_cause(event.key("cause"), *recorded);
        event.end();
    }

    const History& history_;
    const AuditNames names_;
    std::map<Position, RecordedPtr> read_;
};

void write_held(ObjectWriter& into, const Workspace& workspace, const Life& life, const NameLookup& names,
                Sources& sources) {
    auto given = given_to(workspace, life);
    sources.write(into.key("role"), given.front());
    bool licensed = life.membership.assignment.license.has_value();
    if (licensed)
        sources.write(into.key("license"), given.at(1));
    else
        into.null("license");
    given.erase(given.begin(), given.begin() + (licensed ? 2 : 1));
    sources.write(into.key("add_ons"), given);
    ArrayWriter permissions(into.key("permissions"));
    for (const auto& held : held_permissions(workspace, life)) {
        auto own = workspace.permissions.find(held.key);
        ObjectWriter each(permissions.next());
        each.field("key", held.key);
        each.field("name", own == workspace.permissions.end() ? std::nullopt : std::optional(own->second.value.name));
        sources.write(each.key("from"), held.from);
        each.end();
    }
    permissions.end();
    ArrayWriter resources(into.key("resources"));
    for (const auto& [assigned, by] : life.resources) {
        auto name = names.resource(assigned.id);
        if (!name) continue;
        ObjectWriter each(resources.next());
        each.field("id", assigned.id);
        each.field("name", *name);
        each.field("access", assigned.access);
        sources.write(each.key("from"), std::vector<Source>{{SourceKind::own, std::nullopt, std::nullopt, by}});
        each.end();
    }
    resources.end();
}

// Of a person who was never in this workspace: without a membership.
Life life_in(const Call& call, MemberId id) {
    auto life = life_of(call.service.history.stream(stream_of(id)));
    return life.membership.workspace == call.workspace_id ? life : Life{};
}

Refusal deleted() {
    return {Code::member_deleted, "This member was deleted, for good; their history stays in the audit.", {}, {}};
}

void answer_access(const Call& call, std::optional<MemberId> id) {
    auto life = id ? life_in(call, *id) : Life{};
    const auto& workspace = *call.workspace;
    auto phase = phase_at(life.membership, call.service.execute.now());
    if (phase == Phase::deleted) return call.refuse(deleted());
    if (phase == Phase::none || phase == Phase::revoked)
        return call.refuse({Code::not_found, "There is no such member here.", {}, {}});
    auto known = names(call, workspace);
    Sources sources(call);
    bool active = phase == Phase::active;
    std::string out;
    ObjectWriter into(out);
    into.field("member_id", life.membership.id);
    into.field("status", phase);
    if (active) {
        write_held(into, workspace, life, known, sources);
        into.null("when_active");
    } else {
        into.null("role");
        into.null("license");
        into.raw("add_ons", "[]");
        into.raw("permissions", "[]");
        into.raw("resources", "[]");
        ObjectWriter when_active(into.key("when_active"));
        // What waits for its invitee is kept for them as it is.
        write_held(when_active, workspace, phase == Phase::pending ? life : once_active(workspace, life), known,
                   sources);
        when_active.end();
    }
    into.end();
    call.done(response({200, std::move(out), call.position, std::nullopt, {}}));
}

// What only the workspace can tell is wrong with the question. What could not be read has its fault already, which
// counts instead.
std::vector<Fault> faults_of(const Call& call, const AccessBody& asked, const Life& life, const Resource* resource) {
    std::vector<Fault> faults;
    const auto& workspace = *call.workspace;
    if (!life.membership.exists())
        faults.push_back({"/member_id", Code::unknown_member, "There is no such member here.", {}});
    if (!asked.permission && !asked.resource_id)
        faults.push_back({"/permission", Code::required, "Ask for a permission, a resource_id or both.", {}});
    if (asked.permission && !asked.permission->value.empty() && !built_in(*asked.permission) &&
        !workspace.permissions.contains(*asked.permission))
        faults.push_back({"/permission",
                          Code::unknown_permission,
                          "There is no permission `" + asked.permission->value + "` here.",
                          {}});
    if (resource && !resource->exists())
        faults.push_back({"/resource_id", Code::unknown_resource, "There is no such resource here.", {}});
    if (asked.access && !asked.resource_id)
        faults.push_back({"/access", Code::invalid_value, "Name the resource_id that the access is to.", {}});
    return faults;
}

void answer_check(const Call& call, const AccessBody& asked, Faults faults) {
    auto life = life_in(call, asked.member_id);
    std::shared_ptr<const Resource> resource;
    if (asked.resource_id) resource = call.service.directory.resource(call.workspace_id, *asked.resource_id);
    // Whether there is one that is not assigned to them is not told to who may not read of others.
    bool hidden = call.own_only && resource &&
                  std::ranges::none_of(life.resources, [&](const auto& each) { return each.first.id == resource->id; });
    if (hidden) resource.reset();
    faults.merge(faults_of(call, asked, life, resource.get()));
    if (!faults.empty()) return call.refuse(std::move(faults).refusal());
    if (hidden) return call.refuse({Code::not_found, "There is no such resource here.", {}, {}});
    if (life.membership.phase == Phase::deleted) return call.refuse(deleted());
    auto verdict = check_access(*call.workspace, life,
                                {asked.permission, resource.get(), asked.access.value_or(Access::view), !call.own_only},
                                call.service.execute.now());
    Sources sources(call);
    std::string out;
    ObjectWriter into(out);
    into.field("allowed", verdict.allowed);
    into.field("because", verdict.because);
    sources.write(into.key("sources"), verdict.sources);
    sources.write(into.key("would_come_from"), verdict.would_come_from);
    into.end();
    call.done(response({200, std::move(out), call.position, std::nullopt, {}}));
}

}  // namespace

void member_access(std::shared_ptr<Call> call) {
    answer_access(*call, audit_person(std::string(call->parameter("id"))));
}

void access_check(std::shared_ptr<Call> call) {
    Faults faults;
    AccessBody asked;
    bool read_whole = read_body(*call, faults, [&](const nlohmann::json& json) {
        read(json, asked, faults, Place::body(), call->service.unicode);
    });
    if (!read_whole) return;
    if (call->own_only && asked.member_id.uuid != call->caller.actor.id)
        return call->refuse(permission_denied(call->route.needs));
    answer_check(*call, asked, std::move(faults));
}

}  // namespace muster::queries
