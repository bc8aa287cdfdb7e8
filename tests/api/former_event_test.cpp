// An event of an older program in the log: it is read as today's, wherever events are read, and what it did not say is
// not made up.
#include "eventstore/fsck.h"
#include "tests/api/last_event.h"
#include "tests/api/mail_fixture.h"
#include "tests/eventstore/table_contract.h"

#include <nlohmann/json.hpp>

namespace muster::test {
namespace {

// As it was written before it had a field at its end that fits into a byte.
void without_last_byte(Frame& frame) {
    REQUIRE(frame.type == "MailFailed.2");
    frame.type = "MailFailed";
    frame.payload.pop_back();
}

std::string last_of_feed(Api& api) {
    auto feed = api.get("/events?after=" + std::to_string(api.head() - 1));
    REQUIRE(feed.stream);
    std::string text;
    while (text.find("\n\n") == std::string::npos) {
        auto piece = next_piece(*feed.stream);
        REQUIRE(piece);
        text += piece->bytes;
    }
    const auto data = text.find("data: ") + 6;
    return text.substr(data, text.find('\n', data) - data);
}

}  // namespace

TEST_CASE("an event that an older program wrote is read as today's: lists, audit, feed and log agree [N6 N11]") {
    const Scratch scratch;
    const auto data = scratch / "data";
    MailApi api(data);
    api.mailer->answers = {refused_with("refused with 550 5.1.1")};
    const auto grace = api.invite("grace@nvay.example");
    REQUIRE(api.mails().empty());
    const auto today = R"({"attempts":1,"detail":"refused with 550 5.1.1","status":"failed","trouble":"refused"})";
    CHECK(api.delivery(grace) == today);
    CHECK(api.get("/invitations").text("/items/0/delivery") == today);
    const auto summary = api.get("/audit?type=mail_failed").text("/items/0/summary");

    api.system.reset();
    change_last_event(data, without_last_byte);
    std::filesystem::remove_all(data + "/views");  // of the older program's making
    api.restart();
    const auto then = R"({"attempts":1,"detail":"refused with 550 5.1.1","status":"failed","trouble":null})";
    CHECK(api.delivery(grace) == then);
    CHECK(api.get("/invitations").text("/items/0/delivery") == then);
    CHECK(api.get("/invitations?delivery=failed").size("/items") == 1);
    CHECK(api.get("/audit?type=mail_failed").text("/items/0/summary") == summary);
    CHECK(api.get("/audit/verify").text("/intact") == "true");
    const auto fed = nlohmann::json::parse(last_of_feed(api));
    CHECK(fed["type"] == "muster.mail_failed");
    CHECK(fed["data"]["reason"] == "refused with 550 5.1.1");
    CHECK(fed["data"]["trouble"] == "unknown");
    const auto report = fsck(*api.system->store().log->table().snapshot(), nullptr);
    CHECK(report.clean());
    // What is written from now on has today's shape.
    api.mailer->answers = {refused_with("refused with 550 5.1.1")};
    REQUIRE(api.post("/invitations/" + grace + "/resend").status == 200);
    CHECK(api.mails().empty());
    CHECK(api.delivery(grace) == today);
}

}  // namespace muster::test
