#include "api/text/unicode.h"

#include <unicode/bytestream.h>
#include <unicode/idna.h>
#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/stringoptions.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace muster {
namespace {

constexpr std::size_t text_bytes_max = std::size_t{1} << 29;  // ICU counts in int32_t.
constexpr std::size_t domain_bytes_max = 253;                 // RFC 1035, without the root's dot.
constexpr std::size_t label_bytes_max = 63;
constexpr std::size_t domain_bytes_read_max = 2048;  // As typed; ICU's work on a label grows with its square.

void require_success(UErrorCode status, const char* what) {
    if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + what + ": " + u_errorName(status));
}

// ---- ASCII, without ICU.

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_letter_or_digit_ascii(char lower) { return (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'); }

std::string lowered_ascii(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), lower_ascii);
    return lower;
}

std::vector<std::string> words_ascii(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text) {
        const char lower = lower_ascii(c);
        if (is_letter_or_digit_ascii(lower)) {
            word += lower;
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
}

// True for a lower-case name of letters, digits and inner hyphens that UTS 46 would leave as it is. Hyphens in third
// and fourth place ("xn--") are left to ICU.
bool is_plain_domain(std::string_view lower) {
    if (lower.empty() || lower.size() > domain_bytes_max) return false;
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = std::min(lower.find('.', begin), lower.size());
        const std::string_view label = lower.substr(begin, end - begin);
        if (label.empty() || label.size() > label_bytes_max || label.front() == '-' || label.back() == '-')
            return false;
        if (label.size() >= 4 && label[2] == '-' && label[3] == '-') return false;
        if (!std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit_ascii(c) || c == '-'; })) {
            return false;
        }
        if (end == lower.size()) return true;
        begin = end + 1;
    }
}

// ---- All else.

icu::StringPiece piece(std::string_view text) {
    if (text.size() >= text_bytes_max) throw std::length_error("text too long for ICU");
    return {text.data(), static_cast<std::int32_t>(text.size())};
}

bool is_utf8(std::string_view text) {
    const icu::StringPiece bytes = piece(text);
    UErrorCode status = U_ZERO_ERROR;
    std::int32_t units = 0;
    u_strFromUTF8(nullptr, 0, &units, bytes.data(), bytes.length(), &status);  // Counts only, so it "overflows".
    return status != U_INVALID_CHAR_FOUND;
}

std::string utf8(const icu::UnicodeString& text) {
    std::string bytes;
    return text.toUTF8String(bytes);
}

// A mark that a search leaves out: overlays, Hebrew and Arabic points, and what stands above or below a letter. Kept
// are those without which a word is another word: the vowel signs of India and South-East Asia, viramas, nuktas and the
// voicing of kana, all of combining class 0, 7 to 9 or 84 to 132.
bool is_accent(UChar32 letter) {
    const std::uint8_t combining_class = u_getCombiningClass(letter);
    return combining_class == 1 || (combining_class >= 10 && combining_class <= 36) || combining_class >= 200;
}

// Letters with a stroke and ligatures, which Unicode does not take apart: by what people type who lack the key. Without
// the dotless i, "IŞIK" and "ışık" would be two words.
struct Plain {
    UChar32 letter;
    const char16_t* typed;
};
constexpr std::array<Plain, 12> plain_letters{{{0x00E6, u"ae"},
                                               {0x00F0, u"d"},
                                               {0x00F8, u"o"},
                                               {0x00FE, u"th"},
                                               {0x0111, u"d"},
                                               {0x0127, u"h"},
                                               {0x0131, u"i"},
                                               {0x0142, u"l"},
                                               {0x014B, u"n"},
                                               {0x0153, u"oe"},
                                               {0x0167, u"t"},
                                               {0x0268, u"i"}}};

class IcuUnicode final : public Unicode {
public:
    IcuUnicode() {
        UErrorCode status = U_ZERO_ERROR;
        nfc_ = icu::Normalizer2::getNFCInstance(status);
        nfd_ = icu::Normalizer2::getNFDInstance(status);
        nfkc_folded_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
        idna_.reset(icu::IDNA::createUTS46Instance(
            UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, status));
        require_success(status, "loading normalisers");
    }

    std::optional<std::string> canonical_local_part(std::string_view text) const override {
        if (is_ascii(text)) return lowered_ascii(text);
        if (!is_utf8(text)) return std::nullopt;
        return folded_beyond_ascii(text);
    }

    std::optional<std::string> canonical_domain(std::string_view text) const override {
        if (text.size() > domain_bytes_read_max) return std::nullopt;
        if (is_ascii(text)) {
            std::string lower = lowered_ascii(text);
            if (is_plain_domain(lower)) return lower;
            if (lower.find("--") == std::string::npos) return std::nullopt;  // No A-label, so ICU would refuse it too.
        } else if (!is_utf8(text)) {
            return std::nullopt;
        }
        std::string name;
        icu::StringByteSink<std::string> sink(&name);
        icu::IDNAInfo info;
        UErrorCode status = U_ZERO_ERROR;
        idna_->nameToASCII_UTF8(piece(text), sink, info, status);
        require_success(status, "domain name");
        if (info.hasErrors() || name.empty() || name.size() > domain_bytes_max || name.back() == '.')
            return std::nullopt;
        // "xn--abc-" is "abc" written twice over; ICU before Unicode 15.1 lets it pass.
        if (name.find("-.") != std::string::npos || name.back() == '-') return std::nullopt;
        return name;
    }

    std::string folded(std::string_view text) const override {
        return is_ascii(text) ? lowered_ascii(text) : folded_beyond_ascii(text);
    }

    std::string titled(std::string_view word) const override {
        icu::UnicodeString text = normalized(*nfc_, icu::UnicodeString::fromUTF8(piece(word)));
        return utf8(text.toTitle(nullptr, icu::Locale::getRoot(), U_TITLECASE_WHOLE_STRING));
    }

    std::vector<std::string> search_words(std::string_view text) const override {
        if (is_ascii(text)) return words_ascii(text);
        const icu::UnicodeString plain = plain_beyond_ascii(text);
        std::vector<std::string> words;
        icu::UnicodeString word;
        for (std::int32_t at = 0; at < plain.length(); at = plain.moveIndex32(at, 1)) {
            const UChar32 letter = plain.char32At(at);
            // A mark that was kept belongs to the letter before it.
            const bool continues = !word.isEmpty() && (U_GET_GC_MASK(letter) & U_GC_M_MASK) != 0;
            if (u_isalnum(letter) || continues) {
                word.append(letter);
            } else if (!word.isEmpty()) {
                words.push_back(utf8(word));
                word.remove();
            }
        }
        if (!word.isEmpty()) words.push_back(utf8(word));
        return words;
    }

    std::string sort_key(std::string_view text) const override {
        return is_ascii(text) ? lowered_ascii(text) : utf8(plain_beyond_ascii(text));
    }

private:
    icu::UnicodeString normalized(const icu::Normalizer2& form, const icu::UnicodeString& text) const {
        UErrorCode status = U_ZERO_ERROR;
        icu::UnicodeString normal = form.normalize(text, status);
        require_success(status, "normalising");
        return normal;
    }

    // Canonical caseless matching (Unicode, D145): taken apart first, because a few Greek letters fold differently when
    // composed; put together at the end, as it is stored and shown.
    std::string folded_beyond_ascii(std::string_view text) const {
        icu::UnicodeString apart = normalized(*nfd_, icu::UnicodeString::fromUTF8(piece(text)));
        return utf8(normalized(*nfc_, apart.foldCase()));
    }

    // Compatibility forms and case folded, ignorable characters and accents gone. Hangul stays in its letters, so that
    // a syllable half typed begins the whole one.
    icu::UnicodeString plain_beyond_ascii(std::string_view text) const {
        const icu::UnicodeString apart =
            normalized(*nfd_, normalized(*nfkc_folded_, icu::UnicodeString::fromUTF8(piece(text))));
        icu::UnicodeString plain;
        for (std::int32_t at = 0; at < apart.length(); at = apart.moveIndex32(at, 1)) {
            const UChar32 letter = apart.char32At(at);
            if (is_accent(letter)) continue;
            const auto* known = std::find_if(plain_letters.begin(), plain_letters.end(),
                                             [letter](const Plain& candidate) { return candidate.letter == letter; });
            if (known != plain_letters.end()) {
                plain.append(known->typed, -1);
            } else {
                plain.append(letter);
            }
        }
        return plain;
    }

    // Constant after construction; ICU's own, but for idna_. Their const functions may be called from any thread.
    const icu::Normalizer2* nfc_ = nullptr;
    const icu::Normalizer2* nfd_ = nullptr;
    const icu::Normalizer2* nfkc_folded_ = nullptr;
    std::unique_ptr<const icu::IDNA> idna_;
};

}  // namespace

const Unicode& icu_unicode() {
    static const IcuUnicode unicode;
    return unicode;
}

}  // namespace muster
