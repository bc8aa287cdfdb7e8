#pragma once
// Sessions: what somebody who signed in carries. Opaque tokens of which only the hash is kept, by member:
//
//   token   mbs_ ‖ base64url( member (16) ‖ session (16) ‖ 256 random bits )
//   member (16) ‖ session (16) → position u64 ‖ created u64 ‖ last used u64 ‖ SHA-256 of the token (32) ‖ client
//
// Whether a session still lets its member in is also for the log to say: the position at which the membership was read
// that their password was checked against must not be below its `sessions_end_position`. Safe for use by any number of
// threads.

#include "eventstore/log.h"
#include "eventstore/sealed_rows.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

namespace limits {
inline constexpr std::int64_t session_idle_seconds = std::int64_t{12} * 3600;
inline constexpr std::int64_t session_seconds = std::int64_t{30} * 86'400;
inline constexpr std::int64_t session_touch_seconds = 60;  // how exact `last_used_at` is
inline constexpr std::size_t sessions_per_member = 100;    // beyond it the one that was used the longest ago ends
inline constexpr std::size_t client_bytes = 200;
}  // namespace limits

struct Session {
    SessionId id;
    MemberId member;
    Position position = 0;
    Instant created_at;
    Instant last_used_at;
    std::string client;  // as the browser names itself
    [[nodiscard]] Instant expires_at() const;
};

struct OpenedSession {
    std::string token;
    Instant expires_at;
};

// Whether asking for a session is a use of it, which keeps it from ending by idleness.
enum class SessionUse { used, looked_at };

class Sessions {
public:
    Sessions(Vault& vault, Log& log, Entropy& entropy) : rows_(vault.sessions()), log_(log), entropy_(entropy) {}

    OpenedSession open(MemberId member, Position position, Instant now, std::string_view client);
    // nullopt: no such session, or it is over. Compared in constant time.
    [[nodiscard]] std::optional<Session> find(std::string_view token, Instant now, SessionUse use = SessionUse::used);
    // Those that are not over by time, the one that was used last first.
    [[nodiscard]] std::vector<Session> of(MemberId member, Instant now) const;
    // Synced: it is over when this returns. False where there is none.
    bool end(MemberId member, SessionId id);
    void end_all(MemberId member);

private:
    SealedRows rows_;
    Log& log_;
    Entropy& entropy_;
    std::mutex ending_;  // one that is touched does not come back
};

}  // namespace muster
