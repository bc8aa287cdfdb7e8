#pragma once
// What a decision is given beside the state and the command, and what comes of it. A decision is a pure function: the
// time, fresh ids, who asks, who holds the address and what is taken of each counter are all brought in here.

#include "domain/describe.h"
#include "domain/holdings.h"
#include "domain/ids.h"
#include "domain/instant.h"
#include "domain/permissions.h"
#include "domain/refusal.h"
#include "domain/values.h"

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace muster {

struct Membership;
struct Resource;
struct Decision;

// A command's events, or why not.
using Decided = std::expected<Decision, Refusal>;

// Who did it. Numbers stand in the log: never change one, only add.
enum class ActorKind : std::uint8_t { system = 0, operator_ = 1, member = 2, api_key = 3, invitee = 4, visitor = 5 };
MUSTER_ENUM(ActorKind, system, operator_, member, api_key, invitee, visitor);

struct Actor {
    ActorKind kind = ActorKind::system;
    Uuid id;  // of the member, key or invitation; nil for the system, the operator and a visitor (not signed in)
    bool operator==(const Actor&) const = default;
};

// What an event's place in the log says of it.
struct Meta {
    Position position = 0;
    Version version = 0;
    Instant at;
    Actor actor;
};

// A field of a merge patch (RFC 7396): absent leaves it, null clears it, a value replaces it.
template <class T>
struct Patch {
    enum class State : std::uint8_t { absent, null, value } state = State::absent;
    T value{};

    Patch() = default;
    Patch(T given) : state(State::value), value(std::move(given)) {}
    static Patch cleared() {
        Patch patch;
        patch.state = State::null;
        return patch;
    }
    [[nodiscard]] bool absent() const { return state == State::absent; }
    [[nodiscard]] bool is_null() const { return state == State::null; }
    [[nodiscard]] bool has_value() const { return state == State::value; }
    void apply_to(T& target) const {
        if (has_value()) target = value;
        if (is_null()) target = T{};
    }
    void apply_to(std::optional<T>& target) const {
        if (has_value()) target = value;
        if (is_null()) target.reset();
    }
};

template <class T>
struct IsPatch : std::false_type {};
template <class T>
struct IsPatch<Patch<T>> : std::true_type {};

// An address's claim within one workspace: HMAC-SHA-256 of its canonical form under the workspace's claim key. It
// stands in events in clear, so that claims can be recomputed without any personal key.
struct EmailClaim {
    std::string bytes;
    auto operator<=>(const EmailClaim&) const = default;
    [[nodiscard]] Claim claim() const { return {"email:" + bytes}; }
    [[nodiscard]] Claim request() const { return {"request:" + bytes}; }  // the address's one open request
};

struct Context {
    Instant now;
    Actor actor;
    PermissionSet actor_permissions;
    const Unicode* unicode = nullptr;

    Uuid fresh;                                       // for what the command makes
    EmailClaim email_claim;                           // of the command's address
    const Membership* holder = nullptr;               // who holds that address in this workspace
    std::optional<RequestId> open_request;            // of that address
    std::optional<Uuid> person_key;                   // that all data of that address is sealed under
    std::map<ResourceId, const Resource*> resources;  // those that the command names and that exist
    Counters counters;
    bool slug_taken = false;              // the slug that the command wants
    bool reassign_target_exists = false;  // the member that `reassign_to` names
    std::optional<Version> if_match;      // the version that the caller saw
    std::uint32_t link_generation = 0;    // of the link that the caller holds
    std::optional<BatchId> batch;
    Uuid credential;               // that the command's password, or the secret of its webhook, was kept under
    bool common_password = false;  // the command's password is one that everybody tries first
    Uuid checked_credential;       // that the caller proved to have: by its password, or by a link that names it
    Instant link_ends;             // of the link that the caller holds
    bool plain_targets = false;    // webhooks may go to http URLs: this server allows some private network
};

inline std::unexpected<Refusal> version_mismatch() {
    return refused(Code::version_mismatch, "It was changed since you read it; read it again and repeat the change.");
}

}  // namespace muster
