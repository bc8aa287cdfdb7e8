#include "domain/instant.h"

#include "tests/domain/cast.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

// As it is printed, or "no".
std::string read(std::string_view text) {
    auto instant = Instant::parse(text);
    return instant ? instant->text() : "no";
}

}  // namespace

TEST_CASE("a moment is printed in UTC with milliseconds") {
    CHECK(Instant{0}.text() == "1970-01-01T00:00:00.000Z");
    CHECK(monday.text() == "2026-01-05T09:00:00.000Z");
    CHECK(Instant{-1}.text() == "1969-12-31T23:59:59.999Z");
    CHECK(Instant{1'709'210'096'007}.text() == "2024-02-29T12:34:56.007Z");
}

TEST_CASE("a moment is read as RFC 3339 writes it") {
    CHECK(read("2026-11-22T15:43:00.000Z") == "2026-11-22T15:43:00.000Z");
    CHECK(read("2026-11-22T15:43:00Z") == "2026-11-22T15:43:00.000Z");
    CHECK(read("2026-11-22t15:43:00z") == "2026-11-22T15:43:00.000Z");
    CHECK(read("2026-11-22 15:43:00Z") == "2026-11-22T15:43:00.000Z");
    CHECK(read("2026-11-22T15:43:00.5Z") == "2026-11-22T15:43:00.500Z");
    CHECK(read("2026-11-22T15:43:00.123456789Z") == "2026-11-22T15:43:00.123Z");
    CHECK(read("0001-01-01T00:00:00Z") == "0001-01-01T00:00:00.000Z");
    CHECK(read("9999-12-31T23:59:59.999Z") == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("an offset is taken off") {
    CHECK(read("2026-11-22T15:43:00+01:00") == "2026-11-22T14:43:00.000Z");
    CHECK(read("2026-11-22T15:43:00-05:30") == "2026-11-22T21:13:00.000Z");
    CHECK(read("2026-01-01T00:30:00+01:00") == "2025-12-31T23:30:00.000Z");
    CHECK(read("2026-11-22T15:43:00+00:00") == "2026-11-22T15:43:00.000Z");
    CHECK(read("2026-11-22T15:43:00-00:00") == "2026-11-22T15:43:00.000Z");
}

TEST_CASE("an offset does not lead out of the years that can be written") {
    CHECK(read("9999-12-31T23:30:00-01:00") == "no");
    CHECK(read("0001-01-01T00:30:00+01:00") == "no");
}

TEST_CASE("leap days are where the calendar has them") {
    CHECK(read("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00.000Z");
    CHECK(read("2000-02-29T00:00:00Z") == "2000-02-29T00:00:00.000Z");
    CHECK(read("2023-02-29T00:00:00Z") == "no");
    CHECK(read("1900-02-29T00:00:00Z") == "no");
}

TEST_CASE("a leap second is the beginning of the next minute") {
    CHECK(read("2016-12-31T23:59:60Z") == "2017-01-01T00:00:00.000Z");
}

TEST_CASE("local times, impossible dates and anything else are not read") {
    for (const auto* text : {"",
                             "2026",
                             "2026-11-22",
                             "2026-11-22T15:43:00",
                             "2026-11-22T15:43Z",
                             "2026-11-22T15:43:00.Z",
                             "2026-11-22T15:43:00.1234567890Z",
                             "2026-13-01T00:00:00Z",
                             "2026-00-01T00:00:00Z",
                             "2026-04-31T00:00:00Z",
                             "2026-04-00T00:00:00Z",
                             "2026-11-22T24:00:00Z",
                             "2026-11-22T23:60:00Z",
                             "2026-11-22T23:00:61Z",
                             "0000-01-01T00:00:00Z",
                             "2026-11-22T15:43:00+1:00",
                             "2026-11-22T15:43:00+24:00",
                             "2026-11-22T15:43:00+01:60",
                             "2026-11-22T15:43:00+0100",
                             "2026-11-22T15:43:00ZZ",
                             " 2026-11-22T15:43:00Z",
                             "2026-11-22T15:43:00 Z",
                             "+026-11-22T15:43:00Z",
                             "1700000000"})
        CHECK(read(text) == "no");
}

TEST_CASE("a moment is in the calendar from the year 1 to 9999") {
    const Instant first = *Instant::parse("0001-01-01T00:00:00.000Z"),
                  last = *Instant::parse("9999-12-31T23:59:59.999Z");
    CHECK(first.in_calendar());
    CHECK(last.in_calendar());
    CHECK_FALSE(Instant{first.ms - 1}.in_calendar());
    CHECK_FALSE(Instant{last.ms + 1}.in_calendar());
    CHECK_FALSE(Instant::never().in_calendar());
}

TEST_CASE("moments are ordered, and never is after all of them") {
    CHECK(monday < monday.plus_seconds(1));
    CHECK(monday.plus_seconds(-3600) < monday);
    CHECK(monday.plus_seconds(days(7)).text() == "2026-01-12T09:00:00.000Z");
    CHECK(*Instant::parse("9999-12-31T23:59:59.999Z") < Instant::never());
}

}  // namespace muster::spec
