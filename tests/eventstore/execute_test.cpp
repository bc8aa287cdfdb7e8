// A command's way through load, decide and append: what holds when many ask at once.
#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

TEST_CASE("a workspace is created, a person invited, and the invitation accepted") {
    World world(GENERATE(On::memory, On::rocks));
    auto spring = world.workspace();
    auto grace = world.done(world.run(world.invite(spring, "Grace@spring.example")));
    CHECK(world.member(spring, grace)->phase == Phase::pending);
    CHECK(world.member(spring, grace)->email->text() == "Grace@spring.example");
    CHECK(code(world.run(world.invite(spring, "grace@SPRING.example"))) == "already_invited");
    world.done(world.run(world.accept(spring, grace)));
    CHECK(world.member(spring, grace)->phase == Phase::active);
    CHECK(world.used(spring) == 2);
    world.restart();
    CHECK(world.member(spring, grace)->phase == Phase::active);
    CHECK(world.member(spring, grace)->profile->name == "Grace");
}

}  // namespace
}  // namespace muster::test
