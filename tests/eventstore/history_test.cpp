// Events read back, from memory or from their bytes: the same either way.
#include "eventstore/codec.h"
#include "tests/domain/print.h"
#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

struct Read : World {
    Read() : World(GENERATE(On::memory, On::rocks)) {
        spring = workspace("spring");
        autumn = workspace("autumn");
        grace = done(run(invite(spring, "grace@spring.example")));
        done(run(invite(autumn, "linus@autumn.example")));
        done(run(accept(spring, grace)));
    }
    static std::vector<std::string> shown(const std::vector<RecordedPtr>& events) {
        std::vector<std::string> all;
        for (const auto& each : events)
            all.push_back(std::to_string(each->meta.position) + " " + std::to_string(each->meta.version) + " " +
                          each->meta.at.text() + " " + base32(each->stream.id) + base32(each->workspace.uuid) +
                          each->id.text() + base32(each->command) + base32(each->correlation) +
                          std::to_string(each->causation) + spec::print(each->event));
        return all;
    }
    WorkspaceId spring, autumn;
    MemberId grace;
};

TEST_CASE_METHOD(Read, "what is read from the disk is what was told when it happened") {
    auto told = shown(heard);
    CHECK(shown(history->after(0, 100)) == told);
    CHECK(log->tail(0, 100));
    restart();
    CHECK_FALSE(log->tail(0, 100));
    CHECK(shown(history->after(0, 100)) == told);
    CHECK(history->after(2, 3).size() == 3);
    CHECK(history->after(2, 3)[0]->meta.position == 3);
    CHECK(history->after(log->head(), 3).empty());
}

TEST_CASE_METHOD(Read, "a workspace's events and a stream's are its own") {
    for (const auto& each : history->after(spring, 0, 100)) CHECK(each->workspace == spring);
    auto stream = history->stream(stream_of(grace));
    REQUIRE(stream.size() == 3);  // invited, accepted, and a password chosen
    CHECK(fold<Membership>(stream).phase == Phase::active);
    CHECK(history->stream(stream_of(grace), 1).size() == 2);
    CHECK(history->at(log->head() + 1) == nullptr);
}

TEST_CASE_METHOD(Read, "an unknown type is named with its position") {
    close();
    auto stored = parse_frame(*table->get(family(LogFamily::events), rows::position(3)));
    stored.type = "MemberInvited.9";
    WriteBatch batch;
    batch.put(family(LogFamily::events), rows::position(3),
              frame_bytes(header_of(stored), stored.payload, stored.link));
    table->write(batch, Sync::yes);
    open();
    History again(*log, *vault);
    try {
        (void)again.after(0, 100);
        FAIL("it was read");
    } catch (const UnknownEvent& error) {
        CHECK(std::string(error.what()).find("event 3: events of type `MemberInvited.9`") == 0);
    }
}

TEST_CASE_METHOD(Read, "damage is named with its position, and nothing is served of it [N12]") {
    close();
    auto damage = [&](const std::string& bytes) {
        WriteBatch batch;
        batch.put(family(LogFamily::events), rows::position(3), bytes);
        table->write(batch, Sync::yes);
        open();
        History again(*log, *vault);
        CHECK_THROWS_AS(again.at(3), DamageError);
        CHECK_THROWS_AS(again.after(0, 100), DamageError);
        CHECK(again.after(3, 100).size() == log->head() - 3);
    };
    auto stored = *table->get(family(LogFamily::events), rows::position(3));
    SECTION("in the frame") {
        stored[60] = static_cast<char>(stored[60] ^ 1);
        damage(stored);
    }
    SECTION("in the payload, though the checksum fits") {
        auto frame = parse_frame(stored);
        damage(frame_bytes(header_of(frame), frame.payload + "x", frame.link));
    }
}

TEST_CASE_METHOD(Read, "a key that the vault lacks is damage, and only one that was destroyed reads as erased [N12]") {
    auto invited = log->positions(stream_of(grace), 0).at(0);
    auto key = sealed_under(log->frame(invited)->payload);
    REQUIRE(key);
    auto address = [&] { return std::get<MemberInvited>(history->at(invited)->event).email.if_known() != nullptr; };
    SECTION("destroyed") {
        vault->destroy({*key});
        restart();
        CHECK_FALSE(address());
    }
    SECTION("lost") {
        REQUIRE(address());
        WriteBatch loss;
        loss.erase(static_cast<Family>(VaultFamily::person_keys), std::string(rows::bytes_of(*key)));
        vault_table->write(loss, Sync::yes);
        restart();
        CHECK_THROWS_AS(history->at(invited), DamageError);
        CHECK_THROWS_AS(history->after(0, 100), DamageError);
        CHECK_THROWS_AS(directory->membership(spring, grace), DamageError);
    }
}

}  // namespace
}  // namespace muster::test
