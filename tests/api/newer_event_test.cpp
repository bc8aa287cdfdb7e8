// An event of a newer program in the log, as after going back to an older one: what reads it halts or refuses visibly,
// nothing skips it, and everything else goes on [N6 N12].
#include "eventstore/anchor.h"
#include "eventstore/fsck.h"
#include "eventstore/log_rows.h"
#include "tests/api/fixture.h"
#include "tests/eventstore/table_contract.h"

namespace muster::test {
namespace {

struct On {
    explicit On(const std::string& directory)
        : api(false, [&](SystemOptions& options) { options.directory = directory; }) {}
    Api api;
};

// The log's last event gets a type that nobody knows; its links follow, so that the log is whole.
void rename_last_event(const std::string& directory, const std::string& type) {
    const RocksShared shared;
    auto log = open_log_table(directory + "/log", shared);
    auto head = rows::to_head(*log->get(family(LogFamily::heads), rows::head()));
    const auto frame_at = [&](Position position) {
        return parse_frame(*log->get(family(LogFamily::events), rows::position(position)));
    };
    auto frame = frame_at(head.position);
    // Before it, in the chain of its workspace and in the whole log.
    Digest previous{}, running{};
    for (Position position = 1; position < head.position; ++position) {
        const auto each = frame_at(position);
        if (each.workspace == frame.workspace) previous = each.link;
        running = sha256(view(running), view(each.link));
    }
    frame.type = type;
    const auto header = header_of(frame);
    const auto link = link_of(previous, header, sha256(frame.payload));
    head.running = sha256(view(running), view(link));
    WriteBatch batch;
    batch.put(family(LogFamily::events), rows::position(head.position), frame_bytes(header, frame.payload, link));
    batch.put(family(LogFamily::heads), rows::chain(frame.workspace),
              rows::bytes_of(rows::ChainHead{head.position, link}));
    batch.put(family(LogFamily::heads), rows::head(), rows::bytes_of(head));
    log->write(batch, Sync::yes);
    open_anchor(directory + "/anchor")->write({head.position, head.running});
}

}  // namespace

TEST_CASE(
    "an event of a newer program halts every read model in front of it, and is refused where it is needed [N12]") {
    const ScratchDirectory scratch;
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
    rename_last_event(data, "InvitationForwarded");
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
        CHECK_THAT(standing.reason, Catch::Contains("InvitationForwarded") && Catch::Contains(std::to_string(head)));
    }
    // Never a list without what the event may have changed.
    CHECK(refusal(api.get("/members")) == "503 projection_lagging");
    CHECK(api.get("/readyz?verbose").status == 503);
    // What it happened to can't be judged; whom it did not happen to can.
    const auto named = Catch::Contains("InvitationForwarded");  // the server's 500
    CHECK_THROWS_WITH(api.post("/invitations/" + linus + "/revoke"), named);
    CHECK_THROWS_WITH(api.get("/invitations/" + linus + "/link"), named);
    CHECK(api.head() == head);
    CHECK(api.post("/invitations/" + grace + "/revoke").status == 200);
}

}  // namespace muster::test
