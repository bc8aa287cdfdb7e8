#include "eventstore/verify.h"

#include "eventstore/log.h"

#include <unordered_map>

namespace muster {
namespace {

constexpr Position events_a_report = 1000;

// The frame at a row, with the link that it should have; throws DecodeError for what is wrong with it.
Frame linked_frame(std::string_view bytes, Position position, const Digest& previous) {
    auto frame = parse_frame(bytes);
    if (frame.meta.position != position) throw DecodeError("it stands at another's place");
    if (link_of(previous, header_of(frame), sha256(frame.payload)) != frame.link)
        throw DecodeError("its link does not follow from the event before it");
    return frame;
}

}  // namespace

ChainReport verify_chain(const Reading& log, WorkspaceId workspace) {
    ChainReport report;
    Position position = 0;
    try {
        auto prefix = rows::bytes_of(workspace.uuid);
        for (auto row = log.scan(family(LogFamily::workspaces), prefix); row->valid(); row->next()) {
            position = read_u64(row->key().substr(prefix.size()));
            auto stored = log.get(family(LogFamily::events), rows::position(position));
            if (!stored) throw DecodeError("it is missing");
            auto frame = linked_frame(*stored, position, report.link);
            if (frame.workspace != workspace) throw DecodeError("it is another workspace's");
            ++report.events;
            report.position = position;
            report.link = frame.link;
        }
        auto stored = log.get(family(LogFamily::heads), rows::chain(workspace));
        auto head = stored ? rows::to_chain_head(*stored) : rows::ChainHead{};
        position = head.position;
        if (head.position != report.position || head.link != report.link)
            throw DecodeError("the workspace's head row names it as the last, which is " +
                              std::to_string(report.position));
    } catch (const DecodeError& error) {
        report.fault = {position, error.what()};
    }
    return report;
}

ChainReport verify_chain(const Log& log, WorkspaceId workspace) {
    return verify_chain(*log.table().snapshot(), workspace);
}

ChainReport verify_log(const Reading& log, const std::function<void(Position)>& progress) {
    ChainReport report;
    std::unordered_map<Uuid, Digest> links;
    try {
        for (auto row = log.scan(family(LogFamily::events), {}); row->valid(); row->next()) {
            if (progress && report.position % events_a_report == 0) progress(report.position);
            if (row->key() != rows::position(report.position + 1)) throw DecodeError("it is missing");
            auto workspace = parse_frame(row->value()).workspace.uuid;
            auto frame = linked_frame(row->value(), report.position + 1, links[workspace]);
            links[workspace] = frame.link;
            report.link = sha256(view(report.link), view(frame.link));
            ++report.events;
            ++report.position;
        }
        auto stored = log.get(family(LogFamily::heads), rows::head());
        auto head = stored ? rows::to_head(*stored) : rows::Head{};
        if (head.position > report.position) throw DecodeError("it is missing");
        if (head.position != report.position || head.running != report.link)
            throw DecodeError("the log's head row does not follow from its events");
    } catch (const DecodeError& error) {
        report.fault = {report.position + 1, error.what()};
    }
    return report;
}

}  // namespace muster
