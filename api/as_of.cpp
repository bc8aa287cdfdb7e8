#include "api/as_of.h"

#include "domain/seats.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>

namespace muster {
namespace {

std::optional<Position> position_in(std::string_view text) {
    Position position = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(position) : std::nullopt;
}

}  // namespace

std::optional<Moment> moment_in(std::string_view text, std::string_view parameter, const Log& log,
                                WorkspaceId workspace, Instant now, Faults& faults) {
    auto fault = [&](const std::string& detail) {
        faults.add({"?" + std::string(parameter), Code::invalid_value, detail, {}});
        return std::nullopt;
    };
    auto position = position_in(text);
    auto at = position ? std::nullopt : Instant::parse(text);
    if (!position && !at)
        return fault("A time is needed as in RFC 3339, like 2026-11-22T15:43:00Z, or a position of the log.");
    if (at && *at > now) return fault("It is " + now.text() + " here: what is to come is not known yet.");
    if (position && *position > log.head())
        return fault("The log ends at position " + std::to_string(log.head()) + ".");
    return at ? moment_at(log, workspace, *at) : moment_at(log, workspace, *position);
}

bool reversed(std::string_view from_text, const Moment& from, std::string_view to_text, const Moment& to) {
    if (position_in(from_text) || position_in(to_text)) return to.position < from.position;
    return to.at < from.at;
}

void for_all(const People& people, std::optional<MemberId> after, const std::function<bool(MemberId)>& each) {
    constexpr std::size_t at_once = 200;
    while (true) {
        auto ids = people(after, at_once);
        for (auto id : ids)
            if (!each(id)) return;
        if (ids.size() < at_once) return;
        after = ids.back();
    }
}

Tally tally(const AsOf& as_of, const People& people) {
    Tally all;
    for_all(people, std::nullopt, [&](MemberId id) {
        const auto membership = as_of.membership(id);
        bool active = membership.phase == Phase::active;
        for (const auto& [counter, taken] : holdings(membership).takes) {
            if (!is_pool(counter)) continue;
            auto& pool = all.seats[pool_of(counter)];
            (active ? pool.active : pool.pending) += taken;
        }
        if (active)
            for (auto team : membership.assignment.teams) ++all.members[team];
        return true;
    });
    return all;
}

NameLookup names(const AsOf& as_of, const Workspace& workspace, const Unicode& unicode) {
    // Each is folded once.
    auto resources = std::make_shared<std::map<ResourceId, std::optional<Name>>>();
    auto people = std::make_shared<std::map<Uuid, std::optional<std::string>>>();
    return {workspace,
            [&as_of, resources](ResourceId id) {
                auto [known, fresh] = resources->try_emplace(id);
                if (fresh)
                    if (auto resource = as_of.resource(id); resource.exists()) known->second = resource.name;
                return known->second;
            },
            [&as_of, &workspace, people](const Actor& actor) -> std::optional<std::string> {
                if (actor.kind == ActorKind::api_key) return key_name(workspace, actor);
                if (actor.kind != ActorKind::member) return std::nullopt;
                auto [known, fresh] = people->try_emplace(actor.id);
                if (fresh) {
                    auto member = as_of.membership(MemberId{actor.id});
                    if (const auto* profile = member.profile.if_known()) known->second = profile->name;
                }
                return known->second;
            },
            unicode,
            [&as_of](MemberId id) { return as_of.last_login(id); },
            [&as_of](const Membership& membership) { return as_of.delivery(membership.id); }};
}

}  // namespace muster
