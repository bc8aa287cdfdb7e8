#pragma once
// The audit's indexes: which events concern a workspace, an actor, a person, a type, a time. The log is the truth, and
// entries are read from it (projections/sentence.h), so no name or address stands here and erasing touches nothing.
//
//   p ‖ workspace ‖ position                                  all of the workspace
//   t ‖ workspace ‖ at ‖ position                             by time
//   a ‖ workspace ‖ kind u8 ‖ id ‖ position                   by who did it; an invitee counts as the member
//   m ‖ workspace ‖ member ‖ position                         by whom it concerns
//   y ‖ workspace ‖ type ‖ 0 ‖ position                       by type (`member_invited`)
//   b ‖ workspace ‖ batch or import ‖ member                  whom it invited
// All rows are empty. The log's times never fall, so the order of positions is the order of times.

#include "projections/projection.h"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace muster {

class Audit final : public Projection {
public:
    [[nodiscard]] std::string_view name() const override { return "audit"; }
    [[nodiscard]] std::uint32_t version() const override { return 5; }
    void on(const Recorded& recorded, Rows& rows) const override;
};

namespace audit {

// Whom an event concerns: whose it is, whose mail it tells of, who takes over from somebody deleted.
std::set<MemberId> concerned(const Recorded& recorded);

// Several values of a filter: any of them; none: all. Filters of different kinds must all hold.
struct Query {
    WorkspaceId workspace;
    std::vector<Actor> actors;
    std::vector<MemberId> members;
    std::vector<std::string> types;
    std::optional<Instant> from;     // at >= from
    std::optional<Instant> to;       // at < to
    std::optional<Position> before;  // `next` of the page before
    std::size_t limit = 50;
};

struct Page {
    std::vector<Position> positions;  // newest first
    std::optional<Position> next;     // none: this was the last page
};

// Walks the narrowest index and asks the others of each row, some `rows_walked_max` rows a page, those that are asked
// for counted as well: a page may be short.
inline constexpr std::size_t rows_walked_max = 10'000;
Page find(const Reading& reading, const Query& query, std::size_t walked_max = rows_walked_max);

// All whom the workspace's events concern, in order of their ids, behind `after`.
std::vector<MemberId> people(const Reading& reading, WorkspaceId workspace, const std::optional<MemberId>& after,
                             std::size_t most);
// Whom a batch or an import invited, in order of their ids; an import is a batch with the same 26 characters.
std::vector<MemberId> invited_by(const Reading& reading, WorkspaceId workspace, BatchId batch);

}  // namespace audit
}  // namespace muster
