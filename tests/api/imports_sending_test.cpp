// Sending an import [S1-17]: each row once, whatever happens to the server.
#include "api/imports/imports.h"
#include "tests/api/signed_in.h"
#include "tests/eventstore/table_contract.h"

#include <future>
#include <set>
#include <thread>

namespace muster::test {
namespace {

std::string file_of(int people) {
    std::string csv = "email,name\n";
    for (int i = 0; i < people; ++i)
        csv += "p" + std::to_string(i) + "@spring.example,Person " + std::to_string(i) + "\n";
    return csv;
}

std::string upload(Api& api, const std::string& csv) {
    auto preview = api.post("/imports", csv, {{"Content-Type", "text/csv"}});
    INFO(preview.body);
    REQUIRE(preview.status == 201);
    return "/imports/" + preview.text("/id");
}

// How it stands once it is done.
Answer done(Api& api, const std::string& path) {
    for (int waited = 0; waited < 6000; ++waited) {
        if (api.get(path + "?rows=none").text("/status") == "done") return api.get(path);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL("not sent after a minute");
    return {};
}

// Every invitation's address, as often as it was invited.
std::multiset<std::string> invited(Api& api) {
    std::multiset<std::string> addresses;
    for (const auto& each : api.system->store().history->after(0, 1'000'000))
        if (const auto* event = std::get_if<MemberInvited>(&each->event))
            addresses.insert(event->email.or_blank().canonical());
    return addresses;
}

bool each_once(const std::multiset<std::string>& addresses, std::size_t people) {
    return addresses.size() == people && std::set(addresses.begin(), addresses.end()).size() == people;
}

// All of Muster on a directory, as often as it is started.
struct Server {
    Server() : api(false) {
        start();
        REQUIRE(api.post("/v1/workspaces", R"({"name":"S","slug":"spring","owner":{"email":"o@s.example","name":"O"}})")
                    .status == 201);
    }
    void start() {
        api.system.reset();
        SystemOptions options;
        options.directory = scratch / "data";
        options.operator_key = api.token_of_operator;
        options.public_url = "https://muster.example";
        options.clock = &api.clock;
        api.system = std::make_unique<System>(std::move(options));
    }
    Scratch scratch;
    Api api;
};

}  // namespace

TEST_CASE("sending invites every reviewed row; they are of one batch, by who sent them [S1-17]") {
    Api api;
    api.team("Sales");
    auto path = upload(
        api, "email,name,role,team,job_title\na@spring.example,Ann Lee,guest,Sales,Boss\nb@spring.example,,,,\n");
    auto sent = api.post(path + "/send");
    CHECK(sent.status == 202);
    CHECK(sent.members() == Words{"failed", "id", "ignored_columns", "kept_until", "sent", "status", "total"});
    CHECK(sent.text("/status") == "sending");
    CHECK(sent.number("/total") == 2);
    auto now = done(api, path);
    CHECK(now.number("/sent") == 2);
    CHECK(now.number("/failed") == 0);
    CHECK(now.each("/rows", "status") == Words{"sent", "sent"});
    CHECK(now.each("/rows", "line") == Words{"2", "3"});
    CHECK(now.each("/rows", "email") == Words{"a@spring.example", "b@spring.example"});
    CHECK(now.each("/rows", "name") == Words{"Ann Lee", "B"});
    auto ann = api.get("/invitations/" + now.text("/rows/0/id"));
    CHECK(ann.text("/status") == "pending");
    CHECK(ann.text("/role") == "guest");
    CHECK(ann.text("/teams/0/name") == "Sales");
    CHECK(ann.text("/job_title") == "Boss");
    CHECK(ann.text("/invited_by/kind") == "operator");
    auto membership = api.system->service().directory.membership(*WorkspaceId::parse(api.spring),
                                                                 *MemberId::parse(same(now.text("/rows/0/id"), "mem")));
    CHECK(membership->batch->text().substr(4) == path.substr(path.find("imp_") + 4));
}

TEST_CASE("rows with issues are sent only when they are left out on purpose, and count as failed") {
    Api api;
    auto path = upload(api, "email,role\na@spring.example,\nnobody,boss\n");
    auto refused = api.post(path + "/send");
    CHECK(refusal(refused) == "409 import_has_issues");
    CHECK(refused.number("/invalid") == 1);
    CHECK(api.get(path).text("/status") == "previewed");
    CHECK(refusal(api.post(path + "/send", R"({"skip":true})")) == "422 unknown_field");
    CHECK(api.post(path + "/send", R"({"skip_invalid":true})").status == 202);
    auto now = done(api, path);
    CHECK(now.number("/sent") == 1);
    CHECK(now.number("/failed") == 1);
    CHECK(now.text("/rows/1/status") == "failed");
    CHECK(now.text("/rows/1/email") == "nobody");
    CHECK(now.text("/rows/1/problem/code") == "validation_failed");
    CHECK(now.each("/rows/1/problem/errors", "pointer") == Words{"/email", "/role"});
}

TEST_CASE("rows are decided again when they are sent: the first get the seats, and news counts [trap 1]") {
    Api api;
    REQUIRE(api.put("/plan", R"({"user_limit":3})").status == 200);
    auto path = upload(api, "email\na@spring.example\nb@spring.example\nc@spring.example\n");
    api.invite("a@spring.example");
    CHECK(api.post(path + "/send").status == 202);
    auto now = done(api, path);
    CHECK(now.each("/rows", "status") == Words{"failed", "sent", "failed"});
    CHECK(now.text("/rows/0/problem/code") == "already_invited");
    CHECK(now.text("/rows/2/problem/code") == "no_seats_remaining");
    CHECK(now.text("/rows/2/problem/pool") == "users");
    CHECK(api.get("/seats").number("/users/used") == 3);
}

TEST_CASE("an import does not go on in the name of who was deleted, or of a key that was revoked, N5") {
    Api api;
    Person sender(api, "sender@spring.example", R"("role":"admin")");
    const auto key = api.post("/api-keys", R"({"name":"K","permissions":["members.invite"]})");
    for (const bool member : {true, false}) {
        const auto by = Person::as(member ? sender.token : key.text("/secret"));
        auto preview = api.post("/imports", member ? file_of(3) : "email\nx@spring.example\n",
                                {{"Content-Type", "text/csv"}, by.front()});
        REQUIRE(preview.status == 201);
        // As sending finds it behind the removal: what was asked for before is decided now.
        auto import = *api.system->service().imports->drafts().find(*WorkspaceId::parse(api.spring),
                                                                    *ImportId::parse(preview.text("/id")));
        if (member)
            REQUIRE(api.remove("/members/" + sender.id + "?confirm=" + sender.id).status == 200);
        else
            REQUIRE(api.remove("/api-keys/" + key.text("/id")).status == 200);
        const Actor actor{member ? ActorKind::member : ActorKind::api_key,
                          member ? MemberId::parse(sender.id)->uuid : ApiKeyId::parse(key.text("/id"))->uuid};
        std::promise<void> begun;
        REQUIRE(api.system->service().imports->post([&] {
            api.system->service().imports->begin_sending(import, actor);
            begun.set_value();
        }));
        begun.get_future().get();
        auto now = done(api, "/imports/" + preview.text("/id"));
        CHECK(now.number("/sent") == 0);
        CHECK(now.number("/failed") == (member ? 3 : 1));
        CHECK(now.text("/rows/0/problem/code") == "permission_denied");
        CHECK(now.text("/rows/0/problem/permission") == "members.invite");
    }
    CHECK(api.get("/invitations").size("/items") == 0);
}

TEST_CASE("rows that were wrong are looked at again when they are sent") {
    Api api;
    auto there = api.invite("a@spring.example");
    auto path = upload(api, "email,team\na@spring.example,\nb@spring.example,Sales\n");
    CHECK(api.get(path).number("/summary/invalid") == 2);
    REQUIRE(api.post("/invitations/" + there + "/revoke").status == 200);
    api.team("Sales");
    CHECK(api.post(path + "/send?dry_run=true").status == 202);
    CHECK(api.get(path).number("/summary/invalid") == 2);
    CHECK(api.post(path + "/send").status == 202);
    CHECK(done(api, path).number("/sent") == 2);
}

TEST_CASE("an import of which rows can't be read any more is done with what was sent, and can be deleted") {
    Api api;
    constexpr int more = 10;
    constexpr auto piece = static_cast<int>(limits::import_piece_rows);
    auto path = upload(api, file_of(piece + more));
    auto drafts = api.system->store().vault->drafts();
    auto last = drafts.keys("").back();
    SECTION("rows") {
        drafts.put({{last, "[{]"}}, Sync::yes);
        CHECK(api.post(path + "/send").status == 202);
        for (int waited = 0; api.get(path + "?rows=none").text("/status") != "done" && waited < 6000; ++waited)
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        auto now = api.get(path + "?rows=none");
        CHECK(now.text("/status") == "done");
        CHECK(now.number("/sent") == piece);
        CHECK(now.number("/failed") == more);
        CHECK(refusal(api.get(path)) == "500 internal_error");
    }
    SECTION("the import itself") {
        drafts.put({{drafts.keys("").front(), "{}"}}, Sync::yes);
        CHECK(refusal(api.get(path)) == "500 internal_error");
        // It hinders no other one.
        auto other = upload(api, file_of(1));
        CHECK(api.post(other + "/send").status == 202);
        CHECK(done(api, other).number("/sent") == 1);
        api.system->tidy();
    }
    CHECK(api.remove(path).status == 200);
    CHECK(refusal(api.get(path)) == "404 not_found");
    for (const auto& key : drafts.keys("")) CHECK(key.substr(0, 33) != last.substr(0, 33));
}

TEST_CASE("an import of which rows can't be read hinders nobody's erasing; it goes, since it may speak of them, N7") {
    Api api;
    auto damaged = upload(api, file_of(3)), whole = upload(api, file_of(2));
    auto member = api.member("grace@spring.example");
    auto drafts = api.system->store().vault->drafts();
    for (const auto& key : drafts.keys(""))  // the rows of the first
        if (key.size() > 33) {
            drafts.put({{key, "[{]"}}, Sync::yes);
            break;
        }
    CHECK(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    CHECK(refusal(api.get(damaged)) == "404 not_found");
    CHECK(api.get(whole).number("/summary/rows") == 2);
}

TEST_CASE("an import that can't be read is forgotten a week after its making") {
    Api api;
    upload(api, file_of(1));
    auto drafts = api.system->store().vault->drafts();
    drafts.put({{drafts.keys("").front(), "{}"}}, Sync::yes);
    auto gone_after_tidying = [&] {
        api.system->tidy();
        // What tidying does comes before what is asked of the same thread after it.
        (void)api.remove("/imports/imp_00000000000000000000000000");
        return drafts.keys("").empty();
    };
    CHECK_FALSE(gone_after_tidying());
    api.clock.advance(7 * day + 1);
    CHECK(gone_after_tidying());
}

TEST_CASE("an import that is being sent or was can't be changed; sending it again shows how it stands") {
    Api api;
    auto path = upload(api, file_of(3));
    CHECK(api.post(path + "/send?dry_run=true").text("/dry_run") == "true");
    CHECK(api.get(path).text("/status") == "previewed");
    auto first = api.post(path + "/send", "", {{"Idempotency-Key", "k"}});
    CHECK(first.status == 202);
    CHECK(api.post(path + "/send", "", {{"Idempotency-Key", "k"}}).body == first.body);
    done(api, path);
    auto again = api.post(path + "/send");
    CHECK(again.status == 202);
    CHECK(again.text("/status") == "done");
    CHECK(again.number("/sent") == 3);
    CHECK(refusal(api.patch(path, R"({"rows":[]})")) == "409 import_sent");
    CHECK(each_once(invited(api), 3));
    CHECK(api.remove(path).status == 200);
    CHECK(api.get("/invitations").size("/items") == 3);
}

TEST_CASE("two who send at once invite nobody twice") {
    Api api;
    auto path = upload(api, file_of(1200));
    std::vector<std::future<int>> senders;
    for (int i = 0; i < 4; ++i)
        senders.push_back(std::async(std::launch::async, [&] { return api.post(path + "/send").status; }));
    std::multiset<int> statuses;
    for (auto& each : senders) statuses.insert(each.get());
    CHECK(statuses == std::multiset<int>{202, 202, 202, 202});
    CHECK(done(api, path).number("/sent") == 1200);
    CHECK(each_once(invited(api), 1200));
}

TEST_CASE("a restart in the middle of sending goes on where it was") {
    Server server;
    auto& api = server.api;
    auto path = upload(api, file_of(3000));
    CHECK(api.post(path + "/send").status == 202);
    for (int restarts = 0; restarts == 0 || (restarts < 20 && api.get(path).text("/status") == "sending"); ++restarts)
        server.start();
    CHECK(done(api, path).number("/sent") == 3000);
    CHECK(each_once(invited(api), 3000));
}

TEST_CASE("a crash behind an append, before it was noted, invites nobody twice: who exists counts as sent") {
    Server server;
    auto& api = server.api;
    auto path = upload(api, file_of(700));
    CHECK(api.post(path + "/send").status == 202);
    REQUIRE(done(api, path).number("/sent") == 700);
    auto ids = api.get(path).each("/rows", "id");
    {
        // What the crash leaves: the ids are fixed and the events there, but no row is noted as sent.
        auto& system = *api.system;
        Drafts drafts(*system.store().vault, system.execute().unicode());
        auto spring = system.service().directory.workspace_of(Slug{"spring"});
        auto whole = drafts.find_whole(*spring, *ImportId::parse(path.substr(path.find("imp_"))));
        auto& [import, rows] = *whole;
        import.status = ImportStatus::sending;
        import.pieces_sent = import.sent = import.failed = 0;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].status = ImportRowStatus::waiting;
            rows[i].cells.email = "p" + std::to_string(i) + "@spring.example";
        }
        drafts.put_preview(import, rows);
    }
    // One of them was revoked meanwhile: it was sent all the same.
    REQUIRE(api.post("/invitations/" + ids[3] + "/revoke").status == 200);
    server.start();
    auto now = done(api, path);
    CHECK(now.number("/sent") == 700);
    CHECK(now.each("/rows", "id") == ids);
    CHECK(each_once(invited(api), 700));
}

TEST_CASE("a draft that no import names is gone after tidying; others stay") {
    Server server;
    auto& api = server.api;
    auto path = upload(api, file_of(600));
    auto rows = api.system->store().vault->drafts();
    auto stray = rows.keys("").front() + std::string(7, '\0') + '\7';
    rows.put({{stray, "[]"}, {std::string(1, '\1') + std::string(40, 'x'), "[]"}}, Sync::yes);
    auto before = rows.keys("").size();
    server.start();
    auto left = [&] { return api.system->store().vault->drafts().keys("").size(); };
    for (int waited = 0; left() == before && waited < 1000; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(left() == before - 2);
    CHECK(api.get(path).size("/rows") == 600);
}

TEST_CASE("who was erased is gone from what was sent") {
    Api api;
    auto path = upload(api, "email,name\ncanary@spring.example,Canary Bird\n");
    CHECK(api.post(path + "/send").status == 202);
    auto now = done(api, path);
    CHECK(now.text("/rows/0/name") == "Canary Bird");
    auto drafts = api.system->store().vault->drafts();
    for (const auto& key : drafts.keys("")) CHECK(drafts.get(key)->find("anary") == std::string::npos);
    auto member = api.accept(now.text("/rows/0/id"));
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    auto after = api.get(path);
    CHECK(after.body.find("anary") == std::string::npos);
    CHECK(after.text("/rows/0/status") == "sent");
    CHECK(after.text("/rows/0/email") == "null");
}

}  // namespace muster::test
