// Asking for resources.
#include "eventstore/bytes.h"
#include "projections/projection.h"
#include "projections/roster_query.h"
#include "projections/roster_rows.h"
#include "projections/roster_walk.h"

#include <algorithm>
#include <set>

namespace muster::roster {
namespace {

std::optional<Resource> load_resource(const Reading& reading, ResourceId id) {
    auto bytes = reading.get(rows_family, keys::resource(id));
    if (!bytes) return std::nullopt;
    return decode_resource_row(*bytes).state;
}

template <class T>
bool any_of(const std::vector<T>& values, const std::optional<T>& value) {
    return values.empty() || std::ranges::any_of(values, [&](const T& each) { return each == value; });
}

// Along the groups where some are asked for, else the kinds, else all.
std::vector<Source> sources_for(WorkspaceId workspace, const ResourceFilter& filter) {
    std::set<std::string> bases;
    for (const auto& group : filter.groups) bases.insert(keys::resources_of_group(workspace, group));
    if (bases.empty())
        for (const auto& kind : filter.kinds) bases.insert(keys::resources_of_kind(workspace, kind));
    if (bases.empty()) bases.insert(keys::all_resources(workspace));
    std::vector<Source> sources;
    for (const auto& base : bases) sources.push_back({base, {}});
    return sources;
}

}  // namespace

std::optional<Resource> resource(const Reading& reading, WorkspaceId workspace, ResourceId id) {
    auto found = load_resource(reading, id);
    if (!found || found->workspace != workspace) return std::nullopt;
    return found;
}

Page<Resource> resources(const Reading& reading, WorkspaceId workspace, const ResourceFilter& filter,
                         const Effort& effort) {
    auto listed = [&](const std::string& suffix) -> std::optional<Resource> {
        if (filter.only && !filter.only->contains({suffixes::id_in(suffix)})) return std::nullopt;
        auto found = load_resource(reading, {suffixes::id_in(suffix)});
        if (!found) throw DamageError("the roster lists a resource of which it has no row");
        if (!any_of(filter.kinds, std::optional(found->kind)) || !any_of(filter.groups, found->group))
            return std::nullopt;
        return found;
    };
    auto sources = sources_for(workspace, filter);
    auto page = page_of<Resource>(Walk(reading, sources, Order::ascending, filter.paging.after), filter.paging,
                                  effort.rows_walked_max, listed);
    if (!filter.paging.include_total) return page;
    if (!filter.only && (filter.kinds.empty() || filter.groups.empty())) {
        page.total = 0;  // A resource has one group and one kind: nobody is counted twice.
        for (const auto& each : sources) *page.total += number_in(reading.get(rows_family, keys::count(each.base)));
    } else {
        count_into(page, Walk(reading, sources, Order::ascending, {}), effort.rows_walked_max, listed);
    }
    return page;
}

}  // namespace muster::roster
