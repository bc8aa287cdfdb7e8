#pragma once
// Shapes of events that were written once and are no more, each under the name that stands in the logs of that time,
// and the event of today that it is read as. What read the old shape once goes on reading it: a log is never rewritten.
// How a shape changes, step by step: MIGRATION.md.

#include "domain/event.h"

#include <boost/mp11.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace muster {
namespace former {

// Before it said which trouble.
struct MailFailed {
    static constexpr std::string_view stored = "MailFailed";
    MailKind about{};
    std::optional<MemberId> member;
    std::optional<RequestId> request;
    Position cause = 0;
    std::uint32_t attempts = 0;
    std::string reason;
};
MUSTER_DESCRIBE(MailFailed, about, member, request, cause, attempts, reason);

// What the old shape did not say stays unsaid: nothing is guessed from the words of a reason.
muster::MailFailed today(const MailFailed& event);

// Before it named whose data it was where that was no member.
struct PersonalDataDestroyed {
    static constexpr std::string_view stored = "PersonalDataDestroyed";
    Uuid key;
    MemberId member;
};
MUSTER_DESCRIBE(PersonalDataDestroyed, key, member);
muster::PersonalDataDestroyed today(const PersonalDataDestroyed& event);

}  // namespace former

using FormerEvents = boost::mp11::mp_list<former::MailFailed, former::PersonalDataDestroyed>;

}  // namespace muster
