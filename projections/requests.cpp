#include "projections/requests.h"

#include "eventstore/bytes.h"
#include "eventstore/frame.h"

#include <algorithm>
#include <memory>

namespace muster {
namespace requests {
namespace {

std::string prefix(WorkspaceId workspace, RequestPhase phase) {
    std::string key = "r";
    append_uuid(key, workspace.uuid);
    append_u8(key, static_cast<std::uint8_t>(phase));
    return key;
}

std::string listed(WorkspaceId workspace, RequestPhase phase, const Uuid& request) {
    auto key = prefix(workspace, phase);
    append_uuid(key, request);
    return key;
}

std::string phase_key(const Uuid& request) {
    std::string key = "p";
    append_uuid(key, request);
    return key;
}

RequestId last_id(std::string_view key) {
    RequestId id;
    std::ranges::copy(key.substr(key.size() - id.uuid.bytes.size()), id.uuid.bytes.begin());
    return id;
}

}  // namespace

std::vector<RequestId> newest(const Reading& reading, WorkspaceId workspace, const std::vector<RequestPhase>& phases,
                              const std::optional<RequestId>& after, std::size_t most) {
    std::vector<std::unique_ptr<Cursor>> rows;
    for (auto phase : phases) {
        rows.push_back(reading.scan(0, prefix(workspace, phase)));
        auto end = after ? listed(workspace, phase, after->uuid) : prefix(workspace, phase) + std::string(17, '\xff');
        rows.back()->seek_for_previous(end);
        if (after && rows.back()->valid() && rows.back()->key() == end) rows.back()->previous();
    }
    std::vector<RequestId> found;
    while (found.size() < most) {
        Cursor* first = nullptr;
        for (auto& row : rows)
            if (row->valid() && (!first || last_id(first->key()) < last_id(row->key()))) first = row.get();
        if (!first) break;
        found.push_back(last_id(first->key()));
        first->previous();
    }
    return found;
}

std::size_t count(const Reading& reading, WorkspaceId workspace, const std::vector<RequestPhase>& phases,
                  std::size_t most) {
    std::size_t count = 0;
    for (auto phase : phases)
        for (auto row = reading.scan(0, prefix(workspace, phase)); row->valid() && count < most; row->next()) ++count;
    return count;
}

}  // namespace requests

void Requests::on(const Recorded& recorded, Rows& rows) const {
    if (recorded.stream.kind != StreamKind::request) return;
    const auto& id = recorded.stream.id;
    InvitationRequest after;
    evolve(after, recorded);
    auto key = requests::phase_key(id);
    if (auto before = rows.get(key)) {
        auto phase = static_cast<RequestPhase>(ByteReader(*before).take<std::uint8_t>());
        rows.erase(requests::listed(recorded.workspace, phase, id));
    }
    rows.put(requests::listed(recorded.workspace, after.phase, id), {});
    std::string phase;
    append_u8(phase, static_cast<std::uint8_t>(after.phase));
    rows.put(key, phase);
}

}  // namespace muster
