// Passwords: choosing, changing and resetting one, and signing in.
#include "domain/credentials.h"

#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const Password good = made<Password>("an old engine room");
const Password six = made<Password>("abc123");

Fact set_to(Uuid credential) {
    return [=](World& world) { world.happens(grace, PasswordSet{credential}); };
}

Fact least(std::int64_t characters) {
    return settings([=](Settings& each) { each.password_min_length = characters; });
}
const Fact sso = settings([](Settings& each) { each.sign_in = SignIn::sso; });

}  // namespace

// ---- The rule about passwords.

TEST_CASE("[S0-29, S1-35, S3-15] who accepts chooses a password, and the log names only where its hash is") {
    given(invited).when(AcceptInvitation{.password = good}).then<PasswordSet>([](const auto& event) {
        CHECK(event.credential == kept);
    });
    given(invited).when(AcceptInvitation{}).faults({{"/password", Code::password_required}});
    given(invited, revoked).when(AcceptInvitation{}).refused(Code::invitation_revoked);
}

TEST_CASE("[S2-24] a password has as many characters as the workspace asks for, never fewer than six") {
    given(invited).when(AcceptInvitation{.password = six}).faults({{"/password", Code::password_too_short}});
    given(invited).when(AcceptInvitation{.password = six}).refused(Code::password_too_short).with("minimum", 8);
    given(least(6), invited).when(AcceptInvitation{.password = six}).leaves(Phase::active);
    // Characters count, not bytes; and long ones are welcome.
    CHECK(made<Password>("ñandú").length() == 5);
    given(invited).when(AcceptInvitation{.password = made<Password>(std::string(128, 'x'))}).leaves(Phase::active);
    CHECK(Password::parse(std::string(limits::password_bytes + 1, 'x'), ascii).error().code == Code::too_long);
}

TEST_CASE("common passwords are refused, but where six or seven characters are enough") {
    given(invited, common).when(AcceptInvitation{.password = good}).faults({{"/password", Code::password_too_common}});
    given(least(7), invited, common).when(AcceptInvitation{.password = good}).leaves(Phase::active);
}

TEST_CASE("[S0-32] where people sign in by an identity provider no password is taken, but from admins") {
    given(sso, invited).when(AcceptInvitation{.password = good}).faults({{"/password", Code::password_not_used}});
    given(sso, invited).when(AcceptInvitation{}).then_types({"InvitationAccepted"});
    given(sso, joined).when(SetPassword{good}).faults({{"/password", Code::password_not_used}});
    given(sso, joined_as({.role = admin})).when(SetPassword{good}).then_types({"PasswordSet"});
}

TEST_CASE("[S2-16] a member is created with a password or without") {
    CreateMember create{.email = address("grace@spring.example"), .name = named("Grace"), .password = good};
    given().when(create).then_types({"MemberCreated", "PasswordSet"});
    create.password = six;
    given().when(create).faults({{"/password", Code::password_too_short}});
    create.password.reset();
    given().when(create).then_types({"MemberCreated"});
}

// ---- Setting, changing, resetting.

TEST_CASE("an admin sets a password, and the member's sessions end") {
    auto after = given(joined, set_to(former)).when(SetPassword{good});
    after.then_types({"PasswordSet"});
    CHECK(after.person().credential == kept);
    CHECK(after.person().sessions_end_position > 0);
    given(joined, deactivated).when(SetPassword{good}).leaves(Phase::deactivated);
    given(invited).when(SetPassword{good}).refused(Code::not_found);
    given(joined, deleted).when(SetPassword{good}).refused(Code::member_deleted);
}

TEST_CASE("nobody sets the password of somebody who may more than they") {
    given(joined_as({.role = admin}), who_may({"members.manage"}))
        .when(SetPassword{good})
        .refused(Code::role_above_own);
}

TEST_CASE("one's own password is changed by who has the current one") {
    ChangeOwnPassword change{good, good};
    given(joined, set_to(former), proved(former)).when(change).then_types({"PasswordSet"});
    given(joined, set_to(former)).when(change).refused(Code::invalid_credentials);
    given(joined).when(change).refused(Code::invalid_credentials);
    given(joined, set_to(former), proved(former), deactivated).when(change).refused(Code::invalid_credentials);
    // Somebody else changed it after it was checked.
    given(joined, set_to(kept), proved(former)).when(change).refused(Code::invalid_credentials);
}

TEST_CASE("a link to choose a password is good until it ends, and any change spends it") {
    ResetPassword reset{"mbr_", good};
    auto hour = with_link_until(moment(hours(1)));
    given(joined, set_to(former), proved(former), hour)
        .when(reset)
        .then_types({"PasswordSet"})
        .good_before(moment(hours(1)));
    given(joined, hour).when(reset).then_types({"PasswordSet"});  // a welcome: there was none before
    given(joined, hour, later(hours(1))).when(reset).refused(Code::token_invalid);
    given(joined, set_to(former), hour).when(reset).refused(Code::token_invalid);
    given(joined, set_to(kept), proved(former), hour).when(reset).refused(Code::token_invalid);
    given(joined, hour, deactivated).when(reset).refused(Code::token_invalid);
    given(sso, joined, hour).when(reset).refused(Code::token_invalid);
    given(joined, hour).when(ResetPassword{"mbr_", six}).faults({{"/password", Code::password_too_short}});
}

// ---- Signing in.

TEST_CASE("who has the password signs in; everybody else hears the same") {
    given(joined, set_to(former), proved(former)).when(LogIn{}).then<MemberSignedIn>([](const auto& event) {
        CHECK(event.member == grace);
    });
    given(joined, set_to(former)).when(LogIn{}).refused(Code::invalid_credentials);
    given(joined).when(LogIn{}).refused(Code::invalid_credentials);
    given(joined, set_to(former), proved(former), deactivated).when(LogIn{}).refused(Code::invalid_credentials);
    given(sso, joined, set_to(former), proved(former)).when(LogIn{}).refused(Code::invalid_credentials);
    given(sso, joined_as({.role = admin}), set_to(former), proved(former)).when(LogIn{}).then_types({"MemberSignedIn"});
}

TEST_CASE("a forgotten password is a request on record, where there is somebody to send a link to") {
    given(joined).when(RequestPasswordReset{}).then_types({"PasswordResetRequested"});
    given(joined, deactivated).when(RequestPasswordReset{}).then_types({});
    given(invited).when(RequestPasswordReset{}).then_types({});
    given(sso, joined).when(RequestPasswordReset{}).then_types({});
}

}  // namespace muster::spec
