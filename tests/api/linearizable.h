// Whether a history of requests that ran at once is one that could have come from one after the other: each took effect
// at one moment between its call and its answer (Herlihy and Wing, 1990). The search is Wing and Gong's (1993), with
// Lowe's memory (2017) of which requests had taken effect in which state.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace muster::test {

// A request as its caller saw it. One that was never answered may have taken effect at any moment since, or not at all.
template <class Asked, class Said>
struct Operation {
    Asked asked;
    std::optional<Said> said;
    std::uint64_t called = 0;  // by one clock of all callers, on which no two moments are the same
    std::uint64_t answered = std::numeric_limits<std::uint64_t>::max();
};

inline constexpr std::size_t operations_most = 256;  // of one history

// `apply(state, asked, said)` changes the state as the request does and tells whether it would have said that; `said`
// is null where nobody knows. States have an order. The order in which the operations took effect, or nothing.
template <class State, class Asked, class Said, class Apply>
std::optional<std::vector<std::size_t>> linearize(const std::vector<Operation<Asked, Said>>& history,
                                                  const State& begin, const Apply& apply) {
    std::set<std::pair<std::string, State>> seen;
    std::vector<std::size_t> order;
    std::bitset<operations_most> done;
    // Depth first; a step back undoes the last one.
    const auto search = [&](const auto& self, const State& state) -> bool {
        std::uint64_t first_answer = std::numeric_limits<std::uint64_t>::max();
        for (std::size_t i = 0; i < history.size(); ++i)
            if (!done[i]) first_answer = std::min(first_answer, history[i].answered);
        if (first_answer == std::numeric_limits<std::uint64_t>::max()) return true;  // all that were answered
        for (std::size_t i = 0; i < history.size(); ++i) {
            const auto& each = history[i];
            if (done[i] || each.called > first_answer) continue;
            State after = state;
            if (!apply(after, each.asked, each.said ? &*each.said : nullptr)) continue;
            done.set(i);
            order.push_back(i);
            if (seen.emplace(done.to_string(), after).second && self(self, after)) return true;
            order.pop_back();
            done.reset(i);
        }
        return false;
    };
    if (!search(search, begin)) return std::nullopt;
    return order;
}

}  // namespace muster::test
