#include "domain/onboarding.h"

#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

using Step = OnboardingStep;
using Steps = std::vector<OnboardingStep>;

Fact completed(Step step) {
    return [step](World& world) { world.happens(grace, OnboardingStepCompleted{step}); };
}
void skipped_tour(World& world) { world.happens(grace, OnboardingStepSkipped{Step::tour}); }

Onboarding of_grace(const Given& given) {
    return onboarding_of(given.world.person(grace), given.world.workspace.settings.value);
}

const ProgressOnboarding profile_done{.completed = Step::profile}, tour_done{.completed = Step::tour},
    skip_tour{.skipped = Step::tour};

}  // namespace

TEST_CASE("[S1-34, S1-35, S1-36, S1-37] the steps come in their order: a way in, the profile, the tour, then home") {
    auto begun = of_grace(given(joined));
    CHECK(begun.steps == Steps{Step::password, Step::profile, Step::tour});
    CHECK(begun.completed == Steps{Step::password});
    CHECK(begun.next == Step::profile);
    auto outcome = given(joined).when(profile_done);
    outcome.then(OnboardingStepCompleted{Step::profile});
    given(joined).when(tour_done).refused(Code::onboarding_order).with("next", std::string("profile"));
    given(joined, completed(Step::profile)).when(tour_done).then(OnboardingStepCompleted{Step::tour});
    auto all = of_grace(given(joined, completed(Step::profile), completed(Step::tour)));
    CHECK(all.completed == all.steps);
    CHECK_FALSE(all.next);
}

TEST_CASE("[S1-36] only the tour can be skipped, in its turn, and taken later") {
    given(joined).when(skip_tour).refused(Code::onboarding_order);
    given(joined, completed(Step::profile)).when(skip_tour).then(OnboardingStepSkipped{Step::tour});
    given(joined).when(ProgressOnboarding{.skipped = Step::profile}).faults({{"/skipped", Code::invalid_value}});
    auto done = of_grace(given(joined, completed(Step::profile), skipped_tour));
    CHECK(done.skipped == Steps{Step::tour});
    CHECK_FALSE(done.next);
    given(joined, completed(Step::profile), skipped_tour).when(tour_done).then(OnboardingStepCompleted{Step::tour});
    CHECK(of_grace(given(joined, completed(Step::profile), skipped_tour, completed(Step::tour))).skipped.empty());
}

TEST_CASE("what is done already changes nothing") {
    given(joined, completed(Step::profile)).when(profile_done).nothing_happens();
    given(joined, completed(Step::profile), skipped_tour).when(skip_tour).nothing_happens();
}

TEST_CASE("[S0-32] the first step is by how people sign in here; nobody completes it by saying so") {
    auto by_sso = settings([](Settings& each) { each.sign_in = SignIn::sso; });
    auto by_both = settings([](Settings& each) { each.sign_in = SignIn::both; });
    CHECK(of_grace(given(by_sso, joined)).steps.front() == Step::sso);
    CHECK(of_grace(given(by_both, joined)).steps.front() == Step::password);
    auto there_at_once = created_as(grace, grace_address, {.role = plain});
    CHECK(of_grace(given(there_at_once)).next == Step::password);
    given(there_at_once).when(ProgressOnboarding{.completed = Step::password}).refused(Code::onboarding_order);
    given(by_sso, joined).when(ProgressOnboarding{.completed = Step::password}).refused(Code::invalid_value);
}

TEST_CASE("a step is completed and then the tour skipped in one, or neither, each in its turn") {
    const ProgressOnboarding both{.completed = Step::profile, .skipped = Step::tour};
    given(joined).when(both).then(OnboardingStepCompleted{Step::profile}, OnboardingStepSkipped{Step::tour});
    given(joined, completed(Step::profile)).when(both).then(OnboardingStepSkipped{Step::tour});
    given(joined, completed(Step::profile), skipped_tour).when(both).nothing_happens();
    given(joined).when(ProgressOnboarding{}).nothing_happens();
    const ProgressOnboarding tour_twice{.completed = Step::tour, .skipped = Step::tour};
    given(joined, completed(Step::profile)).when(tour_twice).then(OnboardingStepCompleted{Step::tour});
    given(joined).when(tour_twice).refused(Code::onboarding_order).with("next", std::string("profile"));
    given(joined)
        .when(ProgressOnboarding{.completed = Step::profile, .skipped = Step::profile})
        .faults({{"/skipped", Code::invalid_value}});
}

TEST_CASE("the onboarding is of an active member") {
    given(invited).when(ProgressOnboarding{}).refused(Code::not_found);
    given(invited).when(profile_done).refused(Code::not_found);
    given(joined, deactivated).when(profile_done).refused(Code::not_found);
    given(joined, if_match(77)).when(profile_done).refused(Code::version_mismatch);
}

}  // namespace muster::spec
