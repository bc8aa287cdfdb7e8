#pragma once
// The cast of the roster's tests.

#include "eventstore/table.h"
#include "projections/roster.h"
#include "projections/roster_query.h"
#include "tests/projections/events.h"

#include <set>
#include <string>
#include <vector>

namespace muster::recorded {

inline const auto spring = numbered<WorkspaceId>(1);
inline const auto autumn = numbered<WorkspaceId>(2);
inline const auto sales = numbered<TeamId>(1);
inline const auto support = numbered<TeamId>(2);
inline const auto robot = numbered<ResourceId>(1);
inline const auto parrot = numbered<ResourceId>(2);
inline const RoleKey admin{"admin"};
inline const RoleKey plain{"member"};
inline const LicenseKey organization{"organization"};
inline const LicenseKey coaching{"coaching"};

inline MemberId person(std::uint32_t n) { return numbered<MemberId>(n); }

inline Assignment given(RoleKey role, std::set<TeamId> teams = {}) {
    Assignment assignment;
    assignment.role = std::move(role);
    assignment.teams = std::move(teams);
    return assignment;
}

// A roster that has seen all that happened so far.
class Scene {
public:
    void happens(MemberId who, Event event) { happens(stream_of(who), std::move(event)); }
    void happens(ResourceId what, Event event) { happens(stream_of(what), std::move(event)); }
    void happens(StreamId stream, Event event, WorkspaceId workspace = spring) {
        feed(roster, *table, {&story.happens(workspace, stream, std::move(event)), 1});
    }
    void changes(MemberId who, Profile profile, Assignment assignment) {
        auto before = now(who);
        happens(who, MemberChanged{before.profile, profile, before.assignment, assignment});
    }
    [[nodiscard]] Membership now(MemberId who) const { return muster::roster::member(*table, spring, who).value(); }
    [[nodiscard]] muster::roster::Page<Membership> members(const muster::roster::MemberFilter& filter = {}) const {
        return muster::roster::members(*table, spring, filter);
    }
    // A view made from the same events at once has the same bytes.
    [[nodiscard]] bool rebuilds() const {
        auto again = open_memory_table(1);
        feed(roster, *again, story.events());
        return dump(*again) == dump(*table);
    }

    Roster roster{icu_unicode()};
    Story story;
    std::unique_ptr<Table> table = open_memory_table(1);
};

inline std::vector<std::string> names(const std::vector<Membership>& items) {
    std::vector<std::string> names;
    for (const auto& each : items) names.push_back(each.profile.or_blank().name);
    return names;
}

inline std::vector<std::string> words(std::string_view q) { return icu_unicode().search_words(q); }

using Names = std::vector<std::string>;

}  // namespace muster::recorded
