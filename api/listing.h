#pragma once
// What all lists share: reading their parameters, cursors bound to the filter, and the page's JSON with its links.

#include "api/json/faults.h"
#include "api/json/query.h"
#include "api/json/write.h"
#include "api/service.h"
#include "api/tokens.h"
#include "api/uri.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace muster {

// The query but for its cursor, limit and counting: what a cursor is bound to, beside the path.
std::string filter_of(const Call& call);

// The place that the cursor names; nullopt with the caller answered (invalid_cursor) where it is not of this list.
struct ListPlace {
    std::optional<std::string> after;
};
std::optional<ListPlace> place_of(const Call& call, const std::optional<std::string>& cursor);

// Reads the parameters; false where the caller is answered with what is wrong with them.
template <class Wanted>
bool read_list(const Call& call, Wanted& into, const std::function<void(Faults&)>& more = {}) {
    Faults faults;
    read_query(call.query, into, faults, call.service.unicode);
    if constexpr (requires { into.limit; })
        if (into.limit < 1 || into.limit > limits::page_most)
            faults.add({"?limit",
                        Code::invalid_value,
                        "limit is from 1 to " + std::to_string(limits::page_most) + ".",
                        {{"minimum", 1}, {"maximum", limits::page_most}}});
    if (more) more(faults);
    if (faults.empty()) return true;
    call.refuse(std::move(faults).refusal());
    return false;
}

// What `q` searches. Signs without a letter or digit are a word that nothing begins with; blanks alone search nothing.
inline std::vector<std::string> words_of(const Call& call, const std::optional<std::string>& q) {
    auto words = q ? call.service.unicode.search_words(*q) : std::vector<std::string>{};
    if (words.empty() && q && q->find_first_not_of(" \t\n\r") != std::string::npos) words.push_back(*q);
    return words;
}

inline void refuse_order(Faults& faults) {
    faults.add({"?to", Code::invalid_value, "`to` lies before `from`; exchange them.", {}});
}

// Where both are given, `to` does not lie before `from`.
inline void check_order(const std::optional<Instant>& from, const std::optional<Instant>& to, Faults& faults) {
    if (from && to && *to < *from) refuse_order(faults);
}

struct Counted {
    std::optional<std::int64_t> total;
    std::optional<std::int64_t> at_least;

    static Counted of(std::size_t count, bool all) {
        auto number = static_cast<std::int64_t>(count);
        return all ? Counted{number, std::nullopt} : Counted{std::nullopt, number};
    }
};

// `{"items": [...], "next_cursor": …}` and the Link header; `items` is the array's JSON.
void answer_list(const Call& call, std::string_view items, const std::optional<std::string>& next, Position position,
                 const Counted& counted = {});

// The same with `groups` in the place of `items`, which are what is counted.
void answer_groups(const Call& call, std::string_view groups, const std::optional<std::string>& next, Position position,
                   const Counted& counted);

}  // namespace muster
