#include "tests/domain/cast.h"

#include <algorithm>

namespace muster::spec {
namespace {

bool letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string PlainUnicode::folded(std::string_view text) const {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

std::optional<std::string> PlainUnicode::canonical_local_part(std::string_view text) const { return folded(text); }

std::optional<std::string> PlainUnicode::canonical_domain(std::string_view text) const {
    auto out = folded(text);
    bool good = !out.empty() && out.front() != '.' && out.back() != '.' && out.find("..") == std::string::npos &&
                std::ranges::all_of(out, [](char c) { return letter_or_digit(c) || c == '-' || c == '.'; });
    if (!good) return std::nullopt;
    return out;
}

std::string PlainUnicode::titled(std::string_view word) const {
    auto out = folded(word);
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
    return out;
}

std::vector<std::string> PlainUnicode::search_words(std::string_view text) const {
    std::vector<std::string> words(1);
    for (char c : folded(text)) {
        if (letter_or_digit(c))
            words.back() += c;
        else if (!words.back().empty())
            words.emplace_back();
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

std::string PlainUnicode::sort_key(std::string_view text) const { return folded(text); }

}  // namespace muster::spec
