// A workspace is deleted for good.
#include "domain/workspace_deletion.h"

#include "domain/erasure.h"
#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const DeleteWorkspace confirmed{spring.text()};
const Uuid key = numbered<MemberId>(77).uuid;

std::vector<std::string> types_of(const std::vector<NewEvent>& events) {
    std::vector<std::string> types;
    for (const auto& each : events) types.emplace_back(type_of(each.event));
    return types;
}

std::vector<std::string> ended(const std::vector<Fact>& facts, std::optional<RequestId> request = {}) {
    World world;
    for (const auto& fact : facts) fact(world);
    auto person = world.person(grace);
    return types_of(end_person({key, "claim", person.exists() ? &person : nullptr, request}, world.now));
}

}  // namespace

TEST_CASE("a workspace is deleted by whoever names its id, and its slug is free") {
    auto outcome = given().when(confirmed);
    outcome.then_types({"WorkspaceDeleted"});
    CHECK(outcome.workspace().deleted);
    CHECK(holdings(outcome.workspace()).claims.empty());
}

TEST_CASE("without the id nothing is deleted, and it is said what would be") {
    given().when(DeleteWorkspace{}).refused(Code::confirmation_required);
    given().when(DeleteWorkspace{"spring"}).refused(Code::confirmation_required);
}

TEST_CASE("what was deleted is not deleted again") {
    Fact deleted = [](World& world) { world.happens(WorkspaceDeleted{}); };
    given(deleted).when(confirmed).refused(Code::workspace_deleted);
}

TEST_CASE("one who saw another version deletes nothing") {
    Fact old = [](World& world) { world.if_match = 99; };
    given(old).when(confirmed).refused(Code::version_mismatch);
}

TEST_CASE("members are deleted, invitations revoked, requests dismissed: nobody is left with anything") {
    CHECK(ended({joined}) == std::vector<std::string>{"MemberDeleted"});
    CHECK(ended({joined, deactivated}) == std::vector<std::string>{"MemberDeleted"});
    CHECK(ended({joined}, wish) == std::vector<std::string>{"MemberDeleted", "RequestDismissed"});
    CHECK(ended({invited}) == std::vector<std::string>{"InvitationRevoked", "PersonErased"});
    CHECK(ended({invited, later(days(8))}) ==
          std::vector<std::string>{"InvitationExpired", "InvitationRevoked", "PersonErased"});
    CHECK(ended({invited, expired}) == std::vector<std::string>{"InvitationRevoked", "PersonErased"});
    CHECK(ended({}) == std::vector<std::string>{"PersonErased"});
    CHECK(ended({}, wish) == std::vector<std::string>{"RequestDismissed", "PersonErased"});
}

}  // namespace muster::spec
