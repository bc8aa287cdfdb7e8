#include "api/http/wire.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

namespace muster::http {
namespace {

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 207:
            return "Multi-Status";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Status";
    }
}

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_two_digits(std::string& out, unsigned number) {
    out += static_cast<char>('0' + number / 10);
    out += static_cast<char>('0' + number % 10);
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, IMF-fixdate).
std::string http_date(std::chrono::sys_seconds at) {
    using namespace std::chrono;
    constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const hh_mm_ss time(at - day);
    std::string out(weekdays[weekday(day).c_encoding()]);
    out += ", ";
    append_two_digits(out, static_cast<unsigned>(date.day()));
    out += ' ';
    out += months[static_cast<unsigned>(date.month()) - 1];
    out += ' ';
    append_number(out, static_cast<std::uint64_t>(static_cast<int>(date.year())));
    out += ' ';
    append_two_digits(out, static_cast<unsigned>(time.hours().count()));
    out += ':';
    append_two_digits(out, static_cast<unsigned>(time.minutes().count()));
    out += ':';
    append_two_digits(out, static_cast<unsigned>(time.seconds().count()));
    out += " GMT";
    return out;
}

// The date changes once a second and every answer has it, so each thread keeps the last.
std::string_view cached_date(std::chrono::system_clock::time_point now) {
    thread_local std::chrono::sys_seconds second{};
    thread_local std::string text;
    const auto current = std::chrono::floor<std::chrono::seconds>(now);
    if (text.empty() || current != second) {
        second = current;
        text = http_date(current);
    }
    return text;
}

bool same_name(std::string_view name, std::string_view lower_case) {
    return std::ranges::equal(name, lower_case, {},
                              [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_value_character(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

}  // namespace

bool is_sendable(const Response& response) {
    return response.status >= 200 && response.status <= 599 &&
           std::ranges::all_of(response.headers, [](const Header& each) {
               return !each.name.empty() && std::ranges::all_of(each.name, is_name_character) &&
                      std::ranges::all_of(each.value, is_value_character);
           });
}

bool has_body(int status) { return status != 204 && status != 304; }

void append_head(std::string& out, const Response& response, const Wire& wire,
                 std::chrono::system_clock::time_point now) {
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::uint64_t>(response.status));
    out += ' ';
    out += reason(response.status);
    out += "\r\n";
    bool caching = false;
    bool sniffing = false;
    bool referring = false;
    bool policy = false;
    bool transport = false;
    for (const auto& [name, value] : response.headers) {
        // These are the server's: a second one that differs would split the answer in two for whoever reads it.
        if (same_name(name, "content-length") || same_name(name, "connection") || same_name(name, "date") ||
            same_name(name, "transfer-encoding")) {
            continue;
        }
        caching = caching || same_name(name, "cache-control");
        sniffing = sniffing || same_name(name, "x-content-type-options");
        referring = referring || same_name(name, "referrer-policy");
        policy = policy || same_name(name, "content-security-policy");
        transport = transport || same_name(name, "strict-transport-security");
        out += name;
        out += ": ";
        out += value;
        out += "\r\n";
    }
    if (wire.chunked) {
        out += "Transfer-Encoding: chunked\r\n";
    } else if (has_body(response.status) && !response.stream) {
        out += "Content-Length: ";
        append_number(out, response.body.size());
        out += "\r\n";
    }
    out += "Date: ";
    out += cached_date(now);
    out += "\r\n";
    if (!wire.keep_alive) {
        out += "Connection: close\r\n";
    } else if (wire.minor_version == 0) {
        out += "Connection: keep-alive\r\n";
    }
    if (!caching) out += "Cache-Control: no-store\r\n";
    if (!sniffing) out += "X-Content-Type-Options: nosniff\r\n";
    if (!referring) out += "Referrer-Policy: no-referrer\r\n";
    if (!policy) out += "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n";
    if (wire.strict_transport && !transport) out += "Strict-Transport-Security: max-age=31536000\r\n";
    out += "\r\n";
}

void append_piece(std::string& out, const Piece& piece, bool chunked) {
    if (!chunked) {
        out += piece.bytes;
        return;
    }
    // A chunk of no bytes would be the end.
    if (!piece.bytes.empty()) {
        std::array<char, 16> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), piece.bytes.size(), 16).ptr;
        out.append(digits.data(), end) += "\r\n";
        out += piece.bytes;
        out += "\r\n";
    }
    if (piece.last) out += "0\r\n\r\n";
}

}  // namespace muster::http
