// Clocks that jump, forth and back: time is the log's, which never goes back, and nothing that has ended begins anew
// [N4].
#include "eventstore/fsck.h"
#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

constexpr std::int64_t hour = 3600, week = 7 * 86'400;

struct Jumping : World {
    Jumping() { spring = workspace("spring"); }
    // Something happens, and its time stands in the log.
    Instant happens() {
        done(run(invite(spring, "p" + std::to_string(++people) + "@spring.example")));
        return log->head_row().at;
    }
    WorkspaceId spring;
    int people = 0;
};

}  // namespace

TEST_CASE_METHOD(Jumping, "a clock that jumps back revives no invitation that the log has seen expire [N4]") {
    const auto grace = done(run(invite(spring, "grace@spring.example")));
    clock.advance(week + 1);
    happens();
    for (const std::int64_t back : {hour, week, 100 * week}) {
        clock.advance(-back);
        CHECK(code(run(accept(spring, grace))) == "invitation_expired");
        restart();
        CHECK(code(run(accept(spring, grace))) == "invitation_expired");
    }
}

TEST_CASE_METHOD(Jumping, "a revoked invitation and a superseded link are dead at any time [N4]") {
    const auto revoked = done(run(invite(spring, "grace@spring.example")));
    const auto resent = done(run(invite(spring, "linus@spring.example")));
    done(run(on(spring, revoked, RevokeInvitation{})));
    done(run(on(spring, resent, ResendInvitation{.rotate_link = true})));
    for (const std::int64_t jump : {-hour, week, -2 * week, hour}) {
        clock.advance(jump);
        CHECK(code(run(accept(spring, revoked))) == "invitation_revoked");
        CHECK(code(run(accept(spring, resent, 0))) == "invitation_superseded");
    }
}

TEST_CASE_METHOD(Jumping,
                 "the log's time never goes back, and an invitation lasts as long as it says from there [N4]") {
    auto last = happens();
    for (const std::int64_t jump : {hour, -2 * hour, week, -100 * week, 3 * hour, 200 * week}) {
        clock.advance(jump);
        const auto at = happens();
        CHECK(at >= last);
        CHECK(at >= clock.now());
        last = at;
    }
    clock.advance(-300 * week);
    const auto grace = done(run(invite(spring, "grace@spring.example")));
    const auto person = member(spring, grace);
    CHECK(person->expires_at.ms - person->sent_at.ms == week * 1000);
    CHECK(code(run(accept(spring, grace))) == "done");
    close();
    const auto mark = anchor->read();
    CHECK(fsck(*table->snapshot(), &*mark).clean());
}

TEST_CASE_METHOD(Jumping, "what was answered under a key is not done again because the clock jumped back [N2]") {
    const IdempotencyKey key{std::string(32, 's'), "k", "request"};
    const auto asked = [&] {
        auto made = invite(spring, "grace@spring.example");
        made.idempotency_key = row_key(key);
        made.idempotency_row = [this, key](const Outcome& outcome) {
            return kept_row(*vault, key, clock.now(), {201, outcome.position, {}});
        };
        return made;
    };
    done(run(asked()));
    for (const std::int64_t jump : {-hour, -week, 2 * hour}) {
        clock.advance(jump);
        CHECK(code(run(asked())) == "idempotency_in_progress");
    }
}

}  // namespace muster::test
