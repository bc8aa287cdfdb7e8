#pragma once
// A crowd to whom things happen at random, under a seed, and a naive roster of it: everybody in a map, filtered and
// sorted whole at each question.

#include "tests/projections/roster_cast.h"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace muster::recorded {

class Crowd {
public:
    explicit Crowd(std::uint64_t seed);

    // Somebody comes, or something happens to somebody.
    void go_on();
    [[nodiscard]] roster::MemberFilter any_filter();
    [[nodiscard]] std::size_t pick(std::size_t below) {
        return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_);
    }
    [[nodiscard]] const std::vector<Recorded>& events() const { return story_.events(); }
    [[nodiscard]] const std::map<MemberId, Membership>& everybody() const { return people_; }

    // Whom the filter lets through, by the key that they are sorted under.
    [[nodiscard]] std::map<std::string, MemberId> listed(const roster::MemberFilter& filter) const;

private:
    [[nodiscard]] bool chance(std::size_t one_in) { return pick(one_in) == 0; }
    void happens(StreamId stream, Event event);
    void someone_comes();
    void erase(const Membership& deleted);
    [[nodiscard]] Assignment any_assignment();
    [[nodiscard]] Profile any_profile();
    [[nodiscard]] std::string any_word();

    std::mt19937_64 random_;
    Story story_{3};
    std::map<MemberId, Membership> people_;
    std::uint32_t born_ = 0;
};

}  // namespace muster::recorded
