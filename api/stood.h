#pragma once
// What the lists with `?as_of=` share: reading the parameter, keeping to one moment from page to page, and working on
// the pool.

#include "api/as_of.h"
#include "api/listing.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace muster {

// The moment that `as_of` names; of the list's other parameters `status` alone filters with it, any other is a fault.
std::optional<Moment> read_as_of(const Call& call, const std::string& text, std::span<const std::string_view> fields,
                                 Faults& faults);

// As read_list; `moment` is set where `as_of` is given.
template <class Wanted>
bool read_list_as_of(const Call& call, Wanted& wanted, std::optional<Moment>& moment,
                     const std::function<void(Faults&)>& more = {}) {
    return read_list(call, wanted, [&](Faults& faults) {
        if (more) more(faults);
        if (wanted.as_of) moment = read_as_of(call, *wanted.as_of, field_names_of<Wanted>, faults);
    });
}

// Where a page begins. With a moment, a cursor holds the position that the first page was made at: events that get the
// very same time as `as_of` afterwards change no later page.
struct StoodPlace {
    std::optional<Moment> moment;
    std::optional<std::string> after;
    [[nodiscard]] std::string next(const std::string& last) const;
};
StoodPlace stood_place(std::optional<Moment> moment, const ListPlace& place);

// The workspace at a moment.
struct Stood {
    const AsOf& as_of;
    const Workspace& workspace;
    const People& people;
};
// Calls `ready` on the pool, as soon as the audit's index of people is there; else answers 503. A moment before the
// workspace was made is answered 422.
void when_stood(std::shared_ptr<Call> call, Moment moment, std::function<void(const Stood&)> ready);

}  // namespace muster
