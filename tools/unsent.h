#pragma once
// What waited to be sent when a history ended that is now gone on with: mails, and events for webhooks. Whether a later
// history has sent them nobody can tell, so they are listed and not sent.

#include "domain/describe.h"
#include "domain/ids.h"
#include "eventstore/store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace muster::tools {

struct UnsentMail {
    Position position = 0;
    std::string kind;
    std::string workspace;
    std::optional<std::string> person;  // whose invitation or membership it is about, or which request
    bool handled = false;  // the vault, which may be later, knows that it did not wait any more: sent, perhaps
};
MUSTER_DESCRIBE(UnsentMail, position, kind, workspace, person, handled);

// Of one webhook.
struct UndeliveredEvents {
    std::string webhook;
    std::string workspace;
    bool enabled = true;
    std::uint64_t events = 0;  // that it wants and had not been sent, those included that somebody wanted sent again
    Position last_tried = 0;   // the event at which its target stood in the way; 0: at none
};
MUSTER_DESCRIBE(UndeliveredEvents, webhook, workspace, enabled, events, last_tried);

// The history's mails of which no outcome is known, in the order of their events. Each is told of as failed.
std::vector<UnsentMail> give_up_mails(Store& store);

// Up to `end`; every webhook goes on behind the log's head, and they are listed that had something waiting, or are
// disabled and would have gone on where they stood once they were enabled.
std::vector<UndeliveredEvents> give_up_deliveries(Store& store, Position end);

void print_mails(const std::vector<UnsentMail>& mails);
void print_deliveries(const std::vector<UndeliveredEvents>& webhooks);

}  // namespace muster::tools
