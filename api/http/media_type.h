#pragma once
// The type that a Content-Type names, in lower case and without its parameters (RFC 9110 §8.3.1).

#include "api/http/trimmed.h"

#include <string>

namespace muster::http {

inline std::string media_type(std::string_view content_type) {
    std::string type(trimmed(content_type.substr(0, content_type.find(';'))));
    for (char& c : type)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return type;
}

}  // namespace muster::http
