#pragma once
// How often: what one account, address, IP address, workspace or caller may ask within a time, in one table of named
// limits.
//
// A window begins with the first that counts and ends as a whole after the limit's time; so what a refusal says of when
// to come again is true to the millisecond, and around a window's end twice the number may pass. All is in memory: a
// restart forgets. Keys are kept as hashes under a key of this process, so that no address stands in its memory or in a
// dump of it. Safe for use by any number of threads.

#include "domain/describe.h"
#include "domain/refusal.h"
#include "eventstore/crypto.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

namespace limits {
// Keys that one limit remembers; beyond them its oldest window is forgotten, so that a crowd of callers costs a bounded
// number of bytes (about 100 a key) and one limit's crowd no other limit's memory.
inline constexpr std::size_t rate_keys = 65'536;
// Locks of one limit, among which its keys are spread.
inline constexpr std::size_t rate_shards = 8;
}  // namespace limits

// Whose requests are counted together.
enum class RateScope { account, address, ip, workspace, caller };
MUSTER_ENUM(RateScope, account, address, ip, workspace, caller);

// The limits; as a setting each has its enumerator's name.
enum class Rate {
    sign_in_account_ip,  // failed sign-ins to one account from one IP
    sign_in_account,     // and to one account from anywhere
    forgot_address,      // links for a forgotten password, by address and by IP
    forgot_ip,
    request_address,  // invitation requests, likewise
    request_ip,
    token_guess_ip,      // tokens of links that are none, from one IP
    requests_caller,     // any request, but the operator's and those about the service's health
    requests_workspace,  // the same of all callers of one workspace
    requests_ip,
    mails_workspace,  // mails that commands of one workspace cause, but the operator's
};
MUSTER_ENUM(Rate, sign_in_account_ip, sign_in_account, forgot_address, forgot_ip, request_address, request_ip,
            token_guess_ip, requests_caller, requests_workspace, requests_ip, mails_workspace);

struct RateLimit {
    Rate rate;
    RateScope scope;
    std::optional<std::int64_t> count;  // within the window; nothing: no limit
    std::int64_t window_seconds;
};

inline constexpr std::size_t rate_count = 11;
using RateTable = std::array<RateLimit, rate_count>;  // in the order of Rate

// More than a person, a machine or an office of them asks; of guesses, fewer than come to anything.
const RateTable& default_rates();

// Changes one row by a setting's text: `token_guess_ip=30/60` (so many within so many seconds), `requests_ip=off`.
// False, and nothing is changed, where the text is none.
[[nodiscard]] bool set_rate(RateTable& table, std::string_view text);

// Two parts of a key, so that no other two make the same.
[[nodiscard]] std::string rate_key(std::string_view first, std::string_view second);

class RateLimits {
public:
    RateLimits(const Clock& clock, Entropy& entropy, const RateTable& table = default_rates(),
               std::size_t keys_max = limits::rate_keys);
    ~RateLimits();
    RateLimits(const RateLimits&) = delete;
    RateLimits& operator=(const RateLimits&) = delete;

    // Counts one for this key. Where that would be one too many nothing is counted, and the refusal says when to come
    // again: 429 `rate_limited` with limit, window_seconds, scope, retry_after.
    [[nodiscard]] std::optional<Refusal> take(Rate rate, std::string_view key);

    // For limits on failures: whether a further try (or so many) is refused, without counting it; and to count it once
    // it failed. Tries side by side are all let through: where one takes long, take first and give back.
    [[nodiscard]] std::optional<Refusal> exhausted(Rate rate, std::string_view key, std::int64_t further = 1) const;
    void count(Rate rate, std::string_view key);

    // So many of those that were taken came to nothing. `taken_at`: what was taken then is of no window that began
    // later.
    void give_back(Rate rate, std::string_view key, std::int64_t unused,
                   std::optional<Instant> taken_at = std::nullopt);

    // Keys that are remembered, of all limits.
    [[nodiscard]] std::size_t keys() const;

private:
    struct Shard;
    Shard& shard_of(Rate rate, std::uint64_t key) const;
    [[nodiscard]] std::uint64_t hashed(std::string_view key) const;

    const Clock& clock_;
    const RateTable table_;
    const std::size_t keys_max_;  // of one shard
    std::array<std::uint8_t, 16> hash_key_{};
    std::vector<std::unique_ptr<Shard>> shards_;  // rate_shards of each limit, one limit after the other
};

}  // namespace muster
