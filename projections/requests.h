#pragma once
// Invitation requests by their phase: indexes only. What a request says is read from its stream, so an erased person is
// gone from here without a row being touched.
//
//   r ‖ workspace ‖ phase u8 ‖ request := nothing
//   p ‖ request := phase u8

#include "domain/request.h"
#include "projections/projection.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace muster {

class Requests final : public Projection {
public:
    [[nodiscard]] std::string_view name() const override { return "requests"; }
    [[nodiscard]] std::uint32_t version() const override { return 1; }
    void on(const Recorded& recorded, Rows& rows) const override;
};

namespace requests {

// Those of the phases, the newest first, behind `after`; at most so many.
std::vector<RequestId> newest(const Reading& reading, WorkspaceId workspace, const std::vector<RequestPhase>& phases,
                              const std::optional<RequestId>& after, std::size_t most);
// How many there are of the phases, counted up to `most`.
std::size_t count(const Reading& reading, WorkspaceId workspace, const std::vector<RequestPhase>& phases,
                  std::size_t most);

}  // namespace requests
}  // namespace muster
