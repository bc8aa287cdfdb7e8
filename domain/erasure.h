#pragma once
// Erasing somebody who is no member: of whom only requests and dead invitations are left. Members are deleted.

#include "domain/event.h"

namespace muster {

struct ErasePerson {
    EmailAddress email;
};
MUSTER_DESCRIBE(ErasePerson, email);

Decided decide(const Workspace&, const ErasePerson&, const Context&);

// Whom an address's key is about: at most one membership holds the address, at most one request of it is open.
struct KeyedPerson {
    Uuid key;
    std::string email_claim;
    const Membership* holder = nullptr;
    std::optional<RequestId> open_request;
};
// What ends them, whoever they are and whoever else there is: their workspace was deleted, or they were erased in a
// history that goes on behind this one. The key can be destroyed after it.
std::vector<NewEvent> end_person(const KeyedPerson&, Instant now);

}  // namespace muster
