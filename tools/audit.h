#pragma once
// The history of a workspace as sentences or as an export, read from the log itself: no view is asked.

#include "eventstore/store.h"
#include "tools/control.h"

#include <memory>
#include <string>

namespace muster::tools {

namespace limits {
inline constexpr std::size_t replay_entries = 1'000;
inline constexpr std::size_t replay_walked = 10'000;
inline constexpr std::size_t replay_bytes = std::size_t{1} << 20;
inline constexpr std::size_t export_page_bytes = std::size_t{1} << 20;
}  // namespace limits

// One page behind `request.after`, oldest first. The words of the answer are the position to go on after; none: that
// was the last page. Anything that the request names and that there is not is status `failed`, with a sentence.
Answered replay(const Store& store, const Request& request, const OnLine& line, const OnProgress& progress);

// Lines of an export (api/audit_lines.h) from where `request.resume` says; without, from its first. The words of the
// answer are the next page's `resume`; none: the last line was among these.
Answered export_page(const Store& store, const Request& request, const OnLine& line, const OnProgress& progress);

// What people wrote must not move the terminal's cursor.
std::string printable(std::string text);

}  // namespace muster::tools
