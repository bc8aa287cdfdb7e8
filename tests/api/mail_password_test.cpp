// The mails about passwords: welcome, forgotten, changed.
#include "tests/api/mail_fixture.h"

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

const std::string long_enough = "correct horse battery staple";

// The token of the link in a mail's text; empty where there is none.
std::string token_in(const mail::Message& message) {
    auto at = message.text.find("https://muster.example/reset#mbr_");
    if (at == std::string::npos) return {};
    at = message.text.find('#', at) + 1;
    return message.text.substr(at, message.text.find('\n', at) - at);
}

Answer reset(Api& api, const std::string& token, const std::string& password) {
    return api.post("/v1/auth/password/reset", R"({"token":")" + token + R"(","password":")" + password + "\"}",
                    {{"Authorization", ""}});
}

// Forgetting is decided behind the answer: how many requests for a new password there are.
std::size_t forgotten(Api& api) { return api.get("/audit?type=password_reset_requested").size("/items"); }
void forget(Api& api, const std::string& email) {
    auto before = forgotten(api);
    REQUIRE(api.post("/v1/auth/password/forgot", R"({"workspace":"spring","email":")" + email + "\"}").status == 202);
    for (int waited = 0; waited < 2000 && forgotten(api) == before; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    REQUIRE(forgotten(api) == before + 1);
}

}  // namespace

TEST_CASE("who is added without a password gets a link to choose one; choosing the first is no news [S2-15]") {
    MailApi api;
    api.member("grace@navy.example");
    auto welcome = api.sent();
    REQUIRE(welcome.size() == 1);
    CHECK_THAT(welcome[0].text, Contains("until 30 November 2026, 08:00 UTC"));
    REQUIRE(reset(api, token_in(welcome[0]), long_enough).status == 200);
    CHECK(api.mails().empty());
    // With a password there is no link; with the identity provider neither.
    api.member("alan@navy.example", R"("password":"correct horse battery staple")");
    auto told = api.sent();
    REQUIRE(told.size() == 1);
    CHECK(token_in(told[0]) == "");
    CHECK_THAT(told[0].text, !Contains(long_enough) && !Contains("identity provider"));
}

TEST_CASE("a link that has ended is not sent") {
    MailApi api;
    api.mailer->down = true;
    api.member("grace@navy.example");
    CHECK(api.mails().empty());
    REQUIRE(api.patch("/settings", R"({"invitation_ttl":3600})").status == 200);
    api.clock.advance(hour + 60);
    api.mailer->down = false;
    CHECK(api.mails().empty());
    CHECK_THAT(api.get("/audit?type=mail_failed").text("/items/0/summary"), Contains("its link had ended"));
}

TEST_CASE("a forgotten password: a link that is good for an hour, and a notice when it was changed") {
    MailApi api;
    api.member("grace@navy.example", R"("password":"correct horse battery staple")");
    api.sent();
    forget(api, "Grace@navy.example");
    auto mails = api.sent();
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].subject == "A new password for Spring Labs");
    CHECK_THAT(mails[0].text, Contains("until 23 November 2026, 09:00 UTC"));
    REQUIRE(reset(api, token_in(mails[0]), "battery staple correct horse").status == 200);
    CHECK(api.mails() == Words{"grace@navy.example: Your password for Spring Labs was changed"});

    // Meanwhile changed by an admin, or too late: the link is not sent.
    api.mailer->down = true;
    forget(api, "grace@navy.example");
    api.sent();
    auto member = api.get("/members?q=grace").text("/items/0/id");
    REQUIRE(api.put("/members/" + member + "/password", R"({"password":"staple battery horse correct"})").status ==
            200);
    api.mailer->down = false;
    api.clock.advance(120);
    CHECK(api.mails() == Words{"grace@navy.example: Your password for Spring Labs was changed"});
    api.mailer->down = true;
    forget(api, "grace@navy.example");
    api.sent();
    api.mailer->down = false;
    api.clock.advance(hour);
    CHECK(api.mails().empty());
    auto failed = api.get("/audit?type=mail_failed");
    CHECK_THAT(failed.text("/items/0/summary"), Contains("its link had ended"));
    CHECK_THAT(failed.text("/items/1/summary"), Contains("the password was changed since"));
    CHECK(failed.text("/items/0/target/id") == member);
}

TEST_CASE("nobody is written to for an address that is nobody's") {
    MailApi api;
    REQUIRE(api.post("/v1/auth/password/forgot", R"({"workspace":"spring","email":"eve@navy.example"})").status == 202);
    api.system.reset();                    // what is decided behind the answer is done
    CHECK(api.mailer->tried.size() == 1);  // Ada's welcome
}

}  // namespace muster::test
