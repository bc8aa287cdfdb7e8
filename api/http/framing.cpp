#include "api/http/framing.h"

#include "api/http/limits.h"
#include "api/http/trimmed.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace muster::http {
namespace {

std::unexpected<Fault> bad(std::string detail) { return std::unexpected(Fault{.detail = std::move(detail)}); }

std::unexpected<Fault> head_too_large() {
    return std::unexpected(Fault{.status = 431,
                                 .code = "headers_too_large",
                                 .detail = "The request line and headers together may have " +
                                           std::to_string(limits::head_bytes_max) + " bytes."});
}

std::unexpected<Fault> target_too_long() {
    return std::unexpected(
        Fault{.status = 414,
              .code = "target_too_long",
              .detail = "Path and query together may have " + std::to_string(limits::target_bytes_max) + " bytes."});
}

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_visible(char c) { return c > 0x20 && c < 0x7f; }
constexpr char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

// The characters of a field name (RFC 9110, token) in lower case; 0 for every other byte.
constexpr auto token_table = [] {
    std::array<char, 256> table{};
    for (int c = 0; c < 128; ++c) {
        const char each = static_cast<char>(c);
        if (is_digit(each) || is_upper(each) || is_lower(each)) table[static_cast<std::size_t>(c)] = lower(each);
    }
    for (const char each : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(each)] = each;
    return table;
}();

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
    return std::ranges::equal(text, lower_case, {}, lower);
}

// Visible characters, space, tab and bytes above ASCII; no other controls, so neither NUL nor a bare CR.
bool is_field_value(std::string_view value) {
    return std::ranges::all_of(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

bool is_known_method(std::string_view method) {
    constexpr std::array<std::string_view, 7> known{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    return std::ranges::find(known, method) != known.end();
}

// A host name or address with an optional port. What could be read as more than that (user info, a path, a list) is not
// one: proxies have chosen different hosts for such values.
bool is_host(std::string_view host) {
    return !host.empty() && std::ranges::all_of(host, [](char c) {
        return is_digit(c) || is_upper(c) || is_lower(c) || std::string_view("-._~%:[]").contains(c);
    });
}

// Calls `visit` for each item of a comma-separated list.
template <class Visit>
void for_each_item(std::string_view list, Visit visit) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        visit(trimmed(list.substr(0, comma)));
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
}

std::expected<void, Fault> read_request_line(std::string_view line, Head& head) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return bad("The request line must be a method, a target and a version with one space between them.");
    }
    const auto method = line.substr(0, first);
    const auto target = line.substr(first + 1, last - first - 1);
    const auto version = line.substr(last + 1);
    if (!is_known_method(method)) {
        return bad("The method must be GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS, in upper case.");
    }
    if (target.size() > limits::target_bytes_max) return target_too_long();
    if (!target.starts_with('/') || !std::ranges::all_of(target, is_visible) || target.contains('#')) {
        return bad("The target must begin with '/' and be visible ASCII without '#'; write the rest percent-encoded.");
    }
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return bad("The version must be HTTP/1.1 or HTTP/1.0.");
    head.method = method;
    head.target = target;
    head.minor_version = version.back() - '0';
    return {};
}

std::expected<Header, Fault> read_field(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t') return bad("A header field must not be folded over lines.");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return bad("A header field must be a name, ':' and a value.");
    Header field{.name = std::string(line.substr(0, colon)), .value = std::string(trimmed(line.substr(colon + 1)))};
    for (char& each : field.name) {
        each = token_table[static_cast<unsigned char>(each)];
        if (each == 0) return bad("A header name must be letters, digits and '-', with no space before the ':'.");
    }
    if (!is_field_value(field.value)) return bad("A header value must not hold control characters.");
    return field;
}

std::expected<std::uint64_t, Fault> read_length(std::string_view digits) {
    if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return bad("Content-Length must be digits only.");
    if (digits.size() > 18) return std::numeric_limits<std::uint64_t>::max();
    std::uint64_t length = 0;
    for (const char each : digits) length = length * 10 + static_cast<std::uint64_t>(each - '0');
    return length;
}

// Fields of which one counts: who took the first and who took the last would not speak of the same request.
constexpr std::array<std::string_view, 5> single_fields{"authorization", "content-encoding", "content-type",
                                                        "idempotency-key", "if-match"};

std::expected<void, Fault> check_single(const Head& head) {
    for (const auto name : single_fields)
        if (std::ranges::count(head.headers, name, &Header::name) > 1)
            return bad("There must be one " + std::string(name) + ".");
    return {};
}

// What the fields say about the connection and the body: the rules that smuggling tries to get around.
std::expected<void, Fault> read_framing(Head& head) {
    int hosts = 0;
    bool close = false;
    bool keep_alive = false;
    for (const auto& [name, value] : head.headers) {
        if (name == "content-length") {
            if (head.content_length) return bad("There must be one Content-Length.");
            const auto length = read_length(value);
            if (!length) return std::unexpected(length.error());
            head.content_length = *length;
        } else if (name == "transfer-encoding") {
            if (head.chunked) return bad("There must be one Transfer-Encoding.");
            if (!equals_ignoring_case(value, "chunked")) return bad("The only Transfer-Encoding known is \"chunked\".");
            head.chunked = true;
        } else if (name == "host") {
            if (++hosts > 1 || !is_host(value)) return bad("There must be one Host, a name or address and its port.");
        } else if (name == "connection") {
            for_each_item(value, [&](std::string_view option) {
                close = close || equals_ignoring_case(option, "close");
                keep_alive = keep_alive || equals_ignoring_case(option, "keep-alive");
            });
        } else if (name == "expect") {
            if (!equals_ignoring_case(value, "100-continue")) {
                return std::unexpected(Fault{.status = 417,
                                             .code = "expectation_failed",
                                             .detail = "The only Expect known is \"100-continue\"."});
            }
            head.expect_continue = head.minor_version == 1;
        }
    }
    if (head.chunked && head.content_length) return bad("Content-Length and Transfer-Encoding exclude each other.");
    if (head.chunked && head.minor_version == 0) return bad("Transfer-Encoding needs HTTP/1.1.");
    if (hosts == 0 && head.minor_version == 1) return bad("There must be one Host, a name or address and its port.");
    head.keep_alive = !close && (head.minor_version == 1 || keep_alive);
    return {};
}

}  // namespace

std::expected<std::size_t, Fault> HeadFinder::find(std::string_view bytes) {
    if (!bytes.empty() && !is_upper(bytes.front())) return bad("A request must begin with a method in upper case.");
    while (true) {
        const auto lf = bytes.find('\n', seen_);
        if (lf == std::string_view::npos || lf >= limits::head_bytes_max) break;
        if (lf == 0 || bytes[lf - 1] != '\r') return bad("Lines of a request must end with CR LF.");
        if (lf - 1 == line_) return lf + 1;
        line_ = seen_ = lf + 1;
    }
    seen_ = bytes.size();
    if (bytes.size() < limits::head_bytes_max) return 0;
    if (line_ == 0) return target_too_long();
    return head_too_large();
}

std::expected<Head, Fault> read_head(std::string_view bytes) {
    if (bytes.size() > limits::head_bytes_max) return head_too_large();
    Head head;
    bool ended = false;
    for (bool first = true; !bytes.empty(); first = false) {
        if (ended) return bad("Nothing may follow the empty line that ends the headers.");
        const auto end = bytes.find("\r\n");
        if (end == std::string_view::npos) return bad("Lines of a request must end with CR LF.");
        const auto line = bytes.substr(0, end);
        bytes.remove_prefix(end + 2);
        if (line.find_first_of("\r\n") != std::string_view::npos) return bad("Lines of a request must end with CR LF.");
        if (first) {
            if (auto read = read_request_line(line, head); !read) return std::unexpected(std::move(read.error()));
        } else if (line.empty()) {
            ended = true;
        } else {
            if (head.headers.size() == limits::fields_max) {
                return std::unexpected(
                    Fault{.status = 431,
                          .code = "headers_too_large",
                          .detail = "There may be " + std::to_string(limits::fields_max) + " header fields."});
            }
            auto field = read_field(line);
            if (!field) return std::unexpected(std::move(field.error()));
            head.headers.push_back(std::move(*field));
        }
    }
    if (!ended) return bad("The headers must end with an empty line.");
    if (auto single = check_single(head); !single) return std::unexpected(std::move(single.error()));
    if (auto read = read_framing(head); !read) return std::unexpected(std::move(read.error()));
    return head;
}

}  // namespace muster::http
