#include "api/auth/sessions.h"

#include "api/auth/secret_token.h"
#include "eventstore/bytes.h"
#include "eventstore/log.h"
#include "eventstore/log_rows.h"

#include <algorithm>

namespace muster {
namespace {

std::string key_of(MemberId member, SessionId id) { return rows::bytes_of(member.uuid) + rows::bytes_of(id.uuid); }

struct Stored {
    Session session;
    std::string secret_hash;
};

std::string text_of(const Stored& stored) {
    std::string text;
    append_u64(text, stored.session.position);
    append_u64(text, static_cast<std::uint64_t>(stored.session.created_at.ms));
    append_u64(text, static_cast<std::uint64_t>(stored.session.last_used_at.ms));
    return text + stored.secret_hash + stored.session.client;
}

Stored stored_of(MemberId member, SessionId id, std::string_view text) {
    ByteReader reader(text);
    Stored stored{{id, member, 0, {}, {}, {}}, {}};
    stored.session.position = reader.take<std::uint64_t>();
    stored.session.created_at.ms = static_cast<std::int64_t>(reader.take<std::uint64_t>());
    stored.session.last_used_at.ms = static_cast<std::int64_t>(reader.take<std::uint64_t>());
    stored.secret_hash = reader.take(sizeof(Digest));
    stored.session.client = reader.rest();
    return stored;
}

bool over(const Session& session, Instant now) { return now >= session.expires_at(); }

}  // namespace

Instant Session::expires_at() const {
    return std::min(created_at.plus_seconds(limits::session_seconds),
                    last_used_at.plus_seconds(limits::session_idle_seconds));
}

OpenedSession Sessions::open(MemberId member, Position position, Instant now, std::string_view client) {
    auto all = of(member, now);
    while (all.size() >= limits::sessions_per_member) {
        end(member, all.back().id);
        all.pop_back();
    }
    Stored stored{
        {SessionId{log_.next_id()}, member, position, now, now, std::string(client.substr(0, limits::client_bytes))},
        {}};
    auto token = secret_token(session_prefix, member.uuid, stored.session.id.uuid, entropy_);
    stored.secret_hash = view(sha256(token));
    rows_.put({{key_of(member, stored.session.id), text_of(stored)}}, Sync::no);
    return {std::move(token), stored.session.expires_at()};
}

std::optional<Session> Sessions::find(std::string_view token, Instant now, SessionUse use) {
    auto named = named_by(session_prefix, token);
    if (!named) return std::nullopt;
    MemberId member{named->owner};
    SessionId id{named->id};
    auto text = rows_.get(key_of(member, id));
    auto stored = text ? stored_of(member, id, *text) : Stored{{}, std::string(sizeof(Digest), '\0')};
    bool same = equal_in_constant_time(stored.secret_hash, view(sha256(token)));
    if (!text || !same || over(stored.session, now)) return std::nullopt;
    if (use == SessionUse::used && now >= stored.session.last_used_at.plus_seconds(limits::session_touch_seconds)) {
        stored.session.last_used_at = now;
        const std::lock_guard lock(ending_);
        if (rows_.get(key_of(member, id))) rows_.put({{key_of(member, id), text_of(stored)}}, Sync::no);
    }
    return stored.session;
}

std::vector<Session> Sessions::of(MemberId member, Instant now) const {
    std::vector<Session> found;
    for (const auto& key : rows_.keys(rows::bytes_of(member.uuid))) {
        Uuid id;
        std::copy_n(key.begin() + 16, id.bytes.size(), reinterpret_cast<char*>(id.bytes.data()));
        auto text = rows_.get(key);
        if (!text) continue;
        auto session = stored_of(member, SessionId{id}, *text).session;
        if (!over(session, now)) found.push_back(std::move(session));
    }
    std::ranges::sort(found, std::greater(),
                      [](const Session& each) { return std::pair(each.last_used_at, each.id.uuid); });
    return found;
}

bool Sessions::end(MemberId member, SessionId id) {
    auto key = key_of(member, id);
    const std::lock_guard lock(ending_);
    if (!rows_.get(key)) return false;
    rows_.erase({key});
    return true;
}

void Sessions::end_all(MemberId member) {
    const std::lock_guard lock(ending_);
    rows_.erase(rows_.keys(rows::bytes_of(member.uuid)));
}

}  // namespace muster
