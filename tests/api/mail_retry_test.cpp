// When a mail is tried again, and when it is given up.
#include "api/mail/limits.h"
#include "api/mail/retry.h"

#include <catch2/catch.hpp>

#include <limits>
#include <utility>

namespace muster::mail {
namespace {

const Instant monday = *Instant::parse("2026-11-23T08:00:00Z");
std::int64_t seconds_until_next(std::uint32_t attempts, std::uint64_t chance) {
    return (next_attempt(monday, monday, attempts, chance).value().ms - monday.ms) / 1000;
}

}  // namespace

TEST_CASE("the pause doubles from a minute to four hours, and lies between its half and its whole") {
    for (auto [attempts, pause] : {std::pair{1U, 60}, {2U, 120}, {5U, 960}, {9U, 14'400}, {30U, 14'400}}) {
        INFO(attempts << " attempts");
        auto half = static_cast<std::uint64_t>(pause) * 500;  // in ms
        CHECK(seconds_until_next(attempts, 0) == pause / 2);
        CHECK(seconds_until_next(attempts, half) == pause);
        for (std::uint64_t chance : {std::uint64_t{12'345'678}, std::numeric_limits<std::uint64_t>::max()}) {
            CHECK(seconds_until_next(attempts, chance) >= pause / 2);
            CHECK(seconds_until_next(attempts, chance) <= pause);
        }
    }
}

TEST_CASE("a mail is tried for five days, and not more often than the limit says") {
    auto now = monday;
    std::uint32_t attempts = 0;
    while (true) {
        auto next = next_attempt(monday, now, ++attempts, 7'200'000 / 2);
        if (!next) break;
        now = *next;
    }
    CHECK(now > monday.plus_seconds(4 * 86'400));
    CHECK(now <= monday.plus_seconds(5 * 86'400));
    CHECK(attempts > 20);
    CHECK(attempts < limits::mail_attempts_most);
    CHECK_FALSE(next_attempt(monday, monday, limits::mail_attempts_most, 0));
}

}  // namespace muster::mail
