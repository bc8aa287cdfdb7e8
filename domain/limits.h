#pragma once
// Every limit of the domain, once. The HTTP contract states them; a refusal over one of them names the number.

#include <cstddef>
#include <cstdint>

namespace muster::limits {

inline constexpr std::size_t email_bytes = 254;        // RFC 5321 §4.5.3.1, without < and >
inline constexpr std::size_t local_part_bytes = 64;    // left of the @, the same
inline constexpr std::size_t name_code_points = 200;   // names and titles
inline constexpr std::size_t text_code_points = 2000;  // free text
inline constexpr std::size_t url_bytes = 2000;

inline constexpr std::size_t roles_per_workspace = 200;
inline constexpr std::size_t permissions_per_workspace = 500;
inline constexpr std::size_t licenses_per_workspace = 100;
inline constexpr std::size_t api_keys_per_workspace = 100;
inline constexpr std::size_t revoked_keys_named = 1000;  // of a workspace: names that outlive their API keys
inline constexpr std::size_t webhooks_per_workspace = 20;
inline constexpr std::size_t teams_per_workspace = 2000;
inline constexpr std::size_t teams_per_person = 100;
inline constexpr std::size_t resources_per_person = 200;
inline constexpr std::size_t email_domains_per_workspace = 200;
inline constexpr std::int64_t seats = 1'000'000'000;

inline constexpr std::int64_t ttl_seconds_min = 3600;
inline constexpr std::int64_t ttl_seconds_max = 31'536'000;
inline constexpr std::int64_t ttl_seconds_default = 604'800;  // 7 days [S1-7]
inline constexpr std::int64_t password_length_min = 6;        // [S2-24]
inline constexpr std::int64_t password_length_max = 128;
inline constexpr std::int64_t password_length_uncommon = 8;  // from here on common ones are refused
inline constexpr std::size_t password_bytes = 1024;
inline constexpr std::int64_t reset_link_seconds = 3600;
// How long the secret before signs too.
inline constexpr std::int64_t webhook_overlap_seconds_default = 86'400;
inline constexpr std::int64_t webhook_overlap_seconds_max = 604'800;
inline constexpr std::int64_t resends_per_day_max = 1000;
inline constexpr std::int64_t day_seconds = 86'400;

inline constexpr std::size_t faults_per_list = 20;  // told of one list of a request; it is looked at no further
inline constexpr std::size_t batch_rows = 10'000;
inline constexpr std::size_t batch_rows_all_or_nothing = 1'000;
inline constexpr std::size_t expiries_per_append = 500;
inline constexpr std::size_t rows_per_append =
    16;  // so that other workspaces' commands wait a few milliseconds at most

}  // namespace muster::limits
