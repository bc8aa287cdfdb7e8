#pragma once
// A text file's bytes as UTF-8. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

namespace muster {

// UTF-8 with or without its byte order mark, UTF-16 of either order with it; nullopt for anything else.
[[nodiscard]] std::optional<std::string> utf8_of_file(std::string_view bytes);

}  // namespace muster
