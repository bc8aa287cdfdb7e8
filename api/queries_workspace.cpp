// Workspaces, their settings, plan, seats and catalogue.
#include "api/listing.h"
#include "api/parameters.h"
#include "api/queries.h"
#include "api/views.h"
#include "domain/seats.h"
#include "projections/roster_query.h"
#include "projections/seats.h"

namespace muster::queries {
namespace {

template <class T>
void answer_thing(const Call& call, const T& value, Version changed) {
    std::string out;
    write_json(out, value);
    call.done(response({200, std::move(out), call.position, changed, {}}));
}

// A page of what the aggregate holds, in the order of its keys.
template <class Map, class KeyText, class Write>
void answer_map(const Call& call, const Map& map, KeyText key_text, Write write) {
    ListParameters wanted;
    if (!read_list(call, wanted)) return;
    auto place = place_of(call, wanted.cursor);
    if (!place) return;
    std::string items;
    ArrayWriter array(items);
    std::optional<std::string> last, next;
    std::int64_t count = 0;
    for (const auto& [key, each] : map) {
        if (place->after && key_text(key) <= *place->after) continue;
        if (count == wanted.limit) {
            next = last;
            break;
        }
        write(array.next(), each.value);
        last = key_text(key);
        ++count;
    }
    array.end();
    Counted counted;
    if (wanted.include_total) counted.total = static_cast<std::int64_t>(map.size());
    answer_list(call, std::move(items), next, call.position, counted);
}

void not_found(const Call& call, const std::string& what) {
    call.refuse({Code::not_found, "There is no such " + what + " here.", {}, {}});
}

auto by_value = [](const auto& key) { return key.value; };
auto as_json = [](std::string& out, const auto& value) { write_json(out, value); };

}  // namespace

void workspaces(std::shared_ptr<Call> call) {
    ListParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    std::string items;
    ArrayWriter array(items);
    std::optional<std::string> next;
    auto position = call->service.log.head();
    auto ids = call->service.log.workspaces(place->after ? WorkspaceId::parse(*place->after) : std::nullopt,
                                            static_cast<std::size_t>(wanted.limit) + 1);
    if (ids.size() > static_cast<std::size_t>(wanted.limit)) {
        ids.pop_back();
        next = ids.back().text();
    }
    for (auto id : ids) {
        auto workspace = call->service.directory.workspace(id);
        if (!workspace) continue;
        ObjectWriter into(array.next());
        write_workspace(into, *workspace);
        into.end();
    }
    array.end();
    Counted counted;
    if (wanted.include_total) {
        auto count = call->service.log.count_workspaces(limits::counted_most + 1);
        counted = Counted::of(std::min(count, limits::counted_most), count <= limits::counted_most);
    }
    answer_list(*call, std::move(items), next, position, counted);
}

void workspace(std::shared_ptr<Call> call) {
    std::string out;
    ObjectWriter into(out);
    write_workspace(into, *call->workspace);
    into.end();
    call->done(response({200, std::move(out), call->position, call->workspace->changed, {}}));
}

void settings(std::shared_ptr<Call> call) {
    answer_thing(*call, call->workspace->settings.value, call->workspace->settings.changed);
}
void plan(std::shared_ptr<Call> call) {
    answer_thing(*call, call->workspace->plan.value, call->workspace->plan.changed);
}

void roles(std::shared_ptr<Call> call) {
    answer_map(*call, call->workspace->roles, by_value,
               [&](std::string& out, const Role& role) { write_json(out, shown_role(*call->workspace, role)); });
}

void role(std::shared_ptr<Call> call) {
    auto found = call->workspace->roles.find(RoleKey{std::string(call->parameter("key"))});
    if (found == call->workspace->roles.end()) return not_found(*call, "role");
    answer_thing(*call, shown_role(*call->workspace, found->second.value), found->second.changed);
}

void permissions(std::shared_ptr<Call> call) { answer_map(*call, call->workspace->permissions, by_value, as_json); }

void teams(std::shared_ptr<Call> call) {
    when_fresh(call, "roster", [call](const Reading& reading, Position) {
        answer_map(
            *call, call->workspace->teams, [](const TeamId& id) { return id.text(); },
            [&](std::string& out, const Team& team) {
                ObjectWriter into(out);
                write_team(into, team, roster::team_count(reading, call->workspace_id, team.id));
                into.end();
            });
    });
}

void team(std::shared_ptr<Call> call) {
    auto id = TeamId::parse(call->parameter("id"));
    auto found = call->workspace->teams.find(id.value_or(TeamId{}));
    if (found == call->workspace->teams.end()) return not_found(*call, "team");
    when_fresh(call, "roster", [call, team = found->second](const Reading& reading, Position position) {
        std::string out;
        ObjectWriter into(out);
        write_team(into, team.value, roster::team_count(reading, call->workspace_id, team.value.id));
        into.end();
        call->done(response({200, std::move(out), position, team.changed, {}}));
    });
}

// ---- Seats.

namespace {

void write_pool(ObjectWriter& into, std::optional<std::int64_t> limit, std::int64_t used) {
    into.field("used", used);
    into.field("remaining", limit ? std::optional(std::max<std::int64_t>(0, *limit - used)) : std::nullopt);
    into.field("over", limit ? std::max<std::int64_t>(0, used - *limit) : std::int64_t{0});
}

}  // namespace

void seats(std::shared_ptr<Call> call) {
    when_fresh(call, "seats", [call](const Reading& reading, Position position) {
        auto use = muster::seats::use(reading, call->workspace_id);
        const auto& plan = call->workspace->plan.value;
        auto now = call->service.execute.now();
        std::string out;
        ObjectWriter into(out);
        ObjectWriter users(into.key("users"));
        auto all = use["users"];
        bool trial = call->workspace->trial_runs(now);
        users.field("limit", plan.user_limit);
        users.field("active", all.active);
        users.field("pending", all.pending);
        write_pool(users, trial ? std::nullopt : plan.user_limit, all.active + all.pending);
        users.field("unlimited_until", trial ? plan.trial_ends_at : std::nullopt);
        users.end();
        ArrayWriter licenses(into.key("licenses"));
        for (const auto& license : plan.licenses) {
            auto pool = use[license.key.value];
            ObjectWriter each(licenses.next());
            each.field("key", license.key);
            each.field("name", license.name);
            each.field("kind", license.kind);
            each.field("paid", license.paid);
            each.field("seats", license.seats);
            each.field("assigned", pool.active);
            each.field("reserved", pool.pending);
            write_pool(each, license.seats, pool.active + pool.pending);
            each.field("requires", license.requires_);
            each.end();
        }
        licenses.end();
        into.end();
        call->done(response({200, std::move(out), position, std::nullopt, {}}));
    });
}

// ---- Resources.

namespace {

// The only ones that the caller sees: who may not read the members sees what is assigned to them.
std::optional<std::set<ResourceId>> visible_resources(const Call& call) {
    if (call.caller.permissions.has("members.read")) return std::nullopt;
    std::set<ResourceId> own;
    if (call.caller.actor.kind != ActorKind::member) return own;
    auto member = call.service.directory.membership(call.workspace_id, MemberId{call.caller.actor.id});
    for (const auto& each : member->assignment.resources) own.insert(each.id);
    return own;
}

}  // namespace

void resources(std::shared_ptr<Call> call) {
    ResourceParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    roster::ResourceFilter filter{wanted.kind,
                                  wanted.group,
                                  {static_cast<std::size_t>(wanted.limit), place->after, wanted.include_total},
                                  visible_resources(*call)};
    when_fresh(call, "roster",
               [call, filter, grouped = wanted.group_by.has_value()](const Reading& reading, Position position) {
                   auto page = roster::resources(reading, call->workspace_id, filter);
                   std::string items;
                   ArrayWriter array(items);
                   std::optional<Name> group;
                   for (std::size_t i = 0; i < page.items.size(); ++i) {
                       const auto& each = page.items[i];
                       if (grouped && (i == 0 || each.group != page.items[i - 1].group)) {
                           if (i > 0) items += "]}";
                           ObjectWriter of_group(array.next());
                           of_group.field("group", each.group);
                           of_group.key("items");
                           items += '[';
                       } else if (grouped) {
                           items += ',';
                       }
                       ObjectWriter into(grouped ? items : array.next());
                       write_resource(into, each);
                       into.end();
                   }
                   if (grouped && !page.items.empty()) items += "]}";
                   array.end();
                   if (grouped) return answer_groups(*call, items, page.next, position);
                   answer_list(*call, std::move(items), page.next, position, {page.total, page.total_at_least});
               });
}

void resource(std::shared_ptr<Call> call) {
    auto id = ResourceId::parse(call->parameter("id"));
    auto visible = visible_resources(*call);
    if (id && visible && !visible->contains(*id)) return not_found(*call, "resource");
    when_fresh(call, "roster", [call, id](const Reading& reading, Position position) {
        auto found = id ? roster::resource(reading, call->workspace_id, *id) : std::nullopt;
        if (!found || !found->exists()) return not_found(*call, "resource");
        std::string out;
        ObjectWriter into(out);
        write_resource(into, *found);
        into.end();
        call->done(response({200, std::move(out), position, found->version, {}}));
    });
}

}  // namespace muster::queries
