#pragma once
// What happens around every request, whatever it asks: its place among those in flight, its line in the log, its count
// in the figures, and the limits on requests as such.

#include "api/route.h"
#include "api/service.h"

#include <memory>
#include <optional>

namespace muster {

// The same `done`, which at the answer gives back the request's place, counts it, logs it and names it (the header
// `Muster-Request`, by which the log and the audit's `cause` know it). `route` is nullptr where
// there is none such; the record is filled in until then by who learns more of the request.
http::Done watched(Service& service, const Route* route, std::shared_ptr<RequestRecord> record,
                   std::shared_ptr<InFlight::Place> place, http::Done done);

// Takes one of the caller's, the workspace's and the IP's requests; the refusal where one has none left. The operator
// is under no limit, and neither is asking how the service is. Somebody who is not signed in takes of nobody's but
// their IP's, so that nobody can use up a workspace's from outside.
std::optional<Refusal> over_request_limit(const Call& call);

}  // namespace muster
