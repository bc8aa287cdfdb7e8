#include "eventstore/erase.h"

#include "eventstore/codec.h"
#include "eventstore/execute.h"
#include "eventstore/sealed_rows.h"

#include <algorithm>
#include <map>

namespace muster {
namespace {

constexpr const char* follower = "eraser";
constexpr std::size_t events_at_once = 1000;

PersonalDataDestroyed destruction(const Frame& frame) {
    return std::get<PersonalDataDestroyed>(
        decode(frame.type, frame.payload, [](const Uuid&) { return std::nullopt; }));  // nothing in it is personal
}

// Of whom the log says that they are gone: the vault is an older one, which somebody put back.
bool has_still(Vault& vault, const PersonalDataDestroyed& gone) {
    if (vault.person_key(gone.key)) return true;
    if (gone.member.uuid.nil()) return false;
    const auto theirs = rows::bytes_of(gone.member.uuid);
    return !vault.passwords().keys(theirs).empty() || !vault.sessions().keys(theirs).empty();
}

}  // namespace

bool Eraser::destroyed(const StreamId& stream) const {
    auto positions = log_.positions(stream, 0);
    auto last = positions.empty() ? std::nullopt : log_.frame(positions.back());
    return last && names_type<PersonalDataDestroyed>(last->type);
}

std::optional<Eraser::Doomed> Eraser::doomed_member(WorkspaceId workspace, MemberId member) {
    auto deleted = directory_.membership(workspace, member);
    auto stream = stream_of(member);
    if (deleted->phase != Phase::deleted || destroyed(stream)) return std::nullopt;
    auto positions = log_.positions(stream, 0);
    // The last: one before it, of a sole admin, was destroyed by a restore.
    std::optional<Uuid> key;
    for (auto position = positions.rbegin(); position != positions.rend() && !key; ++position)
        if (auto frame = log_.frame(*position)) key = sealed_under(frame->payload);
    if (!key) return std::nullopt;
    return Doomed{stream, *key, deleted->email_claim, member, positions.back()};
}

std::optional<Eraser::Doomed> Eraser::doomed_person(WorkspaceId workspace, const Uuid& key) {
    StreamId person{StreamKind::person, key};
    auto events = history_.stream(person);
    if (events.empty() || events.front()->workspace != workspace || destroyed(person)) return std::nullopt;
    const auto* erased = std::get_if<PersonErased>(&events.front()->event);
    if (!erased) return std::nullopt;
    Doomed doomed{person, key, erased->email_claim, {}, events.back()->meta.position};
    if (directory_.workspace(workspace)) name_what_it_sealed(workspace, doomed);
    return doomed;
}

void Eraser::name_what_it_sealed(WorkspaceId workspace, Doomed& doomed) const {
    std::vector<Position> positions;
    do {
        positions = log_.positions(workspace, positions.empty() ? 0 : positions.back(), events_at_once);
        for (auto position : positions) {
            auto frame = log_.frame(position);
            if (!frame || sealed_under(frame->payload) != doomed.key) continue;
            if (frame->stream.kind == StreamKind::membership) doomed.invitations.insert({frame->stream.id});
            if (frame->stream.kind == StreamKind::request) doomed.requests.insert({frame->stream.id});
        }
    } while (positions.size() == events_at_once);
}

void Eraser::erase(WorkspaceId workspace, MemberId member) {
    std::lock_guard lock(one_at_a_time_);
    if (auto doomed = doomed_member(workspace, member)) destroy(workspace, {*doomed});
}

void Eraser::erase_person(WorkspaceId workspace, Uuid key) {
    // Reading all of a workspace keeps nobody waiting: nothing more is sealed under the key.
    auto doomed = doomed_person(workspace, key);
    std::lock_guard lock(one_at_a_time_);
    if (doomed && !destroyed(doomed->stream)) destroy(workspace, {*doomed});
}

// One synced write for each kind, however many they are.
void Eraser::end_sign_in(const std::vector<MemberId>& members) {
    for (auto kept : {vault_.passwords(), vault_.sessions()}) {
        std::vector<std::string> theirs;
        for (const auto& each : members)
            std::ranges::move(kept.keys(rows::bytes_of(each.uuid)), std::back_inserter(theirs));
        if (!theirs.empty()) kept.erase(theirs);
    }
}

void Eraser::destroy(WorkspaceId workspace, const std::vector<Doomed>& doomed) {
    if (doomed.empty()) return;
    std::vector<MemberId> members;
    for (const auto& each : doomed)
        if (!each.member.uuid.nil()) members.push_back(each.member);
    end_sign_in(members);
    std::vector<Uuid> keys;
    for (const auto& each : doomed) keys.push_back(each.key);
    auto forget = [&] {
        for (const auto& each : doomed) directory_.forget(workspace, each.email_claim);
    };
    try {
        vault_.destroy(keys);
    } catch (...) {  // The keys open nothing any more, though they may still be on the disk.
        forget();
        throw;
    }
    forget();
    if (!members.empty())
        for (auto kept : {vault_.passwords(), vault_.sessions()}) kept.purge();
    for (std::size_t begin = 0; begin < doomed.size(); begin += limits::destroyed_per_append) {
        auto end = std::min(doomed.size(), begin + limits::destroyed_per_append);
        tell_destroyed(workspace, {doomed.begin() + static_cast<std::ptrdiff_t>(begin),
                                   doomed.begin() + static_cast<std::ptrdiff_t>(end)});
    }
}

void Eraser::tell_destroyed(WorkspaceId workspace, std::vector<Doomed> doomed) {
    for (int tries = 0; tries < limits::attempts; ++tries) {
        Append append;
        append.workspace = workspace;
        append.command = append.correlation = new_uuid(clock_, entropy_);
        append.causation = doomed.front().causation;
        for (const auto& each : doomed) {
            ToAppend event{
                each.stream, PersonalDataDestroyed{each.key, each.member, each.invitations, each.requests}, {}, {}};
            event.payload = encode(event.event, nullptr);
            event.payload_hash = sha256(event.payload);
            append.expected.push_back({each.stream, log_.version(each.stream)});
            append.events.push_back(std::move(event));
            append.keys_destroyed.push_back(each.key);
        }
        if (log_.append_and_wait(std::move(append)).status == AppendStatus::done) return;
    }
    throw StorageError("personal keys are destroyed, but the events that say so could not be appended");
}

void Eraser::complete() {
    std::lock_guard lock(one_at_a_time_);
    complete_all();
}

void Eraser::destroy_some(WorkspaceId workspace, std::vector<Doomed>& doomed) {
    destroy(workspace, doomed);
    doomed.clear();
}

void Eraser::complete_all() {
    auto position = vault_.checkpoint(follower);
    auto end = log_.head();
    std::map<WorkspaceId, std::vector<Doomed>> waiting;
    std::vector<MemberId> back;
    std::vector<Uuid> keys_back;
    while (position < end) {
        for (const auto& frame : log_.frames(position, events_at_once)) {
            position = frame.meta.position;
            if (names_type<PersonalDataDestroyed>(frame.type)) {
                const auto gone = destruction(frame);
                if (!has_still(vault_, gone)) continue;
                if (!gone.member.uuid.nil()) back.push_back(gone.member);
                if (vault_.person_key(gone.key)) keys_back.push_back(gone.key);
                continue;
            }
            std::optional<Doomed> doomed;
            if (names_type<MemberDeleted>(frame.type))
                doomed = doomed_member(frame.workspace, MemberId{frame.stream.id});
            if (names_type<PersonErased>(frame.type)) doomed = doomed_person(frame.workspace, frame.stream.id);
            if (!doomed) continue;
            auto& of_workspace = waiting[frame.workspace];
            of_workspace.push_back(*doomed);
            if (of_workspace.size() == limits::erased_at_once) destroy_some(frame.workspace, of_workspace);
        }
    }
    for (auto& [workspace, doomed] : waiting) destroy_some(workspace, doomed);
    end_sign_in(back);
    if (!keys_back.empty()) vault_.destroy(keys_back);
    if (!back.empty())
        for (auto kept : {vault_.passwords(), vault_.sessions()}) kept.purge();
    vault_.set_checkpoint(follower, end);
}

}  // namespace muster
