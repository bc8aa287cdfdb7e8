#pragma once
// Optional white space around a field's value, or a part of it, is not part of it (RFC 9110 §5.6.3).

#include <string_view>

namespace muster::http {

inline std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace muster::http
