#include "api/request_log.h"

#include "api/json/write.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace muster {
namespace {

// What we hand out to be kept secret begins with one of these.
constexpr std::string_view token_prefixes[] = {"mbi_", "mbr_", "mbs_", "mbk_", "mbo_", "whsec_"};

bool is_token_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

// Where a word of a message ends; an address has none of these, unless it is quoted.
bool is_separator(char c) {
    return static_cast<unsigned char>(c) <= ' ' || std::string_view("<>()[]{},;:\"'`=/\\|").contains(c);
}

std::string cleaned_word(std::string_view word) {
    for (auto prefix : token_prefixes) {
        auto at = word.find(prefix);
        if (at == std::string_view::npos) continue;
        auto end = at + prefix.size();
        while (end < word.size() && is_token_character(word[end])) ++end;
        if (end == at + prefix.size()) continue;
        return std::string(word.substr(0, at + prefix.size())) + "***" + cleaned_word(word.substr(end));
    }
    return word.contains('@') ? masked(word) : std::string(word);
}

}  // namespace

std::string masked(std::string_view address) {
    auto at = address.rfind('@');
    if (at == std::string_view::npos || at == 0) return "***";
    // The whole first character, if it is longer than a byte.
    std::size_t first = 1;
    while (first < at && (static_cast<unsigned char>(address[first]) & 0xC0) == 0x80) ++first;
    return std::string(address.substr(0, first)) + "***" + std::string(address.substr(at));
}

std::string cleaned(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto end = static_cast<std::size_t>(std::ranges::find_if(text, is_separator) - text.begin());
        out += cleaned_word(text.substr(0, end));
        if (end < text.size()) out += text[end++];
        text.remove_prefix(end);
    }
    return out;
}

std::string log_line(Instant at, std::string_view level, std::string_view message) {
    std::string line;
    ObjectWriter into(line);
    into.field("time", at);
    into.field("level", level);
    into.field("message", cleaned(message));
    into.end();
    return line;
}

std::string log_line(Instant at, const RequestRecord& request) {
    std::array<char, 32> took{};
    std::snprintf(took.data(), took.size(), "%.3f", static_cast<double>(request.took.count()) / 1000);
    std::string line;
    ObjectWriter into(line);
    into.field("time", at);
    into.field("level", std::string_view("info"));
    into.field("message", std::string_view("request"));
    into.field("method", request.method);
    into.field("route", request.route.empty() ? std::nullopt : std::optional(request.route));
    into.field("status", request.status);
    into.raw("duration_ms", took.data());
    into.field("bytes", static_cast<std::int64_t>(request.bytes));
    into.field("client", request.client);
    into.field("caller", request.caller);
    into.field("workspace", request.workspace);
    into.field("request_id", base32(request.id));
    into.end();
    return line;
}

}  // namespace muster
