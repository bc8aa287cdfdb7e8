// The audit's indexes against a list of all events, filtered by hand.
#include "projections/audit.h"

#include "projections/sentence.h"
#include "tests/projections/following.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>

namespace muster::following {
namespace {

using audit::Query;
using Positions = std::vector<Position>;
using spec::ada;
using spec::grace;
using spec::linus;
using spec::spring;

constexpr Actor by(MemberId member) { return {ActorKind::member, member.uuid}; }

// Sixty-odd events of one workspace by everybody, and a few of another one's.
struct Scene {
    FakeFeed feed;
    Audit audit;
    std::unique_ptr<Table> table = open_memory_table(1);

    Scene() {
        for (std::uint8_t i = 0; i < 10; ++i) {
            const auto who = spec::numbered<MemberId>(static_cast<std::uint8_t>(i % 4 + 1));
            feed.happens(who, MemberInvited{}, by(ada));
            feed.happens(who, InvitationResent{}, by(i % 2 ? ada : linus));
            feed.happens(who, InvitationAccepted{}, {ActorKind::invitee, who.uuid});
            feed.happens(stream_of(spring), TeamCreated{}, {ActorKind::operator_, {}});
            feed.happens(who, MemberDeactivated{}, {ActorKind::api_key, who.uuid});
            feed.happens(who, InvitationExpired{});
        }
        feed.happens(linus, MemberDeleted{grace}, by(ada));
        feed.happens(stream_of(spring), PersonalDataDestroyed{{}, linus});
        feed.happens(StreamId{StreamKind::sign_in, ada.uuid}, MemberSignedIn{ada}, by(ada));
        feed.happens(StreamId{StreamKind::recovery, grace.uuid}, PasswordResetRequested{grace},
                     {ActorKind::visitor, {}});
        Rows rows(*table);
        for (const auto& each : feed.after(0, 1000)) {
            audit.on(*each, rows);
            auto other = *each;
            other.workspace = spec::numbered<WorkspaceId>(2);
            other.meta.position += 1000;
            audit.on(other, rows);
        }
        table->write(rows.take(), Sync::no);
    }

    // Newest first.
    [[nodiscard]] Positions where(const std::function<bool(const Recorded&)>& holds) const {
        Positions found;
        for (const auto& each : feed.after(0, 1000))
            if (holds(*each)) found.push_back(each->meta.position);
        std::reverse(found.begin(), found.end());
        return found;
    }
    // All pages of a query.
    [[nodiscard]] Positions find(Query query, std::size_t walked_max = audit::rows_walked_max) const {
        query.workspace = spring;
        Positions found;
        for (int pages = 0; pages < 1000; ++pages) {
            auto page = audit::find(*table, query, walked_max);
            CHECK(page.positions.size() <= query.limit);
            found.insert(found.end(), page.positions.begin(), page.positions.end());
            if (!page.next) return found;
            query.before = page.next;
        }
        FAIL("pages without end");
        return found;
    }
};

bool is(const Recorded& recorded, std::string_view type) { return event_type(recorded.event) == type; }

bool concerns(const Recorded& recorded, MemberId member) {
    if (recorded.stream == stream_of(member)) return true;
    if (const auto* signed_in = std::get_if<MemberSignedIn>(&recorded.event)) return signed_in->member == member;
    if (const auto* asked = std::get_if<PasswordResetRequested>(&recorded.event)) return asked->member == member;
    if (const auto* deleted = std::get_if<MemberDeleted>(&recorded.event)) return deleted->reassign_to == member;
    if (const auto* destroyed = std::get_if<PersonalDataDestroyed>(&recorded.event)) return destroyed->member == member;
    return false;
}

// Counts the rows that are asked for by their keys.
class Counting final : public Reading {
public:
    explicit Counting(const Reading& rows) : rows_(rows) {}
    [[nodiscard]] std::optional<std::string> get(Family family, std::string_view key) const override {
        ++asked;
        return rows_.get(family, key);
    }
    [[nodiscard]] std::unique_ptr<Cursor> scan(Family family, std::string_view prefix) const override {
        return rows_.scan(family, prefix);
    }
    mutable std::size_t asked = 0;

private:
    const Reading& rows_;
};

}  // namespace

TEST_CASE("[N6] without a filter the audit is every event of the workspace, newest first") {
    const Scene scene;
    const auto all = scene.where([](const Recorded&) { return true; });
    CHECK(all.size() == 64);
    for (std::size_t limit : {1U, 7U, 63U, 64U, 65U, 1000U}) {
        Query query;
        query.limit = limit;
        CHECK(scene.find(query) == all);
    }
    Query foreign;
    foreign.workspace = spec::numbered<WorkspaceId>(3);
    CHECK(audit::find(*scene.table, foreign).positions.empty());
}

TEST_CASE("the audit is filtered by actor, and an invitee is the member they become") {
    const Scene scene;
    auto of = [&](Actor actor) {
        Query query;
        query.actors = {actor};
        return scene.find(query);
    };
    CHECK(of(by(ada)) == scene.where([](const Recorded& each) {
        return each.meta.actor == by(ada) || each.meta.actor == Actor{ActorKind::invitee, ada.uuid};
    }));
    CHECK(of({ActorKind::invitee, ada.uuid}) == of(by(ada)));
    CHECK(of({ActorKind::api_key, ada.uuid}) ==
          scene.where([](const Recorded& each) { return each.meta.actor == Actor{ActorKind::api_key, ada.uuid}; }));
    CHECK(of({ActorKind::operator_, {}}).size() == 10);
    CHECK(of({}).size() == 11);
    CHECK(of(by(spec::newcomer)).empty());
}

TEST_CASE("the audit is filtered by whom an event concerns, also where it stands on another stream") {
    const Scene scene;
    for (const auto member : {ada, grace, linus}) {
        Query query;
        query.members = {member};
        CHECK(scene.find(query) == scene.where([&](const Recorded& each) { return concerns(each, member); }));
    }
}

TEST_CASE("[N6] an event that concerns several of those who are asked for is listed once, on one page") {
    const Scene scene;
    Query query;
    query.members = {grace, linus};
    const auto expected =
        scene.where([](const Recorded& each) { return concerns(each, grace) || concerns(each, linus); });
    for (std::size_t limit : {1U, 2U, 3U, 4U, 1000U}) {
        query.limit = limit;
        CHECK(scene.find(query) == expected);
    }
}

TEST_CASE("the audit is filtered by types, any of them") {
    const Scene scene;
    Query query;
    query.types = {"team_created"};
    CHECK(scene.find(query) == scene.where([](const Recorded& each) { return is(each, "team_created"); }));
    query.types = {"member_invited", "team_created", "member_deleted", "member_invited"};
    query.limit = 4;
    CHECK(scene.find(query) == scene.where([](const Recorded& each) {
        return is(each, "member_invited") || is(each, "team_created") || is(each, "member_deleted");
    }));
    // A type whose name begins another's.
    query.types = {"member", "nothing"};
    CHECK(scene.find(query).empty());
}

TEST_CASE("the audit is filtered by time, from and including, to and without") {
    const Scene scene;
    for (std::int64_t from : {-5, 0, 1, 30, 62, 63, 99})
        for (std::int64_t to : {-5, 0, 1, 31, 62, 63, 99}) {
            INFO(from << " to " << to);
            Query query;
            query.from = spec::moment(from);
            query.to = spec::moment(to);
            query.limit = 5;
            CHECK(scene.find(query) == scene.where([&](const Recorded& each) {
                return each.meta.at >= spec::moment(from) && each.meta.at < spec::moment(to);
            }));
        }
}

TEST_CASE("filters hold together, and a page that walked its fill is short and goes on") {
    const Scene scene;
    Query query;
    query.members = {grace};
    query.actors = {by(linus)};
    query.types = {"invitation_resent", "member_deactivated"};
    query.from = spec::moment(5);
    query.to = spec::moment(60);
    const auto expected = scene.where([](const Recorded& each) {
        return concerns(each, grace) && each.meta.actor == by(linus) &&
               (is(each, "invitation_resent") || is(each, "member_deactivated")) && each.meta.at >= spec::moment(5) &&
               each.meta.at < spec::moment(60);
    });
    query.actors = {by(ada)};
    const auto by_ada = scene.where([](const Recorded& each) {
        return concerns(each, grace) && each.meta.actor == by(ada) && is(each, "invitation_resent") &&
               each.meta.at >= spec::moment(5) && each.meta.at < spec::moment(60);
    });
    CHECK(by_ada.size() + expected.size() > 0);
    for (std::size_t walked_max : {1U, 2U, 3U, 1000U}) {
        query.actors = {by(linus)};
        CHECK(scene.find(query, walked_max) == expected);
        query.actors = {by(ada)};
        CHECK(scene.find(query, walked_max) == by_ada);
    }
    query.workspace = spring;
    query.actors = {by(spec::newcomer)};
    const auto page = audit::find(*scene.table, query, 3);
    CHECK(page.positions.empty());
    CHECK(page.next);
}

TEST_CASE("a page of the audit asks the indexes for its share of rows, however many values are filtered by") {
    const Scene scene;
    Query query;
    query.workspace = spring;
    query.members = {grace};
    for (std::uint8_t i = 0; i < 30; ++i)
        query.actors.push_back(by(spec::numbered<MemberId>(static_cast<std::uint8_t>(100 + i))));
    const Counting rows(*scene.table);
    const auto page = audit::find(rows, query, 40);
    CHECK(page.positions.empty());
    CHECK(page.next);
    CHECK(rows.asked == 60);  // of two rows, with which its 40 are spent
    CHECK(scene.find(query, 40).empty());
}

TEST_CASE("no address and no name stands in the audit's rows") {
    Scene scene;
    Rows rows(*scene.table);
    const auto& recorded = scene.feed.happens(
        grace, MemberInvited{spec::grace_address, "claim", Profile{"Grace", {}, {}, {}}, {}, 60, true, {}}, by(ada));
    scene.audit.on(recorded, rows);
    const auto batch = rows.take();
    CHECK(batch.operations().size() == 5);
    for (const auto& row : batch.operations()) {
        CHECK(row.value.empty());
        CHECK(row.key.find("race") == std::string::npos);
    }
}

TEST_CASE("all whom the events concern are listed by id, each once, behind any of them") {
    const Scene scene;
    std::vector<MemberId> all;
    for (std::uint8_t i = 1; i <= 4; ++i) all.push_back(spec::numbered<MemberId>(i));
    CHECK(audit::people(*scene.table, spring, std::nullopt, 100) == all);
    CHECK(audit::people(*scene.table, spring, std::nullopt, 2) == std::vector(all.begin(), all.begin() + 2));
    CHECK(audit::people(*scene.table, spring, all[1], 100) == std::vector(all.begin() + 2, all.end()));
    CHECK(audit::people(*scene.table, spring, all[3], 100).empty());
    CHECK(audit::people(*scene.table, spec::numbered<WorkspaceId>(9), std::nullopt, 100).empty());
}

TEST_CASE("whom a batch invited is found by it") {
    FakeFeed feed;
    const auto batch = spec::numbered<BatchId>(7);
    for (auto who : {linus, grace}) {
        MemberInvited invited;
        invited.batch = batch;
        feed.happens(who, invited, by(ada));
        feed.happens(who, InvitationRevoked{}, by(ada));
    }
    feed.happens(ada, MemberInvited{});
    const Audit audit;
    auto table = open_memory_table(1);
    Rows rows(*table);
    for (const auto& each : feed.after(0, 100)) audit.on(*each, rows);
    table->write(rows.take(), Sync::no);
    CHECK(audit::invited_by(*table, spring, batch) == std::vector{std::min(linus, grace), std::max(linus, grace)});
    CHECK(audit::invited_by(*table, spring, spec::numbered<BatchId>(8)).empty());
    CHECK(audit::invited_by(*table, spec::numbered<WorkspaceId>(9), batch).empty());
}

}  // namespace muster::following
