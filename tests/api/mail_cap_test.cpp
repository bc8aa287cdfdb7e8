// The cap on mails that the commands of a workspace cause within a day.
#include "api/mail_cap.h"

#include "tests/api/fixture.h"

namespace muster::test {
namespace {

constexpr int cap = 3;

struct Capped {
    Capped() {
        auto table = default_rates();
        REQUIRE(set_rate(table, "mails_workspace=" + std::to_string(cap) + "/86400"));
        rates = std::make_shared<RateLimits>(clock, system_entropy(), table);
    }
    // One command that decides this; whether it passes, and then is sent or comes to nothing.
    bool passes(Event event, bool sent = true, bool dry_run = false, ActorKind kind = ActorKind::member) {
        MailAllowance mails(rates, {kind, {}}, spring, dry_run);
        auto decided = mails.allow(Decision{{{{}, std::move(event)}}, {}, Instant::never()}, {});
        if (decided && sent) mails.sent();
        if (!decided) CHECK(decided.error().code == Code::rate_limited);
        return decided.has_value();
    }
    MovedClock clock;
    std::shared_ptr<RateLimits> rates;
    WorkspaceId spring;
};

MemberInvited invited(bool send_email) {
    MemberInvited event;
    event.send_email = send_email;
    return event;
}

}  // namespace

TEST_CASE("only what mails counts: inviting, creating, sending again") {
    Membership mailed, by_hand;
    by_hand.send_email = false;
    CHECK(mails_in({{{}, invited(true)}, {{}, InvitationResent{}}, {{}, MemberCreated{}}}, mailed) == 3);
    CHECK(mails_in({{{}, invited(false)}, {{}, InvitationRevoked{}}, {{}, InvitationAccepted{}}}, mailed) == 0);
    CHECK(mails_in({{{}, InvitationResent{}}}, by_hand) == 0);
    Capped at;
    for (int i = 0; i < 9; ++i) CHECK(at.passes(invited(false)));
    for (int i = 0; i < cap; ++i) CHECK(at.passes(InvitationResent{}));
    CHECK_FALSE(at.passes(invited(true)));
    CHECK(at.passes(invited(false)));
    at.clock.advance(day);
    CHECK(at.passes(invited(true)));
}

TEST_CASE("what came to nothing, and what was only tried out, takes nothing") {
    Capped at;
    for (int i = 0; i < 9; ++i) CHECK(at.passes(invited(true), false));
    for (int i = 0; i < 9; ++i) CHECK(at.passes(invited(true), true, true));
    for (int i = 0; i < cap; ++i) CHECK(at.passes(invited(true)));
    CHECK_FALSE(at.passes(invited(true), true, true));
    CHECK_FALSE(at.passes(invited(true)));
}

TEST_CASE("the operator is not limited, keys are") {
    Capped at;
    for (int i = 0; i < 9; ++i) CHECK(at.passes(invited(true), true, false, ActorKind::operator_));
    for (int i = 0; i < cap; ++i) CHECK(at.passes(invited(true), true, false, ActorKind::api_key));
    CHECK_FALSE(at.passes(invited(true), true, false, ActorKind::api_key));
}

TEST_CASE(
    "of a batch the first rows are mailed; a row that is decided anew takes once, one that mails nothing passes") {
    Capped at;
    MailAllowance mails(at.rates, {ActorKind::member, {}}, at.spring, false);
    auto row = [&](std::size_t index, bool send_email) {
        return mails.allow(Decision{{{{}, invited(send_email)}}, {}, Instant::never()}, {}, index).has_value();
    };
    for (int again = 0; again < 5; ++again)
        for (std::size_t i = 0; i < cap; ++i) CHECK(row(i, true));
    CHECK_FALSE(row(cap, true));
    CHECK(row(cap + 1, false));
    // Tried out, a batch is told of the same row.
    Capped other;
    MailAllowance tried(other.rates, {ActorKind::member, {}}, other.spring, true);
    for (std::size_t i = 0; i < 5; ++i)
        CHECK(tried.allow(Decision{{{{}, invited(true)}}, {}, Instant::never()}, {}, i).has_value() == (i < cap));
}

TEST_CASE("a decision that refuses stays as it is") {
    Capped at;
    MailAllowance mails(at.rates, {ActorKind::member, {}}, at.spring, false);
    auto decided = mails.allow(refused(Code::already_invited, "Invited."), {});
    REQUIRE_FALSE(decided);
    CHECK(decided.error().code == Code::already_invited);
}

TEST_CASE("the largest batch passes by default") {
    MovedClock clock;
    auto rates = std::make_shared<RateLimits>(clock, system_entropy());
    MailAllowance mails(rates, {ActorKind::member, {}}, WorkspaceId{}, false);
    bool all = true;
    for (std::size_t i = 0; i < 50'000; ++i)
        all = all && mails.allow(Decision{{{{}, invited(true)}}, {}, Instant::never()}, {}, i).has_value();
    CHECK(all);
}

}  // namespace muster::test
