#include "api/text/unicode.h"
#include "domain/values.h"
#include "tests/fuzz/targets.h"

#include <algorithm>

namespace muster::fuzz {

void email(std::string_view bytes) {
    const auto& unicode = icu_unicode();
    const auto address = EmailAddress::parse(bytes, unicode);
    if (!address) return must(!address.error().detail.empty(), "no reason");
    must(address->text().size() <= 254 && !address->canonical().empty(), "an address that is too long");
    for (const auto* text : {&address->text(), &address->canonical()}) {
        must(std::ranges::none_of(*text, [](unsigned char c) { return c <= 0x20 || c == 0x7f; }),
             "space or a control character in an address");
        must(std::ranges::count(*text, '@') == 1, "no one @ in an address");
    }
    must(std::ranges::all_of(address->canonical_domain(), [](unsigned char c) { return c < 0x80; }),
         "a domain that is compared in other letters than ASCII");
    // Who is written in the canonical way is the same, once and for all.
    for (const auto* text : {&address->text(), &address->canonical()}) {
        const auto again = EmailAddress::parse(*text, unicode);
        must(again.has_value(), "an address is refused when it comes back");
        must(again->canonical() == address->canonical(), "an address is another one when it comes back");
    }
    must(Name::parse(name_from(*address, unicode), unicode).has_value(), "a name that is none is read from an address");
}

}  // namespace muster::fuzz
