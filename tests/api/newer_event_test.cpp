// An event of a newer program in the log, as after going back to an older one: what reads it halts or refuses visibly,
// nothing skips it, and everything else goes on [N6 N12].
#include "eventstore/fsck.h"
#include "tests/api/fixture.h"
#include "tests/api/last_event.h"
#include "tests/api/signed_in.h"
#include "tests/eventstore/table_contract.h"

namespace muster::test {
namespace {

struct On {
    explicit On(const std::string& directory)
        : api(false, [&](SystemOptions& options) { options.directory = directory; }) {}
    Api api;
};

}  // namespace

TEST_CASE(
    "an event of a newer program halts every read model in front of it, and is refused where it is needed [N12]") {
    const auto stored = GENERATE(as<std::string>{}, "InvitationForwarded", "InvitationResent.2");  // a type, a shape
    INFO(stored);
    const Scratch scratch;
    const auto data = scratch / "data";
    std::string grace, linus;
    {
        On before(data);
        REQUIRE(before.api
                    .post("/v1/workspaces",
                          R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                    .status == 201);
        grace = before.api.invite("grace@spring.example");
        linus = before.api.invite("linus@spring.example");
        REQUIRE(before.api.post("/invitations/" + linus + "/resend").status == 200);
        REQUIRE(before.api.get("/members").status == 200);
    }
    change_last_event(data, [&](Frame& frame) { frame.type = stored; });
    std::filesystem::remove_all(data + "/views");  // of the newer program's making
    On after(data);
    auto& api = after.api;
    const auto head = api.head();
    for (const auto& each : api.system->runner().standings()) {
        INFO(each.name);
        CHECK_FALSE(api.system->runner().wait(each.name, static_cast<Position>(head), std::chrono::seconds(5)));
        const auto standing = api.system->runner().standing(each.name);
        CHECK(standing.state == RunState::halted);
        CHECK(standing.position == static_cast<Position>(head) - 1);
        CHECK_THAT(standing.reason, Catch::Contains(stored) && Catch::Contains(std::to_string(head)));
    }
    // Never a list without what the event may have changed.
    CHECK(refusal(api.get("/members")) == "503 projection_lagging");
    CHECK(api.get("/readyz?verbose").status == 503);
    // What it happened to can't be judged; whom it did not happen to can.
    const auto named = Catch::Contains(stored);  // the server's 500
    CHECK_THROWS_WITH(api.post("/invitations/" + linus + "/revoke"), named);
    CHECK_THROWS_WITH(api.get("/invitations/" + linus + "/link"), named);
    CHECK(api.head() == head);
    // Checking the log tells its place, and finds nothing else.
    const auto report = fsck(*api.system->store().log->table().snapshot(), nullptr);
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings.front().position == static_cast<Position>(head));
    CHECK_THAT(report.findings.front().text(), named);
    CHECK(api.post("/invitations/" + grace + "/revoke").status == 200);
}

TEST_CASE(
    "what an answer shows beside can't be read: the change is written, its key is kept, and the server lives [N2]") {
    const Scratch scratch;
    const auto data = scratch / "data";
    std::string bob, linus;
    {
        On before(data);
        auto& api = before.api;
        REQUIRE(api.post("/v1/workspaces",
                         R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                    .status == 201);
        const Person grace(api, "grace@spring.example", R"("role":"admin")");
        auto made = api.post("/invitations", R"({"email":"bob@spring.example"})", grace.by());
        REQUIRE(made.status == 201);
        bob = made.text("/id");
        linus = api.invite("linus@spring.example");
        REQUIRE(api.patch("/members/" + grace.id, R"({"job_title":"Admiral"})").status == 200);
    }
    change_last_event(data, [&](Frame& frame) { frame.type = "MemberPromoted"; });
    std::filesystem::remove_all(data + "/views");
    On after(data);
    auto& api = after.api;
    const Headers key{{"Idempotency-Key", "k"}};
    const auto head = api.head();
    CHECK(refusal(api.patch("/invitations/" + bob, R"({"job_title":"Smith"})", key)) == "500 internal_error");
    CHECK(api.head() == head + 1);
    const auto again = api.patch("/invitations/" + bob, R"({"job_title":"Smith"})", key);
    CHECK(again.status == 200);
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(again.position() == head + 1);
    CHECK(again.body == "{}");
    CHECK(api.post("/invitations/" + linus + "/revoke").status == 200);
}

}  // namespace muster::test
