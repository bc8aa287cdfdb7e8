// Everybody of a deleted workspace, some at a time; and whom a restored history brings back.
#include "domain/erasure.h"
#include "eventstore/codec.h"
#include "eventstore/erase.h"
#include "eventstore/execute.h"

#include <algorithm>
#include <utility>

namespace muster {
namespace {

constexpr const char* workspaces_follower = "workspace_eraser";
constexpr std::size_t frames_at_once = 1000;

// One event on a stream that has not moved, by nobody's command.
Append saying(Log& log, WorkspaceId workspace, const StreamId& stream, Event event, const Uuid& command) {
    Append append;
    append.workspace = workspace;
    append.command = append.correlation = command;
    ToAppend each{stream, std::move(event), {}, {}};
    each.payload = encode(each.event, nullptr);
    each.payload_hash = sha256(each.payload);
    append.expected.push_back({stream, log.version(stream)});
    append.events.push_back(std::move(each));
    return append;
}

}  // namespace

void Eraser::erase_workspace(WorkspaceId workspace) {
    std::string after;  // Beginning anew each time would step over all who are gone.
    bool more = true;
    while (more) {
        std::lock_guard lock(one_at_a_time_);
        more = erase_some(workspace, after);
    }
}

bool Eraser::erase_some(WorkspaceId id, std::string& after) {
    auto workspace = directory_.deleted_workspace(id);
    if (!workspace || workspace->erased) return false;
    auto people = log_.persons(id, after, limits::erased_at_once);
    auto begun = std::exchange(after, people.empty() ? "" : people.back().email_claim);
    if (people.empty() && !begun.empty()) return true;  // once more from the beginning, to be sure
    if (!people.empty()) {
        destroy(id, end(workspace, std::move(people)));
        return true;
    }
    complete_all();  // those who were deleted one by one, or in the chunk that a failure cut off
    vault_.destroy_claim_key(id);
    tell_erased(workspace);
    return true;
}

std::vector<Eraser::Doomed> Eraser::end(const std::shared_ptr<const Workspace>& workspace,
                                        std::vector<PersonBinding> people) {
    std::vector<Doomed> doomed;
    int tries = 0;
    for (std::size_t begin = 0; begin < people.size();) {
        auto after = std::min(people.size(), begin + limits::people_ended_per_append);
        Draft draft(workspace, log_, vault_, std::max(clock_.now(), log_.head_row().at), Actor{});
        std::vector<Doomed> of_append;
        for (auto each = begin; each < after; ++each) {
            const auto& person = people[each];
            EmailClaim claim{person.email_claim};
            auto holder = directory_.holder(workspace->id, claim);
            auto request = directory_.open_request(workspace->id, claim);
            if (holder) draft.know(holder);
            if (request) draft.know(request);
            auto events = end_person(
                {person.key, person.email_claim, holder.get(), request ? std::optional(request->id) : std::nullopt},
                draft.now());
            bool member = holder && holder->member();
            of_append.push_back({member ? stream_of(holder->id) : StreamId{StreamKind::person, person.key}, person.key,
                                 person.email_claim, member ? holder->id : MemberId{}, 0});
            draft.add(Decision{std::move(events), {}, Instant::never()});
        }
        auto append = draft.append();
        append.command = append.correlation = log_.next_id();
        auto appended = log_.append_and_wait(std::move(append));
        if (appended.status == AppendStatus::done) {
            for (auto& each : of_append) each.causation = appended.position;
            doomed.insert(doomed.end(), of_append.begin(), of_append.end());
            begin = after;
            tries = 0;
        } else if (appended.status == AppendStatus::failed || ++tries == limits::attempts) {
            throw StorageError("people could not be deleted: " + appended.why);
        }
    }
    return doomed;
}

void Eraser::tell_erased(const std::shared_ptr<const Workspace>& workspace) {
    for (int tries = 0; tries < limits::attempts; ++tries) {
        auto append =
            saying(log_, workspace->id, stream_of(workspace->id), Event(WorkspaceErased{}), new_uuid(clock_, entropy_));
        if (log_.append_and_wait(std::move(append)).status == AppendStatus::done) return;
    }
    throw StorageError("a workspace's keys are destroyed, but the event that says so could not be appended");
}

void Eraser::complete_workspaces() {
    auto position = vault_.checkpoint(workspaces_follower);
    auto end = log_.head();
    while (position < end) {
        for (const auto& frame : log_.frames(position, frames_at_once)) {
            position = frame.meta.position;
            if (names_type<WorkspaceDeleted>(frame.type)) erase_workspace(frame.workspace);
        }
    }
    vault_.set_checkpoint(workspaces_follower, end);
}

// ---- After a restore.

Eraser::EndedAgain Eraser::erase_again() {
    EndedAgain ended;
    vault_.set_checkpoint("eraser", 0);
    complete();
    vault_.set_checkpoint(workspaces_follower, 0);
    for (const auto& id : vault_.all_erased()) {
        // The claim key of a workspace goes by the workspace's id.
        WorkspaceId workspace{id};
        if (!directory_.workspace(workspace)) continue;
        delete_again(workspace);
        ++ended.workspaces;
    }
    complete_workspaces();
    std::lock_guard lock(one_at_a_time_);
    for (const auto& key : vault_.all_erased()) {
        auto owner = log_.key_owner(key);
        auto workspace = owner ? directory_.workspace(owner->workspace) : nullptr;
        if (!workspace || log_.person_key(owner->workspace, owner->email_claim) != key) continue;
        PersonBinding person{owner->email_claim, key, true};
        auto holder = directory_.holder(workspace->id, EmailClaim{person.email_claim});
        bool admin = holder && holder->phase == Phase::active && holder->assignment.role == admin_role;
        std::vector<Doomed> doomed;
        if (admin && log_.counters(workspace->id)->of(Counter::active_admins()) <= 1) {
            end_sign_in({holder->id});
            if (auto blank = end_blank(workspace->id, person)) doomed.push_back(*blank);
            ended.without_admin.push_back(workspace->id);
        } else {
            doomed = end(workspace, {person});
            for (auto& each : doomed)
                if (each.member.uuid.nil()) name_what_it_sealed(workspace->id, each);
        }
        destroy(workspace->id, doomed);
        ++ended.people;
    }
    return ended;
}

void Eraser::delete_again(WorkspaceId id) {
    auto workspace = directory_.workspace(id);
    for (int tries = 0; tries < limits::attempts; ++tries) {
        Draft draft(workspace, log_, vault_, std::max(clock_.now(), log_.head_row().at), Actor{});
        draft.add(
            Decision{{{stream_of(id), WorkspaceDeleted{workspace->name, workspace->slug}}}, {}, Instant::never()});
        auto append = draft.append();
        append.command = append.correlation = log_.next_id();
        if (log_.append_and_wait(std::move(append)).status == AppendStatus::done) return;
    }
    throw StorageError("a workspace that was deleted in a later history could not be deleted here");
}

std::optional<Eraser::Doomed> Eraser::end_blank(WorkspaceId workspace, const PersonBinding& person) {
    StreamId stream{StreamKind::person, person.key};
    auto append = saying(log_, workspace, stream, Event(PersonErased{person.email_claim}), log_.next_id());
    append.persons_unbound.push_back(person.email_claim);
    auto appended = log_.append_and_wait(std::move(append));
    if (appended.status != AppendStatus::done) return std::nullopt;
    return Doomed{stream, person.key, person.email_claim, {}, appended.position};
}

}  // namespace muster
