#pragma once
// Bytes as mail may hold them.

#include <string>
#include <string_view>

namespace muster::mail {

// RFC 4648 §4, with padding.
std::string base64(std::string_view bytes);
// RFC 2045 §6.7 of text with LF line ends; its own line ends are CRLF.
std::string quoted_printable(std::string_view text);
// Every line end (LF, CRLF, CR) as `end`; the text ends with one.
std::string with_line_ends(std::string_view text, std::string_view end);
std::size_t longest_line(std::string_view text);

}  // namespace muster::mail
