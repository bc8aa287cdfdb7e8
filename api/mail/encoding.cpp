#include "api/mail/encoding.h"

#include "api/mail/limits.h"

#include <algorithm>
#include <cstdint>

namespace muster::mail {
namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view hex_digits = "0123456789ABCDEF";

// Stands for itself; a space only where it does not end the line.
bool is_literal(unsigned char byte, bool ends_line) {
    if (byte == ' ' || byte == '\t') return !ends_line;
    return byte > ' ' && byte <= '~' && byte != '=';
}

void append_quoted_line(std::string& out, std::string_view line) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        auto byte = static_cast<unsigned char>(line[at]);
        bool literal = is_literal(byte, at + 1 == line.size());
        std::size_t needed = literal ? 1 : 3;
        if (width + needed > limits::quoted_line_bytes - 1) {  // room for the `=` of a soft break
            out += "=\r\n";
            width = 0;
        }
        if (literal)
            out += line[at];
        else
            out.append({'=', hex_digits[byte >> 4], hex_digits[byte & 15]});
        width += needed;
    }
    out += "\r\n";
}

}  // namespace

std::string base64(std::string_view bytes) {
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        auto group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0);
        for (std::size_t i = 0; i < 4; ++i) text += i <= group.size() ? base64_digits[bits >> (18 - 6 * i) & 63] : '=';
    }
    return text;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        append_quoted_line(out, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string with_line_ends(std::string_view text, std::string_view end) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\r' && text[at] != '\n') {
            out += text[at];
            continue;
        }
        out += end;
        if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++at;
    }
    if (!text.empty() && text.back() != '\n' && text.back() != '\r') out += end;
    return out;
}

std::size_t longest_line(std::string_view text) {
    std::size_t longest = 0;
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        longest = std::max(longest, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return longest;
}

}  // namespace muster::mail
