#include "eventstore/former_events.h"

namespace muster::former {

muster::MailFailed today(const MailFailed& event) {
    return {event.about, event.member, event.request, event.cause, event.attempts, event.reason, MailTrouble::unknown};
}

muster::PersonalDataDestroyed today(const PersonalDataDestroyed& event) { return {event.key, event.member}; }

}  // namespace muster::former
