// Chains computed anew: what was altered, moved or left out is found at its place [N6 N12].
#include "eventstore/verify.h"

#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

struct Verified : World {
    Verified() {
        spring = workspace("spring");
        autumn = workspace("autumn");
        for (int i = 0; i < 12; ++i)
            done(run(invite(i % 3 == 0 ? autumn : spring, "p" + std::to_string(i) + "@spring.example")));
        places = log->positions(spring, 0, 100);
    }
    std::string frame(Position position) { return *table->get(family(LogFamily::events), rows::position(position)); }
    void change(const std::function<void(WriteBatch&)>& make) {
        WriteBatch batch;
        make(batch);
        table->write(batch, Sync::no);
    }
    void found_at(Position position, const std::string& why) {
        auto report = verify_chain(*log, spring);
        REQUIRE(report.fault);
        CHECK(report.fault->position == position);
        CHECK(report.fault->why == why);
    }
    WorkspaceId spring, autumn;
    std::vector<Position> places;
};

TEST_CASE_METHOD(Verified, "an untouched history is unbroken") {
    auto report = verify_chain(*log, spring);
    CHECK(report.intact());
    CHECK(report.events == places.size());
    CHECK(report.position == log->head(spring));
    CHECK(report.link == log->link_at(report.position));
    CHECK(verify_chain(*log, spec::numbered<WorkspaceId>(99)).events == 0);
    auto whole = verify_log(*table->snapshot());
    CHECK(whole.intact());
    CHECK(whole.events == log->head());
    CHECK(whole.link == log->head_row().running);
}

TEST_CASE_METHOD(Verified, "an altered event does not fit the one before it") {
    auto parsed = parse_frame(frame(places[4]));
    parsed.meta.at.ms += 1000;
    auto altered = frame_bytes(header_of(parsed), parsed.payload, parsed.link);
    change([&](auto& batch) { batch.put(family(LogFamily::events), rows::position(places[4]), altered); });
    found_at(places[4], "its link does not follow from the event before it");
    auto whole = verify_log(*table->snapshot());
    REQUIRE(whole.fault);
    CHECK(whole.fault->position == places[4]);
    CHECK(whole.events == places[4] - 1);
    CHECK(verify_chain(*log, autumn).intact());
}

TEST_CASE_METHOD(Verified, "an altered payload does not fit either") {
    auto parsed = parse_frame(frame(places[4]));
    parsed.payload.back() = static_cast<char>(parsed.payload.back() ^ 1);
    auto altered = frame_bytes(header_of(parsed), parsed.payload, parsed.link);
    change([&](auto& batch) { batch.put(family(LogFamily::events), rows::position(places[4]), altered); });
    found_at(places[4], "its link does not follow from the event before it");
}

TEST_CASE_METHOD(Verified, "an event that is missing is named") {
    change([&](auto& batch) { batch.erase(family(LogFamily::events), rows::position(places[3])); });
    found_at(places[3], "it is missing");
    CHECK(verify_log(*table->snapshot()).fault->position == places[3]);
}

TEST_CASE_METHOD(Verified, "a head row that is damaged takes nothing from what is unbroken before it") {
    const auto events = log->head();
    change([&](auto& batch) { batch.put(family(LogFamily::heads), rows::head(), "damaged"); });
    std::vector<Position> told;
    const auto whole = verify_log(*table->snapshot(), [&](Position done) { told.push_back(done); });
    REQUIRE(whole.fault);
    CHECK(whole.fault->position == events + 1);
    CHECK(whole.events == events);
    CHECK(told == std::vector<Position>{0});
}

TEST_CASE_METHOD(Verified, "an event that is left out of its workspace's list breaks the next one's link") {
    change(
        [&](auto& batch) { batch.erase(family(LogFamily::workspaces), rows::workspace_position(spring, places[3])); });
    found_at(places[4], "its link does not follow from the event before it");
}

TEST_CASE_METHOD(Verified, "another workspace's event is not taken in") {
    change([&](auto& batch) {
        batch.put(family(LogFamily::workspaces), rows::workspace_position(spring, log->head(autumn)), "");
    });
    auto report = verify_chain(*log, spring);
    REQUIRE(report.fault);
    CHECK(report.fault->position == log->head(autumn));
}

TEST_CASE_METHOD(Verified, "an end that was cut off shows against the head row") {
    auto last = places.back();
    change([&](auto& batch) {
        batch.erase(family(LogFamily::events), rows::position(last));
        batch.erase(family(LogFamily::workspaces), rows::workspace_position(spring, last));
    });
    found_at(last,
             "the workspace's head row names it as the last, which is " + std::to_string(places[places.size() - 2]));
}

}  // namespace
}  // namespace muster::test
