#pragma once
// The limits of a body, beside its bytes (api/http/limits.h) and what the domain's values say of themselves.

#include <cstddef>
#include <cstdint>

namespace muster::limits {

inline constexpr std::size_t json_nesting = 32;
inline constexpr std::size_t json_array_elements = 1000;  // of a field; batches and imports are read row by row
inline constexpr std::int64_t page_default = 50;
inline constexpr std::int64_t page_most = 1000;
// How many faults are told at once. A caller who doubles a key a million times is not told so a million times.
inline constexpr std::size_t faults = 10'000;
inline constexpr std::size_t row_faults = 20;  // of one row of a batch
inline constexpr std::size_t fault_bytes = std::size_t{4} << 20;

}  // namespace muster::limits
