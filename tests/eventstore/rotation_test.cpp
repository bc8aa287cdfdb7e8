// Keys of the server that are changed: the new one from now on, the former one for 400 days.
#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

constexpr Purpose rotating[] = {Purpose::link, Purpose::cursor, Purpose::idempotency};

bool same(const SecretKey& a, const std::optional<SecretKey>& b) { return b && a.bytes() == b->bytes(); }

// As the server's tidying does it.
void tidy(World& world) {
    world.vault->destroy_keys_rotated_before(world.clock.now().plus_seconds(-limits::rotated_key_seconds));
}

}  // namespace

TEST_CASE("a rotated key is the current one at once and after a restart; the former one is found by its id") {
    World world(GENERATE(On::memory, On::rocks));
    for (Purpose purpose : rotating) {
        const auto former = world.vault->current(purpose);
        const auto rotation = world.vault->rotate(purpose);
        CHECK(rotation.former_id == former.id);
        CHECK(rotation.id == former.id + 1);
        CHECK(rotation.at == world.clock.now());
        const auto now = world.vault->current(purpose);
        CHECK(now.id == rotation.id);
        CHECK_FALSE(same(now.key, former.key));
        world.restart();
        CHECK(world.vault->current(purpose).id == rotation.id);
        CHECK(same(now.key, world.vault->current(purpose).key));
        CHECK(same(former.key, world.vault->of(purpose, former.id)));
    }
}

TEST_CASE("a key that was never asked for rotates too, and no other purpose's key with it") {
    World world;
    const auto cursor = world.vault->current(Purpose::cursor);
    CHECK(world.vault->rotate(Purpose::link).id == 2);
    CHECK(world.vault->of(Purpose::link, 1));
    CHECK(world.vault->current(Purpose::cursor).id == cursor.id);
    CHECK(same(cursor.key, world.vault->current(Purpose::cursor).key));
}

TEST_CASE("a former key is good for 400 days after the rotation, and then destroyed") {
    World world(GENERATE(On::memory, On::rocks));
    const auto first = world.vault->current(Purpose::link).id;
    world.clock.advance(1000 * 86'400);  // however long it was the current one
    world.vault->rotate(Purpose::link);
    world.clock.advance(100 * 86'400);
    const auto second = world.vault->rotate(Purpose::link).former_id;
    world.clock.advance(300 * 86'400);
    tidy(world);
    CHECK(world.vault->of(Purpose::link, first));
    world.clock.advance(1);
    tidy(world);
    CHECK_FALSE(world.vault->of(Purpose::link, first));
    CHECK(world.vault->of(Purpose::link, second));
    world.clock.advance(100 * 86'400);
    tidy(world);
    world.restart();
    CHECK_FALSE(world.vault->of(Purpose::link, second));
    CHECK(world.vault->current(Purpose::link).id == 3);
    CHECK(world.vault->rotate(Purpose::link).id == 4);
}

TEST_CASE("a rotation that can't be written is none") {
    World world;
    const auto before = world.vault->current(Purpose::link);
    world.vault_faults->write_fails = true;
    CHECK_THROWS_AS(world.vault->rotate(Purpose::link), StorageError);
    world.vault_faults->write_fails = false;
    CHECK(world.vault->current(Purpose::link).id == before.id);
    CHECK(same(before.key, world.vault->current(Purpose::link).key));
    CHECK(world.vault->rotate(Purpose::link).id == before.id + 1);
}

TEST_CASE("many rotations at once make a key each") {
    World world;
    at_once(8, [&](int) { world.vault->rotate(Purpose::cursor); });
    CHECK(world.vault->current(Purpose::cursor).id == 9);
    for (std::uint32_t id = 1; id <= 9; ++id) CHECK(world.vault->of(Purpose::cursor, id));
}

TEST_CASE("keys of rows that stay do not rotate") {
    World world;
    for (Purpose purpose : {Purpose::drafts, Purpose::passwords, Purpose::sessions, Purpose::api_keys, Purpose::mails})
        CHECK_THROWS_AS(world.vault->rotate(purpose), std::invalid_argument);
}

TEST_CASE("a kept answer is recalled across a rotation, and no more once its key is destroyed [N2]") {
    World world;
    const IdempotencyKey key{std::string(32, 's'), "my key", "POST /invitations {}"};
    const KeptAnswer answer{201, 42, {{AnswerPart::Kind::plain, "{}", {}, {}, 0}}};
    const auto row = kept_row(*world.vault, key, world.clock.now(), answer);
    world.vault->rotate(Purpose::idempotency);
    const auto back = recall(*world.vault, key, row);
    REQUIRE(back);
    CHECK(back->status == 201);
    CHECK(back->parts[0].text == "{}");
    auto other = key;
    other.request = "POST /invitations {\"x\":1}";
    CHECK(recall(*world.vault, other, row).error() == NotRecalled::another_request);
    CHECK(recall(*world.vault, key, kept_row(*world.vault, key, world.clock.now(), answer)));
    world.clock.advance(401 * 86'400);
    tidy(world);
    CHECK(recall(*world.vault, key, row).error() == NotRecalled::expired);
}

}  // namespace muster::test
