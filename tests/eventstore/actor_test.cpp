// The actor of a command, who may be another by the time it is decided.
#include "eventstore/fsck.h"
#include "tests/eventstore/fixture.h"

namespace muster::test {

TEST_CASE("an actor who loses a permission while it is used is decided anew") {
    World world;
    auto spring = world.workspace();
    auto grace = world.done(world.run(world.create(spring, "grace@spring.example", "admin")));
    auto each = world.invite(spring, "linus@spring.example", "admin");
    each.actor = {ActorKind::member, grace.uuid};
    auto decide = each.decide;
    int decided = 0;
    each.decide = [&](const Loaded& loaded, const Context& context) {
        ChangeMember demote;
        demote.role = RoleKey{"guest"};
        if (++decided == 1) world.done(world.run(world.on(spring, grace, demote)));
        return decide(loaded, context);
    };
    CHECK(code(world.run(each)) == "role_above_own");
    CHECK(decided == 2);
}

TEST_CASE("an actor who is deactivated while a command of theirs waits does nothing any more [N5]") {
    World world;
    auto spring = world.workspace();
    auto grace = world.done(world.run(world.create(spring, "grace@spring.example", "admin")));
    auto each = world.invite(spring, "linus@spring.example");
    each.actor = {ActorKind::member, grace.uuid};
    each.needs = {"members.invite"};
    auto later = world.invite(spring, "later@spring.example");
    later.actor = each.actor;
    later.needs = each.needs;
    auto decide = each.decide;
    int decided = 0;
    each.decide = [&](const Loaded& loaded, const Context& context) {
        if (++decided == 1) world.done(world.run(world.on(spring, grace, DeactivateMember{})));
        return decide(loaded, context);
    };
    CHECK(code(world.run(each)) == "permission_denied");
    CHECK(decided == 1);
    auto refused = world.run(later);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::permission_denied);
    CHECK(refused.error().details == Details{{"permission", "members.invite"}});
    CHECK(world.used(spring) == 1);
    CHECK(fsck(*world.table->snapshot(), nullptr).clean());
}

}  // namespace muster::test
