#include "eventstore/erase.h"

#include "eventstore/codec.h"

namespace muster {
namespace {

constexpr const char* follower = "eraser";
constexpr std::size_t events_at_once = 1000;

}  // namespace

void Eraser::erase(WorkspaceId workspace, MemberId member) {
    std::lock_guard lock(one_at_a_time_);
    auto stream = stream_of(member);
    auto deleted = directory_.membership(workspace, member);
    if (deleted->phase != Phase::deleted) return;
    auto positions = log_.positions(stream, 0);
    if (positions.empty()) return;
    auto first = log_.frame(positions.front());
    auto last = log_.frame(positions.back());
    auto key = first ? sealed_under(first->payload) : std::nullopt;
    if (!key || !last || last->type == type_name<PersonalDataDestroyed>()) return;
    vault_.destroy({*key});
    directory_.forget(workspace, deleted->email_claim);
    for (int tries = 0; tries < 8; ++tries) {
        ToAppend event{stream, PersonalDataDestroyed{*key, member}, {}, {}};
        event.payload = encode(event.event, nullptr);
        event.payload_hash = sha256(event.payload);
        Append append;
        append.workspace = workspace;
        append.command = append.correlation = new_uuid(clock_, entropy_);
        append.causation = positions.back();
        append.expected = {{stream, log_.version(stream)}};
        append.events.push_back(std::move(event));
        append.keys_destroyed = {*key};
        if (log_.append_and_wait(std::move(append)).status == AppendStatus::done) return;
    }
    throw StorageError("the person's key is destroyed, but the event that says so could not be appended");
}

void Eraser::complete() {
    auto position = vault_.checkpoint(follower);
    auto end = log_.head();
    while (position < end) {
        for (const auto& frame : log_.frames(position, events_at_once)) {
            position = frame.meta.position;
            if (frame.type == type_name<MemberDeleted>()) erase(frame.workspace, MemberId{frame.stream.id});
        }
    }
    vault_.set_checkpoint(follower, end);
}

}  // namespace muster
