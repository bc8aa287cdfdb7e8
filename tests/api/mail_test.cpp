// Who is written to because of what, and what the mail says.
#include "tests/api/mail_fixture.h"

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

std::string link_of(Api& api, const std::string& invitation) {
    return "https://muster.example/accept#" + api.token(invitation);
}

}  // namespace

TEST_CASE("who is invited gets their link in a mail of the workspace's name [S0-21, S1-6, S3-15]") {
    MailApi api;
    auto grace = api.invite("Grace@Navy.example", R"("name":"Grace Hopper")");
    auto mails = api.sent();
    REQUIRE(mails.size() == 1);
    const auto& mail = mails[0];
    CHECK(mail.to == std::vector<mail::Mailbox>{{"Grace Hopper", "Grace@navy.example"}});
    CHECK(mail.from == mail::Mailbox{"Spring Labs", "muster@spring.example"});
    CHECK(mail.subject == "You are invited to Spring Labs");
    CHECK_THAT(mail.text, Contains("Hello Grace Hopper,") && Contains("\n" + link_of(api, grace) + "\n") &&
                              Contains("until 30 November 2026, 08:00 UTC"));
    CHECK_THAT(mail.html, Contains("href=\"" + link_of(api, grace) + "\""));
    CHECK(mail.host == "muster.example");
    CHECK(mail.date.ms == MovedClock::monday_ms);
    auto event = api.get("/audit?type=member_invited").text("/items/0/id");
    CHECK(mail.name == event);
    CHECK(api.sent().empty());
}

TEST_CASE("nobody is written to who is not to be [S2-16]") {
    MailApi api;
    auto quiet = api.invite("grace@navy.example", R"("send_email":false)");
    api.member("alan@navy.example", R"("send_email":false)");
    REQUIRE(api.post("/invitations/" + quiet + "/resend").status == 200);
    REQUIRE(api.post("/invitations?dry_run=true", R"({"email":"joan@navy.example"})").status == 200 + 1);
    CHECK(api.mails().empty());
    CHECK(api.delivery(quiet) == R"({"attempts":0,"detail":null,"status":"none","trouble":null})");
}

TEST_CASE("where a link leads is for the deployer to say, not for the caller's Host") {
    MailApi api;
    const Headers elsewhere{{"Host", "evil.example"}, {"X-Forwarded-Host", "evil.example"}};
    auto made = api.post("/invitations", R"({"email":"grace@navy.example"})", elsewhere);
    CHECK(made.text("/accept_url").starts_with("https://muster.example/accept#mbi_"));
    auto mails = api.sent();
    REQUIRE(mails.size() == 1);
    for (const auto& text : {made.body, mails[0].text, mails[0].html, mails[0].host})
        CHECK_THAT(text, !Contains("evil.example"));
}

TEST_CASE("a retried request mails nobody twice [trap 9]") {
    MailApi api;
    for (int i = 0; i < 3; ++i)
        REQUIRE(api.post("/invitations", R"({"email":"grace@navy.example"})", {{"Idempotency-Key", "1"}}).status ==
                201);
    CHECK(api.mails() == Words{"grace@navy.example: You are invited to Spring Labs"});
}

TEST_CASE("an invitation that is sent again is mailed again, with the link that is good now [S0-26, S1-24, S4-14]") {
    MailApi api;
    auto grace = api.invite("grace@navy.example");
    auto first = api.sent();
    REQUIRE(api.post("/invitations/" + grace + "/resend", R"({"rotate_link":true})").status == 200);
    auto second = api.sent();
    REQUIRE(first.size() == 1);
    REQUIRE(second.size() == 1);
    CHECK(first[0].name != second[0].name);
    CHECK_THAT(second[0].text, Contains(link_of(api, grace)));
    CHECK_THAT(first[0].text, !Contains(link_of(api, grace)));
    // Revoked and invited anew: a new mail.
    REQUIRE(api.post("/invitations/" + grace + "/revoke").status == 200);
    api.invite("grace@navy.example");
    CHECK(api.mails() == Words{"grace@navy.example: You are invited to Spring Labs"});
}

TEST_CASE("what is over by then is not sent") {
    MailApi api;
    std::map<std::string, std::string> why;
    auto revoked = api.invite("revoked@navy.example");
    REQUIRE(api.post("/invitations/" + revoked + "/revoke").status == 200);
    auto accepted = api.invite("accepted@navy.example");
    api.accept(accepted);
    auto expired = api.invite("expired@navy.example", R"("ttl":3600)");
    auto rotated = api.invite("rotated@navy.example", R"("ttl":604800)");
    REQUIRE(api.post("/invitations/" + rotated + "/resend", R"({"rotate_link":true})").status == 200);
    api.clock.advance(2 * hour);
    CHECK(api.mails() == Words{"rotated@navy.example: You are invited to Spring Labs"});
    CHECK(api.delivery(revoked) ==
          R"({"attempts":0,"detail":"the invitation was revoked before","status":"failed","trouble":"overtaken"})");
    CHECK(api.delivery(accepted) ==
          R"({"attempts":0,"detail":"the invitation was accepted before","status":"failed","trouble":"overtaken"})");
    CHECK(api.delivery(expired) ==
          R"({"attempts":0,"detail":"the invitation had expired","status":"failed","trouble":"overtaken"})");
    CHECK(api.delivery(rotated) == R"({"attempts":1,"detail":null,"status":"sent","trouble":null})");
}

TEST_CASE("an erased person is written to no more") {
    MailApi api;
    auto member = api.member("grace@navy.example");
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    CHECK(api.mails().empty());
    auto told = api.get("/audit?type=mail_failed");
    CHECK(told.text("/items/0/summary") ==
          "The mail about " + member + " (welcome) was not sent: the person was erased");
    CHECK_THAT(told.body, !Contains("navy"));
}

TEST_CASE("who is added is welcomed, and told how to sign in [S2-15]") {
    MailApi api;
    auto how = "You sign in at https://muster.example/ to the workspace spring with the address grace@navy.example";
    api.member("grace@navy.example", R"("name":"Grace Hopper")");
    auto mails = api.sent();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].subject == "Welcome to Spring Labs");
    CHECK_THAT(mails[0].text, Contains("Hello Grace Hopper,") && Contains("you were added to Spring Labs.") &&
                                  Contains("Follow this link to choose a password") && Contains(how));
    CHECK_THAT(mails[0].html, Contains(R"(<a href="https://muster.example/">)") && Contains("grace@navy.example"));
    // Also who was given a password, which no mail names.
    api.member("linus@navy.example", R"("password":"correct horse battery staple")");
    CHECK_THAT(api.sent().at(0).text, Contains("with the address linus@navy.example and your password."));
    REQUIRE(api.patch("/settings", R"({"sign_in":"sso"})").status == 200);
    api.member("alan@navy.example");
    CHECK_THAT(api.sent().at(0).text, Contains("identity provider") && !Contains("https://"));
}

TEST_CASE("who asks for an invitation is told to those who may answer, and to nobody else") {
    MailApi api;
    api.member("guest@spring.example", R"("role":"guest")");
    api.member("joan@spring.example", R"("role":"admin","name":"Joan Clarke")");
    auto gone = api.member("gone@spring.example", R"("role":"admin")");
    REQUIRE(api.post("/members/" + gone + "/deactivate").status == 200);
    api.sent();
    auto request = api.request("alan@navy.example", R"("name":"Alan <Turing>","message":"Please.\nI can help.")");
    auto mails = api.sent();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].to ==
          std::vector<mail::Mailbox>{{"Ada Lovelace", "ada@spring.example"}, {"Joan Clarke", "joan@spring.example"}});
    CHECK(mails[0].subject == "Alan <Turing> asks to join Spring Labs");
    CHECK_THAT(mails[0].text, Contains("Alan <Turing> (alan@navy.example)") && Contains("Please.\nI can help.") &&
                                  Contains("https://muster.example/"));
    CHECK_THAT(mails[0].html, Contains("Alan &lt;Turing&gt;"));
    CHECK(api.get("/audit?type=mail_sent&limit=1").text("/items/0/target/id") == request);

    // Approving tells the person, in one mail. [S4-15]
    auto approved = api.post("/invitation-requests/" + request + "/approve", "{}");
    REQUIRE(approved.status == 201);
    auto told = api.sent();
    REQUIRE(told.size() == 1);
    CHECK(told[0].to == std::vector<mail::Mailbox>{{"Alan <Turing>", "alan@navy.example"}});
    CHECK(told[0].subject == "Your request to join Spring Labs was approved");
    CHECK_THAT(told[0].text, Contains(link_of(api, approved.text("/id"))));
}

TEST_CASE("a batch and an import mail everybody once") {
    MailApi api;
    REQUIRE(api.post("/invitations:batch", R"({"emails":"a@navy.example, b@navy.example; a@navy.example"})").status ==
            200);
    CHECK(api.mails() ==
          Words{"a@navy.example: You are invited to Spring Labs", "b@navy.example: You are invited to Spring Labs"});
}

TEST_CASE("workspaces take turns, and who waits for a link to sign in does not wait for an import") {
    MailApi api;
    REQUIRE(api.post("/v1/workspaces",
                     R"({"name":"Winter","slug":"winter","owner":{"email":"otto@w.example","name":"Otto"}})")
                .status == 201);
    api.accept(api.invite("grace@navy.example"));
    api.mails();
    std::string people;
    for (int i = 0; i < 6; ++i) people += "p" + std::to_string(i) + "@navy.example ";
    REQUIRE(api.post("/invitations:batch", R"({"emails":")" + people + "\"}").status == 200);
    for (const char* email : {"x@w.example", "y@w.example"})
        REQUIRE(api.post("/v1/workspaces/winter/invitations", std::string(R"({"email":")") + email + "\"}").status ==
                201);
    REQUIRE(api.post("/v1/auth/password/forgot", R"({"workspace":"spring","email":"grace@navy.example"})").status ==
            202);
    const auto forgotten = [&] { return api.get("/audit?type=password_reset_requested").size("/items"); };
    for (int waited = 0; waited < 2000 && forgotten() == 0; ++waited)  // it is decided behind the answer
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    Words readers;
    for (const auto& mail : api.sent()) readers.push_back(mail.to.at(0).address);
    REQUIRE(readers.size() == 9);
    CHECK(readers.front() == "grace@navy.example");
    const auto place = [&](const char* reader) { return std::ranges::find(readers, reader) - readers.begin(); };
    CHECK(place("x@w.example") <= 2);
    CHECK(place("y@w.example") <= 4);
    CHECK(place("p5@navy.example") == 8);
}

TEST_CASE("addresses are written to as DNS has them; names keep their script") {
    MailApi api;
    api.invite("ädä@Müller.example", R"("name":"עדה לאבלייס")");
    api.invite("li@例え.example", R"("name":"李")");
    auto mails = api.sent();
    REQUIRE(mails.size() == 2);
    CHECK(mails[0].to == std::vector<mail::Mailbox>{{"עדה לאבלייס", "ädä@xn--mller-kva.example"}});
    CHECK(mails[1].to == std::vector<mail::Mailbox>{{"李", "li@xn--r8jz45g.example"}});
}

}  // namespace muster::test
