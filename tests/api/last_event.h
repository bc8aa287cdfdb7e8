#pragma once
// A data directory at rest whose log ends as another program would have written it, an older or a newer one.

#include "eventstore/anchor.h"
#include "eventstore/frame.h"
#include "eventstore/log_rows.h"
#include "eventstore/rocks_table.h"

#include <functional>
#include <string>

namespace muster::test {

// The log's last event is changed; its links follow, so that the log is whole.
inline void change_last_event(const std::string& directory, const std::function<void(Frame&)>& change) {
    const RocksShared shared;
    auto log = open_log_table(directory + "/log", shared);
    auto head = rows::to_head(*log->get(family(LogFamily::heads), rows::head()));
    const auto frame_at = [&](Position position) {
        return parse_frame(*log->get(family(LogFamily::events), rows::position(position)));
    };
    auto frame = frame_at(head.position);
    // Before it, in the chain of its workspace and in the whole log.
    Digest previous{}, running{};
    for (Position position = 1; position < head.position; ++position) {
        const auto each = frame_at(position);
        if (each.workspace == frame.workspace) previous = each.link;
        running = sha256(view(running), view(each.link));
    }
    change(frame);
    const auto header = header_of(frame);
    const auto link = link_of(previous, header, sha256(frame.payload));
    head.running = sha256(view(running), view(link));
    WriteBatch batch;
    batch.put(family(LogFamily::events), rows::position(head.position), frame_bytes(header, frame.payload, link));
    batch.put(family(LogFamily::heads), rows::chain(frame.workspace),
              rows::bytes_of(rows::ChainHead{head.position, link}));
    batch.put(family(LogFamily::heads), rows::head(), rows::bytes_of(head));
    log->write(batch, Sync::yes);
    open_anchor(directory + "/anchor")->write({head.position, head.running});
}

}  // namespace muster::test
