// A command's way through load, decide and append: what holds when many ask at once.
#include "eventstore/fsck.h"
#include "tests/eventstore/fixture.h"

#include <algorithm>

namespace muster::test {
namespace {

bool clean(World& world) {
    auto report = fsck(*world.table->snapshot(), nullptr);
    for (const auto& each : report.findings) UNSCOPED_INFO(each.text());
    return report.clean();
}

TEST_CASE("a workspace is created, a person invited, and the invitation accepted") {
    World world(GENERATE(On::memory, On::rocks));
    auto spring = world.workspace();
    auto grace = world.done(world.run(world.invite(spring, "Grace@spring.example")));
    CHECK(world.member(spring, grace)->phase == Phase::pending);
    CHECK(world.member(spring, grace)->email->text() == "Grace@spring.example");
    CHECK(code(world.run(world.invite(spring, "grace@SPRING.example"))) == "already_invited");
    world.done(world.run(world.accept(spring, grace)));
    CHECK(world.member(spring, grace)->phase == Phase::active);
    CHECK(world.used(spring) == 2);
    world.restart();
    CHECK(world.member(spring, grace)->phase == Phase::active);
    CHECK(world.member(spring, grace)->profile->name == "Grace");
}

TEST_CASE("64 invite at once for the last seat: exactly one is invited [N3]") {
    World world(GENERATE(On::memory, On::rocks), 4);
    auto spring = world.workspace();
    world.done(world.run(world.plan(spring, 2)));
    std::vector<std::string> codes(64);
    at_once(64, [&](int i) {
        codes[static_cast<std::size_t>(i)] =
            code(world.run(world.invite(spring, "p" + std::to_string(i) + "@spring.example")));
    });
    CHECK(std::ranges::count(codes, "done") == 1);
    CHECK(std::ranges::count(codes, "no_seats_remaining") == 63);
    CHECK(world.used(spring) == 2);
    CHECK(clean(world));
}

TEST_CASE("64 invite the same person at once: one does, to the others they are invited already") {
    World world(On::memory, 4);
    auto spring = world.workspace();
    std::vector<std::string> codes(64);
    at_once(64, [&](int i) {
        codes[static_cast<std::size_t>(i)] = code(world.run(world.invite(spring, "grace@spring.example")));
    });
    CHECK(std::ranges::count(codes, "done") == 1);
    CHECK(std::ranges::count(codes, "already_invited") == 63);
    CHECK(clean(world));
}

TEST_CASE("for the last seat every way to take one competes, and one wins [N3]") {
    auto round = GENERATE(range(0, 6));
    World world(On::memory, 4);
    auto spring = world.workspace();
    const License pro{LicenseKey{"pro"}, Name{"Pro"}, {}, true, 1, {}, {}};
    world.done(world.run(world.plan(spring, std::nullopt, {pro})));
    auto expired = world.done(world.run(world.invite(spring, "expired@spring.example")));
    world.clock.advance(limits::ttl_seconds_default + 1);
    REQUIRE(world.execute->expire_due(spring) == 1);
    auto left = world.done(world.run(world.create(spring, "left@spring.example")));
    world.done(world.run(world.on(spring, left, DeactivateMember{})));
    auto stays = world.done(world.run(world.create(spring, "stays@spring.example")));
    auto user_limit = world.used(spring) + (round < 3 ? 1 : 9);
    world.done(world.run(world.plan(spring, user_limit, {pro})));

    ChangeMember with_pro;
    with_pro.license = pro.key;
    std::vector<std::string> codes(24);
    std::atomic<bool> running = true;
    std::int64_t most_users = 0, most_pro = 0;
    std::thread watch([&] {
        while (running) {
            most_users = std::max(most_users, world.used(spring));
            most_pro = std::max(most_pro, world.used(spring, Counter::license("pro")));
        }
    });
    at_once(24, [&](int i) {
        auto email = "new" + std::to_string(i) + "@spring.example";
        InviteMember asked;
        asked.email = spec::address(email);
        if (round >= 3) asked.license = pro.key;
        auto fresh = stream_of(MemberId{world.execute->fresh()});
        Command each;
        switch (i % 4) {
            case 0:
                each = world.command(spring, fresh, asked);
                break;
            case 1:
                each = round < 3 ? world.create(spring, email) : world.on(spring, stays, with_pro);
                break;
            case 2:
                each = round < 3 ? world.on(spring, expired, ResendInvitation{}) : world.on(spring, stays, with_pro);
                break;
            case 3:
                each = round < 3 ? world.on(spring, left, ReactivateMember{}) : world.command(spring, fresh, asked);
                break;
        }
        codes[static_cast<std::size_t>(i)] = code(world.run(std::move(each)));
    });
    running = false;
    watch.join();
    // One took the seat; who repeats what already stands (a member who is active, a licence that is held) is done too.
    auto winners = std::ranges::count(codes, "done");
    CHECK(winners >= 1);
    CHECK(std::ranges::count(codes, "no_seats_remaining") >= 24 - 12);
    if (round < 3) CHECK(world.used(spring) == user_limit);
    if (round < 3) CHECK(most_users <= user_limit);
    if (round >= 3) CHECK(world.used(spring, Counter::license("pro")) == 1);
    CHECK(most_pro <= 1);
    CHECK(clean(world));
}

TEST_CASE("two admins demoted at once: one stays [N9]") {
    for (int round = 0; round < 20; ++round) {
        World world(On::memory, 2);
        auto spring = world.workspace();
        auto ada =
            world.directory->holder(spring, world.execute->claim_of(spring, spec::address("ada@spring.example")));
        auto grace = world.done(world.run(world.create(spring, "grace@spring.example", "admin")));
        ChangeMember demote;
        demote.role = RoleKey{"member"};
        std::vector<std::string> codes(2);
        at_once(2, [&](int i) {
            auto each = world.on(spring, i == 0 ? ada->id : grace, demote);
            each.actor = {ActorKind::member, i == 0 ? grace.uuid : ada->id.uuid};  // each by the other
            codes[static_cast<std::size_t>(i)] = code(world.run(each));
        });
        CHECK(std::ranges::count(codes, "done") == 1);
        CHECK(world.used(spring, Counter::active_admins()) == 1);
    }
}

TEST_CASE("where a seat is short, invitations that are due are expired first [trap 4]") {
    World world;
    auto spring = world.workspace();
    world.done(world.run(world.plan(spring, 2)));
    auto late = world.done(world.run(world.invite(spring, "late@spring.example")));
    CHECK(code(world.run(world.invite(spring, "grace@spring.example"))) == "no_seats_remaining");
    world.clock.advance(limits::ttl_seconds_default);

    auto before = world.rows();
    auto tried = world.invite(spring, "grace@spring.example");
    tried.dry_run = true;
    auto result = world.run(tried);
    REQUIRE(code(result) == "done");
    CHECK(result->dry_run);
    CHECK(result->membership->phase == Phase::pending);
    CHECK(world.rows() == before);  // a dry run writes nothing

    world.done(world.run(world.invite(spring, "grace@spring.example")));
    CHECK(world.member(spring, late)->phase == Phase::expired);
    CHECK(world.used(spring) == 2);
    CHECK(code(world.run(world.on(spring, late, ResendInvitation{}))) == "no_seats_remaining");
    CHECK(clean(world));
}

TEST_CASE("a plan may have fewer seats than are used where those over are due [trap 4]") {
    World world;
    auto spring = world.workspace();
    const License pro{LicenseKey{"pro"}, Name{"Pro"}, {}, true, 1, {}, {}};
    world.done(world.run(world.plan(spring, 2, {pro})));
    InviteMember asked;
    asked.email = spec::address("late@spring.example");
    asked.license = pro.key;
    auto late = world.done(world.run(world.command(spring, stream_of(MemberId{world.execute->fresh()}), asked)));
    auto smaller = GENERATE_COPY(std::make_pair(std::optional<std::int64_t>(1), std::vector<License>{pro}),
                                 std::make_pair(std::optional<std::int64_t>(2), std::vector<License>{}));
    auto change = [&] { return world.plan(spring, smaller.first, smaller.second); };
    CHECK(code(world.run(change())) == "seats_in_use");
    world.clock.advance(limits::ttl_seconds_default);

    auto before = world.rows();
    auto tried = change();
    tried.dry_run = true;
    CHECK(code(world.run(tried)) == "done");
    CHECK(world.rows() == before);
    world.done(world.run(change()));
    CHECK(world.member(spring, late)->phase == Phase::expired);
    CHECK(clean(world));
}

TEST_CASE("a dry run of a refused command says the same, and an accepted one shows how it would stand") {
    World world;
    auto spring = world.workspace();
    auto grace = world.done(world.run(world.create(spring, "grace@spring.example")));
    auto before = world.rows();
    ChangeMember change;
    change.name = spec::named("Grace Hopper");
    auto tried = world.on(spring, grace, change);
    tried.dry_run = true;
    CHECK(world.run(tried)->membership->profile->name == "Grace Hopper");
    CHECK(world.member(spring, grace)->profile->name == "Grace");
    auto again = world.invite(spring, "grace@spring.example");
    again.dry_run = true;
    CHECK(code(world.run(again)) == "already_member");
    CHECK(world.rows() == before);
}

// Grace gets another name, and no command is asked whose turn it is.
void renamed(World& world, WorkspaceId spring, MemberId grace, int number) {
    auto workspace = world.directory->workspace(spring);
    auto member = world.member(spring, grace);
    ChangeMember change;
    change.name = spec::named("Grace the " + std::to_string(number));
    Context by_system;
    by_system.now = world.clock.now();
    by_system.actor_permissions.everything = true;
    Draft draft(workspace, *world.log, *world.vault, by_system.now, Actor{});
    draft.know(member);
    draft.add(decide(*member, *workspace, change, by_system).value());
    auto append = draft.append();
    append.command = append.correlation = world.execute->fresh();
    REQUIRE(world.log->append_and_wait(std::move(append)).status == AppendStatus::done);
}

TEST_CASE("a decision on what has moved is made again, at most 8 times") {
    World world;
    auto spring = world.workspace();
    auto grace = world.done(world.run(world.create(spring, "grace@spring.example")));
    int decided = 0, moves = GENERATE(1, 7, 8);
    auto each = world.on(spring, grace, DeactivateMember{});
    auto decide = each.decide;
    each.decide = [&](const Loaded& loaded, const Context& context) {
        if (++decided <= moves) renamed(world, spring, grace, decided);  // somebody else is faster
        auto trying = world.invite(spring, "linus@spring.example");
        trying.dry_run = true;
        CHECK(code(world.run(trying)) == "done");  // which waits for nobody's turn
        return decide(loaded, context);
    };
    auto result = world.run(each);
    CHECK(code(result) == (moves < 8 ? "done" : "conflict_retry"));
    CHECK(decided == std::min(moves + 1, 8));
    CHECK((world.member(spring, grace)->phase == Phase::deactivated) == (moves < 8));
}

TEST_CASE("who changes their name without pause is deactivated all the same, alone or in a batch") {
    bool batch = GENERATE(false, true);
    World world(On::memory, 4);
    auto spring = world.workspace();
    for (int round = 0; round < 10; ++round) {
        auto grace = world.done(world.run(world.create(spring, "g" + std::to_string(round) + "@spring.example")));
        std::atomic<bool> over = false;
        std::atomic<int> renames = 0;
        auto removal = world.on(spring, grace, DeactivateMember{});
        // Decided as slowly as if she were one of hundreds: somebody is always faster, but for who waits meanwhile.
        auto decide = [made = removal.decide, &renames](const Loaded& loaded, const Context& context) {
            auto before = renames.load();
            for (int i = 0; i < 50 && renames == before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            return made(loaded, context);
        };
        std::string answer;
        std::array<std::set<std::string>, 4> answers;
        at_once(4, [&](int i) {
            if (i == 0) {
                while (renames < 4) std::this_thread::yield();
                if (batch) {
                    BatchCommand all;
                    all.workspace = spring;
                    all.actor = removal.actor;
                    all.correlation = world.execute->fresh();
                    auto& row = all.rows.emplace_back();
                    row.target = removal.target;
                    row.stands = true;
                    row.decide = decide;
                    auto outcome = world.execute->run_batch(all);
                    answer = outcome ? "done" : name_of(outcome.error().code);
                } else {
                    removal.decide = decide;
                    answer = code(world.run(removal));
                }
                over = true;
            }
            for (int n = 0; i > 0 && !over; ++n) {
                ChangeMember change;
                change.name = spec::named("Grace " + std::to_string(i) + " " + std::to_string(n));
                auto told = code(world.run(world.on(spring, grace, change)));
                if (told == "done") ++renames;
                answers[static_cast<std::size_t>(i)].insert(told);
            }
        });
        CHECK(answer == "done");
        CHECK(world.member(spring, grace)->phase == Phase::deactivated);
        for (const auto& told : answers)
            for (const auto& each : told) CHECK(each == "done");
    }
    CHECK(clean(world));
}

TEST_CASE("what belongs to another workspace is not found [N8]") {
    World world;
    auto spring = world.workspace("spring"), autumn = world.workspace("autumn");
    auto grace = world.done(world.run(world.create(spring, "grace@spring.example")));
    auto late = world.done(world.run(world.invite(spring, "late@spring.example")));
    CHECK(code(world.run(world.on(autumn, grace, DeactivateMember{}))) == "not_found");
    CHECK(code(world.run(world.on(autumn, late, RevokeInvitation{}))) == "not_found");
    CHECK(code(world.run(world.on(WorkspaceId{world.execute->fresh()}, grace, DeactivateMember{}))) == "not_found");
    CHECK_FALSE(world.member(autumn, grace)->exists());
    CHECK(world.member(spring, grace)->phase == Phase::active);
    world.done(world.run(world.invite(autumn, "grace@spring.example")));  // an address of its own there
}

TEST_CASE("a slug is one workspace's") {
    World world;
    world.workspace("spring");
    auto autumn = world.workspace("autumn");
    auto rename = world.command(autumn, stream_of(autumn), RenameWorkspace{{}, Slug{"spring"}});
    rename.slug = Slug{"spring"};
    CHECK(code(world.run(rename)) == "slug_taken");
    rename = world.command(autumn, stream_of(autumn), RenameWorkspace{{}, Slug{"winter"}});
    rename.slug = Slug{"winter"};
    CHECK(code(world.run(rename)) == "done");
    CHECK(world.directory->workspace_of(Slug{"winter"}) == autumn);
    CHECK_FALSE(world.directory->workspace_of(Slug{"autumn"}));
}

TEST_CASE("an idempotency key answers one command, also where nothing changes [N2]") {
    World world;
    auto spring = world.workspace();
    auto keyed = [](Command each, const std::string& key) {
        each.idempotency_key = key;
        each.idempotency_row = [](const Outcome& outcome) {
            return std::string(outcome.person_key ? "sealed " : "clear ") + std::to_string(outcome.membership->version);
        };
        return each;
    };
    auto grace = world.done(world.run(keyed(world.create(spring, "grace@spring.example"), "k1")));
    CHECK(code(world.run(keyed(world.create(spring, "linus@spring.example"), "k1"))) == "idempotency_in_progress");
    CHECK(world.log->idempotency_row("k1", {}) == "sealed 1");
    world.done(world.run(keyed(world.on(spring, grace, DeactivateMember{}), "k2")));
    CHECK(world.log->idempotency_row("k2", {}) == "sealed 2");  // no personal data of its own, but in the answer
    world.done(world.run(keyed(world.on(spring, grace, DeactivateMember{}), "k3")));
    CHECK(world.log->idempotency_row("k3", {}) == "sealed 2");
}

TEST_CASE("of two equal requests at once one is done, and the other told to ask again [N2]") {
    World world(On::memory, 4);
    auto spring = world.workspace();
    std::vector<std::string> codes(16);
    at_once(16, [&](int i) {
        auto each = world.invite(spring, "grace@spring.example");
        each.idempotency_key = "key";
        each.idempotency_row = [](const Outcome&) { return std::string("row"); };
        codes[static_cast<std::size_t>(i)] = code(world.run(each));
    });
    CHECK(std::ranges::count(codes, "done") == 1);
    CHECK(std::ranges::count(codes, "idempotency_in_progress") == 15);
}

TEST_CASE("ids go on behind those of the log after the clock went back and the server was started again") {
    World world;
    auto spring = world.workspace();
    auto first = world.execute->fresh();
    world.done(world.run(world.invite(spring, "grace@spring.example")));
    auto last = world.execute->fresh();
    world.done(world.run(world.invite(spring, "jo@spring.example")));
    REQUIRE(first < last);
    world.clock.ms -= 3'600'000;
    world.restart();
    CHECK(world.execute->fresh() > last);
}

TEST_CASE("a failed disk is no acknowledgement [N1]") {
    World world;
    auto spring = world.workspace();
    world.faults->write_fails = true;
    CHECK(code(world.run(world.invite(spring, "grace@spring.example"))) == "internal_error");
    world.faults->write_fails = false;
    CHECK(code(world.run(world.invite(spring, "grace@spring.example"))) == "internal_error");
    world.restart();
    world.done(world.run(world.invite(spring, "grace@spring.example")));
}

}  // namespace
}  // namespace muster::test
