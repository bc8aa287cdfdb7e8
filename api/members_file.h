#pragma once
// The members of a workspace as a file.

#include "api/views.h"
#include "projections/roster_query.h"

#include <cstddef>
#include <expected>
#include <string>

namespace muster {

namespace limits {
// An answer is sent as one piece, so it is in memory as a whole: some 300 bytes a row.
inline constexpr std::size_t members_file_rows = 50'000;
}  // namespace limits

// CSV with a header line, all members that the filter lets through in its order; its paging is not heeded. Over
// `rows_most`: too_many_rows.
std::expected<std::string, Refusal> members_csv(const Reading&, const NameLookup&, roster::MemberFilter,
                                                std::size_t rows_most = limits::members_file_rows);

}  // namespace muster
