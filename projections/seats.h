#pragma once
// Seats: how many of each pool are taken in a workspace, and who holds them. It counts by the same `holdings` by which
// seats are guarded, so what is shown and what is refused cannot differ. Limits are the Workspace's and are joined by
// the caller.
//
//   m ‖ workspace ‖ member := phase u8 ‖ licence ‖ number of add-ons u16 ‖ add-ons   (texts: size u16 ‖ bytes)
//       what the person may hold, until revoked or deleted
//   c ‖ workspace ‖ a | p ‖ pool := number             seats that are assigned (a) and reserved (p)
//   h ‖ workspace ‖ pool ‖ 0 ‖ member := status u8 ‖ at i64 ‖ position u64   of the event that took the seat

#include "projections/projection.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster {

class Seats final : public Projection {
public:
    [[nodiscard]] std::string_view name() const override { return "seats"; }
    [[nodiscard]] std::uint32_t version() const override { return 1; }
    void on(const Recorded& recorded, Rows& rows) const override;
};

namespace seats {

struct PoolUse {
    std::int64_t active = 0;   // assigned to active members
    std::int64_t pending = 0;  // reserved by pending invitations
    bool operator==(const PoolUse&) const = default;
};
// By pool: `users`, or a licence's key. Pools that nobody holds anything of are left out.
using Use = std::map<std::string, PoolUse>;

Use use(const Reading& reading, WorkspaceId workspace);

enum class Status : std::uint8_t { assigned = 1, reserved = 2 };
MUSTER_ENUM(Status, assigned, reserved);

struct Holder {
    MemberId member;
    Status status{};
    Instant since;  // an invitation that is accepted keeps its seat, and the moment
    Position position = 0;
    bool operator==(const Holder&) const = default;
};
// In order of the members' ids, behind `after`.
std::vector<Holder> holders(const Reading& reading, WorkspaceId workspace, const std::string& pool,
                            const std::optional<MemberId>& after, std::size_t most);

// Whether that person holds one of it.
std::optional<Holder> holder(const Reading& reading, WorkspaceId workspace, const std::string& pool, MemberId member);

}  // namespace seats
}  // namespace muster
