#pragma once
// The history of a workspace as sentences, read from the log itself: no view is asked.

#include "eventstore/store.h"
#include "tools/control.h"

#include <memory>
#include <string>

namespace muster::tools {

namespace limits {
inline constexpr std::size_t replay_entries = 1'000;
inline constexpr std::size_t replay_walked = 10'000;
inline constexpr std::size_t replay_bytes = std::size_t{1} << 20;
}  // namespace limits

// One page behind `request.after`, oldest first. The words of the answer are the position to go on after; none: that
// was the last page. Anything that the request names and that there is not is status `failed`, with a sentence.
Answered replay(const Store& store, const Request& request, const OnLine& line);

// The workspace that a request names, by id or slug; nullptr where there is none.
std::shared_ptr<const Workspace> workspace_in(const Store& store, const Request& request);

// What people wrote must not move the terminal's cursor.
std::string printable(std::string text);

}  // namespace muster::tools
