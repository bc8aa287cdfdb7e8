// A deleted workspace: everybody in it is ended and erased, some at a time, whatever cuts it off; and a history that
// was restored brings nobody back.
#include "domain/workspace_deletion.h"
#include "eventstore/fsck.h"
#include "eventstore/sealed_rows.h"
#include "eventstore/verify.h"
#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

struct Deleting : World {
    Deleting() : World(GENERATE(On::memory, On::rocks)) {
        spring = workspace();
        other = workspace("other");
        member = done(run(create(spring, "member@spring.example")));
        gone = done(run(create(spring, "gone@spring.example")));
        done(run(on(spring, gone, DeactivateMember{})));
        pending = done(run(invite(spring, "pending@spring.example")));
        dead = done(run(invite(spring, "dead@spring.example")));
        done(run(on(spring, dead, RevokeInvitation{})));
        elsewhere = done(run(create(other, "member@spring.example")));
    }
    void delete_spring() { REQUIRE(run(command(spring, stream_of(spring), DeleteWorkspace{spring.text()}))); }
    void check_nobody_is_left() {
        CHECK(log->persons(spring, {}, 10).empty());
        for (const auto& [counter, used] : log->counters(spring)->used) CHECK(used == 0);
        CHECK(log->due(spring, Instant::never(), 10).empty());
        CHECK(vault->erased(spring.uuid));
        CHECK_THROWS_AS(vault->claim_key(spring), StorageError);
        for (auto id : {member, gone, pending, dead}) {
            auto person = directory->membership(spring, id);
            CHECK(person->email.erased());
            CHECK(person->profile.erased());
        }
        CHECK(directory->membership(spring, member)->phase == Phase::deleted);
        CHECK(directory->membership(spring, pending)->phase == Phase::revoked);
        auto last = history->at(log->positions(stream_of(spring), 0).back());
        CHECK(std::holds_alternative<WorkspaceErased>(last->event));
        CHECK(directory->membership(other, elsewhere)->email->text() == "member@spring.example");
        CHECK(verify_chain(*log, spring).intact());
        CHECK(fsck(*table->snapshot(), nullptr).clean());
    }
    WorkspaceId spring, other;
    MemberId member, gone, pending, dead, elsewhere;
};

}  // namespace

TEST_CASE_METHOD(Deleting, "from its deletion on nothing of a workspace is there, and its slug is free, N5") {
    delete_spring();
    CHECK_FALSE(directory->workspace(spring));
    CHECK(directory->deleted_workspace(spring));
    CHECK_FALSE(directory->workspace_of(Slug{"spring"}));
    CHECK(code(run(invite(spring, "new@spring.example"))) == "workspace_deleted");
    CHECK(code(run(on(spring, member, DeactivateMember{}))) == "workspace_deleted");
    CHECK(workspace("spring") != spring);
    CHECK(fsck(*table->snapshot(), nullptr).clean());  // in between too
}

TEST_CASE_METHOD(Deleting,
                 "all of its people's keys are destroyed, and its claim key; another workspace keeps its own") {
    delete_spring();
    eraser->erase_workspace(spring);
    check_nobody_is_left();
    auto before = rows();
    eraser->erase_workspace(spring);
    eraser->complete_workspaces();
    CHECK(rows() == before);
}

TEST_CASE_METHOD(Deleting, "a deletion that a crash cut off goes on at the next start") {
    delete_spring();
    SECTION("before anybody was ended") {}
    SECTION("where a key could not be destroyed") {
        vault_faults->purge_fails = true;
        CHECK_THROWS_AS(eraser->erase_workspace(spring), StorageError);
        vault_faults->purge_fails = false;
    }
    restart();
    CHECK(fsck(*table->snapshot(), nullptr).clean());
    eraser->complete();
    eraser->complete_workspaces();
    check_nobody_is_left();
}

TEST_CASE_METHOD(Deleting, "a workspace of more people than are ended in one append is ended in several, N3") {
    for (std::size_t i = 0; i < 2 * limits::people_ended_per_append; ++i)
        done(run(create(spring, "p" + std::to_string(i) + "@spring.example")));
    delete_spring();
    eraser->erase_workspace(spring);
    check_nobody_is_left();
}

TEST_CASE_METHOD(Deleting, "in a history that goes back behind an erasure, who was erased is ended again") {
    auto claim = execute->claim_of(spring, spec::address("member@spring.example"));
    auto pending_claim = execute->claim_of(spring, spec::address("pending@spring.example"));
    vault->destroy({*log->person_key(spring, claim.bytes), *log->person_key(spring, pending_claim.bytes)});
    restart();
    auto again = eraser->erase_again();
    CHECK(again.people == 2);
    CHECK(again.without_admin.empty());
    CHECK(directory->membership(spring, member)->phase == Phase::deleted);
    CHECK(directory->membership(spring, pending)->phase == Phase::revoked);
    CHECK(directory->membership(spring, member)->email.erased());
    CHECK_FALSE(log->holder(spring, claim.claim()));
    CHECK(fsck(*table->snapshot(), nullptr).clean());
    // The address comes back as somebody new.
    CHECK(done(run(invite(spring, "member@spring.example"))) != member);
    CHECK(eraser->erase_again().people == 0);
}

TEST_CASE_METHOD(Deleting, "the only admin who was erased stays one, unreadable, until there is another, N9") {
    auto holder = directory->holder(spring, execute->claim_of(spring, spec::address("ada@spring.example")));
    REQUIRE(holder);
    for (auto kept : {vault->passwords(), vault->sessions()})
        kept.put({{rows::bytes_of(holder->id.uuid) + "1", "of hers"}}, Sync::yes);
    vault->destroy({*log->person_key(spring, holder->email_claim)});
    restart();
    auto again = eraser->erase_again();
    CHECK(again.people == 1);
    CHECK(again.without_admin == std::vector{spring});
    CHECK(vault->passwords().keys(rows::bytes_of(holder->id.uuid)).empty());  // nor do they sign in
    CHECK(vault->sessions().keys(rows::bytes_of(holder->id.uuid)).empty());
    auto blank = directory->membership(spring, holder->id);
    CHECK(blank->phase == Phase::active);
    CHECK(blank->email.erased());
    CHECK(fsck(*table->snapshot(), nullptr).clean());
    done(run(create(spring, "grace@spring.example", "admin")));
    done(run(on(spring, holder->id, DeleteMember{holder->id.text(), {}})));
    eraser->erase(spring, holder->id);
    CHECK(fsck(*table->snapshot(), nullptr).clean());
}

TEST_CASE_METHOD(Deleting, "a workspace that was deleted in a later history is deleted again") {
    vault->destroy_claim_key(spring);
    restart();
    auto again = eraser->erase_again();
    CHECK(again.workspaces == 1);
    check_nobody_is_left();
}

}  // namespace muster::test
