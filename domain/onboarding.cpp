#include "domain/onboarding.h"

#include "domain/event.h"

#include <algorithm>

namespace muster {
namespace {

bool is_done(const Membership& membership, OnboardingStep step) {
    switch (step) {
        case OnboardingStep::password:
        case OnboardingStep::sso:
            return membership.sign_in_completed;
        case OnboardingStep::profile:
            return membership.profile_completed;
        case OnboardingStep::tour:
            return membership.tour_completed;
    }
    return false;
}

}  // namespace

std::vector<OnboardingStep> onboarding_steps(const Settings& settings) {
    auto first = settings.sign_in == SignIn::sso ? OnboardingStep::sso : OnboardingStep::password;
    return {first, OnboardingStep::profile, OnboardingStep::tour};
}

Onboarding onboarding_of(const Membership& membership, const Settings& settings) {
    Onboarding onboarding{onboarding_steps(settings), {}, {}, {}};
    for (auto step : onboarding.steps) {
        if (is_done(membership, step))
            onboarding.completed.push_back(step);
        else if (step == OnboardingStep::tour && membership.tour_skipped)
            onboarding.skipped.push_back(step);
        else if (!onboarding.next)
            onboarding.next = step;
    }
    return onboarding;
}

Decided decide(const Membership& membership, const Workspace& workspace, const ProgressOnboarding& command,
               const Context& context) {
    std::vector<Fault> faults;
    if (command.completed.has_value() == command.skipped.has_value())
        faults.push_back({"", Code::required, "Name one step, either `completed` or `skipped`.", {}});
    if (command.skipped && *command.skipped != OnboardingStep::tour)
        faults.push_back({"/skipped", Code::invalid_value, "Only the tour can be skipped.", {}});
    auto step = command.completed.value_or(OnboardingStep::tour);
    auto state = onboarding_of(membership, workspace.settings.value);
    if (std::ranges::find(state.steps, step) == state.steps.end())
        faults.push_back({"/completed", Code::invalid_value, "This step is none of this workspace's.", {}});
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (membership.phase != Phase::active) return refused(Code::not_found, "There is no such active member here.");
    if (context.if_match && *context.if_match != membership.version) return version_mismatch();
    if (is_done(membership, step) || (command.skipped && membership.tour_skipped)) return Decision{};

    // The way to sign in is made by choosing a password or coming through the identity provider, never by saying so.
    bool skipped_tour_now_taken = command.completed && step == OnboardingStep::tour && membership.tour_skipped;
    bool in_turn = state.next == step && step != OnboardingStep::password && step != OnboardingStep::sso;
    if (!in_turn && !skipped_tour_now_taken)
        return refused(Code::onboarding_order, "The steps come in their order, and another one is next.",
                       {{"next", state.next ? Detail(std::string(name_of(*state.next))) : Detail(nullptr)}});
    if (command.skipped)
        return Decision{{{stream_of(membership.id), OnboardingStepSkipped{step}}}, {}, Instant::never()};
    return Decision{{{stream_of(membership.id), OnboardingStepCompleted{step}}}, {}, Instant::never()};
}

Decided decide(const Membership& membership, const Workspace&, const ChangeOwnProfile& command,
               const Context& context) {
    if (command.name.is_null())
        return std::unexpected(refuse({{"/name", Code::name_required, "The name can't be cleared.", {}}}));
    if (membership.phase != Phase::active) return refused(Code::not_found, "There is no such active member here.");
    if (context.if_match && *context.if_match != membership.version) return version_mismatch();
    Profile profile = membership.profile.or_blank();
    if (command.name.has_value()) profile.name = command.name.value.value;
    command.job_title.apply_to(profile.job_title);
    command.phone.apply_to(profile.phone);
    command.photo_url.apply_to(profile.photo_url);
    Decision decision;
    auto add = [&](Event event) { decision.events.push_back({stream_of(membership.id), std::move(event)}); };
    if (Personal<Profile>{profile} != membership.profile)
        add(MemberChanged{membership.profile, profile, membership.assignment, membership.assignment});
    bool said = command.name.has_value() || command.phone.has_value() || command.photo_url.has_value();
    if (said && !membership.profile_completed) add(OnboardingStepCompleted{OnboardingStep::profile});
    return decision;
}

}  // namespace muster
