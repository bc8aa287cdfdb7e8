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

bool is_step_of(const Settings& settings, OnboardingStep step) {
    auto steps = onboarding_steps(settings);
    return std::ranges::find(steps, step) != steps.end();
}

// The way to sign in is made by choosing a password or coming through the identity provider, never by saying so. A
// tour that was skipped can be taken later.
bool may_complete(const Membership& membership, const Settings& settings, OnboardingStep step) {
    if (step == OnboardingStep::password || step == OnboardingStep::sso) return false;
    if (step == OnboardingStep::tour && membership.tour_skipped) return true;
    return onboarding_of(membership, settings).next == step;
}

std::unexpected<Refusal> out_of_order(const Membership& membership, const Settings& settings) {
    auto next = onboarding_of(membership, settings).next;
    return refused(Code::onboarding_order, "The steps come in their order, and another one is next.",
                   {{"next", next ? Detail(std::string(name_of(*next))) : Detail(nullptr)}});
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
    const auto& settings = workspace.settings.value;
    std::vector<Fault> faults;
    if (command.skipped && *command.skipped != OnboardingStep::tour)
        faults.push_back({"/skipped", Code::invalid_value, "Only the tour can be skipped.", {}});
    if (command.completed && !is_step_of(settings, *command.completed))
        faults.push_back({"/completed", Code::invalid_value, "This step is none of this workspace's.", {}});
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    if (membership.phase != Phase::active) return refused(Code::not_found, "There is no such active member here.");
    if (context.if_match && *context.if_match != membership.version) return version_mismatch();

    Decision decision;
    auto so_far = membership;
    auto happens = [&](const auto& event) {
        evolve(so_far, event, Meta{});
        decision.events.push_back({stream_of(membership.id), event});
    };
    if (command.completed && !is_done(so_far, *command.completed)) {
        if (!may_complete(so_far, settings, *command.completed)) return out_of_order(so_far, settings);
        happens(OnboardingStepCompleted{*command.completed});
    }
    if (command.skipped && !is_done(so_far, *command.skipped) && !so_far.tour_skipped) {
        if (onboarding_of(so_far, settings).next != *command.skipped) return out_of_order(so_far, settings);
        happens(OnboardingStepSkipped{*command.skipped});
    }
    return decision;
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
