#include "api/stood.h"

#include "api/problem.h"
#include "projections/audit.h"

#include <algorithm>

namespace muster {

std::optional<Moment> read_as_of(const Call& call, const std::string& text, std::span<const std::string_view> fields,
                                 Faults& faults) {
    constexpr std::string_view taken[] = {"as_of", "status", "limit", "cursor", "include_total"};
    for (const auto& [name, _] : call.query)
        if (std::ranges::find(taken, name) == std::end(taken) && std::ranges::find(fields, name) != fields.end())
            faults.add({"?" + name,
                        Code::invalid_value,
                        "With `as_of` a list is in the order of its ids, and filtered by `status` alone; leave it out.",
                        {}});
    return moment_in(text, "as_of", call.service.log, call.workspace_id, call.service.execute.now(), faults);
}

std::string StoodPlace::next(const std::string& last) const {
    return moment ? std::to_string(moment->position) + ' ' + last : last;
}

StoodPlace stood_place(std::optional<Moment> moment, const ListPlace& place) {
    if (!moment || !place.after) return {moment, place.after};
    auto between = place.after->find(' ');
    moment->position = std::stoull(place.after->substr(0, between));
    return {moment, place.after->substr(between + 1)};
}

void when_stood(std::shared_ptr<Call> call, Moment moment, std::function<void(const Stood&)> ready) {
    when_fresh(call, "audit", [call, moment, ready = std::move(ready)](const Reading&, Position) {
        // However short the page, it may have to walk past many: no work for a thread that answers others.
        on_pool(call, [call, moment, ready] {
            auto table = call->service.runner.table("audit");
            if (!table) return call->refuse(lagging());
            auto reading = table->snapshot();
            AsOf as_of(call->service.log, call->service.history, call->workspace_id, moment);
            auto workspace = as_of.workspace();
            if (!workspace)
                return call->refuse(
                    refuse({{"?as_of",
                             Code::invalid_value,
                             "There was no workspace yet: it was made at " + call->workspace->created_at.text() + ".",
                             {}}}));
            People people = [&](const std::optional<MemberId>& after, std::size_t most) {
                return audit::people(*reading, call->workspace_id, after, most);
            };
            ready({as_of, *workspace, people});
        });
    });
}

}  // namespace muster
