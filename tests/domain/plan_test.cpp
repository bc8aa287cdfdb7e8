#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

ChangePlan put(const Plan& wanted) { return {wanted.user_limit, wanted.trial_ends_at, wanted.licenses}; }

void operator_manages(World& world) { world.workspace.plan_managed_by = ManagedBy::operator_; }

const Assignment with_both{.role = plain, .license = organization, .add_ons = {coaching}};

}  // namespace

TEST_CASE("[S0-44, S3-5] a plan is put whole: user limit, trial, licences") {
    Plan wanted = sold(12, 11);
    wanted.user_limit = 50;
    wanted.trial_ends_at = moment(days(14));
    auto outcome = given().when(put(wanted));
    outcome.then(PlanChanged{{}, wanted});
    CHECK(outcome.workspace().plan.value == wanted);
    CHECK(outcome.workspace().plan.changed == 2);
}

TEST_CASE("the same plan again is no event") {
    given().when(ChangePlan{}).nothing_happens();
    given(plan(sold(1, 1))).when(put(sold(1, 1))).nothing_happens();
}

TEST_CASE("all faults of a plan are named at once") {
    auto free_lunch = base(LicenseKey{"free"}, 1);
    free_lunch.requires_ = {basic};
    auto magic = add_on(LicenseKey{"magic"}, 1'000'000'001, {coaching, LicenseKey{"gold"}});
    magic.permissions = {crm};
    given()
        .when(ChangePlan{.user_limit = -1,
                         .licenses = {base(basic, -5), base(basic, 1), add_on(coaching, 1), free_lunch, magic}})
        .faults({{"/user_limit", Code::invalid_value},
                 {"/licenses/0/seats", Code::invalid_value},
                 {"/licenses/1/key", Code::invalid_value},
                 {"/licenses/3/requires", Code::invalid_value},
                 {"/licenses/4/seats", Code::invalid_value},
                 {"/licenses/4/requires", Code::unknown_license},
                 {"/licenses/4/requires", Code::unknown_license},
                 {"/licenses/4/permissions", Code::unknown_permission}});
}

TEST_CASE("a licence gives permissions of the workspace's own only") {
    auto gold = base(organization, 1);
    gold.permissions = {PermissionKey{"members.read"}};
    given().when(put({.licenses = {gold}})).faults({{"/licenses/0/permissions", Code::unknown_permission}});
    gold.permissions = {crm};
    given(with_permission(crm)).when(put({.licenses = {gold}})).then_types({"PlanChanged"});
}

TEST_CASE("a plan has at most 100 licences") {
    Plan many;
    for (int i = 0; i < 101; ++i) many.licenses.push_back(base(LicenseKey{"l" + std::to_string(i)}, 1));
    given().when(put(many)).refused(Code::limit_reached).with("limit", 100);
    many.licenses.pop_back();
    given().when(put(many)).then_types({"PlanChanged"});
}

TEST_CASE("[S3-5] booked users are taken away down to those in use, and no further") {
    given(invited, crowd(2), user_limit(10)).when(ChangePlan{.user_limit = 4}).bounded({{Counter::users(), 4}});
    given(invited, crowd(2), user_limit(10))
        .when(ChangePlan{.user_limit = 3})
        .refused(Code::seats_in_use)
        .with("pool", "users")
        .with("limit", 3)
        .with("used", 4)
        .with("remaining", 0);
}

TEST_CASE("while a trial runs the user limit may be less than is used, until the trial ends") {
    given(crowd(5))
        .when(ChangePlan{.user_limit = 1, .trial_ends_at = moment(days(14))})
        .then_types({"PlanChanged"})
        .bounded({})
        .good_before(moment(days(14)));
    given(crowd(5)).when(ChangePlan{.user_limit = 1, .trial_ends_at = monday}).refused(Code::seats_in_use);
}

TEST_CASE("[S0-35] a licence's seats are raised, and lowered to those in use") {
    auto world = given(plan(sold(3, 3)), joined_as(with_both));
    world.when(put(sold(9, 9))).then_types({"PlanChanged"});
    world.when(put(sold(1, 1)))
        .then_types({"PlanChanged"})
        .bounded({{Counter::license("organization"), 1}, {Counter::license("coaching"), 1}});
    world.when(put(sold(0, 1))).refused(Code::seats_in_use).with("pool", "organization").with("used", 1);
    world.when(put(sold(1, 0))).refused(Code::seats_in_use).with("pool", "coaching").with("name", "Add-on coaching");
    world.when(put(sold(std::nullopt, std::nullopt))).then_types({"PlanChanged"}).bounded({});
}

TEST_CASE("a licence in use is neither removed nor made another kind; a remembered one may be") {
    auto world = given(plan(sold(3, 3)), joined_as(with_both));
    Plan removed{.licenses = {base(basic, std::nullopt), base(organization, 3)}};
    world.when(put(removed)).refused(Code::seats_in_use).with("pool", "coaching").with("limit", 0);
    Plan other_kind = sold(3, 3);
    other_kind.licenses[2] = base(coaching, 3);
    world.when(put(other_kind)).refused(Code::seats_in_use).with("pool", "coaching");
    given(plan(sold(3, 3)), joined_as(with_both), deactivated)
        .when(put(removed))
        .then_types({"PlanChanged"})
        .bounded({{Counter::license("organization"), 3}, {Counter::license("coaching"), 0}});
    given(plan(sold(3, 3)), invited_as(with_both)).when(put(removed)).refused(Code::seats_in_use);
    given(plan(sold(3, 3)), invited_as(with_both), expired).when(put(removed)).then_types({"PlanChanged"});
}

TEST_CASE("a plan that the operator manages is put by the operator only, whatever the body") {
    given(operator_manages).when(put(sold(1, 1))).then_types({"PlanChanged"});
    given(operator_manages, by_member(ada)).when(put(sold(1, 1))).refused(Code::permission_denied);
    given(operator_manages, by_member(ada)).when(ChangePlan{.user_limit = -1}).refused(Code::permission_denied);
    given(by_member(ada)).when(put(sold(1, 1))).then_types({"PlanChanged"});
}

TEST_CASE("a plan is checked body, version, containment, use") {
    auto gold = base(organization, 0);
    gold.permissions = {crm};
    auto world = [&](const Fact& more) {
        return given(with_permission(crm), plan(sold(3, 3)), joined_as(with_both), who_may({}), more);
    };
    world(if_match(9)).when(ChangePlan{.user_limit = -1, .licenses = {gold}}).refused(Code::invalid_value);
    world(if_match(9)).when(ChangePlan{.licenses = {gold}}).refused(Code::version_mismatch);
    world(if_match(3)).when(ChangePlan{.licenses = {gold}}).refused(Code::role_above_own);
    world(if_match(3)).when(put(sold(0, 0))).refused(Code::seats_in_use);
    Plan many = sold(0, 0);
    for (int i = 0; i < 101; ++i) many.licenses.push_back(base(LicenseKey{"l" + std::to_string(i)}, 1));
    world(if_match(3)).when(put(many)).refused(Code::limit_reached);
    world(if_match(9)).when(put(many)).refused(Code::version_mismatch);
    many.user_limit = -1;
    world(if_match(9)).when(put(many)).refused(Code::invalid_value);
}

}  // namespace muster::spec
