#include "api/text/unicode.h"

#include "domain/values.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace muster {
namespace {

using Words = std::vector<std::string>;

std::optional<std::string> local(std::string_view text) { return icu_unicode().canonical_local_part(text); }
std::optional<std::string> domain_of(std::string_view text) { return icu_unicode().canonical_domain(text); }
std::string folded(std::string_view text) { return icu_unicode().folded(text); }
Words words(std::string_view text) { return icu_unicode().search_words(text); }
std::string sort_key(std::string_view text) { return icu_unicode().sort_key(text); }

// Neither a lone continuation byte, nor a cut letter, nor an overlong slash, nor a surrogate, nor beyond U+10FFFF.
const std::vector<std::string> broken_utf8{"a\x80", "Jos\xC3", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"};

}  // namespace

TEST_CASE("local parts are the same without regard to case and composition") {
    CHECK(local("Ada.Lovelace+x") == "ada.lovelace+x");
    CHECK(local("") == "");
    CHECK(local("JOSÉ") == "josé");
    CHECK(local("Jose\u0301") == "josé");
    CHECK(local("Straße") == local("STRASSE"));
    CHECK(local("\u0130") == "i\u0307");          // İ keeps its dot: it is another letter than I.
    CHECK(local("\u2126") == "ω");                // The ohm sign is an omega.
    CHECK(local("ΣΊΣΥΦΟΣ") == local("σίσυφος"));  // Final sigma too.
    CHECK(local("ИВАН") == "иван");
    CHECK(local("用户") == "用户");
    CHECK(local("\u0345\u03B1") == local("\u0399\u03B1"));
}

TEST_CASE("an address that is too long in its canonical form is none, for whoever is compared is an address too") {
    const auto& unicode = icu_unicode();
    const auto repeated = [](std::string_view text, int times) {
        std::string all;
        for (int i = 0; i < times; ++i) all += text;
        return all;
    };
    // Two bytes, and three in lower case: 63 or 66 of the 64 that may stand left of the @.
    CHECK(EmailAddress::parse(repeated("\u0130", 21) + "@spring.example", unicode));
    CHECK_FALSE(EmailAddress::parse(repeated("\u0130", 22) + "@spring.example", unicode));
    // Three bytes, and eight in ASCII: 247 of the 254 of an address.
    const auto domain = "@" + repeated("\u00fc.", 30) + "example";
    CHECK(EmailAddress::parse("ada" + domain, unicode));
    CHECK_FALSE(EmailAddress::parse("lovelace" + domain, unicode));
}

TEST_CASE("an address whose canonical form holds what none may hold is none: the Greek question mark is a semicolon") {
    CHECK(local("a\u037eb") == "a;b");
    CHECK_FALSE(EmailAddress::parse("a\u037eb@spring.example", icu_unicode()));
}

TEST_CASE("a canonical local part is its own canonical form") {
    for (const std::string text : {"JOSÉ", "Straße", "\u0130x", "\u1FB3\u0345", "ΣΊΣΥΦΟΣ", "ǅ", "ﬃ", "각"}) {
        INFO(text);
        const std::optional<std::string> once = local(text);
        REQUIRE(once);
        CHECK(local(*once) == once);
        CHECK(folded(text) == *once);
    }
}

TEST_CASE("a local part that is not UTF-8 has no canonical form") {
    for (const std::string& text : broken_utf8) CHECK(local(text) == std::nullopt);
}

TEST_CASE("domains are compared as lower-case A-labels") {
    CHECK(domain_of("Example.COM") == "example.com");
    CHECK(domain_of("localhost") == "localhost");
    CHECK(domain_of("a-b.1x.example") == "a-b.1x.example");
    CHECK(domain_of("Müller.example") == "xn--mller-kva.example");
    CHECK(domain_of("MU\u0308LLER.example") == "xn--mller-kva.example");
    CHECK(domain_of("xn--mller-kva.example") == "xn--mller-kva.example");
    CHECK(domain_of("XN--Mller-KVA.Example") == "xn--mller-kva.example");
    CHECK(domain_of("faß.example") == "xn--fa-hia.example");  // Non-transitional: not "fass".
    CHECK(domain_of("例え。テスト") == "xn--r8jz45g.xn--zckzah");
    CHECK(domain_of("пример.рф") == "xn--e1afmkfd.xn--p1ai");
    CHECK(domain_of("ｅｘａｍｐｌｅ.com") == "example.com");
    CHECK(domain_of("مثال.example") == "xn--mgbh0fb.example");
}

TEST_CASE("what is no domain name is refused") {
    const std::vector<std::string> refused{"",
                                           ".",
                                           "example.",
                                           "例え。",
                                           ".example",
                                           "a..example",
                                           "-a.example",
                                           "a-.example",
                                           "ü-.example",
                                           "a_b.example",
                                           "ü_b.example",
                                           "a b.example",
                                           "a@b.example",
                                           "[127.0.0.1]",
                                           std::string("a\0b.example", 11),
                                           "ab--c.example",
                                           "xn--.example",
                                           "xn--abc-.example",
                                           "xn--zzzzzzz99999.example",
                                           "\u0301a.example",
                                           "a\u200Db.example",
                                           "אa.example",
                                           "\u2F2F\U000E0001.example\uFFFD"};
    for (const std::string& text : refused) {
        INFO(text);
        CHECK(domain_of(text) == std::nullopt);
    }
    for (const std::string& text : broken_utf8) CHECK(domain_of(text + ".example") == std::nullopt);
}

TEST_CASE("domains and labels have the lengths of the DNS") {
    const std::string label(63, 'a');
    CHECK(domain_of(label + ".example"));
    CHECK_FALSE(domain_of(label + "a.example"));
    const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
    REQUIRE(longest.size() == 253);
    CHECK(domain_of(longest) == longest);
    CHECK_FALSE(domain_of(longest + "a"));
    std::string umlauts;
    while (umlauts.size() < 130) umlauts += "ü";
    CHECK_FALSE(domain_of(umlauts + ".example"));
    CHECK_FALSE(domain_of(std::string(100'000, 'a')));
}

TEST_CASE("a canonical domain is its own canonical form") {
    for (const char* text : {"Müller.example", "faß.example", "例え。テスト", "Example.COM"}) {
        const std::optional<std::string> once = domain_of(text);
        REQUIRE(once);
        CHECK(domain_of(*once) == once);
    }
}

TEST_CASE("names are unique without regard to case") {
    CHECK(folded("Sales Team") == "sales team");
    CHECK(folded("STRASSE") == folded("straße"));
    CHECK(folded("ÉQUIPE") == "équipe");
    CHECK(folded("Équipe") != folded("Equipe"));  // An accent makes another name.
    CHECK(folded("a\xFF") == "a\uFFFD");
}

TEST_CASE("search words are folded, without accents, and split at what is neither letter nor digit") {
    CHECK(words("") == Words{});
    CHECK(words(" -- ") == Words{});
    CHECK(words("Ada Lovelace") == Words{"ada", "lovelace"});
    CHECK(words("ada.lovelace+x1@Example.com") == Words{"ada", "lovelace", "x1", "example", "com"});
    CHECK(words("José-Ángel 2") == Words{"jose", "angel", "2"});
    CHECK(words("JOSE\u0301") == Words{"jose"});
    CHECK(words("O’Brien") == Words{"o", "brien"});
    CHECK(words("Straße") == Words{"strasse"});
    CHECK(words("ŁUKASZ Søren Đặng") == Words{"lukasz", "soren", "dang"});
    CHECK(words("IŞIK") == words("ışık"));
    CHECK(words("İstanbul") == Words{"istanbul"});
    CHECK(words("Ünal\u00A0Öz") == Words{"unal", "oz"});
    CHECK(words("soft\u00ADhyphen ü") == Words{"softhyphen", "u"});
    CHECK(words("ﬁn ²") == Words{"fin", "2"});
    CHECK(words("a\xFF"
                "b") == Words{"a", "b"});
}

TEST_CASE("search words work for several scripts") {
    CHECK(words("Αθήνα ΟΔΌΣ") == Words{"αθηνα", "οδοσ"});
    CHECK(words("Ёлкина, Алёна") == Words{"елкина", "алена"});
    CHECK(words("王小明（北京）") == Words{"王小明", "北京"});
    CHECK(words("שָׁלוֹם עולם") == Words{"שלום", "עולם"});
    CHECK(words("مُحَمَّد أحمد") == Words{"محمد", "احمد"});
    CHECK(words("कि की").size() == 2);
    CHECK(words("कि") != words("की"));  // Vowel signs are no accents.
    CHECK(words("ガ") != words("カ"));  // Nor is the voicing of kana.
    CHECK(words("ｶﾞ") == words("ガ"));
    const std::string whole = words("한").front();
    CHECK(whole.starts_with(words("하").front()));  // As it is typed.
}

TEST_CASE("a word of a name begins with a capital, in every script that has them") {
    auto titled = [](std::string_view word) { return icu_unicode().titled(word); };
    CHECK(titled("john") == "John");
    CHECK(titled("JSMITH") == "Jsmith");
    CHECK(titled("o'brien") == "O'brien");
    CHECK(titled("MARÍA") == "María");
    CHECK(titled("ángel") == "Ángel");
    CHECK(titled("\u00e9") == "É");
    CHECK(titled("e\u0301lodie") == "Élodie");
    CHECK(titled("øyvind") == "Øyvind");
    CHECK(titled("иван") == "Иван");
    CHECK(titled("ελένη") == "Ελένη");
    CHECK(titled("ΓΙΏΡΓΟΣ") == "Γιώργος");
    CHECK(titled("արմեն") == "Արմեն");
    CHECK(titled("ǆemal") == "ǅemal");
    CHECK(titled("用户") == "用户");
    CHECK(titled("محمد") == "محمد");
    CHECK(titled("აკაკი") == "აკაკი");
    CHECK(titled("") == "");
}

TEST_CASE("[S3-7] a name is guessed from addresses of several scripts") {
    auto guessed = [](const std::string& local_part) {
        return name_from(*EmailAddress::parse(local_part + "@spring.example", icu_unicode()), icu_unicode());
    };
    CHECK(guessed("maria-josé") == "Maria José");
    CHECK(guessed("ÁNGEL.ÑANDÚ") == "Ángel Ñandú");
    CHECK(guessed("иван.петров2") == "Иван Петров");
    CHECK(guessed("ελένη_παππά") == "Ελένη Παππά");
    CHECK(guessed("用户") == "用户");
    CHECK(guessed("j.smith+x") == "J Smith");
}

TEST_CASE("names sort without regard to case and accents") {
    CHECK(sort_key("Éva") < sort_key("Frank"));
    CHECK(sort_key("éva") == sort_key("EVA"));
    CHECK(sort_key("Łukasz") < sort_key("Zoe"));
    CHECK(sort_key("Ada Lovelace") == "ada lovelace");
    CHECK(sort_key("ADA ÖZ") == "ada oz");
}

TEST_CASE("all threads may ask at once") {
    std::atomic<int> wrong = 0;
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&wrong] {
            for (int round = 0; round < 200; ++round) {
                if (local("JOSÉ") != "josé" || domain_of("müller.example") != "xn--mller-kva.example") ++wrong;
                if (words("José Ünal") != Words{"jose", "unal"}) ++wrong;
            }
        });
    }
    threads.clear();
    CHECK(wrong == 0);
}

}  // namespace muster
