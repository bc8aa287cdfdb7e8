#include "api/sheets/text_encoding.h"

#include "api/json/utf8.h"

#include <cstdint>

namespace muster {
namespace {

void append_utf8(std::string& text, std::uint32_t code) {
    auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xc0 | code >> 6);
    } else if (code < 0x10000) {
        add(0xe0 | code >> 12);
        add(0x80 | (code >> 6 & 0x3f));
    } else {
        add(0xf0 | code >> 18);
        add(0x80 | (code >> 12 & 0x3f));
        add(0x80 | (code >> 6 & 0x3f));
    }
    add(0x80 | (code & 0x3f));
}

std::optional<std::string> from_utf16(std::string_view bytes, bool big_endian) {
    if (bytes.size() % 2 != 0) return std::nullopt;
    auto unit = [&](std::size_t at) {
        std::uint32_t first = static_cast<unsigned char>(bytes[at]);
        std::uint32_t second = static_cast<unsigned char>(bytes[at + 1]);
        return big_endian ? first << 8 | second : second << 8 | first;
    };
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size(); at += 2) {
        auto code = unit(at);
        if (code >= 0xdc00 && code < 0xe000) return std::nullopt;  // half a character
        if (code >= 0xd800 && code < 0xdc00) {
            if (at + 2 >= bytes.size()) return std::nullopt;
            auto low = unit(at += 2);
            if (low < 0xdc00 || low >= 0xe000) return std::nullopt;
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        append_utf8(text, code);
    }
    return text;
}

}  // namespace

std::optional<std::string> utf8_of_file(std::string_view bytes) {
    if (bytes.starts_with("\xff\xfe")) return from_utf16(bytes.substr(2), false);
    if (bytes.starts_with("\xfe\xff")) return from_utf16(bytes.substr(2), true);
    if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
    if (!valid_utf8(bytes)) return std::nullopt;
    return std::string(bytes);
}

}  // namespace muster
