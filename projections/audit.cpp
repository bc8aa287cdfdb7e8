#include "projections/audit.h"

#include "eventstore/bytes.h"
#include "eventstore/frame.h"
#include "projections/sentence.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <utility>

namespace muster {
namespace audit {
namespace {

std::string prefix_of(char index, WorkspaceId workspace) {
    std::string prefix(1, index);
    append_uuid(prefix, workspace.uuid);
    return prefix;
}

std::string by_actor(WorkspaceId workspace, Actor actor) {
    if (actor.kind == ActorKind::invitee) actor.kind = ActorKind::member;
    auto prefix = prefix_of('a', workspace);
    append_u8(prefix, static_cast<std::uint8_t>(actor.kind));
    append_uuid(prefix, actor.id);
    return prefix;
}

std::string by_member(WorkspaceId workspace, MemberId member) {
    auto prefix = prefix_of('m', workspace);
    append_uuid(prefix, member.uuid);
    return prefix;
}

std::string by_batch(WorkspaceId workspace, BatchId batch) {
    auto prefix = prefix_of('b', workspace);
    append_uuid(prefix, batch.uuid);
    return prefix;
}

std::string by_type(WorkspaceId workspace, const std::string& type) { return prefix_of('y', workspace) + type + '\0'; }

std::string by_time(WorkspaceId workspace, Instant at) {
    auto prefix = prefix_of('t', workspace);
    append_u64(prefix, static_cast<std::uint64_t>(std::max<std::int64_t>(at.ms, 0)));
    return prefix;
}

std::string with(std::string prefix, Position position) {
    append_u64(prefix, position);
    return prefix;
}

Position position_in(std::string_view key) { return read_u64(key.substr(key.size() - sizeof(Position))); }

// The first position at or after that time; nullopt where there is none.
std::optional<Position> first_since(const Reading& reading, WorkspaceId workspace, Instant at) {
    auto row = reading.scan(0, prefix_of('t', workspace));
    row->seek(by_time(workspace, at));
    if (!row->valid()) return std::nullopt;
    return position_in(row->key());
}

// Several indexes as one, from the newest to the oldest. What stands in several is met once: an event may concern more
// than one person.
class Walk {
public:
    Walk(const Reading& reading, const std::vector<std::string>& prefixes, Position before) {
        for (const auto& prefix : prefixes) {
            auto row = reading.scan(0, prefix);
            if (before == 0) continue;
            row->seek_for_previous(with(prefix, before - 1));
            rows_.push_back(std::move(row));
        }
    }
    std::optional<Position> next() {
        std::erase_if(rows_, [](const auto& row) { return !row->valid(); });
        if (rows_.empty()) return std::nullopt;
        Position newest = 0;
        for (const auto& row : rows_) newest = std::max(newest, position_in(row->key()));
        for (const auto& row : rows_)
            if (position_in(row->key()) == newest) row->previous();
        return newest;
    }

private:
    std::vector<std::unique_ptr<Cursor>> rows_;
};

}  // namespace
}  // namespace audit

void Audit::on(const Recorded& recorded, Rows& rows) const {
    const auto workspace = recorded.workspace;
    const auto position = recorded.meta.position;
    rows.put(audit::with(audit::prefix_of('p', workspace), position), {});
    rows.put(audit::with(audit::by_time(workspace, recorded.meta.at), position), {});
    rows.put(audit::with(audit::by_actor(workspace, recorded.meta.actor), position), {});
    rows.put(audit::with(audit::by_type(workspace, event_type(recorded.event)), position), {});
    for (const auto& member : audit::concerned(recorded))
        rows.put(audit::with(audit::by_member(workspace, member), position), {});
    if (const auto* invited = std::get_if<MemberInvited>(&recorded.event); invited && invited->batch) {
        auto key = audit::by_batch(workspace, *invited->batch);
        append_uuid(key, recorded.stream.id);
        rows.put(std::move(key), {});
    }
}

namespace audit {

std::set<MemberId> concerned(const Recorded& recorded) {
    std::set<MemberId> members;
    switch (recorded.stream.kind) {
        case StreamKind::membership:
        case StreamKind::sign_in:
        case StreamKind::recovery:  // of the member's id too
            members.insert({recorded.stream.id});
            break;
        default:
            break;
    }
    if (const auto* deleted = std::get_if<MemberDeleted>(&recorded.event); deleted && deleted->reassign_to)
        members.insert(*deleted->reassign_to);
    if (const auto* approved = std::get_if<RequestApproved>(&recorded.event))
        members.insert(MemberId{approved->invitation.uuid});
    if (const auto* destroyed = std::get_if<PersonalDataDestroyed>(&recorded.event)) {
        members.insert(destroyed->member);
        for (auto invitation : destroyed->invitations) members.insert(MemberId{invitation.uuid});
    }
    if (const auto* sent = std::get_if<MailSent>(&recorded.event); sent && sent->member) members.insert(*sent->member);
    if (const auto* failed = std::get_if<MailFailed>(&recorded.event); failed && failed->member)
        members.insert(*failed->member);
    return members;
}

Page find(const Reading& reading, const Query& query, std::size_t walked_max) {
    Position from = 0;
    Position before = query.before.value_or(std::numeric_limits<Position>::max());
    if (query.from) {
        auto first = first_since(reading, query.workspace, *query.from);
        if (!first) return {};
        from = *first;
    }
    if (query.to)
        if (auto first = first_since(reading, query.workspace, *query.to)) before = std::min(before, *first);

    // A person has few events, an actor more, a type most. Each filter is the indexes of which one must have the row.
    std::vector<std::vector<std::string>> filters;
    auto filter = [&](const auto& wanted, const auto& index) {
        std::set<std::string> prefixes;
        for (const auto& each : wanted) prefixes.insert(index(query.workspace, each));
        if (!prefixes.empty()) filters.emplace_back(prefixes.begin(), prefixes.end());
    };
    filter(query.members, by_member);
    filter(query.actors, by_actor);
    filter(query.types, by_type);
    if (filters.empty()) filters.push_back({prefix_of('p', query.workspace)});

    std::size_t spent = 0;
    auto passes = [&](Position position) {
        return std::all_of(filters.begin() + 1, filters.end(), [&](const std::vector<std::string>& any) {
            return std::any_of(any.begin(), any.end(), [&](const std::string& prefix) {
                ++spent;
                return reading.get(0, with(prefix, position)).has_value();
            });
        });
    };
    Page page;
    Walk walk(reading, filters.front(), before);
    while (true) {
        const auto position = walk.next();
        if (!position || *position < from) return page;
        if (page.positions.size() == query.limit || spent >= walked_max) {
            page.next = *position + 1;  // goes on with this one
            return page;
        }
        ++spent;
        if (passes(*position)) page.positions.push_back(*position);
    }
}

namespace {

MemberId member_behind(std::string_view prefix, std::string_view key) {
    ByteReader reader(key.substr(prefix.size()));
    return {take_uuid(reader)};
}

}  // namespace

std::vector<MemberId> people(const Reading& reading, WorkspaceId workspace, const std::optional<MemberId>& after,
                             std::size_t most) {
    constexpr auto last = std::numeric_limits<Position>::max();
    const auto prefix = prefix_of('m', workspace);
    std::vector<MemberId> found;
    auto row = reading.scan(0, prefix);
    if (after) row->seek(with(by_member(workspace, *after), last));
    while (row->valid() && found.size() < most) {
        found.push_back(member_behind(prefix, row->key()));
        row->seek(with(by_member(workspace, found.back()), last));
    }
    return found;
}

std::vector<MemberId> invited_by(const Reading& reading, WorkspaceId workspace, BatchId batch) {
    const auto prefix = by_batch(workspace, batch);
    std::vector<MemberId> found;
    for (auto row = reading.scan(0, prefix); row->valid(); row->next())
        found.push_back(member_behind(prefix, row->key()));
    return found;
}

}  // namespace audit
}  // namespace muster
