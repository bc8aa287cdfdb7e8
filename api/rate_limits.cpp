#include "api/rate_limits.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <list>
#include <mutex>
#include <unordered_map>

namespace muster {
namespace {

constexpr std::int64_t minute = 60, quarter = 15 * minute, hour = 60 * minute, day = 24 * hour;

// The last four bound what nobody does by accident: a caller's 2,000 a second, the 10,000 of a workspace or of an
// office behind one IP, and mails for two of the largest imports a day. The operator is under none of them: its key is
// the product's own backend (or a load test from one machine), which speaks for everybody at once.
constexpr RateTable defaults{{
    {Rate::sign_in_account_ip, RateScope::account, 10, quarter},
    {Rate::sign_in_account, RateScope::account, 100, quarter},
    {Rate::forgot_address, RateScope::address, 3, hour},
    {Rate::forgot_ip, RateScope::ip, 20, hour},
    {Rate::request_address, RateScope::address, 3, hour},
    {Rate::request_ip, RateScope::ip, 20, hour},
    {Rate::token_guess_ip, RateScope::ip, 30, minute},
    {Rate::requests_caller, RateScope::caller, 120'000, minute},
    {Rate::requests_workspace, RateScope::workspace, 600'000, minute},
    {Rate::requests_ip, RateScope::ip, 600'000, minute},
    {Rate::mails_workspace, RateScope::workspace, 100'000, day},
}};

constexpr std::size_t row_of(Rate rate) { return static_cast<std::size_t>(rate); }

static_assert(
    [] {
        for (std::size_t i = 0; i < rate_count; ++i)
            if (row_of(defaults[i].rate) != i || name_of(defaults[i].rate).empty()) return false;
        return name_of(Rate{rate_count}).empty();
    }(),
    "each limit has its row, in the order of Rate");

std::optional<std::int64_t> positive(std::string_view text) {
    std::int64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
    return number;
}

struct Window {
    std::uint64_t key = 0;
    Instant begin;
    std::int64_t count = 0;
};

// A clock that was set back makes a window end later, but by no more than its own time.
std::int64_t ms_left(const Window& window, const RateLimit& limit, Instant now) {
    auto length = limit.window_seconds * 1000;
    return std::min(window.begin.ms + length - now.ms, length);
}

Refusal refusal_of(const RateLimit& limit, std::int64_t left_ms) {
    auto seconds = std::max<std::int64_t>((left_ms + 999) / 1000, 1);
    return {Code::rate_limited,
            "Too many; try again in " + std::to_string(seconds) + (seconds == 1 ? " second." : " seconds."),
            {{"limit", *limit.count},
             {"window_seconds", limit.window_seconds},
             {"scope", std::string(name_of(limit.scope))},
             {"retry_after", seconds}},
            {}};
}

}  // namespace

struct RateLimits::Shard {
    mutable std::mutex mutex;
    std::list<Window> windows;  // the oldest first
    std::unordered_map<std::uint64_t, std::list<Window>::iterator> of_key;

    // nullptr where there is none that counts still.
    Window* standing(std::uint64_t key, const RateLimit& limit, Instant now) const {
        auto found = of_key.find(key);
        if (found == of_key.end() || ms_left(*found->second, limit, now) <= 0) return nullptr;
        return &*found->second;
    }

    Window& begun(std::uint64_t key, const RateLimit& limit, Instant now, std::size_t keys_max) {
        if (auto* window = standing(key, limit, now)) return *window;
        auto found = of_key.find(key);
        if (found != of_key.end()) forget(found->second);
        // What has ended goes, two for each that begins; where all still count, the oldest goes.
        for (int i = 0; i < 2 && !windows.empty() && ms_left(windows.front(), limit, now) <= 0; ++i)
            forget(windows.begin());
        if (windows.size() >= keys_max) forget(windows.begin());
        windows.push_back({key, now, 0});
        of_key[key] = std::prev(windows.end());
        return windows.back();
    }

    void forget(std::list<Window>::iterator window) {
        of_key.erase(window->key);
        windows.erase(window);
    }
};

const RateTable& default_rates() { return defaults; }

bool set_rate(RateTable& table, std::string_view text) {
    auto equals = text.find('=');
    Rate rate{};
    if (equals == std::string_view::npos || !from_name(text.substr(0, equals), rate)) return false;
    auto& row = table[row_of(rate)];
    text.remove_prefix(equals + 1);
    if (text == "off") {
        row.count.reset();
        return true;
    }
    auto slash = text.find('/');
    if (slash == std::string_view::npos) return false;
    auto count = positive(text.substr(0, slash)), seconds = positive(text.substr(slash + 1));
    if (!count || !seconds || *seconds > day) return false;
    row.count = count;
    row.window_seconds = *seconds;
    return true;
}

std::string rate_key(std::string_view first, std::string_view second) {
    return std::to_string(first.size()).append(":").append(first).append(second);
}

RateLimits::RateLimits(const Clock& clock, Entropy& entropy, const RateTable& table, std::size_t keys_max)
    : clock_(clock), table_(table), keys_max_(std::max<std::size_t>(keys_max / limits::rate_shards, 1)) {
    static_assert(sizeof hash_key_ == crypto_shorthash_KEYBYTES);
    entropy.fill(hash_key_.data(), hash_key_.size());
    for (std::size_t i = 0; i < rate_count * limits::rate_shards; ++i) shards_.push_back(std::make_unique<Shard>());
}

RateLimits::~RateLimits() = default;

std::uint64_t RateLimits::hashed(std::string_view key) const {
    std::uint64_t hash = 0;
    static_assert(sizeof hash == crypto_shorthash_BYTES);
    crypto_shorthash(reinterpret_cast<unsigned char*>(&hash), reinterpret_cast<const unsigned char*>(key.data()),
                     key.size(), hash_key_.data());
    return hash;
}

RateLimits::Shard& RateLimits::shard_of(Rate rate, std::uint64_t key) const {
    return *shards_[row_of(rate) * limits::rate_shards + key % limits::rate_shards];
}

std::optional<Refusal> RateLimits::take(Rate rate, std::string_view key) {
    const auto& limit = table_[row_of(rate)];
    if (!limit.count) return std::nullopt;
    auto hash = hashed(key);
    auto now = clock_.now();
    auto& shard = shard_of(rate, hash);
    std::lock_guard lock(shard.mutex);
    auto& window = shard.begun(hash, limit, now, keys_max_);
    if (window.count >= *limit.count) return refusal_of(limit, ms_left(window, limit, now));
    ++window.count;
    return std::nullopt;
}

std::optional<Refusal> RateLimits::exhausted(Rate rate, std::string_view key, std::int64_t further) const {
    const auto& limit = table_[row_of(rate)];
    if (!limit.count) return std::nullopt;
    auto hash = hashed(key);
    auto now = clock_.now();
    const auto& shard = shard_of(rate, hash);
    std::lock_guard lock(shard.mutex);
    const auto* window = shard.standing(hash, limit, now);
    if ((window ? window->count : 0) + further <= *limit.count) return std::nullopt;
    return refusal_of(limit, window ? ms_left(*window, limit, now) : limit.window_seconds * 1000);
}

void RateLimits::count(Rate rate, std::string_view key) {
    const auto& limit = table_[row_of(rate)];
    if (!limit.count) return;
    auto hash = hashed(key);
    auto now = clock_.now();
    auto& shard = shard_of(rate, hash);
    std::lock_guard lock(shard.mutex);
    ++shard.begun(hash, limit, now, keys_max_).count;
}

void RateLimits::give_back(Rate rate, std::string_view key, std::int64_t unused, std::optional<Instant> taken_at) {
    const auto& limit = table_[row_of(rate)];
    if (!limit.count || unused == 0) return;
    auto hash = hashed(key);
    auto now = clock_.now();
    auto& shard = shard_of(rate, hash);
    std::lock_guard lock(shard.mutex);
    auto* window = shard.standing(hash, limit, now);
    if (window && (!taken_at || window->begin <= *taken_at))
        window->count = std::max<std::int64_t>(window->count - unused, 0);
}

std::size_t RateLimits::keys() const {
    std::size_t all = 0;
    for (const auto& each : shards_) {
        std::lock_guard lock(each->mutex);
        all += each->windows.size();
    }
    return all;
}

}  // namespace muster
