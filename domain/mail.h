#pragma once
// Mail: what is written to people because of an event, and what became of it. The text is no history. The outcome is an
// event on a stream of its own, named by the event that caused the mail, so that nobody's ETag moves. Of a person it
// says the id only.

#include "domain/membership.h"
#include "domain/request.h"

#include <cstdint>
#include <optional>
#include <string>

namespace muster {

// What a mail is about. Numbers stand in the log: never change one, only add.
enum class MailKind : std::uint8_t {
    invitation = 0,        // the link to join
    welcome = 1,           // of somebody who was added: the link to set a password, where they need one
    request = 2,           // to those who answer requests: somebody asked for an invitation
    approved = 3,          // the link to join, for somebody who had asked
    password_reset = 4,    // the link to set another password
    password_changed = 5,  // a notice
};
MUSTER_ENUM(MailKind, invitation, welcome, request, approved, password_reset, password_changed);

// Why a mail was not sent: what somebody can do about it differs. Numbers stand in the log.
enum class MailTrouble : std::uint8_t {
    unknown = 0,      // an older program wrote the event, which did not say
    refused = 1,      // the mail server took it for nobody: the address may be wrong
    unreachable = 2,  // no server took it for days
    overtaken = 3,    // it was about what was over by then
    restored = 4,     // it waited in a backup, and may have been sent since
};
MUSTER_ENUM(MailTrouble, unknown, refused, unreachable, overtaken, restored);

// ---- What happened.

struct MailSent {
    static constexpr std::string_view sentence = "The mail about {target} ({about}) was sent";
    MailKind about{};
    std::optional<MemberId> member;    // whose invitation or membership it was about,
    std::optional<RequestId> request;  // or which request
    Position cause = 0;                // of the event that it was sent for
    std::uint32_t attempts = 0;
};
struct MailFailed {
    static constexpr int shape = 2;  // the first one did not say which trouble (eventstore/former_events.h)
    static constexpr std::string_view sentence = "The mail about {target} ({about}) was not sent: {reason}";
    MailKind about{};
    std::optional<MemberId> member;
    std::optional<RequestId> request;
    Position cause = 0;
    std::uint32_t attempts = 0;
    std::string reason;  // a few words of ours and the server's numbers, never its text, which may hold an address
    MailTrouble trouble{};
};
MUSTER_DESCRIBE(MailSent, about, member, request, cause, attempts);
MUSTER_DESCRIBE(MailFailed, about, member, request, cause, attempts, reason, trouble);

using MailEvents = boost::mp11::mp_list<MailSent, MailFailed>;

// One stream for each event that causes a mail; its first event is the outcome.
inline StreamId mail_stream(EventId cause) { return {StreamKind::mail, cause.uuid}; }

// ---- How an invitation's mail stands.

enum class MailStatus : std::uint8_t { none = 0, queued = 1, sent = 2, failed = 3 };
MUSTER_ENUM(MailStatus, none, queued, sent, failed);

// Of the last time that the invitation was sent: a resend begins again.
struct MailDelivery {
    MailStatus status = MailStatus::none;
    std::uint32_t attempts = 0;
    std::string detail;  // why it failed
    Position cause = 0;  // the event that the mail is sent for
    MailTrouble trouble = MailTrouble::unknown;
    bool operator==(const MailDelivery&) const = default;
};

void evolve(MailDelivery&, const MemberInvited&, const Meta&);
void evolve(MailDelivery&, const InvitationResent&, const Meta&);
// Of an earlier mail nothing comes.
void evolve(MailDelivery&, const MailSent&, const Meta&);
void evolve(MailDelivery&, const MailFailed&, const Meta&);

}  // namespace muster
