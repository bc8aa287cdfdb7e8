// How the roster follows what becomes of an invitation's mail.
#include "tests/projections/roster_cast.h"

#include <catch2/catch.hpp>

namespace muster::recorded {
namespace {

using roster::InvitationFilter;

// What became of the mail of the event at that position.
MailSent sent(MemberId whose, Position cause) { return {MailKind::invitation, whose, {}, cause, 1}; }
MailFailed failed(MemberId whose, Position cause) {
    return {MailKind::invitation, whose, {}, cause, 2, "refused with 550 5.1.1", MailTrouble::refused};
}

StreamId mail_of(std::uint32_t n) { return mail_stream(numbered<EventId>(n)); }

Names with(const Scene& scene, std::vector<MailStatus> deliveries) {
    InvitationFilter filter;
    filter.deliveries = std::move(deliveries);
    auto page = roster::invitations(*scene.table, spring, filter);
    filter.paging.include_total = true;
    CHECK(roster::invitations(*scene.table, spring, filter).total == static_cast<std::int64_t>(page.items.size()));
    return names(page.items);
}

}  // namespace

TEST_CASE("invitations are listed by what became of their mail; one that is sent again begins again [N11]") {
    Scene scene;
    for (std::uint32_t n = 1; n <= 3; ++n)
        scene.happens(person(n), invited("p" + std::to_string(n) + "@spring.example", "P" + std::to_string(n)));
    auto quiet = invited("quiet@spring.example", "Quiet");
    quiet.send_email = false;
    scene.happens(person(4), quiet);
    CHECK(with(scene, {MailStatus::queued}) == Names{"P3", "P2", "P1"});
    CHECK(with(scene, {MailStatus::none}) == Names{"Quiet"});

    scene.happens(mail_of(1), sent(person(1), 1));
    scene.happens(mail_of(2), failed(person(2), 2));
    CHECK(with(scene, {MailStatus::queued}) == Names{"P3"});
    CHECK(with(scene, {MailStatus::sent}) == Names{"P1"});
    CHECK(with(scene, {MailStatus::failed}) == Names{"P2"});
    CHECK(with(scene, {MailStatus::failed, MailStatus::sent}) == Names{"P2", "P1"});
    auto lost = roster::delivery(*scene.table, person(2));
    CHECK(lost == MailDelivery{MailStatus::failed, 2, "refused with 550 5.1.1", 2, MailTrouble::refused});

    scene.happens(person(2), InvitationResent{60, false, {}});
    CHECK(with(scene, {MailStatus::failed}).empty());
    // What comes of the earlier mail is not what comes of this one.
    scene.happens(mail_of(2), sent(person(2), 2));
    CHECK(roster::delivery(*scene.table, person(2)).status == MailStatus::queued);
    scene.happens(mail_of(3), sent(person(2), 7));
    CHECK(roster::delivery(*scene.table, person(2)).status == MailStatus::sent);

    scene.happens(person(4), InvitationResent{60, false, {}});
    CHECK(with(scene, {MailStatus::none}) == Names{"Quiet"});
    CHECK(scene.rebuilds());
}

TEST_CASE("a mail changes nobody's row but for its delivery, and of other mails nothing comes") {
    Scene scene;
    scene.happens(person(1), invited("ada@spring.example", "Ada"));
    auto before = scene.now(person(1));
    scene.happens(mail_of(1), sent(person(1), 1));
    scene.happens(mail_of(2), MailSent{MailKind::request, {}, numbered<RequestId>(1), 1, 1});
    scene.happens(mail_of(3), sent(person(9), 1));
    CHECK(scene.now(person(1)) == before);
    scene.happens(person(1), InvitationAccepted{profile_of("Ada"), {}, false});
    CHECK(roster::delivery(*scene.table, person(1)).status == MailStatus::sent);
    scene.happens(person(1), MemberDeleted{});
    CHECK(scene.rebuilds());
}

}  // namespace muster::recorded
