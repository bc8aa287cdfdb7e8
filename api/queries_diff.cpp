// What differs between two moments.
#include "api/as_of.h"
#include "api/difference_json.h"
#include "api/listing.h"
#include "api/parameters.h"
#include "api/queries.h"

namespace muster::queries {
namespace {

struct Between {
    Moment from;
    Moment to;
};

std::optional<Between> read_between(const Call& call) {
    DiffParameters wanted;
    Between between;
    bool good = read_list(call, wanted, [&](Faults& faults) {
        const auto& log = call.service.log;
        const auto now = call.service.execute.now();
        if (!wanted.from) faults.add({"?from", Code::required, "From when? A time or a position of the log.", {}});
        auto from = wanted.from ? moment_in(*wanted.from, "from", log, call.workspace_id, now, faults) : std::nullopt;
        auto to = wanted.to ? moment_in(*wanted.to, "to", log, call.workspace_id, now, faults)
                            : std::optional(moment_at(log, call.workspace_id, now));
        if (!from || !to) return;
        between = {*from, *to};
        if (reversed(*wanted.from, *from, wanted.to.value_or(now.text()), *to)) refuse_order(faults);
    });
    return good ? std::optional(between) : std::nullopt;
}

}  // namespace

void diff(std::shared_ptr<Call> call) {
    auto between = read_between(*call);
    if (!between) return;
    // Folding thousands of streams is no work for a thread that answers others.
    on_pool(call, [call, between = *between] {
        auto found =
            difference_json(call->service.log, call->service.history, call->workspace_id, between.from, between.to);
        if (!found) return call->refuse(range_too_large());
        call->done(response({200, std::move(*found), between.to.position, std::nullopt, {}}));
    });
}

}  // namespace muster::queries
