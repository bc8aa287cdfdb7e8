#include "domain/instant.h"

#include <chrono>
#include <cstdio>

namespace muster {
namespace {

// `count` digits at `at`; -1 where there are none. Moves `at` on.
int digits(std::string_view text, std::size_t& at, std::size_t count) {
    if (at + count > text.size()) return -1;
    int value = 0;
    for (std::size_t end = at + count; at < end; ++at) {
        if (text[at] < '0' || text[at] > '9') return -1;
        value = value * 10 + (text[at] - '0');
    }
    return value;
}

bool is(std::string_view text, std::size_t& at, std::string_view any) {
    if (at >= text.size() || any.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
}

}  // namespace

std::string Instant::text() const {
    using namespace std::chrono;
    sys_time<milliseconds> moment{milliseconds{ms}};
    auto day = floor<days>(moment);
    year_month_day date{day};
    hh_mm_ss time{moment - day};
    char out[40];
    std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return out;
}

std::optional<Instant> Instant::parse(std::string_view text) {
    using namespace std::chrono;
    std::size_t at = 0;
    int y = digits(text, at, 4);
    if (y < 1 || !is(text, at, "-")) return std::nullopt;
    int m = digits(text, at, 2);
    if (m < 1 || !is(text, at, "-")) return std::nullopt;
    int d = digits(text, at, 2);
    if (d < 1 || !is(text, at, "Tt ")) return std::nullopt;
    int hour = digits(text, at, 2);
    if (hour < 0 || hour > 23 || !is(text, at, ":")) return std::nullopt;
    int minute = digits(text, at, 2);
    if (minute < 0 || minute > 59 || !is(text, at, ":")) return std::nullopt;
    int second = digits(text, at, 2);
    if (second < 0 || second > 60) return std::nullopt;
    int milli = 0;
    if (is(text, at, ".")) {
        int place = 100;
        std::size_t begin = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, place /= 10)
            milli += (text[at] - '0') * place;
        if (at == begin || at - begin > 9) return std::nullopt;
    }
    int offset = 0;
    if (!is(text, at, "Zz")) {
        if (at >= text.size()) return std::nullopt;
        int sign = text[at] == '-' ? -1 : 1;
        if (!is(text, at, "+-")) return std::nullopt;
        int offset_hours = digits(text, at, 2);
        if (offset_hours < 0 || offset_hours > 23 || !is(text, at, ":")) return std::nullopt;
        int offset_minutes = digits(text, at, 2);
        if (offset_minutes < 0 || offset_minutes > 59) return std::nullopt;
        offset = sign * (offset_hours * 60 + offset_minutes);
    }
    if (at != text.size()) return std::nullopt;
    year_month_day date{year{y}, month{static_cast<unsigned>(m)}, day{static_cast<unsigned>(d)}};
    if (!date.ok()) return std::nullopt;
    auto moment = sys_days{date} + hours{hour} + minutes{minute - offset} + seconds{second} + milliseconds{milli};
    const Instant instant{duration_cast<milliseconds>(moment.time_since_epoch()).count()};
    // An offset must not lead out of the four-digit years, else what is printed could not be read again.
    if (!instant.in_calendar()) return std::nullopt;
    return instant;
}

bool Instant::in_calendar() const {
    using namespace std::chrono;
    constexpr auto ms_of = [](sys_days day) { return duration_cast<milliseconds>(day.time_since_epoch()).count(); };
    return ms >= ms_of(year{1} / January / 1) && ms < ms_of(year{10000} / January / 1);
}

}  // namespace muster
