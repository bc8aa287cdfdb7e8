#include "domain/values.h"

#include "tests/domain/cast.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

// The code of the fault, or "" where the text is good.
template <class T>
std::string fault_of(std::string_view text) {
    auto parsed = T::parse(text, ascii);
    return parsed ? "" : std::string(name_of(parsed.error().code));
}

template <class T>
bool good(std::string_view text) {
    return T::parse(text, ascii).has_value();
}

const std::string umlaut = "\u00fc";

}  // namespace

// ---- E-mail addresses.

TEST_CASE("[S0-3, S1-11, S3-6] an e-mail address is needed, and looks like name@company.com") {
    CHECK(fault_of<EmailAddress>("") == "required");
    CHECK(fault_of<EmailAddress>(" \t") == "required");
    for (const auto* text : {"ada@spring.example", "a@b.co", "ada+tag@spring.example", "o'brien@spring.example",
                             "a.b.c@x.y.z.example", "1@spring.example", "a!#$%&*/=?^_`{|}~-@spring.example"})
        CHECK(fault_of<EmailAddress>(text) == "");
    for (const auto* text :
         {"ada", "@", "ada@", "@spring.example", "ada@@spring.example", "ada@b@spring.example", "ada@spring",
          "ada@.spring.example", "ada@spring..example", "ada@spring.example.", ".ada@spring.example",
          "ada.@spring.example", "a..da@spring.example", "ada lovelace@spring.example", "ada@spring example.com",
          "Ada <ada@spring.example>", "ada@spring.example,bob@spring.example", "ada@spring.example;"})
        CHECK(fault_of<EmailAddress>(text) == "email_invalid");
}

TEST_CASE("quoted local parts and address literals are not taken") {
    for (const auto* text : {"\"ada\"@spring.example", "\"a b\"@spring.example", "ada\\@spring.example",
                             "ada@[127.0.0.1]", "ada@[IPv6:::1]", "(x)ada@spring.example"})
        CHECK(fault_of<EmailAddress>(text) == "email_invalid");
}

TEST_CASE("an address holds no control characters and no broken UTF-8") {
    for (const std::string_view text :
         {std::string_view("a\tb@spring.example"), std::string_view("a\nb@spring.example"),
          std::string_view("a\0b@spring.example", 18), std::string_view("a\x7f@spring.example"),
          std::string_view("a\xe2\x80\xae@spring.example"), std::string_view("a\xff@spring.example"),
          std::string_view("a\xc0\xaf@spring.example"), std::string_view("a\xed\xa0\x80@spring.example")})
        CHECK(fault_of<EmailAddress>(text) == "email_invalid");
}

TEST_CASE("an address has at most 254 bytes, and 64 left of the @") {
    const std::string domain = "@spring.example";
    CHECK(good<EmailAddress>(std::string(64, 'a') + domain));
    CHECK_FALSE(good<EmailAddress>(std::string(65, 'a') + domain));
    auto of_length = [](std::size_t n) { return "a@" + std::string(n - 10, 'b') + ".example"; };
    CHECK(good<EmailAddress>(of_length(254)));
    CHECK_FALSE(good<EmailAddress>(of_length(255)));
    CHECK(good<EmailAddress>("  " + of_length(254) + "  "));
}

TEST_CASE("[trap 8] an address is kept as typed but for space around it, and compared without regard to case") {
    auto typed = address(" \t Ada.Lovelace+Math@Spring.EXAMPLE \r\n");
    CHECK(typed.text() == "Ada.Lovelace+Math@Spring.EXAMPLE");
    CHECK(typed.canonical() == "ada.lovelace+math@spring.example");
    CHECK(typed == address("ada.lovelace+math@spring.example"));
    CHECK(typed.local_part() == "Ada.Lovelace+Math");
    CHECK(typed.canonical_domain() == "spring.example");
}

TEST_CASE("[trap 8] space that nobody sees, as it comes with pasted text, is space too") {
    auto pasted = address("\ufeff\u200bada@spring.example\u00a0\u3000");
    CHECK(pasted.text() == "ada@spring.example");
    for (const auto* text : {"a\u00a0da@spring.example", "ada\u200b@spring.example", "a\ufeffda@spring.example"})
        CHECK(fault_of<EmailAddress>(text) == "email_invalid");
    CHECK(made<Name>("\u00a0 Ada \u200b").value == "Ada");
    CHECK(fault_of<Name>("\u200b\u00a0") == "required");
    for (const auto* unseen : {"\u00ad", "\u3164", "\u2060\u200d", "\u115f \ufe0f"})
        CHECK(fault_of<Name>(unseen) == "required");
    CHECK(made<Name>("\u2764\ufe0f").value == "\u2764\ufe0f");
}

TEST_CASE("an address of the network is no domain") {
    for (const auto* text : {"ada@127.0.0.1", "ada@spring.1", "ada@spring.example.007"})
        CHECK(fault_of<EmailAddress>(text) == "email_invalid");
    CHECK(address("ada@163.com").canonical() == "ada@163.com");
}

TEST_CASE("dots and +tags are part of an address") {
    CHECK_FALSE(address("ada.lovelace@spring.example") == address("adalovelace@spring.example"));
    CHECK_FALSE(address("ada+x@spring.example") == address("ada@spring.example"));
}

TEST_CASE("a blank address, which stands only beside a fault, is empty in all its parts") {
    EmailAddress blank;
    CHECK(blank.text().empty());
    CHECK(blank.local_part().empty());
    CHECK(blank.canonical_domain().empty());
}

// ---- Text.

TEST_CASE("a name is trimmed text of 1 to 200 code points in one line") {
    CHECK(made<Name>("  Ada  ").value == "Ada");
    CHECK(fault_of<Name>("   ") == "required");
    std::string letters;
    for (int i = 0; i < 200; ++i) letters += umlaut;
    CHECK(good<Name>(letters));
    CHECK(fault_of<Name>(letters + "x") == "too_long");
    for (const auto* text : {"a\nb", "a\tb", "a\x1b[0m", "a\x7f", "a\xc2\x85 b", "a\u2028b", "a\u202eb", "a\u2066b"})
        CHECK(fault_of<Name>(text) == "invalid_value");
}

TEST_CASE("broken UTF-8 is no text: overlong, surrogates, beyond the last, cut off, stray") {
    for (const auto* text :
         {"\xc0\x80", "\xe0\x80\xaf", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xe2\x82", "\x80", "\xfe"})
        CHECK(fault_of<Name>(text) == "invalid_value");
    for (const auto* text : {"\xf0\x9f\x8c\xb1", "\xf4\x8f\xbf\xbf", "\xe2\x82\xac"}) CHECK(good<Name>(text));
}

TEST_CASE("free text has lines, and 2,000 code points at most") {
    CHECK(made<FreeText>("one\r\n\ttwo").value == "one\r\n\ttwo");
    CHECK(fault_of<FreeText>(std::string(2001, 'a')) == "too_long");
    CHECK(fault_of<FreeText>("a\x01") == "invalid_value");
}

TEST_CASE("a phone number has digits, space and + - ( ) . /") {
    for (const auto* text : {"+49 (0)30 123-456", "555.0100", "112", "030/1234"}) CHECK(good<Phone>(text));
    for (const auto* text : {"12", "call me", "555 0100 ext 3", "++--()"})
        CHECK(fault_of<Phone>(text) == "invalid_value");
    CHECK(fault_of<Phone>(std::string(41, '1')) == "too_long");
    CHECK(fault_of<Phone>("") == "required");
}

TEST_CASE("a photo's URL is absolute and https") {
    for (const auto* text :
         {"https://spring.example/a.png", "https://spring.example", "https://spring.example:8443/?a=b#c"})
        CHECK(good<HttpsUrl>(text));
    for (const auto* text :
         {"", "http://spring.example/", "javascript:alert(1)", "//spring.example", "/a.png", "https://", "https:///a",
          "https://ada:secret@spring.example/", "https://spring.example/a b", "https://spring.example/<x>",
          "https://spring.example/\"", "https://spring.example\\a"})
        CHECK(fault_of<HttpsUrl>(text) == "invalid_value");
    CHECK(fault_of<HttpsUrl>("https://spring.example/" + std::string(2000, 'a')) == "too_long");
}

TEST_CASE("a slug is lower-case letters and digits with single hyphens between, and no workspace id") {
    for (const auto* text : {"a", "0", "spring-labs", "a-1-b"}) CHECK(good<Slug>(text));
    CHECK(good<Slug>(std::string(63, 'a')));
    for (const auto& text : {std::string(), std::string("-a"), std::string("a-"), std::string("a--b"), std::string("A"),
                             std::string("a b"), std::string("a_b"), umlaut, std::string(64, 'a'), spring.text()})
        CHECK(fault_of<Slug>(text) == "invalid_value");
}

TEST_CASE("a role's home is a path of this site") {
    for (const auto* text : {"/", "/home", "/a/b?c=d#e"}) CHECK(good<Path>(text));
    for (const auto* text : {"", "home", "//evil.example", "/\\evil.example", "/a b", "https://evil.example", "/\n"})
        CHECK(fault_of<Path>(text) == "invalid_value");
    CHECK(fault_of<Path>("/" + std::string(200, 'a')) == "invalid_value");
}

TEST_CASE("a team's name is kept as typed and compared without regard to case") {
    auto name = made<FoldedName>(" Sales ");
    CHECK(name.value == "Sales");
    CHECK(name.folded == "sales");
    CHECK(fault_of<FoldedName>("") == "required");
}

TEST_CASE("an allowed domain is a domain name of two labels at least, in lower case") {
    CHECK(made<EmailDomain>(" Spring.EXAMPLE ").value == "spring.example");
    for (const auto* text : {"", "example", "@spring.example", "*.spring.example", "spring.example."})
        CHECK(fault_of<EmailDomain>(text) == "invalid_value");
}

TEST_CASE("a key begins with a lower-case letter and has 64 characters at most; `users` is a pool's name") {
    for (const auto* text : {"a", "sales_rep", "agents.edit", "a1", "users2"}) CHECK(valid_key(text));
    CHECK(valid_key(std::string(64, 'a')));
    for (const auto& text : {"", "A", "1a", "_a", ".a", "a-b", "a b", "users"}) CHECK_FALSE(valid_key(text));
    CHECK_FALSE(valid_key(std::string(65, 'a')));
    CHECK(made<RoleKey>("sales_rep").text() == "sales_rep");
    CHECK(fault_of<LicenseKey>("users") == "invalid_value");
    CHECK(fault_of<PermissionKey>(" crm") == "invalid_value");
}

// ---- What is personal.

TEST_CASE("what is personal is a value or erased, and reads blank once erased") {
    Personal<std::string> known("Ada"), erased;
    CHECK_FALSE(known.erased());
    CHECK(*known.if_known() == "Ada");
    CHECK(known->size() == 3);
    CHECK(known.or_blank() == "Ada");
    CHECK(erased.erased());
    CHECK(erased.if_known() == nullptr);
    CHECK(erased.or_blank().empty());
    CHECK_FALSE(known == erased);
}

TEST_CASE("every code has its own name") {
    CHECK(name_of(Code::required) == "required");
    CHECK(name_of(Code::no_seats_remaining) == "no_seats_remaining");
    CHECK(name_of(Code::internal_error) == "internal_error");
}

}  // namespace muster::spec
