#include "projections/seats.h"

#include "domain/membership.h"
#include "domain/seats.h"
#include "eventstore/bytes.h"
#include "eventstore/frame.h"

namespace muster {
namespace seats {
namespace {

std::string key_of(char kind, const Uuid& workspace) {
    std::string key(1, kind);
    append_uuid(key, workspace);
    return key;
}

void append_text(std::string& bytes, const std::string& text) {
    append_u16(bytes, static_cast<std::uint16_t>(text.size()));
    bytes += text;
}

std::string take_text(ByteReader& bytes) { return std::string(bytes.take(bytes.take<std::uint16_t>())); }

template <DescribedEnum E>
E take_enum(ByteReader& bytes) {
    const auto value = static_cast<E>(bytes.take<std::uint8_t>());
    if (name_of(value).empty()) throw DecodeError("a row of the seats has a number that names nothing");
    return value;
}

std::string row_of(const Membership& membership) {
    std::string row;
    append_u8(row, static_cast<std::uint8_t>(membership.phase));
    append_text(row, membership.assignment.license ? membership.assignment.license->value : "");
    append_u16(row, static_cast<std::uint16_t>(membership.assignment.add_ons.size()));
    for (const auto& add_on : membership.assignment.add_ons) append_text(row, add_on.value);
    return row;
}

// As much of the membership as its seats depend on.
Membership membership_from(const std::string& row) {
    ByteReader bytes(row);
    Membership membership;
    membership.phase = take_enum<Phase>(bytes);
    if (auto license = take_text(bytes); !license.empty()) membership.assignment.license = LicenseKey{license};
    for (auto left = bytes.take<std::uint16_t>(); left > 0; --left)
        membership.assignment.add_ons.insert(LicenseKey{take_text(bytes)});
    bytes.expect_end();
    return membership;
}

std::map<std::string, std::int64_t> pools_of(const Membership& membership) {
    std::map<std::string, std::int64_t> pools;
    for (const auto& [counter, count] : holdings(membership).takes)
        if (is_pool(counter)) pools[pool_of(counter)] = count;
    return pools;
}

Status status_of(const Membership& membership) {
    return membership.phase == Phase::pending ? Status::reserved : Status::assigned;
}

std::string count_key(const Uuid& workspace, Status status, const std::string& pool) {
    return key_of('c', workspace) + (status == Status::assigned ? 'a' : 'p') + pool;
}

std::string holders_prefix(const Uuid& workspace, const std::string& pool) {
    return key_of('h', workspace) + pool + '\0';
}

Holder holder_from(MemberId member, std::string_view row) {
    ByteReader bytes(row);
    const auto status = take_enum<Status>(bytes);
    const Instant since{static_cast<std::int64_t>(bytes.take<std::uint64_t>())};
    const Holder holder{member, status, since, bytes.take<Position>()};
    bytes.expect_end();
    return holder;
}

std::string row_of(const Holder& holder) {
    std::string row;
    append_u8(row, static_cast<std::uint8_t>(holder.status));
    append_u64(row, static_cast<std::uint64_t>(holder.since.ms));
    append_u64(row, holder.position);
    return row;
}

// What the person holds moves from `before` to `after`.
void move(const Recorded& recorded, const Membership& before, const Membership& after, Rows& rows) {
    const MemberId member{recorded.stream.id};
    const auto& workspace = recorded.workspace.uuid;
    const auto had = pools_of(before);
    const auto has = pools_of(after);
    std::map<std::string, std::int64_t> moved;
    for (const auto& [pool, count] : had) moved[count_key(workspace, status_of(before), pool)] -= count;
    for (const auto& [pool, count] : has) moved[count_key(workspace, status_of(after), pool)] += count;
    for (const auto& [key, count] : moved)
        if (count != 0) rows.add(key, count);

    auto key_in = [&](const std::string& pool) {
        auto key = holders_prefix(workspace, pool);
        append_uuid(key, member.uuid);
        return key;
    };
    for (const auto& [pool, count] : had)
        if (!has.contains(pool)) rows.erase(key_in(pool));
    for (const auto& [pool, count] : has) {
        Holder holder{member, status_of(after), recorded.meta.at, recorded.meta.position};
        if (had.contains(pool)) {
            if (status_of(before) == status_of(after)) continue;
            const auto kept = holder_from(member, rows.get(key_in(pool)).value());
            holder.since = kept.since;
            holder.position = kept.position;
        }
        rows.put(key_in(pool), row_of(holder));
    }
}

}  // namespace
}  // namespace seats

void Seats::on(const Recorded& recorded, Rows& rows) const {
    if (recorded.stream.kind != StreamKind::membership) return;
    auto key = seats::key_of('m', recorded.workspace.uuid);
    append_uuid(key, recorded.stream.id);

    const auto row = rows.get(key);
    const auto before = row ? seats::membership_from(*row) : Membership{};
    auto after = before;
    evolve(after, recorded);
    seats::move(recorded, before, after, rows);

    switch (after.phase) {
        case Phase::none:
        case Phase::revoked:
        case Phase::deleted:
            if (row) rows.erase(std::move(key));
            break;
        case Phase::pending:
        case Phase::expired:
        case Phase::active:
        case Phase::deactivated:
            rows.put(std::move(key), seats::row_of(after));
    }
}

namespace seats {

Use use(const Reading& reading, WorkspaceId workspace) {
    const auto prefix = key_of('c', workspace.uuid);
    Use found;
    for (auto row = reading.scan(0, prefix); row->valid(); row->next()) {
        const auto rest = row->key().substr(prefix.size());
        auto& pool = found[std::string(rest.substr(1))];
        (rest.front() == 'a' ? pool.active : pool.pending) = number_in(std::string(row->value()));
    }
    return found;
}

std::optional<Holder> holder(const Reading& reading, WorkspaceId workspace, const std::string& pool, MemberId member) {
    auto key = holders_prefix(workspace.uuid, pool);
    append_uuid(key, member.uuid);
    auto row = reading.get(0, key);
    return row ? std::optional(holder_from(member, *row)) : std::nullopt;
}

std::vector<Holder> holders(const Reading& reading, WorkspaceId workspace, const std::string& pool,
                            const std::optional<MemberId>& after, std::size_t most) {
    const auto prefix = holders_prefix(workspace.uuid, pool);
    std::vector<Holder> found;
    auto row = reading.scan(0, prefix);
    if (after) {
        auto last = prefix;
        append_uuid(last, after->uuid);
        row->seek(last);
        if (row->valid() && row->key() == last) row->next();
    }
    for (; row->valid() && found.size() < most; row->next()) {
        ByteReader id(row->key().substr(prefix.size()));
        const MemberId member{take_uuid(id)};
        id.expect_end();
        found.push_back(holder_from(member, row->value()));
    }
    return found;
}

}  // namespace seats
}  // namespace muster
