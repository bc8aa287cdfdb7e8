// The texts of mails: complete, escaped, and replaced by a deployer's own where these are right.
#include "api/mail/templates.h"
#include "tests/eventstore/table_contract.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

namespace muster::mail {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

const Values grace{{"workspace", "Spring Labs"},
                   {"name", "Grace Hopper"},
                   {"by", "Ada Lovelace"},
                   {"link", "https://muster.example/accept#mbi_x"},
                   {"until", "30 November 2026, 08:00 UTC"},
                   {"applicant", "Alan"},
                   {"email", "alan@navy.example"},
                   {"message", "Please.\nI can help."}};

// A deployer's directory.
struct Own {
    Own() { std::filesystem::create_directories(path()); }
    [[nodiscard]] std::string path() const { return scratch / "templates"; }
    void file(const std::string& name, const std::string& text) const { std::ofstream(path() + "/" + name) << text; }
    // What is said of it; empty where it is good.
    [[nodiscard]] std::string fault() const {
        try {
            Templates read(path());
            return {};
        } catch (const TemplateError& error) {
            std::string what = error.what();
            return what.starts_with(path() + "/") ? what.substr(path().size() + 1) : what;
        }
    }
    Scratch scratch;
};

}  // namespace

TEST_CASE("every mail has its texts, in which nothing is left open") {
    Templates templates;
    Own own;
    for (const auto& [name, text] : templates.files()) own.file(name, text);
    CHECK(own.fault() == "");
    for (auto kind : {MailKind::invitation, MailKind::welcome, MailKind::request, MailKind::approved,
                      MailKind::password_reset, MailKind::password_changed}) {
        for (const auto& values : {grace, Values{{"workspace", "Spring Labs"}}}) {
            auto mail = templates.render(kind, values);
            INFO(name_of(kind));
            CHECK_THAT(mail.subject, Contains("Spring Labs"));
            CHECK_THAT(mail.text, Contains("Spring Labs"));
            CHECK_THAT(mail.html, StartsWith("<!doctype html>") && Contains("Spring Labs"));
            for (const auto& part : {mail.subject, mail.text, mail.html}) CHECK_THAT(part, !Contains("{{"));
        }
    }
}

TEST_CASE("an invitation says who invites, and where to [S0-21, S1-6]") {
    auto mail = Templates().render(MailKind::invitation, grace);
    CHECK(mail.subject == "You are invited to Spring Labs");
    CHECK(mail.text ==
          "Hello Grace Hopper,\n\nAda Lovelace invites you to Spring Labs.\n\nFollow this link to "
          "join:\n\nhttps://muster.example/accept#mbi_x\n\nIt is good until 30 November 2026, 08:00 "
          "UTC. If you did not expect this, there is nothing to do.\n");
    CHECK_THAT(mail.html, Contains(R"(<a href="https://muster.example/accept#mbi_x">Join Spring Labs</a>)"));
}

TEST_CASE("values are escaped in HTML and stand as they are in text; none is read as a template") {
    auto values = grace;
    values["name"] = R"(<b onclick="x">'&{{link}})";
    values["workspace"] = "</title>{{{message}}}";
    auto mail = Templates().render(MailKind::invitation, values);
    CHECK_THAT(mail.text, Contains(R"(Hello <b onclick="x">'&{{link}},)"));
    CHECK_THAT(mail.html, Contains("&lt;b onclick=&quot;x&quot;&gt;&apos;&amp;{{link}}"));
    CHECK_THAT(mail.html, Contains("&lt;/title&gt;{{{message}}}") && !Contains("<b onclick") && !Contains("</title>"));
    CHECK(mail.subject == "You are invited to </title>{{{message}}}");
}

TEST_CASE("a value can't end the subject") {
    auto values = grace;
    values["workspace"] = "Spring\n\nLabs";
    auto mail = Templates().render(MailKind::invitation, values);
    CHECK(mail.subject == "You are invited to Spring\n\nLabs");  // header_text makes one line of it
    CHECK_THAT(mail.text, StartsWith("Hello Grace Hopper,"));
}

TEST_CASE("a deployer's files replace the texts that they name, the others stay") {
    Own own;
    own.file("invitation.txt", "Subject: {{workspace}}: come in\n\nDear {{name}}: {{link}}\n");
    own.file("layout.html", "<html>{{{content}}}<p>Impressum</p></html>");
    own.file(".gitignore", "*");
    Templates templates(own.path());
    auto mail = templates.render(MailKind::invitation, grace);
    CHECK(mail.subject == "Spring Labs: come in");
    CHECK(mail.text == "Dear Grace Hopper: https://muster.example/accept#mbi_x\n");
    CHECK_THAT(mail.html, StartsWith("<html><p>Hello Grace Hopper,</p>") && Contains("<p>Impressum</p>"));
    CHECK(templates.render(MailKind::welcome, grace).subject == "Welcome to Spring Labs");
}

TEST_CASE("a wrong template is said at the start, with file and line") {
    Own own;
    own.file("invitation.txt", "Subject: x\n\nHello\n{{#by}}\n");
    CHECK(own.fault() == R"(invitation.txt:4: Unclosed section "by")");
    own.file("invitation.txt", "Subject: x\n\nHello {{name\n");
    CHECK(own.fault() == "invitation.txt:3: Unclosed tag");
    own.file("invitation.txt", "Subject: {{name}\n\nHello\n");
    CHECK(own.fault() == "invitation.txt:1: Unclosed tag");
    own.file("invitation.txt", "Hello\n");
    CHECK(own.fault() == "invitation.txt:1: it must begin with a line `Subject: …`");
    own.file("invitation.txt", "Subject: x\n\nHello\n{{^by}}{{ nmae }}{{/by}}\n");
    CHECK(own.fault() == "invitation.txt:4: no mail has a value `nmae`");
    own.file("invitation.txt", "Subject: x\n\n{{> footer}}\n");
    CHECK(own.fault() == "invitation.txt:3: no mail has a value `footer`");
    own.file("invitation.txt", "Subject: x\n\n");
    CHECK(own.fault() == "");
    own.file("layout.html", "<html></html>");
    CHECK(own.fault() == "layout.html:1: {{{content}}} is missing");
    own.file("layout.html", "<html>\n{{{content}}}\n{{/content}}</html>");
    CHECK(own.fault() == R"(layout.html:3: Unopened section "content")");
    own.file("layout.html", "{{{content}}}");
    own.file("invitaton.txt", "Subject: x\n\n");
    CHECK_THAT(own.fault(),
               StartsWith("invitaton.txt: this is no mail template; those are approved.html, approved.txt"));
    CHECK_THROWS_AS(Templates(own.path() + "/nowhere"), TemplateError);
}

}  // namespace muster::mail
