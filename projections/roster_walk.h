#pragma once
// Walking the roster's index: one ordered list out of the entries of several bases, and a page of what it meets.

#include "eventstore/table.h"
#include "projections/roster_query.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::roster {

// The entries of one base whose suffix begins with `within`. All sources of a walk have the same kind of suffix.
struct Source {
    std::string base;
    std::string within;
};

// The suffixes of all sources in one order, each once, strictly behind `after`.
class Walk {
public:
    Walk(const Reading& reading, const std::vector<Source>& sources, Order order,
         const std::optional<std::string>& after);
    [[nodiscard]] bool valid() const { return !suffix_.empty(); }
    [[nodiscard]] const std::string& suffix() const { return suffix_; }  // empty where not valid
    void next();

private:
    struct Head {
        std::unique_ptr<Cursor> cursor;
        std::size_t base_size;
    };
    void step(Cursor& cursor) const;
    void choose();

    Order order_;
    std::vector<Head> heads_;  // the valid ones
    std::string suffix_;
};

// Fills a page with what `listed(suffix)` lets through.
template <class T, class Listed>
Page<T> page_of(Walk walk, const Paging& paging, std::size_t rows_walked_max, const Listed& listed) {
    Page<T> page;
    std::string last;
    for (std::size_t walked = 0; walk.valid(); ++walked, walk.next()) {
        if (walked > 0 && (page.items.size() >= paging.limit || walked >= rows_walked_max)) {
            page.next = std::move(last);
            break;
        }
        last = walk.suffix();
        if (std::optional<T> item = listed(walk.suffix())) page.items.push_back(std::move(*item));
    }
    return page;
}

// Counts what `listed(suffix)` lets through.
template <class T, class Listed>
void count_into(Page<T>& page, Walk walk, std::size_t rows_walked_max, const Listed& listed) {
    std::int64_t found = 0;
    for (std::size_t walked = 0; walk.valid(); ++walked, walk.next()) {
        if (walked == rows_walked_max) {
            page.total_at_least = found;
            return;
        }
        if (listed(walk.suffix())) ++found;
    }
    page.total = found;
}

}  // namespace muster::roster
