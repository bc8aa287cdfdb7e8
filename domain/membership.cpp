// What a membership is after each of its events, and what it holds.
#include "domain/membership.h"

#include <algorithm>

namespace muster {

bool holds(const Workspace& workspace, const Grant& grant) {
    auto own = workspace.permissions.find(grant.key);
    return own == workspace.permissions.end() ? built_in(grant.key) : own->second.defined == grant.defined;
}

PermissionSet effective_permissions(const Workspace& workspace, const Assignment& assignment) {
    auto set = workspace.permissions_of(assignment.role);
    for (const auto& grant : assignment.permissions)
        if (holds(workspace, grant)) set.keys.insert(grant.key.value);
    auto add = [&](const LicenseKey& key) {
        if (const auto* license = workspace.license(key))
            for (const auto& each : license->permissions) set.keys.insert(each.value);
    };
    if (assignment.license) add(*assignment.license);
    for (const auto& key : assignment.add_ons) add(key);
    return set;
}

Holdings holdings(const Membership& membership) {
    Holdings held;
    const auto& given = membership.assignment;
    switch (membership.phase) {
        case Phase::none:
        case Phase::revoked:
        case Phase::deleted:
            return held;
        case Phase::pending:
        case Phase::active:
            held.takes[Counter::users()] = 1;
            if (given.license) held.takes[Counter::license(given.license->value)] = 1;
            for (const auto& add_on : given.add_ons) held.takes[Counter::license(add_on.value)] = 1;
            if (membership.phase == Phase::active && given.role == admin_role) held.takes[Counter::active_admins()] = 1;
            break;
        case Phase::expired:
        case Phase::deactivated:
            break;
    }
    held.claims.insert(EmailClaim{membership.email_claim}.claim());
    held.takes[Counter::role(given.role.value)] = 1;
    return held;
}

namespace {

void drop_licenses(Assignment& assignment, const std::set<LicenseKey>& dropped) {
    for (const auto& key : dropped) {
        assignment.add_ons.erase(key);
        if (assignment.license == key) assignment.license.reset();
    }
}

}  // namespace

void evolve(Membership& membership, const MemberInvited& event, const Meta& meta) {
    membership.phase = Phase::pending;
    membership.email = event.email;
    membership.email_claim = event.email_claim;
    membership.profile = event.profile;
    membership.assignment = event.assignment;
    membership.invited = true;
    membership.invited_by = meta.actor;
    membership.created_at = membership.sent_at = meta.at;
    membership.expires_at = meta.at.plus_seconds(event.ttl);
    membership.send_email = event.send_email;
    membership.batch = event.batch;
}

void evolve(Membership& membership, const InvitationEdited& event, const Meta&) {
    membership.profile = event.to_profile;
    membership.assignment = event.to;
}

void evolve(Membership& membership, const InvitationResent& event, const Meta& meta) {
    membership.phase = Phase::pending;
    membership.sent_at = meta.at;
    membership.expires_at = std::max(membership.expires_at, meta.at.plus_seconds(event.ttl));
    ++membership.resent_count;
    if (event.rotate_link) ++membership.link_generation;
    // Only those within the last day count for the daily limit.
    std::erase_if(membership.resends, [&](Instant each) { return each.plus_seconds(limits::day_seconds) <= meta.at; });
    membership.resends.push_back(meta.at);
    // Nor more of them than a limit can be: where there is none, nobody asks how many there were.
    if (std::ssize(membership.resends) > limits::resends_per_day_max)
        membership.resends.erase(membership.resends.begin());
    drop_licenses(membership.assignment, event.dropped);
}

void evolve(Membership& membership, const InvitationRevoked&, const Meta&) { membership.phase = Phase::revoked; }

void evolve(Membership& membership, const InvitationExpired&, const Meta&) { membership.phase = Phase::expired; }

void evolve(Membership& membership, const InvitationAccepted& event, const Meta& meta) {
    membership.phase = Phase::active;
    membership.profile = event.profile;
    membership.assignment.teams = event.teams;
    membership.accepted_at = membership.joined_at = meta.at;
    membership.sign_in_completed = true;
    membership.profile_completed = event.profile_completed;
}

void evolve(Membership& membership, const MemberProvisioned& event, const Meta& meta) {
    if (membership.phase == Phase::pending) {
        membership.accepted_at = meta.at;
    } else {
        membership.created_at = meta.at;
        membership.invited_by = meta.actor;
    }
    membership.phase = Phase::active;
    membership.email = event.email;
    membership.email_claim = event.email_claim;
    membership.profile = event.profile;
    membership.assignment = event.assignment;
    membership.joined_at = meta.at;
    membership.sign_in_completed = true;
}

void evolve(Membership& membership, const OnboardingStepCompleted& event, const Meta&) {
    if (event.step == OnboardingStep::profile) membership.profile_completed = true;
    if (event.step != OnboardingStep::tour) return;
    membership.tour_completed = true;
    membership.tour_skipped = false;
}

void evolve(Membership& membership, const OnboardingStepSkipped&, const Meta&) { membership.tour_skipped = true; }

void evolve(Membership& membership, const MemberCreated& event, const Meta& meta) {
    membership.phase = Phase::active;
    membership.email = event.email;
    membership.email_claim = event.email_claim;
    membership.profile = event.profile;
    membership.assignment = event.assignment;
    membership.invited_by = meta.actor;
    membership.created_at = meta.at;
    membership.joined_at = meta.at;
    membership.send_email = event.send_email;
}

void evolve(Membership& membership, const MemberChanged& event, const Meta&) {
    membership.profile = event.to_profile;
    membership.assignment = event.to;
}

void evolve(Membership& membership, const MemberDeactivated&, const Meta& meta) {
    membership.phase = Phase::deactivated;
    membership.deactivated_at = meta.at;
    membership.sessions_end_position = membership.keys_end_position = meta.position;
}

void evolve(Membership& membership, const MemberReactivated& event, const Meta&) {
    membership.phase = Phase::active;
    membership.deactivated_at.reset();
    drop_licenses(membership.assignment, event.dropped);
}

void evolve(Membership& membership, const MemberDeleted&, const Meta& meta) {
    membership.phase = Phase::deleted;
    membership.email = {};
    membership.profile = {};
    membership.credential = {};
    membership.sessions_end_position = meta.position;
}

void evolve(Membership& membership, const PasswordSet& event, const Meta& meta) {
    membership.credential = event.credential;
    membership.sign_in_completed = true;
    membership.sessions_end_position = meta.position;
}

}  // namespace muster
