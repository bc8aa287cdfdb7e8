#include "projections/roster_walk.h"

#include "projections/roster_rows.h"

#include <algorithm>

namespace muster::roster {

Walk::Walk(const Reading& reading, const std::vector<Source>& sources, Order order,
           const std::optional<std::string>& after)
    : order_(order) {
    for (const auto& source : sources) {
        auto cursor = reading.scan(rows_family, source.base + source.within);
        if (after) {
            std::string key = source.base + *after;
            order == Order::ascending ? cursor->seek(key) : cursor->seek_for_previous(key);
            if (cursor->valid() && cursor->key() == key) step(*cursor);
        } else if (order == Order::descending) {
            cursor->seek_to_last();
        }
        if (cursor->valid()) heads_.push_back({std::move(cursor), source.base.size()});
    }
    choose();
}

void Walk::step(Cursor& cursor) const { order_ == Order::ascending ? cursor.next() : cursor.previous(); }

void Walk::choose() {
    std::string_view chosen;
    for (const auto& head : heads_) {
        auto suffix = head.cursor->key().substr(head.base_size);
        if (chosen.empty() || (order_ == Order::ascending ? suffix < chosen : suffix > chosen)) chosen = suffix;
    }
    suffix_ = chosen;
}

// Somebody who is in two teams stands under both bases with the same suffix: all heads that show it move on.
void Walk::next() {
    for (auto& head : heads_)
        if (head.cursor->key().substr(head.base_size) == suffix_) step(*head.cursor);
    std::erase_if(heads_, [](const Head& head) { return !head.cursor->valid(); });
    choose();
}

}  // namespace muster::roster
