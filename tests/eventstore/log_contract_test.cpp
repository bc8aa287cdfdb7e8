// What the log keeps to, whatever table lies below it [N1 N2 N3 N6].
#include "tests/eventstore/log_contract.h"

#include <algorithm>

namespace muster::test::contract {
namespace {

TEST_CASE_METHOD(Contract, "positions have no gaps, and a stream's n-th event makes version n") {
    CHECK(log->head() == 0);
    auto first = add(append({person(1), person(2), person(1)}));
    REQUIRE(first.status == AppendStatus::done);
    CHECK(first.position == 3);
    CHECK(first.events[2]->meta.position == 3);
    CHECK(first.events[2]->meta.version == 2);
    CHECK(add(append({person(2)})).position == 4);
    CHECK(log->head() == 4);
    CHECK(log->version(person(1)) == 2);
    CHECK(log->version(person(2)) == 2);
    CHECK(log->version(person(3)) == 0);
    CHECK(log->head_row().position == 4);
    CHECK(heard.size() == 4);
    // Without events: the head, and nothing is written.
    auto before = rows();
    CHECK(add(append({})).position == 4);
    CHECK(rows() == before);
}

TEST_CASE_METHOD(Contract, "an append whose streams have moved is refused, also one that was only looked at") {
    REQUIRE(status(append({person(1)})) == AppendStatus::done);
    auto expecting = [](Append made, const StreamId& stream, Version version) {
        made.expected.push_back({stream, version});
        return made;
    };
    refused(expecting(append({person(1)}), person(1), 0));
    refused(expecting(append({person(1)}), person(1), 2));
    refused(expecting(append({person(3)}), person(1), 0));
    CHECK(status(expecting(append({person(3)}), person(1), 1)) == AppendStatus::done);
    CHECK(status(expecting(append({person(1)}), person(1), 1)) == AppendStatus::done);
}

TEST_CASE_METHOD(Contract, "a claim has one holder") {
    auto claiming = [](std::uint8_t n) {
        return with(append({person(n)}), [&](auto& made) { made.claimed.emplace_back(grace_claim, person(n)); });
    };
    REQUIRE(status(claiming(1)) == AppendStatus::done);
    CHECK(log->holder(spring, grace_claim) == person(1));
    refused(claiming(2));
    CHECK(status(claiming(1)) == AppendStatus::done);  // its own
    SECTION("released, it is free") {
        auto release = append({person(1)});
        release.released.emplace_back(grace_claim, person(1));
        CHECK(status(release) == AppendStatus::done);
        CHECK_FALSE(log->holder(spring, grace_claim));
        CHECK(status(claiming(2)) == AppendStatus::done);
    }
    SECTION("released and taken in the same append") {
        auto exchange = append({person(1), person(2)});
        exchange.released.emplace_back(grace_claim, person(1));
        exchange.claimed.emplace_back(grace_claim, person(2));
        CHECK(status(exchange) == AppendStatus::done);
        CHECK(log->holder(spring, grace_claim) == person(2));
    }
    SECTION("nobody releases another's") {
        auto theft = append({person(2), person(3)});
        theft.released.emplace_back(grace_claim, person(3));
        theft.claimed.emplace_back(grace_claim, person(2));
        refused(theft);
    }
    SECTION("two streams of one append can't both take it") {
        auto both = append({person(4), person(5)});
        both.claimed = {{EmailClaim{"new"}.claim(), person(4)}, {EmailClaim{"new"}.claim(), person(5)}};
        refused(both);
    }
    SECTION("another workspace's is another, but a slug is one for all") {
        auto other = append({person(7)}, autumn);
        other.claimed = {{grace_claim, person(7)}, {{"slug:spring"}, stream_of(autumn)}};
        CHECK(status(other) == AppendStatus::done);
        CHECK(log->holder(spring, grace_claim) == person(1));
        CHECK(log->holder(autumn, grace_claim) == person(7));
        auto slug = append({person(8)});
        slug.claimed.emplace_back(Claim{"slug:spring"}, stream_of(spring));
        refused(slug);
    }
}

TEST_CASE_METHOD(Contract, "counters are kept within limits, above one and within bounds") {
    int next = 0;
    auto moving = [&](CounterChange change, WorkspaceId workspace = spring) {
        return with(append({person_of(++next)}, workspace), [&](auto& made) { made.counters.push_back(change); });
    };
    auto users = Counter::users();
    REQUIRE(status(moving({users, 2, 3, false})) == AppendStatus::done);
    CHECK(log->counters(spring)->of(users) == 2);
    refused(moving({users, 2, 3, false}));
    CHECK(status(moving({users, 1, 3, false})) == AppendStatus::done);
    CHECK(log->counters(spring)->of(users) == 3);
    CHECK(status(moving({users, 2, std::nullopt, false})) == AppendStatus::done);
    CHECK(status(moving({users, -1, 3, false})) == AppendStatus::done);  // downwards a limit does not bind
    CHECK(log->counters(spring)->of(users) == 4);
    CHECK(status(moving({users, 9, std::nullopt, false}, autumn)) == AppendStatus::done);
    CHECK(log->counters(spring)->of(users) == 4);

    auto admins = Counter::active_admins();
    REQUIRE(status(moving({admins, 2, std::nullopt, true})) == AppendStatus::done);
    REQUIRE(status(moving({admins, -1, std::nullopt, true})) == AppendStatus::done);
    refused(moving({admins, -1, std::nullopt, true}));

    auto bounded = [](std::int64_t most) {
        return with(append({person(200)}), [&](auto& made) { made.bounds.push_back({Counter::users(), most}); });
    };
    CHECK(status(bounded(4)) == AppendStatus::done);
    refused(bounded(3));

    // A counter that is back at 0 leaves no row.
    REQUIRE(status(moving({admins, -1, std::nullopt, false})) == AppendStatus::done);
    CHECK_FALSE(table->get(family(LogFamily::counters), rows::counter(spring, admins)));
}

TEST_CASE_METHOD(Contract, "what is decided for a time is refused from that time on") {
    auto by = [&](Instant moment) { return with(append({person(1)}), [&](auto& made) { made.good_before = moment; }); };
    CHECK(status(by(clock.now().plus_seconds(1))) == AppendStatus::done);
    refused(by(clock.now()), AppendStatus::too_late);
    clock.advance(10);
    refused(by(clock.now().plus_seconds(-1)), AppendStatus::too_late);
}

TEST_CASE_METHOD(Contract, "the log's time never runs backwards, though the clock does [N4]") {
    auto first = add(append({person(1)}));
    clock.advance(-3600);
    auto second = add(append({person(1)}));
    CHECK(second.events[0]->meta.at == first.events[0]->meta.at);
    reopen();
    CHECK(add(append({person(1)})).events[0]->meta.at == first.events[0]->meta.at);
    clock.advance(7200);
    CHECK(add(append({person(1)})).events[0]->meta.at == clock.now());
}

TEST_CASE_METHOD(Contract, "streams fall due, the longest due first") {
    auto due = [&](std::uint8_t n, DueChange change, WorkspaceId workspace = spring) {
        change.stream = person(n);
        return with(append({person(n)}, workspace), [&](auto& made) { made.due.push_back(change); });
    };
    auto now = clock.now();
    REQUIRE(status(due(1, {{}, {}, Lifetime{100, {}}})) == AppendStatus::done);
    REQUIRE(status(due(2, {{}, {}, Lifetime{50, {}}})) == AppendStatus::done);
    REQUIRE(status(due(3, {{}, {}, Lifetime{50, now.plus_seconds(300)}})) == AppendStatus::done);
    REQUIRE(status(due(4, {{}, {}, Lifetime{10, {}}}, autumn)) == AppendStatus::done);
    CHECK(log->next_due(spring) == now.plus_seconds(50));
    CHECK(log->due(spring, now.plus_seconds(49), 10).empty());
    CHECK(log->due(spring, now.plus_seconds(100), 10) == std::vector{person(2), person(1)});
    CHECK(log->due(spring, now.plus_seconds(100), 1) == std::vector{person(2)});
    CHECK(log->due(spring, now.plus_seconds(300), 10) == std::vector{person(2), person(1), person(3)});
    CHECK(log->workspaces_due(now.plus_seconds(10)) == std::vector{autumn});
    CHECK(log->workspaces_due(now.plus_seconds(50)).size() == 2);
    REQUIRE(status(due(2, {{}, now.plus_seconds(50), {}})) == AppendStatus::done);
    CHECK(log->next_due(spring) == now.plus_seconds(100));
    REQUIRE(status(due(1, {{}, now.plus_seconds(100), Lifetime{400, {}}})) == AppendStatus::done);
    CHECK(log->next_due(spring) == now.plus_seconds(300));
    CHECK(log->next_due(spec::numbered<WorkspaceId>(3)) == std::nullopt);
}

TEST_CASE_METHOD(Contract, "a person's key is bound to the address until it is unbound") {
    Uuid key = spec::numbered<EventId>(1).uuid, other = spec::numbered<EventId>(2).uuid;
    auto binding = [](std::uint8_t n, Uuid bound, bool before) {
        return with(append({person(n)}), [&](auto& made) { made.persons.push_back({"grace", bound, before}); });
    };
    refused(binding(1, key, true));  // it was bound when it was read, and is no more
    REQUIRE(status(binding(1, key, false)) == AppendStatus::done);
    CHECK(log->person_key(spring, "grace") == key);
    CHECK_FALSE(log->person_key(autumn, "grace"));
    CHECK(log->key_in_use(key));
    refused(binding(2, other, false));
    CHECK(status(binding(2, key, true)) == AppendStatus::done);

    auto unbinding = append({person(1)});
    unbinding.persons_unbound = {"grace"};
    REQUIRE(status(unbinding) == AppendStatus::done);
    CHECK_FALSE(log->person_key(spring, "grace"));
    CHECK(log->key_in_use(key));
    refused(binding(3, key, true));
    CHECK(status(binding(3, other, false)) == AppendStatus::done);
    auto destroying = append({person(1)});
    destroying.keys_destroyed = {key};
    REQUIRE(status(destroying) == AppendStatus::done);
    CHECK_FALSE(log->key_in_use(key));
    CHECK(log->person_key(spring, "grace") == other);
}

TEST_CASE_METHOD(Contract, "an idempotency key is taken with the events that it answers [N2]") {
    auto keyed = [](std::uint8_t n, const std::string& key) {
        return with(append({person(n)}), [&](auto& made) {
            made.idempotency_key = key;
            made.idempotency_row = [](std::span<const RecordedPtr> events, Position position) {
                return std::to_string(events.size()) + " to " + std::to_string(position);
            };
        });
    };
    auto begun = clock.now();
    REQUIRE(status(keyed(1, "first")) == AppendStatus::done);
    CHECK(log->idempotency_row("first", begun) == "1 to 1");
    CHECK_FALSE(log->idempotency_row("first", begun.plus_seconds(1)));
    refused(keyed(2, "first"), AppendStatus::repeated);
    auto nothing = keyed(2, "second");
    nothing.events.clear();
    REQUIRE(status(nothing) == AppendStatus::done);  // a command that changes nothing has an answer too
    CHECK(log->idempotency_row("second", begun) == "0 to 1");
    auto answers = queued_together({keyed(3, "third"), keyed(4, "third")});
    CHECK(answers[0].status == AppendStatus::done);
    CHECK(answers[1].status == AppendStatus::repeated);

    clock.advance(limits::idempotency_seconds - 1);
    refused(keyed(5, "first"), AppendStatus::repeated);
    clock.advance(1);
    CHECK(status(keyed(5, "first")) == AppendStatus::done);
    CHECK(log->forget_idempotency_rows(clock.now()) == 2);
    CHECK(log->idempotency_row("first", begun));
    CHECK_FALSE(log->idempotency_row("second", begun));

    // One that is used again while the old ones are looked for is not among them.
    clock.advance(limits::idempotency_seconds);
    faults->scanned = [&] { CHECK(status(keyed(6, "first")) == AppendStatus::done); };
    CHECK(log->forget_idempotency_rows(clock.now()) == 0);
    CHECK(log->idempotency_row("first", clock.now()));
    refused(keyed(7, "first"), AppendStatus::repeated);
}

TEST_CASE_METHOD(Contract, "64 at once for the last seat: one gets it, also of those that queue together [N3]") {
    auto last_seat = [](int n) {
        auto made = append({person_of(n)});
        made.expected.push_back({person_of(n), 0});
        made.counters.push_back({Counter::users(), 1, 1, false});
        return made;
    };
    auto count_done = [](const std::vector<Appended>& answers) {
        return std::ranges::count(answers, AppendStatus::done, &Appended::status);
    };
    SECTION("queued together") {
        std::vector<Append> asked;
        for (int i = 0; i < 64; ++i) asked.push_back(last_seat(i));
        const auto answers = queued_together(std::move(asked));
        CHECK(count_done(answers) == 1);
        CHECK(faults->writes == 2);
    }
    SECTION("from as many threads") {
        std::vector<Appended> answers(64);
        at_once(64, [&](int i) { answers[static_cast<std::size_t>(i)] = add(last_seat(i)); });
        CHECK(count_done(answers) == 1);
    }
    CHECK(log->counters(spring)->of(Counter::users()) == 1);
}

TEST_CASE_METHOD(Contract, "after a failed write nothing is acknowledged any more [N1]") {
    REQUIRE(status(append({person(1)})) == AppendStatus::done);
    faults->write_fails = true;
    CHECK(status(append({person(2)})) == AppendStatus::failed);
    faults->write_fails = false;
    CHECK(status(append({person(3)})) == AppendStatus::failed);
    CHECK(status(append({person(3)})) == AppendStatus::failed);
    CHECK(failures == 1);
    CHECK(log->head() == 1);
    CHECK(heard.size() == 1);
    reopen();
    CHECK(log->head() == 1);
    CHECK(status(append({person(3)})) == AppendStatus::done);
}

TEST_CASE_METHOD(Contract, "events are read by position, by stream, by workspace and from the tail") {
    for (int i = 0; i < 6; ++i) add(append({person(i % 2 == 0 ? 1 : 2)}, i % 2 == 0 ? spring : autumn));
    auto frames = log->frames(2, 3);
    REQUIRE(frames.size() == 3);
    CHECK(frames[0].meta.position == 3);
    CHECK(frames[2].workspace == spring);
    CHECK(log->frames(6, 10).empty());
    CHECK(log->frame(6)->type == "InvitationExpired");
    CHECK_FALSE(log->frame(7));
    CHECK(log->positions(spring, 0, 10) == std::vector<Position>{1, 3, 5});
    CHECK(log->positions(spring, 1, 1) == std::vector<Position>{3});
    CHECK(log->positions(person(2), 1) == std::vector<Position>{4, 6});
    CHECK(log->head(spring) == 5);
    CHECK(log->head(autumn) == 6);
    CHECK(log->head(spec::numbered<WorkspaceId>(3)) == 0);
    auto tail = log->tail(4, 10);
    REQUIRE(tail);
    CHECK(tail->size() == 2);
    CHECK(tail->front()->meta.position == 5);
    CHECK(log->tail(0, 2)->size() == 2);
    CHECK(log->tail(6, 2)->empty());
    reopen();
    CHECK_FALSE(log->tail(4, 10));
    add(append({person(1)}));
    CHECK(log->tail(6, 10)->size() == 1);
    CHECK_FALSE(log->tail(5, 10));
}

TEST_CASE_METHOD(Contract, "each workspace's events are a chain, and all of them one running hash [N6]") {
    for (int i = 0; i < 9; ++i) add(append({person_of(i), person_of(i % 3)}, i % 3 == 0 ? spring : autumn));
    std::map<WorkspaceId, Digest> links;
    Digest running{};
    for (const auto& frame : log->frames(0, 100)) {
        auto& link = links[frame.workspace];
        link = link_of(link, header_of(frame), sha256(frame.payload));
        CHECK(frame.link == link);
        CHECK(log->link_at(frame.meta.position) == link);
        running = sha256(view(running), view(link));
    }
    CHECK(log->head_row().running == running);
}

TEST_CASE_METHOD(Contract, "opened again, the log is the same") {
    for (int i = 0; i < 5; ++i) {
        auto made = append({person_of(i)});
        made.counters.push_back({Counter::users(), 1, std::nullopt, false});
        add(std::move(made));
    }
    auto before = rows();
    auto head = log->head_row();
    reopen();
    CHECK(rows() == before);
    CHECK(log->head_row().running == head.running);
    CHECK(log->counters(spring)->of(Counter::users()) == 5);
    CHECK(add(append({person(1)})).position == 6);
}

TEST_CASE_METHOD(Contract, "a log that lost its end, or is not the anchor's, is not served [N12]") {
    for (int i = 0; i < 5; ++i) add(append({person_of(i)}));
    close();  // writes the anchor
    auto replaced = [&](LogFamily each, std::optional<std::string> value, const std::string& key) {
        WriteBatch batch;
        if (value) batch.put(family(each), key, *value);
        if (!value) batch.erase(family(each), key);
        table->write(batch, Sync::no);
    };
    SECTION("its last event is gone") { replaced(LogFamily::events, std::nullopt, rows::position(5)); }
    SECTION("its head row is gone") { replaced(LogFamily::heads, std::nullopt, rows::head()); }
    SECTION("it is shorter than the anchor") {
        anchor->write({6, {}});
        CHECK_THROWS_WITH(open(), Catch::Contains("the log ends at 5: its end was lost"));
    }
    SECTION("the anchor has another history") { anchor->write({3, sha256("another")}); }
    SECTION("the anchor is gone") { anchor = memory_anchor(); }
    CHECK_THROWS_AS(open(), DamageError);
}

TEST_CASE_METHOD(Contract, "an anchor that lags is continued") {
    add(append({person(1)}));
    auto first = log->head_row();
    for (int i = 0; i < 2500; ++i) log->append(append({person_of(i)}), [](const Appended&) {});
    close();
    anchor->write({first.position, first.running});
    open();
    CHECK(log->head() == 2501);
}

}  // namespace
}  // namespace muster::test::contract
