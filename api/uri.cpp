#include "api/uri.h"

namespace muster {
namespace {

int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
        decoded += static_cast<char>(hex(text[i + 1]) << 4 | hex(text[i + 2]));
        i += 2;
    }
    return decoded;
}

Parameters read_parameters(std::string_view query, Faults& faults) {
    Parameters parameters;
    while (!query.empty()) {
        std::string each(query.substr(0, query.find('&')));
        query.remove_prefix(std::min(query.size(), each.size() + 1));
        if (each.empty()) continue;
        for (char& c : each)
            if (c == '+') c = ' ';
        auto equals = std::min(each.find('='), each.size());
        auto name = percent_decoded(std::string_view(each).substr(0, equals));
        auto value = percent_decoded(std::string_view(each).substr(std::min(each.size(), equals + 1)));
        if (name && value)
            parameters.emplace_back(std::move(*name), std::move(*value));
        else
            faults.add({"?" + each.substr(0, equals),
                        Code::invalid_value,
                        "An escape is not % and two hexadecimal digits.",
                        {}});
    }
    return parameters;
}

std::string percent_encoded(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (char c : text) {
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.' || c == '~';
        if (plain) {
            encoded += c;
            continue;
        }
        auto byte = static_cast<unsigned char>(c);
        encoded += '%';
        encoded += digits[byte >> 4];
        encoded += digits[byte & 15];
    }
    return encoded;
}

}  // namespace muster
