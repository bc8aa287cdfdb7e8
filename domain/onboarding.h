#pragma once
// Onboarding: what a new member does first, in this order: a way to sign in, their profile, the tour, then the home of
// their role [S1-34] to [S1-37]. Only the tour can be skipped.

#include "domain/membership.h"

#include <optional>
#include <vector>

namespace muster {

struct Onboarding {
    std::vector<OnboardingStep> steps;
    std::vector<OnboardingStep> completed;
    std::vector<OnboardingStep> skipped;
    std::optional<OnboardingStep> next;  // none: all is done
};

// The first step is by how people sign in here [S0-32].
std::vector<OnboardingStep> onboarding_steps(const Settings&);
Onboarding onboarding_of(const Membership&, const Settings&);

// Either, neither, or both: what is completed first, then what is skipped. What is done already changes nothing.
struct ProgressOnboarding {
    std::optional<OnboardingStep> completed;
    std::optional<OnboardingStep> skipped;
};
MUSTER_DESCRIBE(ProgressOnboarding, completed, skipped);

Decided decide(const Membership&, const Workspace&, const ProgressOnboarding&, const Context&);

// What members change of themselves; it completes the step of the profile.
struct ChangeOwnProfile {
    Patch<Name> name;
    Patch<Name> job_title;
    Patch<Phone> phone;
    Patch<HttpsUrl> photo_url;
};
MUSTER_DESCRIBE(ChangeOwnProfile, name, job_title, phone, photo_url);

Decided decide(const Membership&, const Workspace&, const ChangeOwnProfile&, const Context&);

}  // namespace muster
