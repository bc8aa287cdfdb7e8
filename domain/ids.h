#pragma once
// Identities. An id is a UUIDv7 (RFC 9562 §5.7), so ids sort by creation; outside it is a prefix and 26 characters of
// Crockford base32. An invitation and the member it becomes are one stream, hence one id under two prefixes.

#include "domain/describe.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};
    auto operator<=>(const Uuid&) const = default;
    [[nodiscard]] bool nil() const { return *this == Uuid{}; }
};

std::string base32(const Uuid& id);
// 26 characters of Crockford base32 in either case; nullopt for anything else.
std::optional<Uuid> from_base32(std::string_view text);

template <class Tag>
struct Id {
    Uuid uuid;
    auto operator<=>(const Id&) const = default;
    [[nodiscard]] std::string text() const { return std::string(Tag::prefix) + base32(uuid); }
    static std::optional<Id> parse(std::string_view text) {
        if (!text.starts_with(Tag::prefix)) return std::nullopt;
        auto uuid = from_base32(text.substr(Tag::prefix.size()));
        if (!uuid) return std::nullopt;
        return Id{*uuid};
    }
};

struct WorkspaceTag {
    static constexpr std::string_view prefix = "ws_";
};
struct MemberTag {
    static constexpr std::string_view prefix = "mem_";
};
struct InvitationTag {
    static constexpr std::string_view prefix = "inv_";
};
struct TeamTag {
    static constexpr std::string_view prefix = "team_";
};
struct ResourceTag {
    static constexpr std::string_view prefix = "res_";
};
struct RequestTag {
    static constexpr std::string_view prefix = "req_";
};
struct BatchTag {
    static constexpr std::string_view prefix = "bat_";
};
struct ApiKeyTag {
    static constexpr std::string_view prefix = "key_";
};
struct WebhookTag {
    static constexpr std::string_view prefix = "wh_";
};
// One event to one webhook; it has the event's 26 characters.
struct DeliveryTag {
    static constexpr std::string_view prefix = "dlv_";
};
struct SessionTag {
    static constexpr std::string_view prefix = "ses_";
};
struct EventTag {
    static constexpr std::string_view prefix = "evt_";
};

using WorkspaceId = Id<WorkspaceTag>;
using MemberId = Id<MemberTag>;
using InvitationId = Id<InvitationTag>;
using TeamId = Id<TeamTag>;
using ResourceId = Id<ResourceTag>;
using RequestId = Id<RequestTag>;
using BatchId = Id<BatchTag>;
using EventId = Id<EventTag>;
using ApiKeyId = Id<ApiKeyTag>;
using SessionId = Id<SessionTag>;
using WebhookId = Id<WebhookTag>;
using DeliveryId = Id<DeliveryTag>;

// Where an event stands in the log: dense from 1, 0 is before the first. Only fsck may rely on its having no gaps.
using Position = std::uint64_t;
// How many events a stream has: its n-th event makes version n.
using Version = std::uint64_t;

// Numbers stand in the log: never change one, only add.
enum class StreamKind : std::uint8_t {
    workspace = 1,
    membership = 2,
    resource = 3,
    store = 4,
    request = 5,
    person = 6,    // by the id of the key that all of the person's data in one workspace is sealed under
    sign_in = 7,   // by the member's id
    recovery = 8,  // by the member's id
    mail = 10      // by the id of the event that caused the mail
};
MUSTER_ENUM(StreamKind, workspace, membership, resource, store, request, person, sign_in, recovery, mail);

struct StreamId {
    StreamKind kind{};
    Uuid id;
    auto operator<=>(const StreamId&) const = default;
};

inline StreamId stream_of(WorkspaceId id) { return {StreamKind::workspace, id.uuid}; }
inline StreamId stream_of(MemberId id) { return {StreamKind::membership, id.uuid}; }
inline StreamId stream_of(ResourceId id) { return {StreamKind::resource, id.uuid}; }
inline StreamId stream_of(RequestId id) { return {StreamKind::request, id.uuid}; }

}  // namespace muster

template <>
struct std::hash<muster::Uuid> {
    // The last eight bytes of a UUIDv7 are random.
    std::size_t operator()(const muster::Uuid& id) const noexcept {
        std::size_t tail = 0;
        for (std::size_t i = 8; i < 16; ++i) tail = tail << 8 | id.bytes[i];
        return tail;
    }
};
