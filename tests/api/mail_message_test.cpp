// A mail's bytes: header fields that nothing can break into, and bodies that every server takes.
#include "api/mail/encoding.h"
#include "api/mail/limits.h"
#include "api/mail/message.h"
#include "domain/instant.h"

#include <catch2/catch.hpp>

#include <sstream>
#include <vector>

namespace muster::mail {
namespace {

using Catch::Matchers::Contains;
using Lines = std::vector<std::string>;

Message to_grace() {
    Message message;
    message.name = "evt_01K";
    message.host = "muster.example";
    message.from = {"Spring Labs", "muster@spring.example"};
    message.to = {{"Grace Hopper", "grace@navy.example"}};
    message.subject = "You are invited to Spring Labs";
    message.text = "Hello Grace,\n\nhttps://muster.example/accept#mbi_x\n";
    message.html = "<p>Hello Grace</p>";
    message.date = *Instant::parse("2026-11-23T08:00:00Z");
    return message;
}

// Each ends with CRLF, and neither stands alone.
Lines lines_of(const std::string& bytes) {
    Lines lines;
    std::size_t at = 0;
    while (at < bytes.size()) {
        auto end = bytes.find("\r\n", at);
        REQUIRE(end != std::string::npos);
        lines.push_back(bytes.substr(at, end - at));
        CHECK(lines.back().find_first_of(std::string("\r\n\0", 3)) == std::string::npos);
        at = end + 2;
    }
    return lines;
}

// Header fields, unfolded.
Lines header_of(const Message& message, Bits bits = Bits::seven) {
    Lines fields;
    for (const auto& line : lines_of(bytes_of(message, bits))) {
        if (line.empty()) return fields;
        if (line.front() == ' ')
            fields.back() += line;
        else
            fields.push_back(line);
    }
    FAIL("the header does not end");
    return fields;
}

}  // namespace

TEST_CASE("a mail is what RFC 5322 says: date, sender in the workspace's name, reader, Message-ID") {
    CHECK(header_of(to_grace()) ==
          Lines{"Date: Mon, 23 Nov 2026 08:00:00 +0000", R"(From: "Spring Labs" <muster@spring.example>)",
                R"(To: "Grace Hopper" <grace@navy.example>)", "Message-ID: <evt_01K@muster.example>",
                "Subject: You are invited to Spring Labs", "Auto-Submitted: auto-generated", "MIME-Version: 1.0",
                R"(Content-Type: multipart/alternative; boundary="=_evt_01K")"});
    auto lines = lines_of(bytes_of(to_grace(), Bits::seven));
    CHECK(std::vector(lines.begin() + 11, lines.end()) ==
          Lines{"--=_evt_01K", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit", "",
                "Hello Grace,", "", "https://muster.example/accept#mbi_x", "--=_evt_01K",
                "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: 7bit", "", "<p>Hello Grace</p>",
                "--=_evt_01K--"});
}

TEST_CASE("nothing in a name or a subject begins another header field") {
    auto message = to_grace();
    message.from.name = "Spring\r\nBcc: everybody@spring.example";
    message.to.front().name = std::string("Grace\nX-Evil: yes\r\r\n.\r\n") + '\0' + "\x1b[31m\x7f\xc2\x85";
    message.subject = "Hello\r\n\r\n<script>";
    message.to.front().address = "grace@navy.example>\r\nRCPT TO:<eve@evil.example";
    auto fields = header_of(message);
    CHECK(fields.size() == 8);
    for (const auto& each : fields) {
        CHECK_FALSE(each.starts_with("Bcc"));
        CHECK_FALSE(each.starts_with("X-Evil"));
    }
    CHECK(fields[1] == R"(From: "Spring  Bcc: everybody@spring.example" <muster@spring.example>)");
    CHECK(fields[4] == "Subject: Hello    <script>");
}

TEST_CASE("quotes and backslashes in a name stay inside its quotes") {
    CHECK(header_mailbox({R"(Ada "the" \ Countess)", "ada@s.example"}) ==
          "\"Ada \\\"the\\\" \\\\ Countess\"\r\n <ada@s.example>");
    CHECK(header_mailbox({"", "ada@s.example"}) == "<ada@s.example>");
}

TEST_CASE("names in any script are encoded words, cut between letters") {
    CHECK(header_text("Lovelace") == "Lovelace");
    CHECK(header_text("Ada Lövelace") == "=?UTF-8?B?QWRhIEzDtnZlbGFjZQ==?=");
    // What would be read as one is encoded.
    CHECK(header_text("=?UTF-8?B?QWRh?=") == "=?UTF-8?B?PT9VVEYtOD9CP1FXUmg/PQ==?=");
    std::string han, arabic = "مساحة العمل";
    for (int i = 0; i < 40; ++i) han += "山";
    for (const auto& name : {han, arabic, han + arabic}) {
        std::istringstream folded(header_text(name));
        for (std::string line; std::getline(folded, line);) {
            if (line.ends_with('\r')) line.pop_back();
            CHECK(line.size() <= 76);
            auto begin = line.find("=?UTF-8?B?");
            REQUIRE(begin != std::string::npos);
            // 36 bytes at most, so whole letters: their base64 has no padding unless it is the last.
            CHECK(line.ends_with("?="));
        }
    }
    CHECK(header_text(han).starts_with("=?UTF-8?B?" + base64(han.substr(0, 36)) + "?=\r\n "));
}

TEST_CASE("marks that turn the direction of writing do not stand in header fields; letters of either direction do") {
    CHECK(one_line("Ada\u202Egnp.exe\u2066x") == "Ada gnp.exe x");
    CHECK(one_line("עדה לאבלייס") == "עדה לאבלייס");
    CHECK(one_line("a\u2028b\tc") == "a b c");
}

TEST_CASE("a body of other letters is quoted for a server, and as it is in a file") {
    auto message = to_grace();
    message.text = "Grüße aus 東京\nhttps://muster.example/accept#mbi_x=\n";
    auto seven = bytes_of(message, Bits::seven), eight = bytes_of(message, Bits::eight);
    CHECK(is_ascii(seven));
    CHECK_THAT(seven, Contains("quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe aus =E6=9D=B1=E4=BA=AC\r\n"));
    CHECK_THAT(seven, Contains("mbi_x=3D\r\n"));
    CHECK_THAT(eight, Contains("8bit\r\n\r\nGrüße aus 東京\r\nhttps://muster.example/accept#mbi_x=\r\n"));
}

TEST_CASE("no line is longer than a server takes") {
    auto message = to_grace();
    message.text = std::string(5'000, 'x') + " \n.\nend";
    message.html = "<p>" + std::string(3'000, '=') + "</p>";
    message.to.front().name = std::string(200, 'n');
    message.subject = std::string(900, 's');
    for (auto bits : {Bits::seven, Bits::eight})
        for (const auto& line : lines_of(bytes_of(message, bits))) CHECK(line.size() <= 78);
    CHECK(quoted_printable("a \n\tb\t\n") == "a=20\r\n\tb=09\r\n");
}

TEST_CASE("addresses that are not ASCII stand as they are (RFC 6532)") {
    CHECK(header_mailbox({"", "ädä@spring.example"}) == "<ädä@spring.example>");
}

TEST_CASE("a body can't end its part") {
    auto message = to_grace();
    message.text = "--=_evt_01K--\r\nmore\rand more";
    auto bytes = bytes_of(message, Bits::seven);
    CHECK_THAT(bytes, Contains("boundary=\"=_evt_01K_\""));
    CHECK_THAT(bytes, Contains("\r\nmore\r\nand more\r\n--=_evt_01K_\r\n"));
}

TEST_CASE("dates are of the proleptic Gregorian calendar, in UTC") {
    CHECK(header_date(*Instant::parse("2024-02-29T23:59:59.999Z")) == "Thu, 29 Feb 2024 23:59:59 +0000");
    CHECK(header_date(Instant{0}) == "Thu, 01 Jan 1970 00:00:00 +0000");
}

TEST_CASE("base64 as RFC 4648 has it") {
    CHECK(base64("") == "");
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xff\xfe\xfd") == "//79");
}

}  // namespace muster::mail
