// fsck finds nothing in a log that was only written by the program, and names whatever else is done to it [N3 N6 N9
// N12].
#include "eventstore/fsck.h"

#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

struct Checked : World {
    Checked() {
        work(1, 300);
        // Someone is pending at the end, and someone's key is gone.
        auto ws = workspace("winter");
        pending = done(run(invite(ws, "late@winter.example")));
        auto gone = done(run(create(ws, "gone@winter.example")));
        done(run(on(ws, gone, DeleteMember{gone.text(), {}})));
        eraser->erase(ws, gone);
        place = ws;
        close();
    }
    FsckReport check() {
        auto mark = anchor->read();
        return fsck(*table->snapshot(), mark ? &*mark : nullptr);
    }
    std::pair<std::string, std::string> row(LogFamily each, int skip = 0) {
        auto cursor = table->scan(family(each), {});
        for (; skip > 0; --skip) cursor->next();
        return {std::string(cursor->key()), std::string(cursor->value())};
    }
    void put(LogFamily each, const std::string& key, const std::string& value) {
        WriteBatch batch;
        batch.put(family(each), key, value);
        table->write(batch, Sync::no);
    }
    void remove(LogFamily each, const std::string& key) {
        WriteBatch batch;
        batch.erase(family(each), key);
        table->write(batch, Sync::no);
    }
    // Something is found, and it is this.
    void finds(const std::string& what) {
        auto report = check();
        CHECK_FALSE(report.clean());
        std::string all;
        bool named = false;
        for (const auto& each : report.findings) {
            all += each.text() + "\n";
            named = named || each.text().find(what) != std::string::npos;
        }
        INFO("looking for: " << what << "\n" << all);
        CHECK(named);
    }
    void finds_at(Position position, const std::string& sentence) {
        finds("event " + std::to_string(position) + ": " + sentence);
    }
    MemberId pending;
    WorkspaceId place;
};

TEST_CASE("a log that the program wrote is clean") {
    for (std::uint64_t seed : {1, 2, 3}) {
        World world;
        world.work(seed, 400);
        world.execute->expire_due(world.workspace("winter"));
        world.close();
        auto mark = world.anchor->read();
        auto report = fsck(*world.table->snapshot(), &*mark);
        INFO("seed " << seed);
        for (const auto& each : report.findings) FAIL_CHECK(each.text());
        CHECK(report.clean());
        CHECK(report.workspaces == 3);
        CHECK(report.events == mark->position);
        CHECK(report.events > 100);
        if (seed == 1) world.open();
    }
    CHECK(fsck(*open_memory_table(log_families), nullptr).clean());
}

TEST_CASE_METHOD(Checked, "damage to events is found where it is") {
    REQUIRE(check().clean());
    auto frame = table->get(family(LogFamily::events), rows::position(50)).value();
    SECTION("a flipped bit") {
        frame[100] = static_cast<char>(frame[100] ^ 1);
        put(LogFamily::events, rows::position(50), frame);
        finds_at(50, "a frame's checksum is wrong");
    }
    SECTION("cut short") {
        put(LogFamily::events, rows::position(50), frame.substr(0, 100));
        finds_at(50, "a frame's size is not that of its bytes");
    }
    SECTION("altered, with a checksum that fits") {
        auto parsed = parse_frame(frame);
        parsed.meta.actor.id.bytes[3] ^= 1;
        put(LogFamily::events, rows::position(50), frame_bytes(header_of(parsed), parsed.payload, parsed.link));
        finds_at(50, "its link does not follow");
    }
    SECTION("altered, with a checksum and a link that fit") {
        auto parsed = parse_frame(frame);
        auto previous = Digest{};
        for (Position each = 1; each < 50; ++each) {
            auto other = parse_frame(*table->get(family(LogFamily::events), rows::position(each)));
            if (other.workspace == parsed.workspace) previous = other.link;
        }
        parsed.meta.actor.id.bytes[3] ^= 1;
        auto header = header_of(parsed);
        put(LogFamily::events, rows::position(50),
            frame_bytes(header, parsed.payload, link_of(previous, header, sha256(parsed.payload))));
        finds("its link does not follow");
        finds("the running hash is not the anchor's");
        finds("the row of the log's head is not what the events make of it");
    }
    SECTION("one removed") {
        remove(LogFamily::events, rows::position(50));
        finds_at(50, "no event stands here");
    }
    SECTION("one at another's place") {
        put(LogFamily::events, rows::position(51), frame);
        finds_at(51, "it says that it stands at another place");
    }
    SECTION("one too many at the end") {
        auto end = anchor->read()->position + 1;
        put(LogFamily::events, rows::position(end), frame);
        finds_at(end, "it says that it stands at another place");
    }
    SECTION("the end removed") {
        auto end = anchor->read()->position;
        remove(LogFamily::events, rows::position(end));
        finds_at(end, "the anchor has seen this position");
    }
    SECTION("a key of another length") {
        put(LogFamily::events, "short", frame);
        finds("events 73686f7274: no event has such a key");
    }
    SECTION("a payload of a newer program, though all fits") {
        open();
        Append append;
        append.workspace = place;
        ToAppend event{stream_of(pending), InvitationExpired{}, "\7", {}};
        event.payload_hash = sha256(event.payload);
        append.events.push_back(event);
        auto position = log->append_and_wait(std::move(append)).position;
        close();
        finds_at(position, "its payload can't be read");
    }
}

TEST_CASE_METHOD(Checked, "in each family a row that is changed, removed or added is found") {
    auto each = GENERATE(LogFamily::streams, LogFamily::heads, LogFamily::workspaces, LogFamily::claims,
                         LogFamily::counters, LogFamily::due, LogFamily::persons, LogFamily::idempotency);
    auto name = std::vector<std::string>{"events",   "streams", "heads",   "workspaces", "claims",
                                         "counters", "due",     "persons", "idempotency"}[family(each)];
    CAPTURE(name);
    int count = 0;
    for (auto cursor = table->scan(family(each), {}); cursor->valid(); cursor->next()) ++count;
    REQUIRE(count > 0);
    auto [key, value] = row(each, count / 2);
    SECTION("changed") {
        if (value.empty()) return;  // such rows have nothing to change
        put(each, key, std::string(value.size(), '\x7e'));
        if (each == LogFamily::idempotency) put(each, key, "short");
        finds(name + " ");
    }
    SECTION("removed") {
        if (each == LogFamily::idempotency) return;  // no event speaks of it
        remove(each, key);
        finds(name + " ");
    }
    SECTION("added") {
        auto other = key;
        other.back() = static_cast<char>(other.back() ^ 0x15);
        if (each == LogFamily::idempotency) other = "short";
        put(each, other, value);
        finds(name + " ");
    }
    SECTION("added, too short for a key") {
        put(each, "x", "");
        finds(name + " 78");
    }
}

TEST_CASE_METHOD(Checked, "the first and the last row of each family are looked at too") {
    for (Family each = 1; each < family(LogFamily::idempotency); ++each) {
        auto cursor = table->scan(each, {});
        auto first = std::string(cursor->key()), first_value = std::string(cursor->value());
        cursor->seek_to_last();
        auto last = std::string(cursor->key()), last_value = std::string(cursor->value());
        CAPTURE(int(each));
        remove(static_cast<LogFamily>(each), first);
        CHECK_FALSE(check().clean());
        put(static_cast<LogFamily>(each), first, first_value);
        remove(static_cast<LogFamily>(each), last);
        CHECK_FALSE(check().clean());
        put(static_cast<LogFamily>(each), last, last_value);
    }
    CHECK(check().clean());
}

TEST_CASE_METHOD(Checked, "an anchor of another history is found") {
    SECTION("above the head") {
        anchor->write({9999, {}});
        finds_at(9999, "the anchor has seen this position");
    }
    SECTION("another hash") {
        anchor->write({20, sha256("another")});
        finds_at(20, "the running hash is not the anchor's");
    }
}

// Appends that no decision would make: the log itself is told no limits.
TEST_CASE("an oversold seat and a workspace without an admin are found at their event [N3 N9]") {
    World world;
    auto ws = world.workspace();
    world.done(world.run(world.plan(ws, 2)));
    auto state = world.directory->workspace(ws);
    auto append = [&](const std::function<void(Draft&)>& add) {
        Draft draft(state, *world.log, *world.vault, world.clock.now(), Actor{});
        add(draft);
        auto made = draft.append();
        for (auto& each : made.counters) each.limit.reset(), each.keep_one = false;
        return world.log->append_and_wait(std::move(made)).position;
    };
    Position position = 0;
    std::string sentence;
    SECTION("oversold") {
        world.done(world.run(world.invite(ws, "second@spring.example")));
        position = append([&](Draft& draft) {
            MemberInvited invited;
            invited.email = spec::address("third@spring.example");
            invited.email_claim = "third";
            invited.profile = Profile{"Third", {}, {}, {}};
            invited.assignment.role = RoleKey{"member"};
            invited.ttl = 3600;
            draft.add(Decision{{{stream_of(spec::numbered<MemberId>(9)), invited}}, {}, Instant::never()});
        });
        sentence = "a seat was oversold: it leaves `users` at 3 of 2";
    }
    SECTION("no admin") {
        auto ada = world.directory->holder(ws, world.execute->claim_of(ws, spec::address("ada@spring.example")));
        position = append([&](Draft& draft) {
            draft.know(ada);
            draft.add(Decision{{{stream_of(ada->id), MemberDeactivated{}}}, {}, Instant::never()});
        });
        sentence = "it leaves the workspace without an active admin";
    }
    auto report = fsck(*world.table->snapshot(), nullptr);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].position == position);
    CHECK(report.findings[0].sentence == sentence);
}

}  // namespace
}  // namespace muster::test
