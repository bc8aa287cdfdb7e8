// Deciding on invitations: invite, edit, resend, revoke, expire, accept.
#include "domain/assignment.h"
#include "domain/event.h"
#include "domain/person.h"
#include "domain/seats.h"

#include <algorithm>

namespace muster {

// ---- Inviting.

namespace {

std::optional<Fault> ttl_fault(std::optional<std::int64_t> ttl) {
    if (!ttl || (*ttl >= limits::ttl_seconds_min && *ttl <= limits::ttl_seconds_max)) return std::nullopt;
    return Fault{"/ttl",
                 Code::ttl_out_of_range,
                 "An invitation lives from 3600 seconds (1 hour) to 31536000 (1 year).",
                 {{"minimum", limits::ttl_seconds_min}, {"maximum", limits::ttl_seconds_max}}};
}

}  // namespace

std::vector<Fault> faults_of(const Workspace& workspace, const InviteMember& command, const Context& context) {
    auto faults = new_person(workspace, command, context).faults;
    if (auto fault = ttl_fault(command.ttl)) faults.push_back(*fault);
    return faults;
}

Decided decide(const Membership& membership, const Workspace& workspace, const InviteMember& command,
               const Context& context) {
    auto faults = faults_of(workspace, command, context);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));
    auto person = new_person(workspace, command, context);
    if (auto refusal = above_own(workspace, person.assignment, context)) return std::unexpected(*refusal);

    // Who holds the address is said before seats are counted, so that a harmless repeat says what it is [trap 3].
    auto place = take_address(workspace, context);
    if (!place) return std::unexpected(place.error());
    Decision decision = std::move(*place);

    MemberInvited invited{command.email,
                          context.email_claim.bytes,
                          person.profile,
                          person.assignment,
                          command.ttl.value_or(workspace.settings.value.invitation_ttl),
                          command.send_email,
                          context.batch};
    Membership after = membership;
    evolve(after, invited, {0, 1, context.now, context.actor});
    if (auto refusal = misfit(workspace, holdings(membership), holdings(after), context))
        return std::unexpected(*refusal);
    decision.events.push_back({stream_of(membership.id), std::move(invited)});
    decision.good_before = std::min(decision.good_before, fits_until(workspace, context.now));
    return decision;
}

// ---- What an invitation's own state says to a command on it.

namespace {

std::unexpected<Refusal> no_invitation() { return refused(Code::not_found, "There is no such invitation here."); }

// 404 and 410 come first, then whether the caller saw this version, then whether they may act on this person.
std::optional<Refusal> out_of_reach(const Membership& membership, const Workspace& workspace, const Context& context) {
    if (!membership.exists() || !membership.invited) return no_invitation().error();
    if (membership.phase == Phase::deleted)
        return Refusal{
            Code::member_deleted, "This person was deleted, for good; their history stays in the audit.", {}, {}};
    if (context.if_match && *context.if_match != membership.version) return version_mismatch().error();
    return above_own(workspace, membership.assignment, context);
}

std::unexpected<Refusal> is_accepted() {
    return refused(Code::invitation_accepted, "This invitation was accepted; change the member instead.");
}
std::unexpected<Refusal> is_revoked() {
    return refused(Code::invitation_revoked, "This invitation was revoked; invite the person again.");
}
std::unexpected<Refusal> is_expired() {
    return refused(Code::invitation_expired, "This invitation has expired; resend it to make it good again.");
}

// The expiry itself, where it is due and nobody has recorded it yet: time decides, not a background job [trap 4].
Decision settled(const Membership& membership, const Context& context) {
    Decision decision;
    if (membership.due(context.now)) decision.events.push_back({stream_of(membership.id), InvitationExpired{}});
    if (membership.phase == Phase::pending && !membership.due(context.now))
        decision.good_before = membership.expires_at;
    return decision;
}

}  // namespace

// ---- Editing.

std::vector<Fault> faults_of(const Membership& membership, const Workspace& workspace, const EditInvitation& command,
                             const Context& context) {
    return changed_person(membership, workspace, command, context).faults;
}

Decided decide(const Membership& membership, const Workspace& workspace, const EditInvitation& command,
               const Context& context) {
    auto person = changed_person(membership, workspace, command, context);
    if (!person.faults.empty()) return std::unexpected(refuse(std::move(person.faults)));
    if (auto refusal = out_of_reach(membership, workspace, context)) return std::unexpected(*refusal);
    if (auto refusal = above_own(workspace, person.assignment, context)) return std::unexpected(*refusal);
    if (membership.member()) return is_accepted();
    if (membership.phase == Phase::revoked) return is_revoked();
    if (membership.phase == Phase::expired || membership.due(context.now)) return is_expired();
    if (changes_email(membership, command.email)) return email_is_immutable();

    auto decision = settled(membership, context);
    Personal<Profile> profile = membership.profile.erased() ? Personal<Profile>{} : Personal<Profile>{person.profile};
    if (profile == membership.profile && person.assignment == membership.assignment) return decision;
    InvitationEdited edited{membership.profile, profile, membership.assignment, person.assignment};
    Membership after = membership;
    evolve(after, edited, {});
    if (auto refusal = misfit(workspace, holdings(membership), holdings(after), context))
        return std::unexpected(*refusal);
    decision.events.push_back({stream_of(membership.id), std::move(edited)});
    decision.good_before = std::min(decision.good_before, fits_until(workspace, context.now));
    return decision;
}

// ---- Resending.

Decided decide(const Membership& membership, const Workspace& workspace, const ResendInvitation& command,
               const Context& context) {
    if (auto fault = ttl_fault(command.ttl)) return std::unexpected(refuse({*fault}));
    if (auto refusal = out_of_reach(membership, workspace, context)) return std::unexpected(*refusal);
    if (membership.member()) return is_accepted();
    if (membership.phase == Phase::revoked) return is_revoked();

    auto decision = settled(membership, context);
    Membership before = membership;
    if (membership.due(context.now)) evolve(before, InvitationExpired{}, {});
    InvitationResent resent{command.ttl.value_or(workspace.settings.value.invitation_ttl), command.rotate_link, {}};
    if (before.phase == Phase::expired) resent.dropped = lost_licenses(workspace, membership.assignment);
    Membership after = before;
    evolve(after, resent, {0, 0, context.now, context.actor});
    if (auto refusal = misfit(workspace, holdings(before), holdings(after), context)) return std::unexpected(*refusal);

    constexpr auto day = limits::day_seconds;
    auto limit = workspace.settings.value.resend_limit_per_day;
    auto recent =
        std::ranges::count_if(membership.resends, [&](Instant each) { return each.plus_seconds(day) > context.now; });
    if (limit && recent >= *limit) {
        // The oldest of the last `limit` resends has to become a day old first.
        auto at = membership.resends.size() - static_cast<std::size_t>(*limit);
        auto free_at = *limit > 0 ? membership.resends[at].plus_seconds(day) : context.now.plus_seconds(day);
        return refused(
            Code::rate_limited,
            "It was resent " + std::to_string(recent) + " times within a day; try again at " + free_at.text() + ".",
            {{"limit", *limit},
             {"window_seconds", day},
             {"scope", "invitation"},
             {"retry_after", (free_at.ms - context.now.ms + 999) / 1000}});
    }
    decision.events.push_back({stream_of(membership.id), std::move(resent)});
    decision.good_before = std::min(decision.good_before, fits_until(workspace, context.now));
    return decision;
}

// ---- Revoking and expiring.

Decided decide(const Membership& membership, const Workspace& workspace, const RevokeInvitation&,
               const Context& context) {
    if (auto refusal = out_of_reach(membership, workspace, context)) return std::unexpected(*refusal);
    if (membership.member()) return is_accepted();
    if (membership.phase == Phase::revoked) return is_revoked();
    auto decision = settled(membership, context);
    decision.events.push_back({stream_of(membership.id), InvitationRevoked{RevokeReason::revoked}});
    return decision;
}

Decided decide(const Membership& membership, const Workspace&, const ExpireInvitation&, const Context& context) {
    return settled(membership, context);
}

// ---- The link.

std::optional<Refusal> link_refusal(const Membership& membership, const Workspace& workspace, const Context& context) {
    if (auto refusal = out_of_reach(membership, workspace, context)) return refusal;
    if (membership.member()) return is_accepted().error();
    if (membership.phase == Phase::revoked) return is_revoked().error();
    if (membership.phase == Phase::expired || membership.due(context.now)) return is_expired().error();
    return std::nullopt;
}

// ---- Accepting.

std::optional<Refusal> dead_link(const Membership& membership, const Context& context) {
    auto dead = [](Code code, const char* detail) { return Refusal{code, detail, {}, {}}; };
    if (!membership.exists() || !membership.invited || membership.phase == Phase::deleted)
        return dead(Code::token_invalid, "This link is not valid; ask for a new invitation.");
    if (membership.phase == Phase::revoked) return is_revoked().error();
    if (context.link_generation != membership.link_generation)
        return dead(Code::invitation_superseded, "A newer link was sent; use that one.");
    if (membership.member())
        return dead(Code::invitation_accepted, "This invitation was accepted already; sign in instead.");
    if (membership.phase == Phase::expired || membership.due(context.now))
        return dead(Code::invitation_expired, "This invitation has expired; ask for it to be sent again.");
    return std::nullopt;
}

namespace {

// Who holds the link chooses how to sign in from now on: a password, but where only the identity provider is asked.
std::vector<Fault> choice_faults(const Settings& settings, const AcceptInvitation& command, const Context& context) {
    std::vector<Fault> faults;
    if (settings.sign_in == SignIn::sso) {
        if (command.password) faults.push_back(password_not_used());
    } else if (!command.password) {
        faults.push_back({"/password", Code::password_required, "Choose a password to sign in with.", {}});
    } else if (auto fault = password_fault(settings, *command.password, context.common_password)) {
        faults.push_back(*fault);
    }
    return faults;
}

}  // namespace

Decided decide(const Membership& membership, const Workspace& workspace, const AcceptInvitation& command,
               const Context& context) {
    // What the link is good for comes first: on a dead one nobody is asked for a password.
    if (auto refusal = dead_link(membership, context)) return std::unexpected(*refusal);
    auto faults = choice_faults(workspace.settings.value, command, context);
    if (!faults.empty()) return std::unexpected(refuse(std::move(faults)));

    auto decision = settled(membership, context);
    InvitationAccepted accepted;
    Profile profile = membership.profile.or_blank();
    if (command.name) profile.name = command.name->value;
    if (command.phone) profile.phone = command.phone;
    if (command.photo_url) profile.photo_url = command.photo_url;
    accepted.profile = profile;
    accepted.profile_completed = command.name || command.phone || command.photo_url;
    for (const auto& team : membership.assignment.teams)  // deleted since: dropped [trap 10]
        if (workspace.teams.contains(team)) accepted.teams.insert(team);
    // The seat is the invitation's own: accepting takes none [trap 2].
    decision.events.push_back({stream_of(membership.id), std::move(accepted)});
    if (command.password) decision.events.push_back({stream_of(membership.id), PasswordSet{context.credential}});
    return decision;
}

}  // namespace muster
