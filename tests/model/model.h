#pragma once
// The model: what Muster promises, as naively as it can be said. Lists that are searched from the front, seats that are
// counted by walking over people, and no code of the program's. The rules are those of the documents; where they are
// silent, what the program says is written down here too.

#include "tests/model/ask.h"

#include <map>

namespace muster::test {

enum class State { pending, expired, active, deactivated, revoked, deleted };

// What somebody is given. Teams, permissions and resources by the number of their making: one that is removed and made
// again is another.
struct Given {
    std::string role;
    std::string license;  // "": none
    std::set<std::string> add_ons;
    std::set<int> teams;
    std::set<std::pair<std::string, int>> permissions;
    std::map<int, bool> resources;
    bool operator==(const Given&) const = default;
};

struct PersonOf {
    MemberId id;
    std::string email;
    std::string name;
    State state = State::pending;
    Given given;
    bool invited = false;
    bool joined = false;
    bool erased = false;
    std::int64_t expires = 0;
    std::uint32_t generation = 0;
    int resent = 0;
    std::vector<std::int64_t> resends;
    [[nodiscard]] bool due(std::int64_t now) const { return state == State::pending && now >= expires; }
    [[nodiscard]] bool waits(std::int64_t now) const { return state == State::pending && now < expires; }
    [[nodiscard]] bool member() const { return state == State::active || state == State::deactivated; }
};

struct WishOf {
    enum Is { open, approved, dismissed };
    RequestId id;
    std::string email;
    std::string name;  // "": none
    Is is = open;
    bool erased = false;
    MemberId led_to = {};  // whom, once it is approved
};

struct RoleOf {
    std::string key;
    std::set<std::string> permissions;
};
// A permission, a team or a resource.
struct ThingOf {
    int number = 0;
    std::string name;
    Uuid id;
    bool gone = false;
};

// A workspace.
struct PlaceOf {
    std::vector<PersonOf> people;
    std::vector<WishOf> wishes;
    std::vector<RoleOf> roles{{"admin", {}}, {"member", {}}, {"guest", {}}};
    std::vector<ThingOf> permissions;
    std::vector<ThingOf> teams;
    std::vector<ThingOf> resources;
    std::set<std::string> kept;  // addresses of which something personal is kept
    PlanOf plan;
    SettingsOf settings;
    int made = 0;

    PersonOf* person(MemberId id);
    [[nodiscard]] const PersonOf* person(MemberId id) const;
    // Who stands in the way of another one with this address.
    PersonOf* holder(const std::string& email);
    WishOf* wish(RequestId id);
    WishOf* open_wish(const std::string& email);
    RoleOf* role(const std::string& key);
    [[nodiscard]] bool role_exists(const std::string& key) const;
    [[nodiscard]] const ThingOf* find(const std::vector<ThingOf>& things, const std::string& name) const;
    [[nodiscard]] const PoolOf* pool(const std::string& key) const;
};

struct Answer {
    std::string code = "done";
    std::string pool;
    std::int64_t limit = 0;
    std::int64_t used = 0;
    std::vector<std::string> rows;
    [[nodiscard]] bool done() const { return code == "done"; }
};

struct Model {
    std::vector<PlaceOf> places{PlaceOf{}, PlaceOf{}};
    std::int64_t now = 0;
    std::map<std::string, std::int64_t> keys;  // idempotency keys, and when they were used

    Answer ask(const Ask& ask);
};

// How many seats of a pool (`users` or a licence) are taken: pending, in time, and active people. With `late`, also
// those pending whose expiry nobody has recorded yet.
std::int64_t used(const PlaceOf& place, const std::string& pool, std::int64_t now, bool late = false);
std::int64_t active_admins(const PlaceOf& place);
std::int64_t of_role(const PlaceOf& place, const std::string& role);
// What binds now; none: unlimited.
std::optional<std::int64_t> limit_of(const PlaceOf& place, const std::string& pool, std::int64_t now);

}  // namespace muster::test
