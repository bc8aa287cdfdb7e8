#include "api/deletion.h"

#include "domain/event.h"
#include "eventstore/codec.h"

#include <ranges>

namespace muster {

// It is the last event of the workspace's own stream but for the one that says that nobody is left.
std::optional<Meta> deletion_of(const Log& log, WorkspaceId workspace) {
    for (auto position : log.positions(stream_of(workspace), 0) | std::views::reverse) {
        auto frame = log.frame(position);
        if (frame && names_type<WorkspaceDeleted>(frame->type)) return frame->meta;
        if (!frame || !names_type<WorkspaceErased>(frame->type)) return std::nullopt;
    }
    return std::nullopt;
}

}  // namespace muster
