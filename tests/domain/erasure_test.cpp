#include "domain/erasure.h"

#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const ErasePerson erase{grace_address};
const Uuid key = numbered<MemberId>(77).uuid;

void keeps_data(World& world) { world.person_key = key; }
void filed(World& world) {
    world.happens(stream_of(wish), InvitationRequested{grace_address, claim_of(grace_address), Applicant{}});
}

}  // namespace

TEST_CASE("of whom only dead invitations are left, all is destroyed, under their key") {
    given(invited, revoked, keeps_data).when(erase).then(PersonErased{claim_of(grace_address)});
}

TEST_CASE("an expired invitation ends with it, and an open request") {
    given(invited, expired, keeps_data).when(erase).then_types({"InvitationRevoked", "PersonErased"});
    given(invited, keeps_data, later(days(8)))
        .when(erase)
        .then_types({"InvitationExpired", "InvitationRevoked", "PersonErased"});
    given(filed, keeps_data).when(erase).then_types({"RequestDismissed", "PersonErased"});
}

TEST_CASE("members are deleted, and open invitations revoked, before anybody is erased") {
    given(joined, keeps_data).when(erase).refused(Code::already_member).with("id", grace.text());
    given(joined, deactivated, keeps_data).when(erase).refused(Code::already_member);
    given(invited, keeps_data).when(erase).refused(Code::already_invited);
}

TEST_CASE("of whom nothing is kept, nothing is destroyed") {
    given().when(erase).refused(Code::not_found);
    given().when(ErasePerson{}).refused(Code::required);
}

TEST_CASE("nobody erases who may more than they") {
    given(invited_as({.role = admin}), expired, keeps_data, who_may({"members.delete"}))
        .when(erase)
        .refused(Code::role_above_own);
}

}  // namespace muster::spec
