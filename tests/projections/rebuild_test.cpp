// What a view is made of on disk: which generation is taken, how the next one is made, and that it is the same.
#include "projections/rebuild.h"

#include "eventstore/rocks_table.h"
#include "projections/runner.h"
#include "projections/seats.h"
#include "tests/projections/following.h"

#include <catch2/catch.hpp>

namespace muster::following {
namespace {

using Catch::Matchers::Contains;

Origin on_rocks(const World& world, const RocksShared& shared) {
    return {world.feed,
            [&shared](const std::string& path, bool create) {
                return open_rocks_table(
                    path, {.families = {{.name = "rows"}}, .use = RocksUse::view, .create_if_missing = create}, shared);
            },
            world.directory.path(), world.store};
}

// A view that has followed thirty events and is at rest.
struct Followed {
    Followed() {
        happen(world.feed, 30);
        world.runner({&tally})->catch_up();
    }
    World world;
    const Tally tally;
    const std::string current = world.directory.path() + "/tally/CURRENT";
};

}  // namespace

TEST_CASE("[N11] each event counts once across restarts at any batch boundary, and a rebuild makes the same bytes") {
    World world;
    const Tally tally;
    for (int events : {0, 1, 2, 1021, 1, 0, 1024, 1023, 1025, 3000}) {
        happen(world.feed, events);
        auto runner = world.runner({&tally});
        runner->catch_up();
        CHECK(runner->standing("tally").state == RunState::running);
        CHECK(runner->position("tally") == world.feed.head());
        CHECK(count(*runner) == static_cast<std::int64_t>(world.feed.head()));
        const auto verified = verify(world.origin(), tally, *runner->table("tally")->snapshot(), {});
        CHECK_FALSE(verified.difference);
        CHECK(verified.live == verified.anew);
        CHECK(files_in(world.directory.path() + "/tally") == Names{"1", "CURRENT"});
    }
}

TEST_CASE_METHOD(Followed, "a view of another store, version or history is made anew") {
    const Generations generations(world.directory.path(), tally);
    REQUIRE(generations.current() == 1);

    SECTION("another store") {
        world.store.bytes[0] ^= 1;
        auto runner = world.runner({&tally});
        CHECK(runner->table("tally") == nullptr);
        CHECK(runner->position("tally") == 0);
        runner->catch_up();
        CHECK(count(*runner) == 30);
    }
    SECTION("another version") {
        const Tally raised("tally", 2);
        auto runner = world.runner({&raised});
        CHECK(runner->standing("tally").state == RunState::building);
        // What was live stays until the new one is complete.
        CHECK(files_in(world.directory.path() + "/tally") == Names{"1", "2", "CURRENT"});
        CHECK(generations.current() == 1);
        runner->catch_up();
        CHECK(number_in(runner->table("tally")->get(0, "version2")) == 30);
        CHECK_FALSE(runner->table("tally")->get(0, "version1"));
    }
    SECTION("a log that is shorter") {
        World other;
        happen(other.feed, 20);
        auto origin = world.origin();
        Runner runner(Origin{other.feed, origin.open, origin.views, origin.store}, {&tally},
                      [] { return Runner::Time{}; });
        runner.catch_up();
        CHECK(count(runner) == 20);
    }
    SECTION("a log of the same length in which something else happened") {
        World other;
        other.feed.happens(spec::ada, MemberReactivated{});
        happen(other.feed, 29);
        auto origin = world.origin();
        Runner runner(Origin{other.feed, origin.open, origin.views, origin.store}, {&tally},
                      [] { return Runner::Time{}; });
        CHECK(runner.table("tally") == nullptr);
        runner.catch_up();
        CHECK(count(runner) == 30);
    }
    SECTION("a CURRENT that names nothing") {
        for (const std::string bytes : {"", "x", "0", "7", "1\n"}) {
            INFO(bytes);
            std::ofstream(current, std::ios::trunc) << bytes;
            world.runner({&tally})->catch_up();
            auto runner = world.runner({&tally});
            CHECK(runner->standing("tally").state == RunState::running);
            CHECK(count(*runner) == 30);
        }
        return;
    }
    CHECK(generations.current() == 2);
    CHECK(files_in(world.directory.path() + "/tally") == Names{"2", "CURRENT"});
}

TEST_CASE_METHOD(
    Followed,
    "a rebuild goes on with nothing of a view whose CURRENT is missing, which may be what is to be made anew") {
    const auto position = world.feed.head();
    {
        auto table = world.origin().open(world.directory.path() + "/tally/1", false);
        WriteBatch wrong;
        wrong.put(0, "version1", std::string(8, '\7'));
        table->write(wrong, Sync::yes);
    }
    std::filesystem::remove(current);
    const auto rebuilt = rebuild(world.origin(), tally, {});
    CHECK(rebuilt.position == position);
    auto runner = world.runner({&tally});
    CHECK(count(*runner) == 30);
    CHECK(files_in(world.directory.path() + "/tally") == Names{"2", "CURRENT"});
}

TEST_CASE("killed at any moment of a rebuild or swap, one valid generation is left") {
    World world;
    const Tally tally;
    happen(world.feed, 30);
    world.runner({&tally})->catch_up();
    const auto directory = world.directory.path() + "/tally";
    const auto origin = world.origin();
    Names left{"1", "CURRENT"};

    SECTION("in the middle of making the next one, which is kept to be gone on with") {
        left = {"1", "2", "CURRENT"};
        auto made = make_generation(origin, tally);
        Rows rows(*made.table);
        for (const auto& each : world.feed.after(0, 10)) tally.on(*each, rows);
        write(origin, tally, *made.table, rows, 10);
    }
    SECTION("before its table was made") { std::filesystem::create_directories(directory + "/2"); }
    SECTION("complete, but not yet swapped") {
        left = {"1", "2", "CURRENT"};
        auto made = make_generation(origin, tally);
        Rows rows(*made.table);
        for (const auto& each : world.feed.after(0, 30)) tally.on(*each, rows);
        write(origin, tally, *made.table, rows, 30);
        std::ofstream(directory + "/CURRENT.new") << "2";
    }
    SECTION("swapped, but the old one not yet removed") {
        left = {"2", "CURRENT"};
        auto made = make_generation(origin, tally);
        Rows rows(*made.table);
        for (const auto& each : world.feed.after(0, 30)) tally.on(*each, rows);
        write(origin, tally, *made.table, rows, 30);
        Generations(origin.views, tally).make_current(2);
    }
    SECTION("in the middle of removing") {
        std::filesystem::create_directories(directory + "/7.removed/rows");
        std::filesystem::create_directories(directory + "/aside");
    }
    auto runner = world.runner({&tally});
    CHECK(runner->standing("tally").state == RunState::running);
    CHECK(count(*runner) == 30);
    CHECK(files_in(directory) == left);
    runner.reset();
    CHECK(rebuild(origin, tally, {}).same_as_before == true);
    CHECK(files_in(directory).size() == 2);
    CHECK(count(*world.runner({&tally})) == 30);
}

TEST_CASE("rebuild makes the next generation, compares and swaps; a poison event leaves the live one alone") {
    World world;
    Tally tally;
    happen(world.feed, 2100);
    world.runner({&tally})->catch_up();
    std::vector<Position> told;
    const auto rebuilt = rebuild(world.origin(), tally, [&](Position done, Position all) {
        CHECK(all == 2100);
        told.push_back(done);
    });
    CHECK(told == std::vector<Position>{1024, 2048, 2100});
    CHECK(rebuilt.generation == 2);
    CHECK(rebuilt.position == 2100);
    CHECK(rebuilt.rows.rows == 10);
    CHECK(rebuilt.same_as_before == true);
    CHECK(files_in(world.directory.path() + "/tally") == Names{"2", "CURRENT"});

    tally.poison = 2000;
    CHECK_THROWS_WITH(rebuild(world.origin(), tally, {}), "cannot take this");
    CHECK(files_in(world.directory.path() + "/tally") == Names{"2", "CURRENT"});
    CHECK(count(*world.runner({&tally})) == 2100);
}

TEST_CASE(
    "[N11] a model that can't be read is made anew at rest, and not compared with; of one that differs it is told") {
    World world;
    const Tally tally;
    happen(world.feed, 30);
    world.runner({&tally})->catch_up();
    SECTION("damaged") {
        world.disk.damage(world.directory.path() + "/tally/1");
        const auto rebuilt = rebuild(world.origin(), tally, {});
        CHECK_FALSE(rebuilt.same_as_before);
        CHECK(rebuilt.not_compared == damaged_before);
    }
    SECTION("at another position") {
        happen(world.feed, 2);
        CHECK(rebuild(world.origin(), tally, {}).not_compared == "the one before stood at position 30");
    }
    SECTION("another row") {
        WriteBatch planted;
        planted.put(0, "planted", "x");
        find_valid(world.origin(), tally)->table->write(planted, Sync::no);
        const auto rebuilt = rebuild(world.origin(), tally, {});
        CHECK(rebuilt.same_as_before == false);
        REQUIRE(rebuilt.difference);
        CHECK(rebuilt.difference->left == "x");
        CHECK_FALSE(rebuilt.difference->right);
    }
    CHECK(files_in(world.directory.path() + "/tally") == Names{"2", "CURRENT"});
    auto runner = world.runner({&tally});
    runner->catch_up();
    CHECK(count(*runner) == static_cast<std::int64_t>(world.feed.head()));
}

TEST_CASE("[N11] verifying names the first row that differs") {
    World world;
    const Tally tally;
    happen(world.feed, 30);
    world.runner({&tally})->catch_up();
    auto live = find_valid(world.origin(), tally).value();
    WriteBatch planted;
    SECTION("one more") { planted.put(0, "planted", "x"); }
    SECTION("one less") { planted.erase(0, "last"); }
    SECTION("another value") { planted.put(0, "count", "12345678"); }
    live.table->write(planted, Sync::no);
    const auto verified = verify(world.origin(), tally, *live.table, {});
    REQUIRE(verified.difference);
    CHECK(verified.live != verified.anew);
    CHECK(verified.difference->key == planted.operations().front().key);
    CHECK_THAT(verified.difference->text(), Contains("key "));
    CHECK(verified.difference->left == live.table->get(0, verified.difference->key));
    CHECK(files_in(world.directory.path() + "/tally") == Names{"1", "CURRENT"});
}

TEST_CASE("what was made is read back from its files, though its blocks are in memory [N11]") {
    World world;
    const Tally tally;
    const RocksShared shared(std::size_t{16} << 20);
    const auto origin = on_rocks(world, shared);
    auto made = make_generation(origin, tally);
    WriteBatch rows;
    Digest noise{};  // which no compression makes small
    for (int i = 0; i < 2000; ++i) {
        noise = sha256(view(noise));
        rows.put(0, "row" + std::to_string(i), std::string(view(noise)));
    }
    made.table->write(rows, Sync::yes);
    CHECK(read_back(origin, tally, made).rows == 2000);
    for (const auto& each : std::filesystem::directory_iterator(Generations(origin.views, tally).path(made.number))) {
        if (each.path().extension() != ".sst" || each.file_size() < 50'000) continue;
        std::fstream file(each.path(), std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(each.file_size() / 2));
        file << "not what was written";
    }
    CHECK_THROWS_AS(read_back(origin, tally, made), DamageError);
}

TEST_CASE("a query keeps its snapshot while events are applied on RocksDB, and a reopened view goes on") {
    World world;
    const Seats seats;
    const RocksShared shared(std::size_t{16} << 20);
    const auto origin = on_rocks(world, shared);
    const Assignment given{
        .role = spec::plain, .license = {}, .add_ons = {}, .teams = {}, .permissions = {}, .resources = {}};
    for (std::uint8_t i = 0; i < 200; ++i) {
        const auto who = spec::numbered<MemberId>(i);
        world.feed.happens(who, MemberCreated{spec::grace_address, "claim", Profile{}, given, true});
        if (i % 3 == 0) world.feed.happens(who, MemberDeactivated{});
    }
    const auto still = [] { return Runner::Time{}; };
    {
        Runner runner(origin, {&seats}, still);
        runner.catch_up();
        auto table = runner.table("seats");
        const auto snapshot = table->snapshot();
        CHECK(seats::use(*snapshot, spec::spring).at("users").active == 133);
        world.feed.happens(spec::numbered<MemberId>(1), MemberDeactivated{});
        runner.catch_up();
        CHECK(seats::use(*snapshot, spec::spring).at("users").active == 133);
        CHECK(seats::use(*table, spec::spring).at("users").active == 132);
        CHECK_FALSE(verify(origin, seats, *table->snapshot(), {}).difference);
    }
    CHECK(rebuild(origin, seats, {}).same_as_before == true);
    world.feed.happens(spec::numbered<MemberId>(2), MemberDeactivated{});
    Runner runner(origin, {&seats}, still);
    CHECK(runner.standing("seats").state == RunState::running);
    CHECK(runner.standing("seats").lag == 1);
    runner.catch_up();
    CHECK(seats::use(*runner.table("seats"), spec::spring).at("users").active == 131);
}

}  // namespace muster::following
