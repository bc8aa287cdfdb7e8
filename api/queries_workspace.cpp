// Workspaces, their settings, plan and catalogue.
#include "api/as_of.h"
#include "api/listing.h"
#include "api/parameters.h"
#include "api/queries.h"
#include "api/stood.h"
#include "api/views.h"
#include "projections/roster_query.h"

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
void answer_map(const Call& call, const CatalogParameters& wanted, const StoodPlace& place, Position position,
                const Map& map, KeyText key_text, Write write) {
    std::string items;
    ArrayWriter array(items);
    std::optional<std::string> last, next;
    std::int64_t count = 0;
    for (const auto& [key, each] : map) {
        if (place.after && key_text(key) <= *place.after) continue;
        if (count == wanted.limit) {
            next = place.next(*last);
            break;
        }
        write(array.next(), each.value);
        last = key_text(key);
        ++count;
    }
    array.end();
    Counted counted;
    if (wanted.include_total) counted.total = static_cast<std::int64_t>(map.size());
    answer_list(call, std::move(items), next, position, counted);
}

// Reads the parameters and the place; nullopt where the caller is answered.
struct CatalogPage {
    CatalogParameters wanted;
    StoodPlace place;
};
std::optional<CatalogPage> read_page(const Call& call) {
    CatalogPage page;
    std::optional<Moment> moment;
    if (!read_list_as_of(call, page.wanted, moment)) return std::nullopt;
    auto place = place_of(call, page.wanted.cursor);
    if (!place) return std::nullopt;
    page.place = stood_place(moment, *place);
    return page;
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

namespace {

void answer_roles(const Call& call, const CatalogPage& page, const Workspace& workspace, Position position) {
    answer_map(call, page.wanted, page.place, position, workspace.roles, by_value,
               [&](std::string& out, const Role& role) { write_json(out, shown_role(workspace, role)); });
}

void answer_teams(const Call& call, const CatalogPage& page, const Workspace& workspace, Position position,
                  const std::function<std::int64_t(TeamId)>& member_count) {
    answer_map(
        call, page.wanted, page.place, position, workspace.teams, [](const TeamId& id) { return id.text(); },
        [&](std::string& out, const Team& team) {
            ObjectWriter into(out);
            write_team(into, team, member_count(team.id));
            into.end();
        });
}

}  // namespace

void roles(std::shared_ptr<Call> call) {
    auto page = read_page(*call);
    if (!page) return;
    if (page->place.moment)
        return when_stood(call, *page->place.moment, [call, page = *page](const Stood& stood) {
            answer_roles(*call, page, stood.workspace, stood.as_of.moment().position);
        });
    answer_roles(*call, *page, *call->workspace, call->position);
}

void role(std::shared_ptr<Call> call) {
    auto found = call->workspace->roles.find(RoleKey{std::string(call->parameter("key"))});
    if (found == call->workspace->roles.end()) return not_found(*call, "role");
    answer_thing(*call, shown_role(*call->workspace, found->second.value), found->second.changed);
}

void permissions(std::shared_ptr<Call> call) {
    ListParameters wanted;
    if (!read_list(*call, wanted)) return;
    auto place = place_of(*call, wanted.cursor);
    if (!place) return;
    answer_map(*call, {{}, wanted.limit, wanted.cursor, wanted.include_total}, {{}, place->after}, call->position,
               call->workspace->permissions, by_value, as_json);
}

void teams(std::shared_ptr<Call> call) {
    auto page = read_page(*call);
    if (!page) return;
    if (page->place.moment)
        return when_stood(call, *page->place.moment, [call, page = *page](const Stood& stood) {
            // Nobody is folded for teams that there were not.
            auto counted = stood.workspace.teams.empty() ? Tally{} : tally(stood.as_of, stood.people);
            answer_teams(*call, page, stood.workspace, stood.as_of.moment().position,
                         [&](TeamId id) { return counted.members[id]; });
        });
    when_fresh(call, "roster", [call, page = *page](const Reading& reading, Position) {
        answer_teams(*call, page, *call->workspace, call->position,
                     [&](TeamId id) { return roster::team_count(reading, call->workspace_id, id); });
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
                   const Counted counted{page.total, page.total_at_least};
                   (grouped ? answer_groups : answer_list)(*call, items, page.next, position, counted);
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
