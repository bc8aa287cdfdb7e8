#pragma once
// How a workspace stood at a moment: what lists with `?as_of=` answer and `muster audit as-of` prints. People are found
// by their ids and folded one by one (eventstore/as_of.h), so that memory is bounded by a page however long the history
// is; what counts all of them costs as much as there are.

#include "api/json/faults.h"
#include "api/views.h"
#include "eventstore/as_of.h"
#include "projections/seats.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster {

namespace limits {
// For a page, which may be short, or for its total.
inline constexpr std::size_t people_folded_most = 10'000;
inline constexpr std::size_t people_met_most = 100'000;  // who came only later costs little
}  // namespace limits

// A time (RFC 3339) or a position, as a parameter of that name gives it. A fault where it is neither, or lies in the
// future: what would be answered could still change.
std::optional<Moment> moment_in(std::string_view text, std::string_view parameter, const Log& log,
                                WorkspaceId workspace, Instant now, Faults& faults);

// Whether `to` lies before `from`, both as they were given. Where either is a position, the positions say so: a time at
// which nothing happens is later than the last event before it.
bool reversed(std::string_view from_text, const Moment& from, std::string_view to_text, const Moment& to);

// Ids of all who were ever of the workspace, in their order, behind `after`. Some may be of nobody yet.
using People = std::function<std::vector<MemberId>(const std::optional<MemberId>& after, std::size_t most)>;
// Calls `each` for all of them, until it says false.
void for_all(const People& people, std::optional<MemberId> after, const std::function<bool(MemberId)>& each);

// What is counted over all people.
struct Tally {
    seats::Use seats;
    std::map<TeamId, std::int64_t> members;  // active ones, by team
};
Tally tally(const AsOf& as_of, const People& people);

// Names as they were then. `as_of` and the workspace must outlive it.
NameLookup names(const AsOf& as_of, const Workspace& workspace, const Unicode& unicode);

}  // namespace muster
