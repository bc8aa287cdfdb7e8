#include "eventstore/erase.h"

#include "eventstore/codec.h"
#include "eventstore/execute.h"
#include "eventstore/sealed_rows.h"

namespace muster {
namespace {

constexpr const char* follower = "eraser";
constexpr std::size_t events_at_once = 1000;

}  // namespace

void Eraser::erase(WorkspaceId workspace, MemberId member) {
    std::lock_guard lock(one_at_a_time_);
    auto deleted = directory_.membership(workspace, member);
    if (deleted->phase != Phase::deleted) return;
    auto positions = log_.positions(stream_of(member), 0);
    auto first = log_.frame(positions.front());
    auto key = first ? sealed_under(first->payload) : std::nullopt;
    // How they signed in goes too; nobody is let in by it any more.
    for (auto kept : {vault_.passwords(), vault_.sessions()}) kept.erase(kept.keys(rows::bytes_of(member.uuid)));
    if (key) destroy(workspace, stream_of(member), *key, deleted->email_claim, member);
}

void Eraser::erase_person(WorkspaceId workspace, Uuid key) {
    std::lock_guard lock(one_at_a_time_);
    StreamId person{StreamKind::person, key};
    auto events = history_.stream(person);
    if (events.empty() || events.front()->workspace != workspace) return;
    if (const auto* erased = std::get_if<PersonErased>(&events.front()->event))
        destroy(workspace, person, key, erased->email_claim, {});
}

void Eraser::destroy(WorkspaceId workspace, StreamId stream, Uuid key, const std::string& email_claim,
                     MemberId member) {
    auto last = log_.frame(log_.positions(stream, 0).back());
    if (!last || last->type == type_name<PersonalDataDestroyed>()) return;
    vault_.destroy({key});
    directory_.forget(workspace, email_claim);
    for (int tries = 0; tries < limits::attempts; ++tries) {
        ToAppend event{stream, PersonalDataDestroyed{key, member}, {}, {}};
        event.payload = encode(event.event, nullptr);
        event.payload_hash = sha256(event.payload);
        Append append;
        append.workspace = workspace;
        append.command = append.correlation = new_uuid(clock_, entropy_);
        append.causation = last->meta.position;
        append.expected = {{stream, log_.version(stream)}};
        append.events.push_back(std::move(event));
        append.keys_destroyed = {key};
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
            if (frame.type == type_name<PersonErased>()) erase_person(frame.workspace, frame.stream.id);
        }
    }
    vault_.set_checkpoint(follower, end);
}

}  // namespace muster
