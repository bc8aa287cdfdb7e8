#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

void removed(World& world) { world.happens(stream_of(robot), ResourceRemoved{}); }

const Fact robot_exists = with_resource(robot, "Robot");

}  // namespace

TEST_CASE("[S2-12, S2-14] a resource is registered with kind, name and the group that it is of") {
    auto outcome = given().when(RegisterResource{named("agent"), named("Robot"), named("Spring Ltd")});
    outcome.then(ResourceRegistered{named("agent"), named("Robot"), named("Spring Ltd")});
    CHECK(outcome.resource(robot).exists());
    CHECK(outcome.resource(robot).workspace == spring);
    CHECK(outcome.resource(robot).group == named("Spring Ltd"));
    CHECK_FALSE(outcome.resource(parrot).exists());
}

TEST_CASE("a resource is patched: absent stays, null clears the group") {
    auto outcome = given(robot_exists).when(ChangeResource{.kind = named("project"), .group = named("Spring Ltd")});
    outcome.then(
        ResourceChanged{named("agent"), named("project"), named("Robot"), named("Robot"), {}, named("Spring Ltd")});
    CHECK(outcome.resource(robot).kind == named("project"));
    auto grouped = [](World& world) {
        world.happens(stream_of(robot),
                      ResourceChanged{.to_kind = named("agent"), .to_name = named("Robot"), .to_group = named("A")});
    };
    given(robot_exists, grouped)
        .when(ChangeResource{.group = Patch<Name>::cleared()})
        .then<ResourceChanged>([](const auto& event) { CHECK_FALSE(event.to_group); });
}

TEST_CASE("a resource that does not change is no event") {
    given(robot_exists).when(ChangeResource{}).nothing_happens();
    given(robot_exists).when(ChangeResource{.name = named("Robot"), .group = Patch<Name>::cleared()}).nothing_happens();
}

TEST_CASE("a resource has a kind and a name") {
    given(robot_exists)
        .when(ChangeResource{.kind = Patch<Name>::cleared(), .name = Patch<Name>::cleared()})
        .faults({{"/kind", Code::required}, {"/name", Code::required}});
}

TEST_CASE("a resource is removed once") {
    auto outcome = given(robot_exists).when(RemoveResource{});
    outcome.then(ResourceRemoved{});
    CHECK_FALSE(outcome.resource(robot).exists());
    given(robot_exists, removed).when(RemoveResource{}).refused(Code::not_found);
}

TEST_CASE("[trap 13] a resource that is not there is not found, and a changed one not overwritten") {
    given().when(ChangeResource{.name = named("Parrot")}).refused(Code::not_found);
    given().when(ChangeResource{.name = Patch<Name>::cleared()}).refused(Code::required);
    given(robot_exists, removed).when(ChangeResource{.name = named("Parrot")}).refused(Code::not_found);
    given(robot_exists, if_match(9)).when(ChangeResource{.name = named("Parrot")}).refused(Code::version_mismatch);
    given(robot_exists, if_match(9)).when(RemoveResource{}).refused(Code::version_mismatch);
    given(robot_exists, if_match(1)).when(RemoveResource{}).then_types({"ResourceRemoved"});
}

}  // namespace muster::spec
