// Sending to a real mail server, in all of its moods.
#include "api/mail/smtp.h"
#include "tests/api/smtp_server.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using mail::Attempt;
using mail::Result;
using std::chrono::milliseconds;

mail::Message to(std::vector<mail::Mailbox> readers) {
    mail::Message message;
    message.name = "evt_01K";
    message.host = "muster.example";
    message.from = {"Spring Labs", "muster@spring.example"};
    message.to = std::move(readers);
    message.subject = "You are invited";
    message.text = "Hello\n.\n..dots\nhttps://muster.example/accept#mbi_x\n";
    message.html = "<p>Hello</p>";
    return message;
}
const mail::Mailbox grace{"Grace Hopper", "grace@navy.example"};

mail::SmtpServer settings(const MailServer& server, const std::string& user = {}, const std::string& password = {}) {
    auto parsed = mail::parse_smtp(server.url(user)).value();
    parsed.password = password;
    return parsed;
}

std::string said(const Attempt& attempt) { return std::string(name_of(attempt.result)) + " " + attempt.reason; }

struct Certificate {
    Certificate() {
        auto made = server::finish({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-days",
                                    "2", "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1,IP:0.0.0.0"});
        REQUIRE(made.exit_code == 0);
    }
    Scratch scratch;
    std::string key = scratch / "key.pem", cert = scratch / "cert.pem";
};

}  // namespace

TEST_CASE("a mail is taken as it was written") {
    MailServer server("accept");
    mail::SmtpMailer mailer(settings(server));
    auto message = to({grace});
    CHECK(said(mailer.send(message)) == "taken ");
    auto taken = server.taken();
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].bytes == mail::bytes_of(message, mail::Bits::seven));
    CHECK_THAT(taken[0].envelope, Contains(R"("from": "muster@spring.example")") &&
                                      Contains(R"("to": ["grace@navy.example"])") && !Contains("SMTPUTF8"));
    CHECK(taken[0].field("Message-ID") == "<evt_01K@muster.example>");
    // On the same connection, and to several readers at once.
    CHECK(said(mailer.send(to({grace, {"", "ada@spring.example"}}))) == "taken ");
    CHECK_THAT(server.taken().at(1).envelope, Contains(R"(["grace@navy.example", "ada@spring.example"])"));
}

TEST_CASE("4xx puts a mail off, 5xx refuses it; the server's text is not repeated") {
    MailServer later("later");
    mail::SmtpMailer patient(settings(later));
    CHECK(said(patient.send(to({grace}))) == "later put off with 450 4.7.1");
    CHECK(said(patient.send(to({grace}))) == "taken ");
    MailServer refuse("refuse");
    CHECK(said(mail::SmtpMailer(settings(refuse)).send(to({grace}))) == "refused refused with 550 5.1.1");
    CHECK(refuse.taken().empty());
}

TEST_CASE("of several readers one may be refused") {
    MailServer server("refuse-one");
    mail::SmtpMailer mailer(settings(server));
    CHECK(said(mailer.send(to({{"", "nobody@navy.example"}, grace}))) == "taken ");
    CHECK_THAT(server.taken().at(0).envelope, Contains(R"("to": ["grace@navy.example"])"));
    CHECK(said(mailer.send(to({{"", "nobody@navy.example"}}))) == "refused refused with 550 5.1.1");
}

TEST_CASE("a server that hangs is waited for so long, and not longer") {
    MailServer server("hang");
    auto impatient = settings(server);
    impatient.attempt_most = milliseconds(300);
    CHECK(said(mail::SmtpMailer(impatient).send(to({grace}))) == "lost the mail server did not answer in time");
}

TEST_CASE("what is being sent is broken off when the server of ours stops") {
    MailServer server("hang");
    mail::SmtpMailer mailer(settings(server));
    Attempt attempt;
    std::thread sending([&] { attempt = mailer.send(to({grace})); });
    mailer.stop();
    sending.join();
    CHECK(attempt.result == Result::lost);
}

TEST_CASE("a server that closes after the mail may have taken it") {
    MailServer server("vanish");
    mail::SmtpMailer mailer(settings(server));
    CHECK(mailer.send(to({grace})).result == Result::lost);
    CHECK(server.taken().size() == 1);
    CHECK(mailer.send(to({grace})).result == Result::taken);
    CHECK(server.taken().at(0).field("Message-ID") == server.taken().at(1).field("Message-ID"));
}

TEST_CASE("a server that is not there, not now or not for us is no reason to give a mail up") {
    std::string nowhere;
    {
        MailServer gone("accept");
        nowhere = gone.url();
    }
    mail::SmtpMailer mailer(mail::parse_smtp(nowhere).value());
    CHECK(said(mailer.send(to({grace}))) == "lost the mail server could not be reached");
    MailServer shy("shy"), busy("busy");
    CHECK(mail::SmtpMailer(settings(shy)).send(to({grace})).result == Result::lost);
    CHECK(said(mail::SmtpMailer(settings(busy)).send(to({grace}))) ==
          "lost the mail server did not let us in: 421 4.3.2");
}

TEST_CASE("addresses that are not ASCII go by SMTPUTF8, where the server knows it") {
    MailServer server("accept"), ascii("ascii");
    auto message = to({{"Ädä", "ädä@spring.example"}});
    CHECK(said(mail::SmtpMailer(settings(server)).send(message)) == "taken ");
    CHECK_THAT(server.taken().at(0).envelope, Contains("SMTPUTF8") && Contains("ädä@spring.example"));
    CHECK(mail::SmtpMailer(settings(ascii)).send(message).result != Result::taken);
    CHECK(ascii.taken().empty());
}

TEST_CASE("STARTTLS is tried, and needed where a password goes over the network") {
    Certificate certificate;
    MailServer server("starttls", {certificate.cert, certificate.key}), plain("accept");
    CHECK(said(mail::SmtpMailer(settings(server)).send(to({grace}))) == "taken ");
    CHECK_THAT(server.taken().at(0).envelope, Contains(R"("tls": true)"));

    MailServer secured("auth", {certificate.cert, certificate.key});
    auto far = [&](const MailServer& to_server) {
        auto parsed = settings(to_server, "ada", "correct");
        parsed.host = "0.0.0.0";  // the same server, by an address that is no loopback's
        return parsed;
    };
    CHECK(far(plain).needs_tls());
    CHECK(said(mail::SmtpMailer(far(plain)).send(to({grace}))) == "lost no secure connection to the mail server");
    CHECK(plain.taken().empty());
    // A certificate that nobody vouches for is none.
    CHECK(said(mail::SmtpMailer(far(secured)).send(to({grace}))) == "lost no secure connection to the mail server");
    auto vouched = far(secured);
    vouched.ca_file = certificate.cert;
    CHECK(said(mail::SmtpMailer(vouched).send(to({grace}))) == "taken ");
    CHECK_THAT(secured.taken().at(0).envelope, Contains(R"("user": "ada")"));

    CHECK(said(mail::SmtpMailer(settings(secured, "ada", "wrong")).send(to({grace}))) ==
          "lost the mail server did not let us in: 535 5.7.8");
}

TEST_CASE("the address of a mail server is checked before anything is sent") {
    auto server = mail::parse_smtp("smtps://ada%40spring.example@mail.example:465").value();
    CHECK(server.tls);
    CHECK(server.user == "ada@spring.example");
    CHECK(server.host == "mail.example");
    CHECK(server.port == "465");
    CHECK(server.needs_tls());
    CHECK_FALSE(mail::parse_smtp("smtp://mail.example:25").value().needs_tls());
    CHECK_FALSE(mail::parse_smtp("smtp://ada@localhost:25").value().needs_tls());
    CHECK(mail::parse_smtp("smtp://[::1]:25").value().host == "[::1]");
    CHECK_THAT(mail::parse_smtp("smtp://ada:secret@mail.example:587").error(),
               Contains("MUSTER_SMTP_PASSWORD") && !Contains("secret"));
    CHECK_THAT(mail::parse_smtp("smtp://mail.example").error(), Contains("port"));
    CHECK_THAT(mail::parse_smtp("http://mail.example:80").error(), Contains("smtp://"));
    CHECK_THAT(mail::parse_smtp("smtp://mail.example:25/x").error(), Contains("behind the port"));
    CHECK_FALSE(mail::parse_smtp(""));
}

}  // namespace muster::test
