#pragma once
// What one step asks of the program and of the model alike: plain texts and numbers, and ids that say nothing.

#include "domain/ids.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

enum class Do {
    invite,
    batch,
    edit,
    resend,
    revoke,
    accept,
    create,
    provision,
    change,
    deactivate,
    reactivate,
    remove,
    erase,
    request,
    approve,
    dismiss,
    plan,
    settings,
    define_role,
    change_role,
    remove_role,
    define_permission,
    remove_permission,
    create_team,
    delete_team,
    register_resource,
    remove_resource,
    // What no caller asks for.
    pass_time,
    run_expiry,
    restart,
    follow
};

// When the process dies on the way of a command.
enum class Dies { not_at_all, before_write, behind_write };

// A person's fields as a request names them. In a change, "" clears and what is absent stays.
struct Fields {
    std::optional<std::string> name;
    std::optional<std::string> role;
    std::optional<std::string> license;
    std::optional<std::vector<std::string>> add_ons;
    std::optional<std::vector<std::string>> teams;
    std::optional<std::vector<std::string>> permissions;
    std::optional<std::vector<std::pair<ResourceId, bool>>> resources;  // true: may edit
};

struct PoolOf {
    std::string key;
    bool base = true;
    std::optional<std::int64_t> seats;
    std::set<std::string> goes_with;
    std::set<std::string> permissions;
    bool operator==(const PoolOf&) const = default;
};
struct PlanOf {
    std::optional<std::int64_t> users;
    std::optional<std::int64_t> trial_ends;  // milliseconds
    std::vector<PoolOf> pools;
    bool operator==(const PlanOf&) const = default;
};

struct SettingsOf {
    std::string default_role = "member";  // "": none
    bool name_required = false;
    bool requests = false;
    bool teams = true;
    std::optional<std::int64_t> max_teams;
    bool own_domain_only = false;
    std::optional<std::int64_t> resend_limit = 3;
    std::int64_t ttl = 7 * 86'400;
    bool operator==(const SettingsOf&) const = default;
};

struct Ask {
    Do what{};
    std::size_t place = 0;
    std::optional<MemberId> by;  // none: the operator
    MemberId person;             // whom it is about
    RequestId request;
    Uuid fresh;  // the id of what it makes
    std::string email;
    Fields fields;
    std::optional<std::int64_t> ttl;
    bool rotate = false;
    std::uint32_t generation = 0;  // of the link in hand
    bool confirmed = true;
    std::optional<MemberId> heir;
    std::vector<Ask> rows;  // of a batch: invitations
    bool all_or_nothing = false;
    PlanOf plan;
    SettingsOf settings;
    std::string key;  // of a role, permission, or a team's or resource's name
    std::vector<std::string> permissions;
    TeamId team;
    ResourceId resource;
    bool dry = false;
    bool stale = false;  // the caller saw an older version
    std::string repeat;  // an idempotency key
    Dies dies = Dies::not_at_all;
    std::int64_t to_time = 0;
};

// As people read it.
std::string text(const Ask& ask);

}  // namespace muster::test
