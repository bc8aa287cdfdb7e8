#pragma once
// Events as the log would have recorded them, for the tests of projections, and a view in memory that they are fed to.

#include "api/text/unicode.h"
#include "domain/event.h"
#include "projections/projection.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::recorded {

// 2026-01-05T09:00:00.000Z, and seconds from then.
inline Instant second(std::int64_t n) { return Instant{1'767'603'600'000}.plus_seconds(n); }

template <class Id>
Id numbered(std::uint32_t n) {
    Id id;
    id.uuid.bytes[6] = 0x70;
    for (std::size_t at = 0; at < 4; ++at) id.uuid.bytes[15 - at] = static_cast<std::uint8_t>(n >> 8 * at);
    return id;
}

template <class T>
T made(std::string_view text) {
    return T::parse(text, icu_unicode()).value();
}
inline EmailAddress address(std::string_view text) { return made<EmailAddress>(text); }
inline Name named(std::string_view text) { return made<Name>(text); }

// Stands for the HMAC.
inline std::string claim_of(const EmailAddress& email) { return "HMAC of " + email.canonical(); }

inline Profile profile_of(std::string_view name, std::string_view job_title = {}) {
    Profile profile{std::string(name), {}, {}, {}};
    if (!job_title.empty()) profile.job_title = named(job_title);
    return profile;
}

inline MemberInvited invited(std::string_view email, std::string_view name, Assignment given = {},
                             std::string_view job_title = {}) {
    auto parsed = address(email);
    return {parsed, claim_of(parsed), profile_of(name, job_title), std::move(given), 7 * 86'400, true, {}};
}
inline MemberCreated created(std::string_view email, std::string_view name, Assignment given = {},
                             std::string_view job_title = {}) {
    auto parsed = address(email);
    return {parsed, claim_of(parsed), profile_of(name, job_title), std::move(given), true};
}

// What happened, in order: positions, versions and times are given out here.
class Story {
public:
    explicit Story(std::uint32_t events_a_second = 1) : events_a_second_(events_a_second) {}
    const Recorded& happens(WorkspaceId workspace, StreamId stream, Event event) {
        auto position = static_cast<Position>(events_.size() + 1);
        Recorded next;
        next.meta = {position, ++versions_[stream], second(static_cast<std::int64_t>(position / events_a_second_)),
                     Actor{}};
        next.stream = stream;
        next.workspace = workspace;
        next.id = numbered<EventId>(static_cast<std::uint32_t>(position));
        next.event = std::move(event);
        events_.push_back(std::move(next));
        return events_.back();
    }
    [[nodiscard]] const std::vector<Recorded>& events() const { return events_; }

private:
    std::uint32_t events_a_second_;
    std::vector<Recorded> events_;
    std::map<StreamId, Version> versions_;
};

inline void feed(const Projection& projection, Table& table, std::span<const Recorded> events,
                 std::size_t batch = 1'000) {
    for (std::size_t at = 0; at < events.size(); at += batch) {
        Rows rows(table);
        for (const auto& each : events.subspan(at, std::min(batch, events.size() - at))) projection.on(each, rows);
        table.write(rows.take(), Sync::no);
    }
}

inline std::map<std::string, std::string> dump(const Reading& reading) {
    std::map<std::string, std::string> rows;
    for (auto cursor = reading.scan(0, {}); cursor->valid(); cursor->next())
        rows.emplace(cursor->key(), cursor->value());
    return rows;
}

}  // namespace muster::recorded
