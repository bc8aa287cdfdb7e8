// Erasing a person: the key goes, history stays, and no cache or kept answer brings them back.
#include "eventstore/fsck.h"
#include "eventstore/verify.h"
#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

struct Erasing : World {
    Erasing() : World(GENERATE(On::memory, On::rocks)) {
        spring = workspace();
        revoked = done(run(invite(spring, "Grace@spring.example")));
        done(run(on(spring, revoked, RevokeInvitation{})));
        grace = done(run(create(spring, "grace@spring.example")));
        key = log->person_key(spring, claim().bytes).value();
    }
    EmailClaim claim() { return execute->claim_of(spring, spec::address("grace@spring.example")); }
    void erase_grace() {
        done(run(on(spring, grace, DeleteMember{grace.text(), {}})));
        eraser->erase(spring, grace);
    }
    WorkspaceId spring;
    MemberId revoked, grace;
    Uuid key;
};

TEST_CASE_METHOD(Erasing, "the key is destroyed, and the event says so") {
    CHECK(vault->person_key(key));
    erase_grace();
    CHECK_FALSE(vault->person_key(key));
    CHECK(vault->erased(key));
    CHECK_FALSE(log->key_in_use(key));
    CHECK_FALSE(log->person_key(spring, claim().bytes));
    auto last = history->at(log->head());
    CHECK(std::get<PersonalDataDestroyed>(last->event).key == key);
    CHECK(std::get<PersonalDataDestroyed>(last->event).member == grace);
    // Done once: a second time nothing happens.
    auto before = rows();
    eraser->erase(spring, grace);
    CHECK(rows() == before);
    CHECK(verify_chain(*log, spring).intact());
    CHECK(fsck(*table->snapshot(), nullptr).clean());
}

TEST_CASE_METHOD(Erasing, "nothing that was read before still shows the person") {
    CHECK(member(spring, revoked)->profile->name == "Grace");  // cached
    REQUIRE(log->tail(0, 1));                                  // decoded in memory
    erase_grace();
    CHECK(member(spring, revoked)->profile.erased());
    CHECK(member(spring, revoked)->email.erased());
    CHECK(member(spring, grace)->email.erased());
    for (const auto& each : history->after(0, 1000)) {
        if (const auto* invited = std::get_if<MemberInvited>(&each->event)) CHECK(invited->email.erased());
        const auto* created = std::get_if<MemberCreated>(&each->event);
        if (created && each->stream == stream_of(grace)) CHECK(created->profile.erased());
        if (created && each->stream != stream_of(grace)) CHECK_FALSE(created->profile.erased());
    }
}

TEST_CASE_METHOD(Erasing, "nor does what was being read while they were erased") {
    auto late = done(run(invite(spring, "late@spring.example")));
    CHECK(member(spring, late)->email->text() == "late@spring.example");  // cached, a version ago
    done(run(on(spring, late, RevokeInvitation{})));
    const auto theirs = execute->claim_of(spring, spec::address("late@spring.example")).bytes;
    faults->scanned = [&] {
        vault->destroy({*log->person_key(spring, theirs)});
        directory->forget(spring, theirs);
    };
    member(spring, late);
    CHECK_FALSE(faults->scanned);
    CHECK(member(spring, late)->email.erased());
}

TEST_CASE_METHOD(Erasing, "who comes back after it has another key") {
    erase_grace();
    auto again = done(run(invite(spring, "grace@spring.example")));
    CHECK(log->person_key(spring, claim().bytes) != key);
    CHECK(member(spring, again)->email->text() == "grace@spring.example");
    CHECK(member(spring, revoked)->email.erased());
}

TEST_CASE_METHOD(Erasing, "only a deleted member is erased, and only in their workspace") {
    auto before = rows();
    eraser->erase(spring, grace);
    eraser->erase(spring, revoked);
    eraser->erase(spring, MemberId{execute->fresh()});
    done(run(on(spring, grace, DeactivateMember{})));
    eraser->erase(spring, grace);
    CHECK(vault->person_key(key));
    CHECK_FALSE(member(spring, grace)->email.erased());
    done(run(on(spring, grace, DeleteMember{grace.text(), {}})));
    before = rows();
    eraser->erase(spec::numbered<WorkspaceId>(99), grace);
    CHECK(rows() == before);
    CHECK(vault->person_key(key));
}

TEST_CASE_METHOD(Erasing, "what a crash cut short is completed at the next start") {
    done(run(on(spring, grace, DeleteMember{grace.text(), {}})));
    SECTION("before the key went") {}
    SECTION("after the key went") { vault->destroy({key}); }
    restart();
    eraser->complete();
    CHECK(vault->erased(key));
    CHECK(history->at(log->head())->stream == stream_of(grace));
    CHECK(std::holds_alternative<PersonalDataDestroyed>(history->at(log->head())->event));
    auto before = rows();
    eraser->complete();
    restart();
    eraser->complete();
    CHECK(rows() == before);
    CHECK(fsck(*table->snapshot(), nullptr).clean());
}

TEST_CASE_METHOD(Erasing,
                 "where the key could not be cleared from the disk, nobody is shown, and it is completed later") {
    CHECK(member(spring, revoked)->profile->name == "Grace");  // cached
    vault_faults->purge_fails = true;
    CHECK_THROWS_AS(erase_grace(), StorageError);
    CHECK(member(spring, revoked)->profile.erased());
    CHECK(member(spring, revoked)->email.erased());
    CHECK_THROWS_AS(eraser->complete(), StorageError);
    vault_faults->purge_fails = false;
    eraser->complete();
    CHECK(std::get<PersonalDataDestroyed>(history->at(log->head())->event).key == key);
    auto before = rows();
    eraser->complete();
    CHECK(rows() == before);
}

TEST_CASE_METHOD(Erasing, "a key that went while a decision was made is not used again") {
    // Grace is deleted between the decision to invite her again and its append.
    done(run(on(spring, grace, DeleteMember{grace.text(), {}})));
    auto again = invite(spring, "grace@spring.example");
    auto decide = again.decide;
    bool first = true;
    again.decide = [&](const Loaded& loaded, const Context& context) {
        if (std::exchange(first, false)) {
            auto other = done(run(create(spring, "grace@spring.example")));
            done(run(on(spring, other, DeleteMember{other.text(), {}})));
            eraser->erase(spring, other);
        }
        return decide(loaded, context);
    };
    auto invited = done(run(again));
    CHECK(member(spring, invited)->email->text() == "grace@spring.example");
    CHECK(vault->person_key(*log->person_key(spring, claim().bytes)));
    CHECK(fsck(*table->snapshot(), nullptr).clean());
}

}  // namespace
}  // namespace muster::test
