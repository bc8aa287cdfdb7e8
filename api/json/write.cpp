#include "api/json/write.h"

#include "api/json/utf8.h"

#include <charconv>
#include <cstddef>

namespace muster {
namespace {

template <class T>
void append_number(std::string& out, T number) {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

void append_escape(std::string& out, unsigned char c) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out.append("\\u00").append(1, hex[c >> 4]).append(1, hex[c & 15]);
    }
}

}  // namespace

void write_text(std::string& out, std::string_view text) {
    out += '"';
    std::size_t written = 0;  // what is plain is copied in runs
    for (std::size_t at = 0; at < text.size();) {
        auto c = static_cast<unsigned char>(text[at]);
        auto length = c < 0x80 ? 1 : utf8_length(text, at);
        if (length > 0 && c >= 0x20 && c != '"' && c != '\\') {
            at += length;
            continue;
        }
        out.append(text.substr(written, at - written));
        if (length == 0)
            out += "\xEF\xBF\xBD";
        else
            append_escape(out, c);
        written = ++at;
    }
    out.append(text.substr(written)) += '"';
}

void write_number(std::string& out, std::int64_t number) { append_number(out, number); }
void write_number(std::string& out, std::uint64_t number) { append_number(out, number); }

std::string& ObjectWriter::key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    write_text(out_, name);
    return out_ += ':';
}

std::string& ArrayWriter::next() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
}

}  // namespace muster
