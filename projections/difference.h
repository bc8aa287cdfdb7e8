#pragma once
// What changed in a workspace between two moments: the difference of how things stood, not what happened in between
// (the audit tells that). Only what the events between are about is looked at, each thing folded to both moments, so
// the cost is theirs and not the workspace's; but where a team, a permission or a resource went, everybody who was
// there before is looked at: who had it differs.
//
// An invitation counts as expired from when that was recorded. Sign-ins and the mails' fates are no changes.

#include "eventstore/as_of.h"
#include "projections/sentence.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster {

enum class DifferencePart : std::uint8_t { people, roles, permissions, teams, resources };
MUSTER_ENUM(DifferencePart, people, roles, permissions, teams, resources);
enum class DifferenceKind : std::uint8_t { added, removed, changed };
MUSTER_ENUM(DifferenceKind, added, removed, changed);

// Something that is there at one of the moments alone, or differs; field by field, from null where it came and to null
// where it went. People are members and open invitations (pending, expired), as at the later moment at which they are
// there.
struct Different {
    DifferencePart part{};
    DifferenceKind change{};
    std::string kind;  // as Target::kind
    std::string id;    // or key
    std::optional<std::string> name;
    std::vector<Change> changes;
};

struct WorkspaceDifference {
    Moment from;
    Moment to;
    std::size_t events = 0;  // of the workspace in between
    std::vector<Change> workspace;
    std::vector<Change> settings;
    std::vector<Change> plan;
    std::map<std::string, std::int64_t> seats;  // by pool, how many more (or fewer) are taken; unchanged ones left out
};

// `each` is called for the parts in their order, within one by id or key. nullopt, with nothing called, where there are
// more than `most` events in between, or people who are touched by what went.
std::optional<WorkspaceDifference> difference(const Log& log, const History& history, WorkspaceId workspace,
                                              Moment from, Moment to, std::size_t most,
                                              const std::function<void(const Different&)>& each);

}  // namespace muster
