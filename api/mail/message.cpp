#include "api/mail/message.h"

#include "api/mail/encoding.h"
#include "api/mail/limits.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace muster::mail {
namespace {

// The bytes of the code point that begins at `at`; one where the text is not UTF-8 there.
std::size_t code_point_bytes(std::string_view text, std::size_t at) {
    std::size_t size = 1;
    while (size < 4 && at + size < text.size() && (static_cast<unsigned char>(text[at + size]) & 0xC0) == 0x80) ++size;
    return size;
}

// C0, DEL, C1, line and paragraph separator, and marks that turn the direction of writing.
bool is_control(std::string_view code_point) {
    auto first = static_cast<unsigned char>(code_point.front());
    if (code_point.size() == 1) return first < 0x20 || first == 0x7F;
    if (code_point.size() == 2) return first == 0xC2 && static_cast<unsigned char>(code_point[1]) < 0xA0;
    if (code_point.size() != 3 || first != 0xE2) return false;
    auto second = static_cast<unsigned char>(code_point[1]), third = static_cast<unsigned char>(code_point[2]);
    bool separator_or_turn = second == 0x80 && third >= 0xA8 && third <= 0xAE;  // U+2028 to U+202E
    bool isolate = second == 0x81 && third >= 0xA6 && third <= 0xA9;            // U+2066 to U+2069
    return separator_or_turn || isolate;
}

std::string encoded_words(std::string_view text) {
    std::string out, word;
    auto close = [&] {
        if (word.empty()) return;
        if (!out.empty()) out += "\r\n ";
        out += "=?UTF-8?B?" + base64(word) + "?=";
        word.clear();
    };
    for (std::size_t at = 0; at < text.size();) {
        auto size = code_point_bytes(text, at);
        if (word.size() + size > limits::encoded_word_bytes) close();
        word += text.substr(at, size);
        at += size;
    }
    close();
    return out;
}

bool is_plain(std::string_view text) {
    // Room for the longest field name; what looks like an encoded word is encoded, so that nobody decodes it.
    constexpr std::size_t field_name_bytes = 18;
    return is_ascii(text) && text.size() + field_name_bytes <= limits::mail_header_line_bytes && !text.contains("=?");
}

std::string quoted_name(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

struct Part {
    std::string_view encoding;
    std::string body;
};
Part part_of(std::string_view text, Bits bits) {
    auto lines = with_line_ends(text, "\n");
    bool ascii = is_ascii(lines);
    if (longest_line(lines) > limits::mail_line_bytes || (!ascii && bits == Bits::seven))
        return {"quoted-printable", quoted_printable(lines)};
    return {ascii ? "7bit" : "8bit", with_line_ends(lines, "\r\n")};
}

void append_part(std::string& out, const std::string& boundary, std::string_view type, const Part& part) {
    out += "--" + boundary + "\r\nContent-Type: " + std::string(type) +
           "; charset=utf-8\r\nContent-Transfer-Encoding: " + std::string(part.encoding) + "\r\n\r\n" + part.body;
}

// That stands in neither part.
std::string boundary_for(const Message& message, const Part& text, const Part& html) {
    auto boundary = "=_" + message.name;  // `=_` is in no quoted-printable text
    while (text.body.contains("--" + boundary) || html.body.contains("--" + boundary)) boundary += '_';
    return boundary;
}

}  // namespace

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string one_line(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        auto size = code_point_bytes(text, at);
        auto code_point = text.substr(at, size);
        out += is_control(code_point) ? " " : code_point;
        at += size;
    }
    return out;
}

std::string header_text(std::string_view text) {
    auto line = one_line(text);
    return is_plain(line) ? line : encoded_words(line);
}

std::string header_mailbox(const Mailbox& mailbox) {
    auto address = "<" + one_line(mailbox.address) + ">";
    if (mailbox.name.empty()) return address;
    auto name = one_line(mailbox.name);
    return (is_plain(name) ? quoted_name(name) : encoded_words(name)) + "\r\n " + address;
}

std::string header_date(Instant at) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto time = std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(at.ms));
    auto day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02u %s %d %02d:%02d:%02d +0000",
                  days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                  months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()));
    return text.data();
}

std::string bytes_of(const Message& message, Bits bits) {
    auto text = part_of(message.text, bits);
    auto html = part_of(message.html, bits);
    auto boundary = boundary_for(message, text, html);
    std::string to;
    for (const auto& each : message.to) to += (to.empty() ? "" : ",\r\n ") + header_mailbox(each);
    std::string out;
    auto field = [&](std::string_view name, const std::string& value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    field("Date", header_date(message.date));
    field("From", header_mailbox(message.from));
    field("To", to);
    field("Message-ID", "<" + one_line(message.name + "@" + message.host) + ">");
    field("Subject", header_text(message.subject));
    field("Auto-Submitted", "auto-generated");  // RFC 3834 §5: no out-of-office notes, please
    field("MIME-Version", "1.0");
    field("Content-Type", "multipart/alternative; boundary=\"" + boundary + "\"");
    out += "\r\n";
    append_part(out, boundary, "text/plain", text);
    append_part(out, boundary, "text/html", html);
    return out + "--" + boundary + "--\r\n";
}

}  // namespace muster::mail
