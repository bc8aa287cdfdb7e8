#pragma once
// The roster: the members, invitations and resources of all workspaces, as lists and searches need them.
//
// A row is the aggregate itself, folded with the domain's own `evolve`, so that what is read and what is decided can't
// differ, and how the invitation's mail stands. Invitation and member are phases of one row. Beside it stand index
// entries (projections/roster_rows.h), of which an event writes only the difference. Queries are in
// projections/roster_query.h.

#include "domain/text.h"
#include "projections/projection.h"

namespace muster {

// `unicode` must outlive it. What it made of a name stays in the row, so that a newer Unicode finds old entries again.
class Roster final : public Projection {
public:
    explicit Roster(const Unicode& unicode) : unicode_(unicode) {}
    [[nodiscard]] std::string_view name() const override { return "roster"; }
    [[nodiscard]] std::uint32_t version() const override { return 7; }
    void on(const Recorded& recorded, Rows& rows) const override;
    [[nodiscard]] bool personal() const override { return true; }

private:
    const Unicode& unicode_;
};

}  // namespace muster
