// A read model made anew beside the runner that serves it.
#include "projections/rebuilder.h"

#include "tests/projections/following.h"

#include <catch2/catch.hpp>

#include <thread>

namespace muster::following {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// As Tally, and of people.
class People final : public Projection {
public:
    [[nodiscard]] std::string_view name() const override { return tally_.name(); }
    [[nodiscard]] std::uint32_t version() const override { return 1; }
    [[nodiscard]] bool personal() const override { return true; }
    void on(const Recorded& recorded, Rows& rows) const override { tally_.on(recorded, rows); }

private:
    Tally tally_;
};

Runner::Time real_time() { return std::chrono::steady_clock::now(); }

Rebuilder::Standing ended(const Rebuilder& rebuilder) {
    for (auto end = real_time() + 60s; real_time() < end && rebuilder.standing().under_way;)
        std::this_thread::sleep_for(1ms);
    return rebuilder.standing();
}

Names generations_of(const World& world) { return files_in(world.directory.path() + "/tally"); }

}  // namespace

TEST_CASE("[N11] a model is made anew while it serves and while the log grows, and takes the old one's place") {
    World world;
    const Tally tally;
    happen(world.feed, 5000);
    Runner runner(world.origin(), {&tally}, real_time);
    runner.start();
    REQUIRE(runner.wait("tally", 5000, 60s));
    const auto before = runner.table("tally");
    Rebuilder rebuilder(world.origin(), runner);
    const auto run = rebuilder.begin({&tally});
    CHECK_THROWS_WITH(rebuilder.begin({&tally}), Catch::Contains("already"));
    Position last = 0;
    while (rebuilder.standing().under_way) {
        happen(world.feed, 50);
        runner.wake();
        // Never less than was seen before, and nothing that was written stays out of sight.
        REQUIRE(runner.wait("tally", world.feed.head(), 60s));
        const auto now = runner.position("tally");
        CHECK(now >= last);
        CHECK(count(runner) >= static_cast<std::int64_t>(last));
        const auto live = runner.live("tally");
        CHECK(number_in(live.rows->snapshot()->get(0, "last")) >= static_cast<std::int64_t>(live.position));
        last = now;
        std::this_thread::sleep_for(20ms);  // The rebuilder comes behind: it gets nowhere where nobody ever rests.
    }
    const auto standing = ended(rebuilder);
    CHECK(standing.run == run);
    REQUIRE(standing.ended.size() == 1);
    CHECK(standing.ended[0].failure.empty());
    CHECK(standing.ended[0].made.generation == 2);
    CHECK(standing.ended[0].made.same_as_before == true);
    CHECK(standing.done == standing.all);
    CHECK(runner.table("tally") != before);
    happen(world.feed, 10);
    runner.wake();
    REQUIRE(runner.wait("tally", world.feed.head(), 60s));
    CHECK(generations_of(world) == Names{"2", "CURRENT"});  // the old one went before the next events were taken
    CHECK(count(runner) == static_cast<std::int64_t>(world.feed.head()));
    CHECK_FALSE(verify(world.origin(), tally, *runner.table("tally")->snapshot(), {}).difference);
}

TEST_CASE("[N11] a row that no event made is gone from the next generation, and it is said that they differ") {
    World world;
    const Tally tally;
    happen(world.feed, 30);
    world.runner({&tally})->catch_up();
    WriteBatch planted;
    planted.put(0, "planted", "x");
    find_valid(world.origin(), tally)->table->write(planted, Sync::no);
    Runner runner(world.origin(), {&tally}, real_time);
    runner.start();
    Rebuilder rebuilder(world.origin(), runner);
    rebuilder.begin({&tally});
    const auto standing = ended(rebuilder);
    REQUIRE(standing.ended.size() == 1);
    CHECK(standing.ended[0].made.same_as_before == false);
    REQUIRE(standing.ended[0].made.difference);
    CHECK(standing.ended[0].made.difference->key == "planted");
    CHECK_FALSE(runner.table("tally")->get(0, "planted"));
}

TEST_CASE("a model whose rows are damaged is made anew beside what serves it, and runs again [N11]") {
    World world;
    const Tally tally;
    happen(world.feed, 3000);
    Runner runner(world.origin(), {&tally}, real_time, [&](const std::string& what) { world.told.push_back(what); });
    runner.start();
    REQUIRE(runner.wait("tally", 3000, 60s));
    world.disk.damage(world.directory.path() + "/tally/1");
    SECTION("which a query has met") {
        CHECK_THROWS_AS(count(runner), DamageError);
        while (runner.standing("tally").state != RunState::halted) std::this_thread::sleep_for(1ms);
        happen(world.feed, 2000);  // which it does not apply
        runner.wake();
    }
    SECTION("which nobody has met yet") {}
    Rebuilder rebuilder(world.origin(), runner);
    rebuilder.begin({&tally});
    const auto standing = ended(rebuilder);
    REQUIRE(standing.ended.size() == 1);
    CHECK(standing.ended[0].failure.empty());
    CHECK(standing.ended[0].made.not_compared == damaged_before);
    CHECK_FALSE(standing.ended[0].made.same_as_before);
    happen(world.feed, 10);
    runner.wake();
    REQUIRE(runner.wait("tally", world.feed.head(), 60s));
    CHECK(runner.standing("tally").state == RunState::running);
    CHECK(runner.standing("tally").reason.empty());
    CHECK(count(runner) == static_cast<std::int64_t>(world.feed.head()));
    CHECK(generations_of(world) == Names{"2", "CURRENT"});
    runner.stop();
    REQUIRE(world.told.size() == 2);
    CHECK_THAT(world.told[0], Catch::Contains("`muster projections rebuild tally`") && Catch::Contains("000007.sst"));
    CHECK_THAT(world.told[1], Catch::Contains("`tally` goes on: it was made anew"));
}

TEST_CASE("a model that halted in front of an event goes on where it can be made anew, and else halts again") {
    World world;
    Tally tally;
    happen(world.feed, 30);
    tally.poison = 20;
    const bool had_lived = GENERATE(true, false);
    if (had_lived) {
        tally.poison = 0;
        world.runner({&tally})->catch_up();
        tally.poison = 40;
        happen(world.feed, 20);
    }
    Runner runner(world.origin(), {&tally}, real_time);
    runner.start();
    REQUIRE_FALSE(runner.wait("tally", world.feed.head(), 60s));
    Rebuilder rebuilder(world.origin(), runner);
    rebuilder.begin({&tally});
    auto standing = ended(rebuilder);
    REQUIRE(standing.ended.size() == 1);
    CHECK(standing.ended[0].failure == "cannot take this");
    CHECK(runner.standing("tally").state == RunState::halted);
    CHECK_FALSE(runner.standing("tally").rebuilding);

    tally.poison = 0;
    rebuilder.begin({&tally});
    standing = ended(rebuilder);
    CHECK(standing.ended[0].failure.empty());
    CHECK(standing.ended[0].made.not_compared == halted_before);
    REQUIRE(runner.wait("tally", world.feed.head(), 60s));
    CHECK(runner.standing("tally").state == RunState::running);
    CHECK(count(runner) == static_cast<std::int64_t>(world.feed.head()));
}

TEST_CASE("how far the next generation has come is told while it is made") {
    World world;
    const Tally tally;
    happen(world.feed, 30);
    Runner runner(world.origin(), {&tally}, real_time);
    runner.start();
    REQUIRE(runner.wait("tally", 30, 60s));
    CHECK_FALSE(runner.standing("tally").rebuilding);
    auto next = runner.begin_next("tally");
    CHECK(runner.standing("tally").rebuilding == 0);
    runner.next_is_at("tally", 20);
    CHECK(runner.standing("tally").rebuilding == 20);
    CHECK(runner.standing("tally").state == RunState::running);
    next.table.reset();
    runner.leave_next("tally");
    CHECK_FALSE(runner.standing("tally").rebuilding);
}

TEST_CASE("a making that was broken off is gone on with, and the live one serves in between") {
    World world;
    const Tally tally;
    happen(world.feed, 4000);
    world.runner({&tally})->catch_up();
    {
        const Tally same;
        auto made = next_generation(world.origin(), same);
        fill(world.origin(), same, *made.table, 0, 2048, {});
    }
    Runner runner(world.origin(), {&tally}, real_time);
    CHECK(generations_of(world) == Names{"1", "2", "CURRENT"});
    CHECK(runner.standing("tally").state == RunState::running);
    runner.start();
    const auto reads = world.feed.reads();
    Rebuilder rebuilder(world.origin(), runner);
    rebuilder.begin({&tally});
    const auto standing = ended(rebuilder);
    REQUIRE(standing.ended.size() == 1);
    CHECK(standing.ended[0].made.generation == 2);
    CHECK(standing.ended[0].made.same_as_before == true);
    CHECK(world.feed.reads() - reads <= 2);  // the 1,952 events that were left, not all 4,000
}

TEST_CASE("an event that the projection cannot take ends the making, and the live one goes on serving") {
    World world;
    Tally tally;
    happen(world.feed, 30);
    Runner runner(world.origin(), {&tally}, real_time);
    runner.start();
    REQUIRE(runner.wait("tally", 30, 60s));
    tally.poison = 20;
    Rebuilder rebuilder(world.origin(), runner);
    rebuilder.begin({&tally});
    const auto standing = ended(rebuilder);
    REQUIRE(standing.ended.size() == 1);
    CHECK(standing.ended[0].failure == "cannot take this");
    CHECK(runner.standing("tally").state == RunState::running);
    CHECK(count(runner) == 30);
    CHECK(generations_of(world) == Names{"1", "CURRENT"});
    tally.poison = 0;
    rebuilder.begin({&tally});
    CHECK(ended(rebuilder).ended.at(0).made.generation == 2);
}

TEST_CASE("what was erased leaves no next generation behind: one that is being made is waited for, one left goes") {
    World world;
    const People people;
    happen(world.feed, 30);
    world.runner({&people})->catch_up();
    {
        auto left = next_generation(world.origin(), people);
    }
    Runner runner(world.origin(), {&people}, real_time);
    runner.start();
    REQUIRE(runner.wait("tally", 30, 60s));
    {
        auto next = runner.begin_next("tally");
        CHECK_FALSE(runner.purge_personal(30, 60s));
        next.table.reset();
        runner.leave_next("tally");
    }
    CHECK(generations_of(world) == Names{"1", "2", "CURRENT"});
    std::filesystem::create_directories(world.directory.path() + "/tally/aside");
    CHECK(runner.purge_personal(30, 60s));
    CHECK(generations_of(world) == Names{"1", "CURRENT"});
}

TEST_CASE("[N11] while a model is verified beside what serves it, no next one is made, and erasing waits") {
    World world;
    const People people;
    happen(world.feed, 30);
    // Not on the stack, where the thread sanitizer takes its mutexes for those that other tests had at their place.
    const auto owned = std::make_unique<Runner>(world.origin(), std::vector<const Projection*>{&people}, real_time);
    auto& runner = *owned;
    runner.start();
    REQUIRE(runner.wait("tally", 30, 60s));
    Rebuilder rebuilder(world.origin(), runner);
    const auto verified = verify(world.origin(), people, runner, [&](Position, Position) {
        rebuilder.begin({&people});
        CHECK(ended(rebuilder).ended.at(0).failure == "`tally` is being verified; ask again later");
        CHECK_FALSE(runner.purge_personal(30, 60s));
        CHECK(generations_of(world) == Names{"1", "CURRENT", "aside"});
    });
    REQUIRE(verified);
    CHECK_FALSE(verified->difference);
    CHECK(runner.purge_personal(30, 60s));
    auto next = runner.begin_next("tally");
    CHECK_THROWS_WITH(verify(world.origin(), people, runner, {}), "`tally` is being made anew; ask again later");
    next.table.reset();
    runner.leave_next("tally");
    CHECK(verify(world.origin(), people, runner, {}));
}

TEST_CASE("a making that fails has ended, also where its files can't be removed") {
    World world;
    Watched tally;
    happen(world.feed, 30);
    Runner runner(world.origin(), {&tally}, real_time);
    runner.start();
    REQUIRE(runner.wait("tally", 30, 60s));
    tally.sees = [&](Position) {
        std::filesystem::remove_all(world.directory.path() + "/tally/2");
        throw std::runtime_error("cannot take this");
    };
    Rebuilder rebuilder(world.origin(), runner);
    rebuilder.begin({&tally});
    CHECK_THAT(ended(rebuilder).ended.at(0).failure, Catch::Contains("/tally/2"));
    CHECK_FALSE(runner.standing("tally").rebuilding);
    tally.sees = [](Position) {};
    rebuilder.begin({&tally});
    CHECK(ended(rebuilder).ended.at(0).failure.empty());
    CHECK(generations_of(world) == Names{"2", "CURRENT"});
}

}  // namespace muster::following
