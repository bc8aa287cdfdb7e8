// Damage in a read model's rows: whoever meets it, all see it, until it is made anew.
#include "projections/rebuild.h"
#include "projections/runner.h"
#include "tests/projections/following.h"

#include <catch2/catch.hpp>

namespace muster::following {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("damage that a query meets halts its read model for all to see, with no word of where files are") {
    World world;
    const Tally tally;
    const Tally sound("sound");
    auto runner = world.runner({&tally, &sound});
    happen(world.feed, 10);
    runner->catch_up();
    world.disk.damage(world.directory.path() + "/tally/1");
    SECTION("by its key") { CHECK_THROWS_AS(runner->table("tally")->get(0, "count"), DamageError); }
    SECTION("in a walk") { CHECK_THROWS_AS(runner->table("tally")->scan(0, ""), DamageError); }
    SECTION("in a snapshot") { CHECK_THROWS_AS(runner->table("tally")->snapshot()->scan(0, ""), DamageError); }
    happen(world.feed, 1);
    runner->catch_up();
    const auto standing = runner->standing("tally");
    CHECK(standing.state == RunState::halted);
    CHECK(standing.damaged);
    CHECK(standing.reason == "its rows are damaged");
    CHECK(runner->position("tally") == 10);
    CHECK(count(*runner, "sound") == 11);
    REQUIRE(world.told.size() == 1);
    CHECK_THAT(world.told[0], Contains("checksum mismatch in /here/000007.sst"));
    // It stays so: opening it again would not mend it.
    world.now += 2 * limits::view_reopen_pause;
    runner->catch_up();
    CHECK(runner->standing("tally").state == RunState::halted);
}

TEST_CASE("damage that erasing meets halts the read model until it is made anew [N12]") {
    World world;
    const PersonalTally tally;
    auto runner = world.runner({&tally});
    happen(world.feed, 10);
    runner->catch_up();
    world.disk.damage(world.directory.path() + "/tally/1");
    CHECK_THROWS_AS(runner->purge_personal(10, 0ms), DamageError);
    happen(world.feed, 1);
    runner->catch_up();
    CHECK(runner->standing("tally").damaged);
    CHECK_FALSE(runner->purge_personal(10, 0ms));  // which is told once
    CHECK(runner->begin_next("tally").number == 2);
}

TEST_CASE("a read model that can't be opened any more is made anew by a start, which says so [N12]") {
    World world;
    const Tally tally;
    happen(world.feed, 10);
    world.runner({&tally})->catch_up();
    world.told.clear();
    std::filesystem::remove(world.directory.path() + "/tally/1/rows");
    auto runner = world.runner({&tally});
    runner->catch_up();
    CHECK(count(*runner) == 10);
    REQUIRE(world.told.size() == 1);
    CHECK_THAT(world.told[0], Contains("`tally` can't be opened and is made anew: ") && Contains("has no table"));
}

TEST_CASE("damage that a query of a former generation meets is nobody's any more") {
    World world;
    const Tally tally;
    happen(world.feed, 10);
    Runner runner(world.origin(), {&tally}, [] { return std::chrono::steady_clock::now(); });
    runner.start();
    REQUIRE(runner.wait("tally", 10, 60s));
    const auto former = runner.table("tally");
    auto next = runner.begin_next("tally");
    fill(world.origin(), tally, *next.table, 0, 10, {});
    next.position = 10;
    world.disk.damage(world.directory.path() + "/tally/1");
    REQUIRE(runner.serve_next("tally", std::move(next)));
    CHECK_THROWS_AS(former->get(0, "count"), DamageError);
    happen(world.feed, 1);
    runner.wake();
    REQUIRE(runner.wait("tally", 11, 60s));
    CHECK(runner.standing("tally").state == RunState::running);
}

}  // namespace muster::following
