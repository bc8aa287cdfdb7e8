// What the domain asks about text beyond ASCII.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

// The Unicode rules by which addresses, names and searches are compared. Values are built with it (EmailAddress), and
// it is passed in, because the domain includes no library; api/text/unicode.h has the one implementation.
//
// Every function is pure: the same text gives the same answer in every run, except that a newer Unicode version may
// know more letters. All may be called from any thread. Results own their bytes. Text is UTF-8; where a result is not
// optional, invalid bytes are read as U+FFFD.
struct Unicode {
    virtual ~Unicode() = default;

    // NFC and full case folding, by which two local parts (left of the @) are the same; nullopt if not valid UTF-8.
    [[nodiscard]] virtual std::optional<std::string> canonical_local_part(std::string_view text) const = 0;

    // UTS 46 ToASCII, non-transitional, with the STD3 rules: lower-case labels, A-labels where not ASCII
    // ("Müller.example" -> "xn--mller-kva.example"); nullopt if it is not a domain name. A trailing dot is none.
    [[nodiscard]] virtual std::optional<std::string> canonical_domain(std::string_view text) const = 0;

    // NFC and full case folding: for names that are unique without regard to case ("Straße" -> "strasse").
    [[nodiscard]] virtual std::string folded(std::string_view text) const = 0;

    // One word of a name as it is written: NFC, the first letter in title case and the others small ("MARÍA" ->
    // "María", "o'brien" -> "O'brien"); letters that have no case stay.
    [[nodiscard]] virtual std::string titled(std::string_view word) const = 0;

    // The words to search by, in order, repeated ones kept: folded, without accents, split at all that is neither
    // letter nor digit ("José-Ángel 2" -> "jose", "angel", "2").
    [[nodiscard]] virtual std::vector<std::string> search_words(std::string_view text) const = 0;

    // Folded and without accents, in one piece: names sort by its bytes.
    [[nodiscard]] virtual std::string sort_key(std::string_view text) const = 0;
};

}  // namespace muster
