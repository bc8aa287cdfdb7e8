#include "projections/difference.h"

#include "domain/seats.h"
#include "projections/plain.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace muster {
namespace {

bool says_nothing(const Change& change) {
    auto blank = [](const Plain& value) {
        const auto* list = std::get_if<std::vector<std::string>>(&value);
        return value == Plain(nullptr) || (list && list->empty());
    };
    return blank(change.from) && blank(change.to);
}

// Of two states of one thing, either of which may not be there.
template <class T>
std::vector<Change> changes_between(const T* from, const T* to) {
    std::vector<Change> changes;
    if (from && to)
        plain::append_changes("", *from, *to, changes);
    else if (from || to)
        plain::append_parts("", from ? *from : *to, to != nullptr, changes);
    std::erase_if(changes, says_nothing);
    return changes;
}

// What lists show of a person and events change.
struct PersonThen {
    Phase status{};
    Personal<EmailAddress> email;
    std::optional<Instant> expires_at;
    std::optional<Instant> joined_at;
    std::optional<Instant> deactivated_at;
    bool operator==(const PersonThen&) const = default;
};
MUSTER_DESCRIBE(PersonThen, status, email, expires_at, joined_at, deactivated_at);

PersonThen then(const Membership& membership) {
    return {membership.phase, membership.email,
            membership.open_invitation() ? std::optional(membership.expires_at) : std::nullopt, membership.joined_at,
            membership.deactivated_at};
}

// What was there at a moment of all that people are given.
class Given {
public:
    Given(const AsOf& as_of, const Workspace& workspace) : as_of_(as_of), workspace_(workspace) {}

    // As lists show it: without what has gone.
    Assignment shown(Assignment given) {
        std::erase_if(given.teams, [&](const auto& each) { return !workspace_.teams.contains(each); });
        std::erase_if(given.permissions, [&](const auto& each) { return !holds(workspace_, each); });
        std::erase_if(given.resources, [&](const auto& each) { return !exists(each.id); });
        return given;
    }

private:
    bool exists(ResourceId id) {
        auto [known, fresh] = resources_.try_emplace(id);
        if (fresh) known->second = as_of_.resource(id).exists();
        return known->second;
    }

    const AsOf& as_of_;
    const Workspace& workspace_;
    std::map<ResourceId, bool> resources_;
};

std::vector<Change> person_changes(const Membership* from, const Membership* to) {
    auto changes = [&] {
        if (from && to) {
            auto was = then(*from), is = then(*to);
            return changes_between(&was, &is);
        }
        auto one = then(from ? *from : *to);
        return changes_between(from ? &one : nullptr, to ? &one : nullptr);
    }();
    auto add = [&](std::vector<Change> more) { std::ranges::move(more, std::back_inserter(changes)); };
    const auto* was = from ? from->profile.if_known() : nullptr;
    const auto* is = to ? to->profile.if_known() : nullptr;
    if (!from || !to || (was && is)) add(changes_between(was, is));  // erased is no change of a name
    add(changes_between(from ? &from->assignment : nullptr, to ? &to->assignment : nullptr));
    return changes;
}

template <class T>
DifferenceKind kind_of(const T* from, const T* to) {
    return !from ? DifferenceKind::added : !to ? DifferenceKind::removed : DifferenceKind::changed;
}

std::optional<Different> of_person(const Membership& before, const Membership& after) {
    auto there = [](const Membership& each) { return each.open_invitation() || each.member() ? &each : nullptr; };
    const auto *from = there(before), *to = there(after);
    if (!from && !to) return std::nullopt;
    auto changes = person_changes(from, to);
    if (from && to && changes.empty()) return std::nullopt;
    const auto& shown = to ? *to : *from;
    const auto* profile = shown.profile.if_known();
    bool member = shown.member();
    return Different{DifferencePart::people,
                     kind_of(from, to),
                     member ? "member" : "invitation",
                     member ? shown.id.text() : InvitationId{shown.id.uuid}.text(),
                     profile ? std::optional(profile->name) : std::nullopt,
                     std::move(changes)};
}

std::optional<Different> of_resource(const Resource& before, const Resource& after) {
    const auto* from = before.exists() ? &before : nullptr;
    const auto* to = after.exists() ? &after : nullptr;
    auto changes = changes_between(from, to);
    std::erase_if(changes, [](const auto& each) {
        return each.field == "id" || each.field == "workspace" || each.field == "version" || each.field == "removed";
    });
    if (changes.empty()) return std::nullopt;
    return Different{DifferencePart::resources,    kind_of(from, to), "resource", after.id.text(),
                     (to ? to : from)->name.value, std::move(changes)};
}

const std::string& key_text(const RoleKey& key) { return key.value; }
const std::string& key_text(const PermissionKey& key) { return key.value; }
std::string key_text(const TeamId& id) { return id.text(); }

// The parts of the workspace: roles, permissions, teams.
template <class Map>
void of_parts(DifferencePart part, const std::string& kind, const Map& before, const Map& after,
              const std::function<void(const Different&)>& each) {
    std::set<typename Map::key_type> keys;
    for (const auto& [key, _] : before) keys.insert(key);
    for (const auto& [key, _] : after) keys.insert(key);
    auto in = [](const Map& map, const auto& key) {
        auto found = map.find(key);
        return found == map.end() ? nullptr : &found->second.value;
    };
    for (const auto& key : keys) {
        const auto *from = in(before, key), *to = in(after, key);
        auto changes = changes_between(from, to);
        std::erase_if(changes, [](const auto& change) { return change.field == "id"; });
        if (changes.empty()) continue;
        each({part, kind_of(from, to), kind, key_text(key), text_of(plain::plain((to ? to : from)->name)),
              std::move(changes)});
    }
}

void count(const Membership& membership, std::int64_t sign, std::map<std::string, std::int64_t>& seats) {
    for (const auto& [counter, taken] : holdings(membership).takes)
        if (is_pool(counter)) seats[pool_of(counter)] += sign * taken;
}

bool any_gone(const Workspace& before, const Workspace& after) {
    auto gone = [](const auto& were, const auto& are) {
        return std::ranges::any_of(were, [&](const auto& each) {
            auto found = are.find(each.first);
            return found == are.end() || found->second.defined != each.second.defined;
        });
    };
    return gone(before.teams, after.teams) || gone(before.permissions, after.permissions);
}

struct Touched {
    std::set<MemberId> people;
    std::set<ResourceId> resources;
};

Touched touched_by(const Log& log, const std::vector<Position>& positions) {
    Touched touched;
    for (auto position : positions) {
        auto frame = log.frame(position);
        if (!frame) throw DamageError("event " + std::to_string(position) + " is missing from the log");
        if (frame->stream.kind == StreamKind::membership) touched.people.insert({frame->stream.id});
        if (frame->stream.kind == StreamKind::resource) touched.resources.insert({frame->stream.id});
    }
    return touched;
}

// Expiries as they were recorded: what was due and recorded only later is found in the difference that holds the
// record.
AsOf recorded(const Log& log, const History& history, WorkspaceId workspace, Moment moment) {
    return {log, history, workspace, {moment.position, Instant{}}};
}

}  // namespace

std::optional<WorkspaceDifference> difference(const Log& log, const History& history, WorkspaceId id, Moment from,
                                              Moment to, std::size_t most,
                                              const std::function<void(const Different&)>& each) {
    auto positions = log.positions(id, from.position, most + 1);
    positions.erase(std::ranges::upper_bound(positions, to.position), positions.end());
    if (positions.size() > most) return std::nullopt;
    WorkspaceDifference found{from, to, positions.size(), {}, {}, {}, {}};
    const auto before = recorded(log, history, id, from), after = recorded(log, history, id, to);
    const auto was = before.workspace(), is = after.workspace();
    const Workspace none;
    const auto &then = was ? *was : none, &later = is ? *is : none;
    Given given_then(before, then), given_later(after, later);
    auto touched = touched_by(log, positions);
    auto went = [&](ResourceId resource) {
        return before.resource(resource).exists() && !after.resource(resource).exists();
    };
    if (any_gone(then, later) || std::ranges::any_of(touched.resources, went))
        for (auto member : people_until(log, id, from.position)) {
            const auto given = before.membership(member).assignment;
            if (given_then.shown(given) != given_later.shown(given)) touched.people.insert(member);
            if (touched.people.size() > most) return std::nullopt;
        }
    for (auto member : touched.people) {
        auto old = before.membership(member), now = after.membership(member);
        count(old, -1, found.seats);
        count(now, +1, found.seats);
        old.assignment = given_then.shown(std::move(old.assignment));
        now.assignment = given_later.shown(std::move(now.assignment));
        if (auto different = of_person(old, now)) each(*different);
    }
    std::erase_if(found.seats, [](const auto& pool) { return pool.second == 0; });

    of_parts(DifferencePart::roles, "role", then.roles, later.roles, each);
    of_parts(DifferencePart::permissions, "permission", then.permissions, later.permissions, each);
    of_parts(DifferencePart::teams, "team", then.teams, later.teams, each);
    for (auto resource : touched.resources)
        if (auto different = of_resource(before.resource(resource), after.resource(resource))) each(*different);

    auto part = [&](const auto& of) { return changes_between(was ? &of(then) : nullptr, is ? &of(later) : nullptr); };
    found.settings = part([](const Workspace& of) -> const Settings& { return of.settings.value; });
    found.plan = part([](const Workspace& of) -> const Plan& { return of.plan.value; });
    auto named = [&](const std::string& field, const std::string& old, const std::string& now) {
        if (old == now) return;
        auto text = [](const auto& workspace, const std::string& value) {
            return workspace ? Plain(value) : Plain(nullptr);
        };
        found.workspace.push_back({field, text(was, old), text(is, now)});
    };
    named("name", then.name.value, later.name.value);
    named("slug", then.slug.value, later.slug.value);
    return found;
}

}  // namespace muster
