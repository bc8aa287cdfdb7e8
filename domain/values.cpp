#include "domain/values.h"

#include <algorithm>
#include <cstdint>

namespace muster {
namespace {

// Space as it comes with pasted text, also what nobody sees: no-break, zero-width and ideographic space, and the BOM.
constexpr std::string_view spaces[] = {" ", "\t", "\r", "\n", "\u00a0", "\u200b", "\u3000", "\ufeff"};

std::string_view trimmed(std::string_view text) {
    auto begins = [&](std::string_view space) { return text.starts_with(space); };
    auto ends = [&](std::string_view space) { return text.ends_with(space); };
    for (auto s = std::ranges::find_if(spaces, begins); s != std::end(spaces); s = std::ranges::find_if(spaces, begins))
        text.remove_prefix(s->size());
    for (auto s = std::ranges::find_if(spaces, ends); s != std::end(spaces); s = std::ranges::find_if(spaces, ends))
        text.remove_suffix(s->size());
    return text;
}

// A space, or what stands for something else around an address (RFC 5322 §3.2.3: specials, but the dot).
bool has_special(std::string_view local_part) {
    return local_part.find_first_of("\"(),:;<>[]\\") != std::string_view::npos ||
           std::ranges::any_of(spaces, [&](auto space) { return local_part.find(space) != std::string_view::npos; });
}

enum class Lines { one, many };

// What is there and is not seen: the default ignorables that people can type or paste (Unicode, UAX #44), and blanks.
bool is_seen(std::uint32_t point) {
    struct Unseen {
        std::uint32_t first;
        std::uint32_t last;
    };
    static constexpr Unseen unseen[] = {
        {0x09, 0x20},     {0xa0, 0xa0},       {0xad, 0xad},       {0x034f, 0x034f},  {0x061c, 0x061c}, {0x115f, 0x1160},
        {0x1680, 0x1680}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},  {0x202f, 0x202f}, {0x205f, 0x206f},
        {0x2800, 0x2800}, {0x3000, 0x3000},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},  {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
        {0xfff0, 0xfff8}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
    return std::ranges::none_of(unseen, [&](const Unseen& each) { return each.first <= point && point <= each.last; });
}

// Code points of valid UTF-8 (RFC 3629) without controls (C0, C1, line and paragraph separators, bidi overrides);
// -1 where the text is not that. `seen`: whether one of them can be seen.
std::int64_t code_points(std::string_view text, Lines lines, bool* seen = nullptr) {
    std::int64_t count = 0;
    for (std::size_t i = 0; i < text.size(); ++count) {
        auto byte = static_cast<unsigned char>(text[i]);
        std::size_t length = byte < 0x80 ? 1 : byte >> 5 == 0x6 ? 2 : byte >> 4 == 0xe ? 3 : byte >> 3 == 0x1e ? 4 : 0;
        if (length == 0 || i + length > text.size()) return -1;
        std::uint32_t point = length == 1 ? byte : byte & (0x7fu >> length);
        for (std::size_t k = 1; k < length; ++k) {
            auto next = static_cast<unsigned char>(text[i + k]);
            if (next >> 6 != 2) return -1;
            point = point << 6 | (next & 0x3f);
        }
        static constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
        if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return -1;
        bool line_break = point == '\n' || point == '\r' || point == '\t';
        bool control = point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
                       (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
        if (control && !(line_break && lines == Lines::many)) return -1;
        if (seen && !*seen && is_seen(point)) *seen = true;
        i += length;
    }
    return count;
}

std::expected<std::string, Fault> checked(std::string_view text, std::size_t most, Lines lines) {
    text = trimmed(text);
    if (text.empty()) return fault(Code::required, "This can't be empty.");
    bool seen = false;
    auto count = code_points(text, lines, &seen);
    if (count < 0) return fault(Code::invalid_value, "This holds control characters or is not valid UTF-8.");
    if (!seen) return fault(Code::required, "Nothing of this can be seen.");
    if (count > static_cast<std::int64_t>(most))
        return fault(Code::too_long, "This is longer than " + std::to_string(most) + " characters.");
    return std::string(text);
}

std::string_view before_at(std::string_view address) { return address.substr(0, address.rfind('@')); }
std::string_view after_at(std::string_view address) { return address.substr(address.rfind('@') + 1); }

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::unexpected<Fault> fault(Code code, std::string detail) {
    return std::unexpected(Fault{{}, code, std::move(detail), {}});
}

std::expected<EmailAddress, Fault> EmailAddress::parse(std::string_view text, const Unicode& unicode) {
    auto invalid = [](const char* why) {
        return fault(Code::email_invalid, std::string("This is not an e-mail address like name@company.com: ") + why);
    };
    text = trimmed(text);
    if (text.empty()) return fault(Code::required, "An e-mail address is needed, like name@company.com.");
    if (text.size() > limits::email_bytes) return invalid("it is longer than 254 bytes.");
    if (code_points(text, Lines::one) < 0) return invalid("it holds control characters or is not valid UTF-8.");
    auto at = text.find('@');
    if (at == std::string_view::npos) return invalid("it has no @.");
    if (at != text.rfind('@')) return invalid("it has more than one @.");
    auto local = before_at(text), domain = after_at(text);
    if (local.empty() || local.size() > limits::local_part_bytes) return invalid("left of the @ are 1 to 64 bytes.");
    constexpr auto special = "left of the @ stands a character that can't be there; quoted names are not taken.";
    if (has_special(local)) return invalid(special);
    if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos)
        return invalid("left of the @ a dot stands at an end or twice.");
    if (domain.empty() || domain.front() == '[') return invalid("right of the @ a domain name is needed.");
    auto canonical_local = unicode.canonical_local_part(local);
    auto canonical_domain = unicode.canonical_domain(domain);
    if (!canonical_local) return invalid("left of the @ is not valid.");
    if (has_special(*canonical_local)) return invalid(special);  // The Greek question mark is compared as a semicolon.
    if (!canonical_domain || canonical_domain->find('.') == std::string::npos)
        return invalid("right of the @ is no domain name.");
    // No top-level domain is a number (RFC 3696 §2): it is an address of the network.
    const auto top = std::string_view(*canonical_domain).substr(canonical_domain->rfind('.') + 1);
    if (std::ranges::all_of(top, [](char c) { return c >= '0' && c <= '9'; }))
        return invalid("right of the @ a domain name is needed, not a number.");
    auto canonical = *canonical_local + "@" + *canonical_domain;
    // Its letters may become more: what is compared is an address too.
    if (canonical_local->size() > limits::local_part_bytes || canonical.size() > limits::email_bytes)
        return invalid("with its letters in lower case and its domain in ASCII it is too long.");
    return EmailAddress(std::string(text), std::move(canonical));
}

std::string_view EmailAddress::local_part() const { return before_at(text_); }
std::string_view EmailAddress::canonical_domain() const { return after_at(canonical_); }

std::expected<std::string, Fault> NameRule::check(std::string_view text) {
    return checked(text, limits::name_code_points, Lines::one);
}

std::expected<std::string, Fault> FreeTextRule::check(std::string_view text) {
    return checked(text, limits::text_code_points, Lines::many);
}

std::expected<std::string, Fault> PhoneRule::check(std::string_view text) {
    auto phone = checked(text, 40, Lines::one);
    if (!phone) return phone;
    auto digits = std::ranges::count_if(*phone, [](char c) { return c >= '0' && c <= '9'; });
    if (phone->find_first_not_of("0123456789 +-().-/") != std::string::npos || digits < 3)
        return fault(Code::invalid_value,
                     "A phone number has digits, spaces and + - ( ) . / only, and 3 digits at least.");
    return phone;
}

std::expected<std::string, Fault> HttpsUrlRule::check(std::string_view text) {
    text = trimmed(text);
    if (text.size() > limits::url_bytes)
        return fault(Code::too_long, "A URL is at most " + std::to_string(limits::url_bytes) + " bytes.");
    auto rest = text.starts_with("https://") ? text.substr(8) : std::string_view{};
    bool plain = std::ranges::all_of(
        text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\'; });
    auto host = rest.substr(0, rest.find_first_of("/?#"));
    if (!plain || host.empty() || host.find('@') != std::string_view::npos)
        return fault(Code::invalid_value, "An absolute https URL is needed, like https://company.com/photo.png.");
    return std::string(text);
}

std::expected<std::string, Fault> SlugRule::check(std::string_view text) {
    bool good = !text.empty() && text.size() <= 63 && lower_or_digit(text.front()) && lower_or_digit(text.back()) &&
                text.find("--") == std::string_view::npos &&
                std::ranges::all_of(text, [](char c) { return lower_or_digit(c) || c == '-'; });
    if (!good)
        return fault(Code::invalid_value,
                     "A slug is 1 to 63 of a-z and 0-9, with single hyphens between, like `spring-labs`.");
    return std::string(text);
}

std::expected<std::string, Fault> PathRule::check(std::string_view text) {
    bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
    if (text.size() > 200 || !text.starts_with('/') || text.starts_with("//") || !plain)
        return fault(Code::invalid_value, "A path begins with one slash, like /home, and has at most 200 characters.");
    return std::string(text);
}

std::expected<FoldedName, Fault> FoldedName::parse(std::string_view text, const Unicode& unicode) {
    auto name = checked(text, limits::name_code_points, Lines::one);
    if (!name) return std::unexpected(name.error());
    auto folded = unicode.folded(*name);
    return FoldedName{std::move(*name), std::move(folded)};
}

std::expected<EmailDomain, Fault> EmailDomain::parse(std::string_view text, const Unicode& unicode) {
    auto canonical = unicode.canonical_domain(trimmed(text));
    if (!canonical || canonical->find('.') == std::string::npos)
        return fault(Code::invalid_value, "A domain name is needed, like company.com.");
    return EmailDomain{std::move(*canonical)};
}

bool valid_key(std::string_view text) {
    if (text.empty() || text.size() > 64 || text[0] < 'a' || text[0] > 'z' || text == "users") return false;
    return std::ranges::all_of(text, [](char c) { return lower_or_digit(c) || c == '_' || c == '.'; });
}

}  // namespace muster
