// What follows the log: each event counts once, whatever happens in between, and nothing is ever skipped.
#include "projections/runner.h"

#include "projections/rebuild.h"
#include "tests/projections/following.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace muster::following {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;
using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("rows: reads see what the batch wrote, and a number that comes to 0 is no row") {
    auto table = open_memory_table(1);
    WriteBatch before;
    before.put(0, "kept", "old");
    before.put(0, "gone", "old");
    table->write(before, Sync::no);
    Rows rows(*table);
    CHECK(rows.get("kept") == "old");
    rows.put("kept", "new");
    rows.erase("gone");
    rows.add("up", 3);
    rows.add("up", -5);
    rows.add("nothing", 1);
    rows.add("nothing", -1);
    CHECK(rows.get("kept") == "new");
    CHECK_FALSE(rows.get("gone"));
    CHECK(number_in(rows.get("up")) == -2);
    CHECK_FALSE(rows.get("nothing"));
    table->write(rows.take(), Sync::no);
    CHECK(rows.take().empty());
    CHECK(table->get(0, "kept") == "new");
    CHECK_FALSE(table->get(0, "gone"));
    CHECK_FALSE(table->get(0, "nothing"));
}

TEST_CASE("a kill between two batches loses nothing") {
    World world;
    const Tally tally;
    happen(world.feed, 1500);
    {
        auto table = world.runner({&tally});  // made and never followed
    }
    {
        // A generation that was broken off after its first batch.
        auto made = find_valid(world.origin(), tally).value();
        CHECK_FALSE(made.live);
        Rows rows(*made.table);
        for (const auto& each : world.feed.after(0, 1024)) tally.on(*each, rows);
        write(world.origin(), tally, *made.table, rows, 1024);
    }
    auto runner = world.runner({&tally});
    CHECK(runner->position("tally") == 1024);
    CHECK(runner->standing("tally").state == RunState::building);
    CHECK(runner->table("tally") == nullptr);
    runner->catch_up();
    CHECK(runner->standing("tally").state == RunState::running);
    CHECK(count(*runner) == 1500);
    CHECK(files_in(world.directory.path() + "/tally") == Names{"1", "CURRENT"});
}

TEST_CASE("events are read once for all that stand near one another") {
    World world;
    const Tally one("one");
    const Tally two("two");
    happen(world.feed, 100);
    auto runner = world.runner({&one, &two});
    runner->catch_up();
    CHECK(world.feed.reads() == 1);
    CHECK(count(*runner, "one") == 100);
    CHECK(count(*runner, "two") == 100);
}

TEST_CASE("[N10] what serves is at the head before each batch of what is made from the first event on") {
    World world;
    const Tally live("live");
    happen(world.feed, 3000);
    world.runner({&live})->catch_up();
    happen(world.feed, 10);
    Watched anew("anew");
    auto runner = world.runner({&live, &anew});
    anew.sees = [&](Position position) {
        if (position % limits::batch_events != 1) return;
        CHECK(runner->position("live") == world.feed.head());
        happen(world.feed, 5);
    };
    runner->catch_up();
    CHECK(world.feed.head() == 3025);
    CHECK(count(*runner, "live") == 3025);
    CHECK(count(*runner, "anew") == 3025);
}

TEST_CASE("what is made from the first event on comes to its end although what serves never comes to the head") {
    World world;
    Watched live("live");
    happen(world.feed, 3000);
    world.runner({&live})->catch_up();
    const Tally anew("anew");
    auto runner = world.runner({&live, &anew});
    Position most = 0;
    live.sees = [&](Position) {
        if (runner->position("anew") >= 3000 || world.feed.head() >= 20'000) return;
        happen(world.feed, 1);
        most = world.feed.head();
    };
    happen(world.feed, 1);
    runner->catch_up();
    CHECK(most < 20'000);
    CHECK(count(*runner, "anew") == world.feed.head());
}

TEST_CASE("a poison event halts its projection in front of it, visibly; the others go on") {
    World world;
    Tally poisoned("poisoned");
    const Tally sound("sound");
    poisoned.poison = 70;
    happen(world.feed, 50);
    auto runner = world.runner({&poisoned, &sound});
    runner->catch_up();
    happen(world.feed, 50);
    runner->catch_up();
    const auto standing = runner->standing("poisoned");
    CHECK(standing.state == RunState::halted);
    CHECK_THAT(standing.reason, Contains("MemberDeactivated at position 70: cannot take this"));
    CHECK(standing.position == 69);
    CHECK(standing.lag == 31);
    CHECK(count(*runner, "poisoned") == 69);
    CHECK(runner->standing("sound").state == RunState::running);
    CHECK(runner->position("sound") == 100);
    REQUIRE(world.told.size() == 1);
    CHECK_THAT(world.told[0], Contains("`poisoned` has halted") && Contains("position 70: cannot take this"));

    // It is not skipped by a restart, and goes on once the program is mended.
    runner.reset();
    runner = world.runner({&poisoned, &sound});
    runner->catch_up();
    CHECK(runner->standing("poisoned").state == RunState::halted);
    CHECK(runner->position("poisoned") == 69);
    runner.reset();
    poisoned.poison = 0;
    runner = world.runner({&poisoned, &sound});
    runner->catch_up();
    CHECK(runner->standing("poisoned").state == RunState::running);
    CHECK(count(*runner, "poisoned") == 100);
}

TEST_CASE("a read model whose disk fails goes on by itself once it holds again") {
    World world;
    const PersonalTally tally;
    auto runner = world.runner({&tally});
    happen(world.feed, 50);
    runner->catch_up();
    auto try_again = [&] {
        world.now += limits::view_reopen_pause;
        runner->catch_up();
    };

    world.disk.full = true;
    happen(world.feed, 50);
    runner->catch_up();
    CHECK(runner->standing("tally").state == RunState::halted);
    CHECK(runner->standing("tally").reason == "its disk failed; the server's log says how");
    REQUIRE(world.told.size() == 1);
    CHECK_THAT(world.told[0], Contains("`tally` has halted") && Contains("its disk holds again") &&
                                  Contains("No space left on device"));

    try_again();
    CHECK(runner->standing("tally").state == RunState::halted);
    CHECK(runner->table("tally") == nullptr);
    CHECK_FALSE(runner->wait("tally", 50, 0ms));
    CHECK_FALSE(runner->purge_personal(50, 0ms));
    CHECK_THROWS_WITH(runner->begin_next("tally"), Contains("has halted: its disk failed"));

    world.disk.full = false;
    runner->catch_up();
    CHECK(runner->standing("tally").state == RunState::halted);  // it is not tried all the time
    try_again();
    CHECK(runner->standing("tally").state == RunState::running);
    CHECK(count(*runner) == 100);
    REQUIRE(world.told.size() == 2);
    CHECK_THAT(world.told[1], Contains("`tally` goes on"));
    CHECK(files_in(world.directory.path() + "/tally") == Names{"1", "CURRENT"});
}

TEST_CASE("a table that a query still reads is opened again when the query has ended") {
    World world;
    const Tally tally;
    auto runner = world.runner({&tally});
    happen(world.feed, 50);
    runner->catch_up();
    auto query = runner->table("tally");
    world.disk.full = true;
    happen(world.feed, 1);
    runner->catch_up();
    world.disk.full = false;
    world.now += limits::view_reopen_pause;
    runner->catch_up();
    CHECK(runner->standing("tally").state == RunState::halted);
    CHECK(number_in(query->get(0, "count")) == 50);
    query.reset();
    world.now += limits::view_reopen_pause;
    runner->catch_up();
    CHECK(count(*runner) == 51);
}

TEST_CASE("a poison event behind a disk that failed halts for good") {
    World world;
    Tally tally;
    auto runner = world.runner({&tally});
    tally.poison = 3;
    world.disk.full = true;
    happen(world.feed, 4);
    runner->catch_up();
    world.disk.full = false;
    world.now += limits::view_reopen_pause;
    runner->catch_up();
    CHECK(runner->position("tally") == 2);
    REQUIRE(world.told.size() == 2);
    CHECK_THAT(world.told[1], Contains("until the server is started again"));
    world.now += limits::view_reopen_pause;
    runner->catch_up();
    CHECK(runner->standing("tally").state == RunState::halted);
    CHECK(world.told.size() == 2);
}

TEST_CASE("an event that this program does not know halts in front of it") {
    World world;
    const Tally tally;
    happen(world.feed, 100);
    auto runner = world.runner({&tally});
    runner->catch_up();
    happen(world.feed, 60);
    world.feed.unknown_from(133);
    runner->catch_up();
    const auto standing = runner->standing("tally");
    CHECK(standing.state == RunState::halted);
    CHECK(standing.reason == "MemberPromoted at position 133");
    CHECK(standing.position == 132);
    CHECK(count(*runner) == 132);
    CHECK_FALSE(runner->wait("tally", 133, 10s));
    CHECK(runner->wait("tally", 132, 0ms));

    runner.reset();
    world.feed.unknown_from({});
    runner = world.runner({&tally});
    runner->catch_up();
    CHECK(count(*runner) == 160);
}

TEST_CASE("[N10] a read waits until its event is applied, or is told that it was not") {
    World world;
    const Tally tally;
    auto runner = world.runner({&tally});
    runner->start();
    REQUIRE(runner->wait("tally", 0, 10s));

    SECTION("applied while it waits") {
        std::promise<bool> answered;
        runner->when_applied("tally", 3, 10s, [&](bool applied) { answered.set_value(applied); });
        happen(world.feed, 3);
        runner->wake();
        CHECK(answered.get_future().get());
        CHECK(runner->wait("tally", 3, 10s));
        CHECK(count(*runner) == 3);
    }
    SECTION("applied already") {
        std::promise<bool> answered;
        runner->when_applied("tally", 0, 0ms, [&](bool applied) { answered.set_value(applied); });
        CHECK(answered.get_future().get());
    }
    SECTION("too late") {
        std::promise<bool> answered;
        runner->when_applied("tally", 3, 20ms, [&](bool applied) { answered.set_value(applied); });
        auto future = answered.get_future();
        CHECK(future.wait_for(40ms) == std::future_status::timeout);  // the runner's own time stands still
        CHECK_FALSE(runner->wait("tally", 3, 1ms));
        runner->stop();  // and it is answered in the end
        CHECK_FALSE(future.get());
    }
    SECTION("stopped meanwhile") {
        std::promise<bool> answered;
        runner->when_applied("tally", 3, 1h, [&](bool applied) { answered.set_value(applied); });
        runner.reset();
        CHECK_FALSE(answered.get_future().get());
    }
}

TEST_CASE("a read that waits too long is told so, and one on a halted projection at once") {
    World world;
    Tally tally;
    Runner runner(world.origin(), {&tally}, [] { return std::chrono::steady_clock::now(); });
    tally.poison = 2;
    runner.start();
    std::promise<bool> late;
    runner.when_applied("tally", 1, 20ms, [&](bool applied) { late.set_value(applied); });
    CHECK_FALSE(late.get_future().get());
    std::promise<bool> halted;
    runner.when_applied("tally", 2, 1h, [&](bool applied) { halted.set_value(applied); });
    happen(world.feed, 2);
    runner.wake();
    CHECK_FALSE(halted.get_future().get());
    CHECK_FALSE(runner.wait("tally", 2, 1h));
    CHECK(runner.standing("tally").state == RunState::halted);
    CHECK(runner.standing("tally").lag == 1);
    CHECK_THROWS_AS(runner.position("nobody"), std::invalid_argument);
}

TEST_CASE("[N10] whoever wrote reads what they wrote, while others write and read") {
    World world;
    const Tally one("one");
    const Tally two("two");
    auto runner = world.runner({&one, &two});
    runner->start();
    std::atomic<int> missed = 0;
    std::vector<std::thread> writers;
    for (std::uint8_t writer = 0; writer < 3; ++writer)
        writers.emplace_back([&, writer] {
            for (int i = 0; i < 100; ++i) {
                const auto at = world.feed.happens(spec::numbered<MemberId>(writer), MemberDeactivated{}).meta.position;
                runner->wake();
                const auto name = i % 2 ? "one" : "two";
                if (i % 10 == 0) runner->when_applied(name, at, 1h, [&](bool applied) { missed += applied ? 0 : 1; });
                const bool applied = runner->wait(name, at, 10s);
                if (!applied || number_in(runner->table(name)->snapshot()->get(0, "last")) < static_cast<int>(at))
                    ++missed;
            }
        });
    for (auto& writer : writers) writer.join();
    CHECK(runner->wait("one", 300, 10s));
    CHECK(runner->wait("two", 300, 10s));
    runner.reset();
    CHECK(missed == 0);
}

TEST_CASE("a lag is told in events and in time") {
    World world;
    const Tally tally;
    auto runner = world.runner({&tally});
    runner->catch_up();
    world.now += 1min;
    CHECK(runner->standing("tally").behind == 0ms);
    runner->catch_up();
    happen(world.feed, 4);
    world.now += 3s;
    const auto standings = runner->standings();
    REQUIRE(standings.size() == 1);
    CHECK(standings[0].lag == 4);
    CHECK(standings[0].behind == 3000ms);
    CHECK_FALSE(standings[0].idle);  // it has applied nothing yet
    runner->catch_up();
    CHECK(runner->standing("tally").idle == 0ms);
    world.now += 2min;
    CHECK(runner->standing("tally").idle == 2min);
}

}  // namespace muster::following
