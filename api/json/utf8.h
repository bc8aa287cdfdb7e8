#pragma once
// Whether bytes are UTF-8 (RFC 3629): what comes from a query or a header may be anything.

#include <cstddef>
#include <string_view>

namespace muster {

// How many bytes the character at `at` has; 0 where none begins there.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t at);
[[nodiscard]] bool valid_utf8(std::string_view text);

}  // namespace muster
