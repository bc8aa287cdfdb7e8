// API keys: how machines call.
#include "domain/api_key.h"

#include "domain/person_behind.h"
#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

CreateApiKey key(std::vector<std::string> permissions) {
    CreateApiKey create{named("Importer"), {}, {}};
    for (const auto& each : permissions) create.permissions.push_back(PermissionKey{each});
    return create;
}

HeldApiKey held(std::set<PermissionKey> permissions, std::optional<Instant> ends = {}) {
    return {{ApiKeyId{newcomer.uuid}, named("Importer"), std::move(permissions), ends}, {}, monday};
}

}  // namespace

TEST_CASE("a key is made for some permissions, and ends when it says") {
    given().when(key({"members.read", "members.invite"})).then<ApiKeyCreated>([](const auto& event) {
        CHECK(event.api_key.name == named("Importer"));
        CHECK(event.api_key.permissions.size() == 2);
        CHECK_FALSE(event.api_key.expires_at);
    });
    given().when(key({})).faults({{"/permissions", Code::required}});
    given().when(key({"members.fly"})).faults({{"/permissions/0", Code::unknown_permission}});
    auto ended = key({"members.read"});
    ended.expires_at = monday;
    given().when(ended).faults({{"/expires_at", Code::invalid_value}});
}

TEST_CASE("nobody makes a key that may more than they") {
    given(who_may({"keys.manage", "members.read"})).when(key({"members.read"})).then_types({"ApiKeyCreated"});
    given(who_may({"keys.manage"})).when(key({"members.read"})).refused(Code::role_above_own);
}

TEST_CASE("a workspace has a hundred keys at most, and says so") {
    auto many = [](World& world) {
        for (std::uint8_t i = 0; i < limits::api_keys_per_workspace; ++i)
            world.happens(stream_of(spring),
                          ApiKeyCreated{{numbered<ApiKeyId>(i), named("Key"), {PermissionKey{"members.read"}}, {}}});
    };
    given(many).when(key({"members.read"})).refused(Code::limit_reached).with("limit", 100);
}

TEST_CASE("what a key may is its list, as far as its maker may now, and until it ends") {
    PermissionSet maker{false, {"members.read", "plan.manage"}};
    auto some = held({PermissionKey{"members.read"}, PermissionKey{"members.invite"}});
    CHECK(permissions_of(some, maker, monday).keys == std::set<std::string, std::less<>>{"members.read"});
    CHECK(permissions_of(some, {}, monday).keys.empty());
    auto ending = held({PermissionKey{"members.read"}}, moment(60));
    CHECK(permissions_of(ending, maker, moment(59)).has("members.read"));
    CHECK(permissions_of(ending, maker, moment(60)).keys.empty());
}

TEST_CASE("no key outlives its maker's deactivation, nor does one that such a key made; who is back makes new ones") {
    Workspace workspace;
    auto made = [&](std::uint8_t number, Position at, Actor by) {
        auto id = numbered<ApiKeyId>(number);
        evolve(workspace, ApiKeyCreated{{id, named("Key"), {PermissionKey{"members.read"}}, {}}}, {at, 1, monday, by});
        return Actor{ActorKind::api_key, id.uuid};
    };
    const Actor maker{ActorKind::member, grace.uuid};
    Membership person;
    person.phase = Phase::active;
    auto old = made(1, 3, maker);
    auto its = made(2, 4, old);
    CHECK(key_is_alive(workspace, old, person));
    CHECK(key_is_alive(workspace, its, person));
    evolve(person, MemberDeactivated{}, {5, 2, monday, {}});
    CHECK_FALSE(key_is_alive(workspace, old, person));
    evolve(person, MemberReactivated{}, {6, 3, monday, {}});
    CHECK_FALSE(key_is_alive(workspace, old, person));
    CHECK_FALSE(key_is_alive(workspace, its, person));
    CHECK_FALSE(key_is_alive(workspace, made(3, 7, old), person));
    CHECK(key_is_alive(workspace, made(4, 8, maker), person));
}

}  // namespace muster::spec
