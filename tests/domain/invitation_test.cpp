// Inviting, editing, resending, revoking and expiring; accepting is in accept_test.cpp.
#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

const InviteMember invite_nina{.email = new_address};
const InviteMember invite_grace{.email = grace_address};

void three_resends(World& world) {
    for (int i = 0; i < 3; ++i) {
        later(hours(1))(world);
        resent(world);
    }
}

}  // namespace

// ---- Inviting.

TEST_CASE("[S0-2] an invitation carries address, role, licence, teams, add-ons, permissions and resources") {
    given(plan(sold(2, 2)), with_team(sales, "Sales"), with_permission(crm), with_resource(robot, "Robot"))
        .when(InviteMember{.email = new_address,
                           .name = named("Nina North"),
                           .job_title = named("Head of Sales"),
                           .role = guest,
                           .license = organization,
                           .add_ons = {coaching},
                           .teams = teams("Sales"),
                           .permissions = {crm},
                           .resources = {{robot, Access::edit}},
                           .ttl = days(2),
                           .send_email = false})
        .then<MemberInvited>([](const MemberInvited& event) {
            CHECK(event.email->text() == "nina.north@spring.example");
            CHECK(event.email_claim == claim_of(new_address));
            CHECK(event.profile->name == "Nina North");
            CHECK(event.profile->job_title == named("Head of Sales"));
            CHECK(event.assignment == Assignment{.role = guest,
                                                 .license = organization,
                                                 .add_ons = {coaching},
                                                 .teams = {sales},
                                                 .permissions = {{crm, 5}},
                                                 .resources = {{robot, Access::edit}}});
            CHECK(event.ttl == days(2));
            CHECK_FALSE(event.send_email);
        })
        .then_types({"MemberInvited"})
        .leaves(Phase::pending);
}

TEST_CASE("[S0-3, S0-4, S0-8, S0-13, S0-14, S2-29, S2-30] an address is enough: the rest is given later or never") {
    given().when(invite_nina).then<MemberInvited>([](const MemberInvited& event) {
        CHECK(event.assignment == Assignment{.role = plain});
        CHECK(event.send_email);
    });
}

TEST_CASE("[S0-6] who is invited without a role gets the default role") {
    given(settings([](Settings& to) { to.default_role = guest; }))
        .when(invite_nina)
        .then<MemberInvited>([](const MemberInvited& event) { CHECK(event.assignment.role == guest); });
}

TEST_CASE("[S1-4, S3-9] without a default role, an invitation names one") {
    auto strict = settings([](Settings& to) { to.default_role.reset(); });
    given(strict).when(invite_nina).faults({{"/role", Code::role_required}});
    given(strict).when(InviteMember{.email = new_address, .role = guest}).then_types({"MemberInvited"});
}

TEST_CASE("[S3-7, S3-8] the name is guessed from the address, and a given one counts") {
    given().when(invite_nina).then<MemberInvited>([](const auto& event) {
        CHECK(event.profile->name == "Nina North");
    });
    given()
        .when(InviteMember{.email = new_address, .name = named("Antonina N.")})
        .then<MemberInvited>([](const auto& event) { CHECK(event.profile->name == "Antonina N."); });
}

TEST_CASE("[S1-3, S2-5] where names are required, they are not guessed") {
    auto strict = settings([](Settings& to) { to.name_required = true; });
    given(strict).when(invite_nina).faults({{"/name", Code::name_required}});
    given(strict).when(InviteMember{.email = new_address, .name = named("Nina")}).then_types({"MemberInvited"});
}

TEST_CASE("[S1-7, S4-8] an invitation is good for 7 days, or as long as it or the workspace says") {
    CHECK(given().when(invite_nina).person().expires_at == moment(days(7)));
    CHECK(given().when(InviteMember{.email = new_address, .ttl = hours(1)}).person().expires_at == moment(hours(1)));
    CHECK(given(settings([](Settings& to) { to.invitation_ttl = days(30); })).when(invite_nina).person().expires_at ==
          moment(days(30)));
}

TEST_CASE("an invitation lives from an hour to a year") {
    for (auto ttl : {hours(1), days(365)})
        given().when(InviteMember{.email = new_address, .ttl = ttl}).then_types({"MemberInvited"});
    for (auto ttl : {hours(1) - 1, days(365) + 1, std::int64_t{0}, std::int64_t{-1}}) {
        given().when(InviteMember{.email = new_address, .ttl = ttl}).faults({{"/ttl", Code::ttl_out_of_range}});
        given(invited).when(ResendInvitation{.ttl = ttl}).faults({{"/ttl", Code::ttl_out_of_range}});
    }
}

TEST_CASE("[S3-19, S4-11] who is invited is pending, in the inviter's name") {
    auto person = given(by_member(ada)).when(invite_nina).leaves(Phase::pending).person();
    CHECK(person.invited_by == Actor{ActorKind::member, ada.uuid});
    CHECK(person.created_at == monday);
    CHECK(person.sent_at == monday);
}

TEST_CASE("[S4-7] a member is not invited again") {
    given(joined).when(invite_grace).refused(Code::already_member).with("id", grace.text());
}

TEST_CASE("somebody invited is not invited again") {
    given(invited).when(invite_grace).refused(Code::already_invited).with("id", InvitationId{grace.uuid}.text());
}

TEST_CASE("a deactivated member is to be reactivated, not invited") {
    given(joined, deactivated).when(invite_grace).refused(Code::member_deactivated).with("id", grace.text());
}

TEST_CASE("[trap 3] a harmless repeat in a full workspace says what it is") {
    given(invited, user_limit(2)).when(invite_grace).refused(Code::already_invited);
    given(joined, user_limit(2)).when(invite_grace).refused(Code::already_member);
    given(joined, deactivated, user_limit(1)).when(invite_grace).refused(Code::member_deactivated);
}

TEST_CASE("[trap 8] an address is the same in any case and with space around it") {
    given(invited).when(InviteMember{.email = address("  GRACE@Spring.Example ")}).refused(Code::already_invited);
}

TEST_CASE("[S0-28, S4-14, trap 7] after a revoke or a delete the address is invited afresh") {
    given(invited, revoked).when(invite_grace).then_types({"MemberInvited"}).leaves(Phase::pending);
    given(joined, deleted).when(invite_grace).then_types({"MemberInvited"});
}

TEST_CASE("[S4-9, trap 7] an expired invitation gives its address up to a new one, and is dead") {
    auto outcome = given(invited, expired).when(invite_grace);
    outcome.then_types({"InvitationRevoked", "MemberInvited"}).then<InvitationRevoked>([](const auto& event) {
        CHECK(event.reason == RevokeReason::replaced);
    });
    CHECK(outcome.person(grace).phase == Phase::revoked);
    CHECK(outcome.person(newcomer).phase == Phase::pending);
}

TEST_CASE("[trap 4] an invitation that is due has expired, whether or not a job has said so") {
    given(invited, later(days(7)))
        .when(invite_grace)
        .then_types({"InvitationExpired", "InvitationRevoked", "MemberInvited"});
    given(invited, later(days(7) - 1)).when(invite_grace).refused(Code::already_invited);
}

// ---- Editing.

TEST_CASE("[S0-22, S1-26, S3-13, S4-12] a pending invitation is edited as one unit, and keeps its time and link") {
    auto outcome = given(invited, with_team(sales, "Sales"), with_permission(crm), later(days(1)))
                       .when(EditInvitation{.name = named("Grace Hopper"),
                                            .role = guest,
                                            .teams = teams("sales"),
                                            .permissions = std::vector{crm}});
    outcome.then<InvitationEdited>([](const InvitationEdited& event) {
        CHECK(event.from_profile->name == "Grace");
        CHECK(event.to_profile->name == "Grace Hopper");
        CHECK(event.from == Assignment{.role = plain});
        CHECK(event.to == Assignment{.role = guest, .teams = {sales}, .permissions = {{crm, 5}}});
    });
    CHECK(outcome.person().expires_at == moment(days(7)));
    CHECK(outcome.person().link_generation == 0);
    outcome.leaves(Phase::pending).good_before(moment(days(7)));
}

TEST_CASE("an edit that changes nothing is no event") {
    given(invited).when(EditInvitation{}).nothing_happens();
    given(invited)
        .when(EditInvitation{.email = grace_address, .name = named("Grace"), .role = plain, .teams = teams()})
        .nothing_happens();
}

TEST_CASE("absent leaves a field, null clears it, a value replaces it") {
    auto full = invited_as({.role = plain,
                            .license = organization,
                            .add_ons = {coaching},
                            .teams = {sales},
                            .permissions = {{crm, 4}},
                            .resources = {{robot, Access::view}}});
    auto world = given(plan(sold(1, 1)), with_permission(crm), with_team(sales, "Sales"), full);
    world.when(EditInvitation{.role = guest}).then<InvitationEdited>([](const InvitationEdited& event) {
        auto expected = event.from;
        expected.role = guest;
        CHECK(event.to == expected);
    });
    world
        .when(EditInvitation{.job_title = Patch<Name>::cleared(),
                             .license = Patch<LicenseKey>::cleared(),
                             .add_ons = Patch<std::vector<LicenseKey>>::cleared(),
                             .teams = Patch<std::vector<TeamRef>>::cleared(),
                             .permissions = Patch<std::vector<PermissionKey>>::cleared(),
                             .resources = Patch<std::vector<ResourceAccess>>::cleared()})
        .then<InvitationEdited>([](const InvitationEdited& event) { CHECK(event.to == Assignment{.role = plain}); });
}

TEST_CASE("an invitation's name and role, cleared, are what they are where inviting leaves them out") {
    given(invited)
        .when(EditInvitation{.name = named("Grace Hopper"), .role = guest})
        .then<InvitationEdited>([](const InvitationEdited& event) { CHECK(event.to_profile->name == "Grace Hopper"); });
    given(invited_as({.role = guest}))
        .when(EditInvitation{.role = Patch<RoleKey>::cleared()})
        .then<InvitationEdited>([](const InvitationEdited& event) { CHECK(event.to.role == plain); });
    auto renamed = [](World& world) {
        auto before = world.person(grace);
        auto named_so = *before.profile.if_known();
        named_so.name = "Amazing Grace";
        world.happens(grace, InvitationEdited{before.profile, named_so, before.assignment, before.assignment});
    };
    given(invited, renamed)
        .when(EditInvitation{.name = Patch<Name>::cleared()})
        .then<InvitationEdited>([](const InvitationEdited& event) { CHECK(event.to_profile->name == "Grace"); });
    given(invited).when(EditInvitation{.name = Patch<Name>::cleared()}).nothing_happens();
    // Nobody gets more by a default role than the one who clears.
    given(invited_as({.role = guest}), with_role(RoleKey{"lead"}, {PermissionKey{"members.read"}}),
          settings([](Settings& s) { s.default_role = RoleKey{"lead"}; }), who_may({}))
        .when(EditInvitation{.role = Patch<RoleKey>::cleared()})
        .refused(Code::role_above_own);
}

TEST_CASE("an address can't be cleared, nor a name or role where each invitation gives one") {
    auto strict = settings([](Settings& s) {
        s.name_required = true;
        s.default_role.reset();
    });
    given(invited, strict)
        .when(EditInvitation{
            .email = Patch<EmailAddress>::cleared(), .name = Patch<Name>::cleared(), .role = Patch<RoleKey>::cleared()})
        .faults({{"/email", Code::required}, {"/name", Code::name_required}, {"/role", Code::role_required}});
}

TEST_CASE("[S2-22] an invitation's address does not change, but may be repeated in any case") {
    given(invited).when(EditInvitation{.email = linus_address}).refused(Code::email_immutable);
    given(invited).when(EditInvitation{.email = address("Grace@spring.example")}).nothing_happens();
}

TEST_CASE("only a pending invitation is edited") {
    const EditInvitation edit{.role = guest};
    given(joined).when(edit).refused(Code::invitation_accepted);
    given(joined, deactivated).when(edit).refused(Code::invitation_accepted);
    given(invited, revoked).when(edit).refused(Code::invitation_revoked);
    given(invited, expired).when(edit).refused(Code::invitation_expired);
    given(invited, later(days(7))).when(edit).refused(Code::invitation_expired);
    given(joined, deleted).when(edit).refused(Code::member_deleted);
    given().when(edit).refused(Code::not_found);
    given().when(EditInvitation{}).refused(Code::not_found);
    given().when(ada, edit).refused(Code::not_found);  // a member who was never invited is no invitation
}

// ---- Resending.

TEST_CASE("[S0-26, S1-8, S1-24] resending sends again and begins the 7 days anew") {
    auto outcome = given(invited, later(days(3))).when(ResendInvitation{});
    outcome.then(InvitationResent{days(7), false, {}}).leaves(Phase::pending).good_before(moment(days(7)));
    CHECK(outcome.person().expires_at == moment(days(10)));
    CHECK(outcome.person().sent_at == moment(days(3)));
    CHECK(outcome.person().resent_count == 1);
    CHECK(outcome.person().created_at == monday);
}

TEST_CASE("[trap 6] resending never shortens an expiry") {
    auto outcome = given(invited, later(days(1))).when(ResendInvitation{.ttl = hours(1)});
    CHECK(outcome.person().expires_at == moment(days(7)));
}

TEST_CASE("[S3-21, trap 6] an expired invitation is good again once resent, with the same id") {
    given(invited, expired).when(ResendInvitation{}).then_types({"InvitationResent"}).leaves(Phase::pending);
    auto outcome = given(invited, later(days(8))).when(ResendInvitation{});
    outcome.then_types({"InvitationExpired", "InvitationResent"}).leaves(Phase::pending);
    CHECK(outcome.person().expires_at == moment(days(15)));
    CHECK(outcome.person().id == grace);
}

TEST_CASE("a new link makes older ones dead; a mere resend leaves them good") {
    CHECK(given(invited).when(ResendInvitation{}).person().link_generation == 0);
    CHECK(given(invited).when(ResendInvitation{.rotate_link = true}).person().link_generation == 1);
}

TEST_CASE("what the plan no longer has is dropped when an expired invitation is resent, and named") {
    auto with_seat = invited_as({.role = plain, .license = organization, .add_ons = {coaching}});
    given(plan(sold(1, 1)), with_seat, expired, plan({.licenses = {base(basic, 1)}}))
        .when(ResendInvitation{})
        .then(InvitationResent{days(7), false, {organization, coaching}})
        .holds({{Counter::users(), 1}, {Counter::role("member"), 1}});
    // Of the same key, but another thing by now.
    given(plan(sold(1, 1)), with_seat, expired, plan({.licenses = {base(coaching, 1), add_on(organization, 1)}}))
        .when(ResendInvitation{})
        .then(InvitationResent{days(7), false, {organization, coaching}});
    // A base that the add-on no longer goes with.
    given(plan(sold(1, 1)), with_seat, expired,
          plan({.licenses = {base(basic, 1), base(organization, 1), add_on(coaching, 1, {basic})}}))
        .when(ResendInvitation{})
        .then(InvitationResent{days(7), false, {coaching}});
}

TEST_CASE("a pending invitation keeps what it holds when it is resent") {
    given(plan(sold(1, 1)), invited_as({.role = plain, .license = organization, .add_ons = {coaching}}),
          plan({.licenses = {base(basic, 1), base(organization, 1), add_on(coaching, 1, {basic})}}))
        .when(ResendInvitation{})
        .then(InvitationResent{days(7), false, {}});
}

TEST_CASE("an invitation is resent 3 times a day, and again when the first is a day old") {
    given(invited, three_resends, later(hours(1)))
        .when(ResendInvitation{})
        .refused(Code::rate_limited)
        .with("limit", 3)
        .with("window_seconds", 86'400)
        .with("scope", "invitation")
        .with("retry_after", hours(21));
    given(invited, three_resends, later(hours(22) - 1)).when(ResendInvitation{}).refused(Code::rate_limited);
    given(invited, three_resends, later(hours(22))).when(ResendInvitation{}).then_types({"InvitationResent"});
}

TEST_CASE("the resend limit is the workspace's") {
    auto limited = [](std::optional<std::int64_t> limit) {
        return settings([limit](Settings& to) { to.resend_limit_per_day = limit; });
    };
    given(invited, limited(std::nullopt), three_resends).when(ResendInvitation{}).then_types({"InvitationResent"});
    given(invited, limited(0)).when(ResendInvitation{}).refused(Code::rate_limited).with("retry_after", days(1));
    given(invited, three_resends, limited(1)).when(ResendInvitation{}).refused(Code::rate_limited).with("limit", 1);
}

TEST_CASE("[S3-20] only a pending or expired invitation is resent") {
    given(joined).when(ResendInvitation{}).refused(Code::invitation_accepted);
    given(invited, revoked).when(ResendInvitation{}).refused(Code::invitation_revoked);
    given(joined, deleted).when(ResendInvitation{}).refused(Code::member_deleted);
    given().when(ResendInvitation{}).refused(Code::not_found);
}

// ---- The link.

TEST_CASE("the link of an invitation is shown while it is pending, to those who may as much as its person will") {
    auto shown = [](const Given& world) {
        auto refusal = link_refusal(world.world.person(grace), world.world.workspace, world.world.context(0));
        return refusal ? name_of(refusal->code) : "yes";
    };
    CHECK(shown(given(invited)) == "yes");
    CHECK(shown(given(invited, later(days(7) - 1))) == "yes");
    CHECK(shown(given(invited, later(days(7)))) == "invitation_expired");
    CHECK(shown(given(invited, expired)) == "invitation_expired");
    CHECK(shown(given(invited, revoked)) == "invitation_revoked");
    CHECK(shown(given(joined)) == "invitation_accepted");
    CHECK(shown(given(joined, deleted)) == "member_deleted");
    CHECK(shown(given()) == "not_found");
    CHECK(shown(given(invited_as({.role = admin}), who_may({"members.invite"}))) == "role_above_own");
}

// ---- Revoking and expiring.

TEST_CASE("[S0-27, S0-38, S1-25, S4-13] an invitation is revoked at any time before it is accepted, and not after") {
    given(invited).when(RevokeInvitation{}).then(InvitationRevoked{RevokeReason::revoked}).leaves(Phase::revoked);
    given(invited, expired).when(RevokeInvitation{}).then_types({"InvitationRevoked"}).leaves(Phase::revoked);
    given(invited, later(days(9))).when(RevokeInvitation{}).then_types({"InvitationExpired", "InvitationRevoked"});
    given(joined).when(RevokeInvitation{}).refused(Code::invitation_accepted);
    given(invited, revoked).when(RevokeInvitation{}).refused(Code::invitation_revoked);
    given(joined, deleted).when(RevokeInvitation{}).refused(Code::member_deleted);
    given().when(RevokeInvitation{}).refused(Code::not_found);
}

TEST_CASE("[S1-23] an invitation expires when its 7 days have passed, once, and not a second before") {
    given(invited, later(days(7))).when(ExpireInvitation{}).then(InvitationExpired{}).leaves(Phase::expired);
    given(invited, later(days(7) - 1)).when(ExpireInvitation{}).nothing_happens().good_before(moment(days(7)));
    given(invited, expired).when(ExpireInvitation{}).nothing_happens();
    given(joined, later(days(8))).when(ExpireInvitation{}).nothing_happens();
    given().when(ExpireInvitation{}).nothing_happens();
}

TEST_CASE("a decision on a pending invitation is good until it expires") {
    given(invited).when(RevokeInvitation{}).good_before(moment(days(7)));
    given(invited).when(EditInvitation{}).good_before(moment(days(7)));
    given(invited, expired).when(ResendInvitation{}).good_before(Instant::never());
}

}  // namespace muster::spec
