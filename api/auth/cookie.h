#pragma once
// What the console's session is kept in, in a browser.

#include <string_view>

namespace muster {

// A name with this prefix is only ever set by TLS, for this host and all of its paths (RFC 6265bis §4.1.3.2).
inline constexpr std::string_view cookie_by_tls = "__Host-muster";
inline constexpr std::string_view cookie_without_tls = "muster";

}  // namespace muster
