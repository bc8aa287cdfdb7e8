#pragma once
// How the mail of an invitation stands, from the streams, which are never behind. Lists have it from the roster, which
// follows the same events by the same rules (domain/mail.h).

#include "domain/event.h"
#include "eventstore/history.h"

#include <vector>

namespace muster {

// `more`: events of the invitation that may not be in its stream yet. What would be sent by events that are nowhere (a
// dry run) is queued.
MailDelivery delivery_of(const History&, const Membership&, const std::vector<RecordedPtr>& more = {});

}  // namespace muster
