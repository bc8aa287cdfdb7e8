#pragma once
// Whether a caller may use a route: by the permissions that it needs, or because it is about the caller.

#include "api/route.h"
#include "api/service.h"

#include <string_view>

namespace muster {

struct Admission {
    std::string_view missing{};  // what the route needs and the caller lacks; empty: they may
    bool own_only = false;       // they may, but only what is their own: the handler reads from the body whose it is
};

// `id` is the path's {id}; empty where it has none. `as_of`: how things stood is asked, where the route tells that.
Admission admission(const Route& route, const Caller& caller, std::string_view id, bool as_of = false);

// Whether a call that was let in would be let in still: for what goes on answering it. To be looked at is no use of a
// session, and keeps none alive.
bool still_admitted(const Call& call);

// Those of the route's permissions that let the caller in, where it was not that something is their own: what they do
// is decided on only if they have them still.
Needed needed_still(const Call& call);

Refusal not_admitted(std::string_view missing);

}  // namespace muster
