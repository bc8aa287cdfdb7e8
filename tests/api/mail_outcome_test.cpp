// What becomes of a mail, and what is told of it: retries, giving up, restarts, the outbox.
#include "api/mail/outbox.h"
#include "tests/api/mail_fixture.h"
#include "tests/eventstore/table_contract.h"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

std::string delivered(int attempts) {
    return R"({"attempts":)" + std::to_string(attempts) + R"(,"detail":null,"status":"sent","trouble":null})";
}
const std::string queued = R"({"attempts":0,"detail":null,"status":"queued","trouble":null})";

Words listed(Api& api, const std::string& delivery) {
    return api.get("/invitations?delivery=" + delivery).each("/items", "email");
}

}  // namespace

TEST_CASE(
    "an invitation's delivery is queued until the mail server has it, and a resend begins again [trap 6, trap 9]") {
    MailApi api;
    auto answer = api.post("/invitations", R"({"email":"grace@navy.example"})");
    auto grace = answer.text("/id");
    CHECK(answer.text("/delivery") == queued);
    CHECK(api.delivery(grace) == queued);
    CHECK(listed(api, "queued") == Words{"grace@navy.example"});
    REQUIRE(api.sent().size() == 1);
    CHECK(api.delivery(grace) == delivered(1));
    CHECK(listed(api, "queued").empty());
    CHECK(listed(api, "none,sent") == Words{"grace@navy.example"});
    // Every answer with the invitation in it says the same.
    CHECK(api.get("/invitations").text("/items/0/delivery") == delivered(1));
    CHECK(api.get("/people?status=pending").text("/items/0/delivery") == delivered(1));
    CHECK(api.patch("/invitations/" + grace, R"({"name":"Grace"})").text("/delivery") == delivered(1));
    CHECK(api.post("/invitations/" + grace + "/resend?dry_run=true").text("/delivery") == queued);
    CHECK(api.delivery(grace) == delivered(1));
    CHECK(api.post("/invitations/" + grace + "/resend").text("/delivery") == queued);
    CHECK(api.delivery(grace) == queued);
    api.sent();
    CHECK(api.delivery(grace) == delivered(1));
    CHECK(refusal(api.get("/invitations?delivery=lost")) == "422 invalid_value");
}

TEST_CASE("figures tell how many mails wait, and what the mail server did") {
    MailApi api;
    auto figures = [&] {
        std::istringstream lines(api.get("/metrics").body);
        Words all;
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with("muster_mail") && !line.ends_with(" 0")) all.push_back(line.substr(11));
        return all;
    };
    const auto before = figures();
    CHECK(before == Words{R"(_attempts_total{outcome="taken"} 1)"});  // Ada's welcome
    CHECK_THAT(api.get("/metrics").body, Contains("muster_mails_failed_total 0"));
    api.mailer->answers = {refused_with("refused with 550"), put_off("put off with 450")};
    api.invite("a@navy.example");
    api.invite("b@navy.example");
    api.sent();
    auto now = figures();
    std::ranges::sort(now);
    CHECK(now == Words{R"(_attempts_total{outcome="put_off"} 1)", R"(_attempts_total{outcome="refused"} 1)",
                       R"(_attempts_total{outcome="taken"} 1)", "s_failed_total 1", "s_waiting 1"});
}

TEST_CASE("a mail moves nobody's ETag, and stands in the audit as Muster's own") {
    MailApi api;
    auto grace = api.invite("grace@navy.example", R"("name":"Grace Hopper")");
    auto etag = api.get("/invitations/" + grace).header("etag");
    api.sent();
    CHECK(api.get("/invitations/" + grace).header("etag") == etag);
    auto entry = api.get("/audit?limit=1");
    CHECK(entry.text("/items/0/type") == "mail_sent");
    CHECK(entry.text("/items/0/actor/kind") == "system");
    CHECK(entry.text("/items/0/summary") == "The mail about Grace Hopper (invitation) was sent");
    CHECK(entry.text("/items/0/target/id") == grace);
    auto invited = api.get("/audit?type=member_invited&limit=1");
    CHECK(entry.text("/items/0/cause/position") == invited.text("/items/0/position"));
    CHECK(entry.text("/items/0/cause/request") == invited.text("/items/0/cause/request"));
    CHECK(api.get("/audit?member=" + grace).each("/items", "type") == Words{"mail_sent", "member_invited"});
}

TEST_CASE("what is put off is tried again, each time later") {
    MailApi api;
    api.mailer->answers = {put_off("put off with 450 4.7.1"), put_off("put off with 451 4.3.0")};
    auto grace = api.invite("grace@navy.example");
    CHECK(api.mails().empty());
    CHECK(api.delivery(grace) == queued);
    CHECK(api.mails().empty());
    CHECK(api.mailer->tried.size() == 1 + 1);  // Ada's welcome, and one attempt
    api.clock.advance(61);
    CHECK(api.mails().empty());
    CHECK(api.mailer->tried.size() == 1 + 2);
    api.clock.advance(59);
    api.clock.advance(62);
    CHECK(api.mails() == Words{"grace@navy.example: You are invited to Spring Labs"});
    CHECK(api.delivery(grace) == delivered(3));
    const auto& tried = api.mailer->tried;
    CHECK(tried[1].name == tried[3].name);
}

TEST_CASE("what is refused has failed, says why, and is found by it; nothing turns into an error [trap 9, S0-37]") {
    MailApi api;
    api.mailer->answers = {refused_with("refused with 550 5.1.1")};
    auto grace = api.post("/invitations", R"({"email":"grace@nvay.example"})");
    CHECK(grace.status == 201);
    api.invite("alan@navy.example");
    CHECK(api.mails() == Words{"alan@navy.example: You are invited to Spring Labs"});
    CHECK(api.delivery(grace.text("/id")) ==
          R"({"attempts":1,"detail":"refused with 550 5.1.1","status":"failed","trouble":"refused"})");
    CHECK(listed(api, "failed") == Words{"grace@nvay.example"});
    CHECK(listed(api, "sent") == Words{"alan@navy.example"});
    CHECK(api.get("/invitations?delivery=failed&include_total=true").number("/total") == 1);
    CHECK_THAT(api.get("/audit?type=mail_failed").text("/items/0/summary"), Contains("refused with 550 5.1.1"));
    api.clock.advance(30 * day);
    CHECK(api.mails().empty());
    // Sent again, it may arrive.
    api.clock.advance(-30 * day + hour);
    REQUIRE(api.post("/invitations/" + grace.text("/id") + "/resend").status == 200);
    CHECK(api.mails().size() == 1);
    CHECK(listed(api, "failed").empty());
}

TEST_CASE("a mail server that is away for an hour loses nothing; one that stays away is given up after days") {
    MailApi api;
    api.mailer->down = true;
    for (char name : std::string("abcdef")) api.invite(std::string(1, name) + "@navy.example");
    CHECK(api.mails().empty());
    // Nobody answered: the others are not tried one by one.
    CHECK(api.mailer->tried.size() == 1 + 1);
    for (int minute = 0; minute < 60; ++minute) {
        api.clock.advance(60);
        CHECK(api.mails().empty());
    }
    CHECK(listed(api, "queued").size() == 6);
    api.mailer->down = false;
    api.clock.advance(2 * hour);
    CHECK(api.mails().size() == 6);
    CHECK(listed(api, "sent").size() == 6);

    api.mailer->down = true;
    auto late = api.invite("late@navy.example");
    for (int hours = 0; hours <= 5 * 24 + 4; ++hours) {
        CHECK(api.mails().empty());
        api.clock.advance(hour);
    }
    auto told = api.get("/invitations/" + late);
    CHECK(told.text("/delivery/status") == "failed");
    CHECK(told.text("/delivery/detail") == "the mail server could not be reached");
    CHECK(told.text("/delivery/trouble") == "unreachable");
    CHECK(told.number("/delivery/attempts") > 20);
    api.mailer->down = false;
    CHECK(api.mails().empty());
}

TEST_CASE("a clock that is set back by a day holds up no mail for longer than a pause") {
    MailApi api;
    api.mailer->down = true;
    api.invite("grace@navy.example");
    api.invite("linus@navy.example");
    CHECK(api.mails().empty());
    api.clock.advance(-day);
    api.mailer->down = false;
    api.mailer->answers.push_back(put_off("try again"));
    CHECK(api.mails().size() == 1);  // also behind one that is in trouble again
}

TEST_CASE("a restart goes on with what waits, and sends nothing twice") {
    Scratch scratch;
    MailApi api(scratch / "data");
    api.invite("sent@navy.example");
    CHECK(api.mails().size() == 1);
    api.mailer->answers = {put_off("put off with 450")};
    auto waiting = api.invite("waiting@navy.example");
    CHECK(api.mails().empty());
    api.invite("unseen@navy.example");
    api.restart();
    CHECK(api.mails() == Words{"unseen@navy.example: You are invited to Spring Labs"});
    api.clock.advance(61);
    CHECK(api.mails() == Words{"waiting@navy.example: You are invited to Spring Labs"});
    CHECK(api.delivery(waiting) == delivered(2));
    // A follower that stands further back than the log knows what was sent.
    api.system->store().vault->set_checkpoint("mail", 0);
    api.restart();
    CHECK(api.mails().empty());
    CHECK(api.get("/audit?type=mail_sent").size("/items") == 4);
    CHECK(api.get("/audit/verify").text("/intact") == "true");
}

TEST_CASE("a mail that stands in the outbox is sent; written again it is the same file") {
    Scratch scratch;
    mail::Outbox outbox(scratch / "outbox");
    mail::Message message;
    message.name = "evt_01K";
    message.host = "muster.example";
    message.from = {"Spring", "muster@spring.example"};
    message.to = {{"Ädä", "ada@spring.example"}};
    message.text = "Grüße\nhttps://muster.example/accept#mbi_x\n";
    for (int i = 0; i < 2; ++i) CHECK(outbox.send(message).result == mail::Result::taken);
    std::vector<std::string> files;
    for (const auto& each : std::filesystem::directory_iterator(scratch / "outbox"))
        files.push_back(each.path().filename().string());
    CHECK(files == std::vector<std::string>{"evt_01K.eml"});
    std::stringstream text;
    text << std::ifstream(scratch / "outbox/evt_01K.eml").rdbuf();
    CHECK(text.str() == mail::bytes_of(message, mail::Bits::eight));
    CHECK_THAT(text.str(), Contains("\r\nhttps://muster.example/accept#mbi_x\r\n"));
    std::filesystem::remove_all(scratch / "outbox");
    std::ofstream(scratch / "outbox") << "no directory";
    CHECK(outbox.send(message).result == mail::Result::lost);
}

}  // namespace muster::test
