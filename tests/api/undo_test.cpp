// Undoing a batch or an import.
#include "api/keeping.h"
#include "eventstore/frame.h"
#include "tests/api/fixture.h"

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

Answer batch(Api& api, const std::string& emails, const std::string& more = {}) {
    auto answer = api.post("/invitations:batch", R"({"emails":")" + emails + "\"" + more + "}");
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return answer;
}

std::string many(int people, const std::string& separator = " ") {
    std::string emails;
    for (int i = 0; i < people; ++i) emails += "p" + std::to_string(i) + "@spring.example" + separator;
    return emails;
}

std::string undo_of(const std::string& id) { return "/batches/" + id + "/undo"; }

Headers key(const std::string& text) { return {{"Idempotency-Key", text}}; }

}  // namespace

TEST_CASE("undoing a batch revokes those that nobody accepted yet, and says who stays and why, N4") {
    Api api;
    api.licenses(5);
    auto other = api.invite("other@spring.example");
    auto sent =
        batch(api, "a@x.example b@x.example c@x.example d@x.example e@x.example", R"(,"license":"organization")");
    auto ids = sent.each("/results", "id");
    auto link = api.token(ids[0]);
    api.accept(ids[1]);
    REQUIRE(api.post("/invitations/" + ids[2] + "/revoke").status == 200);
    auto deleted = api.accept(ids[3]);
    REQUIRE(api.remove("/members/" + deleted + "?confirm=" + deleted).status == 200);
    CHECK(api.get("/seats").number("/licenses/1/used") == 3);

    auto undone = api.post(undo_of(sent.text("/batch_id")));
    REQUIRE(undone.status == 200);
    CHECK(undone.members() == Words{"kept", "revoked"});
    CHECK(undone.text("/revoked") == "[\"" + ids[0] + "\",\"" + ids[4] + "\"]");
    CHECK(undone.each("/kept", "id") == Words{ids[1], ids[2], ids[3]});
    CHECK(undone.each("/kept", "reason") == Words{"invitation_accepted", "invitation_revoked", "member_deleted"});
    CHECK(undone.position() == api.head());
    CHECK(api.get("/invitations").each("/items", "id") == Words{other});
    CHECK(api.get("/seats").number("/licenses/1/used") == 1);
    CHECK(
        refusal(api.post("/v1/invitations/accept", R"({"token":")" + link + R"(","password":"an old engine room"})")) ==
        "409 invitation_revoked");
    // Undone twice, nothing more comes of it.
    auto again = api.post(undo_of(sent.text("/batch_id")));
    CHECK(again.text("/revoked") == "[]");
    CHECK(again.size("/kept") == 5);
    CHECK(again.position() == undone.position());
}

TEST_CASE("an expired invitation is undone too; one that was replaced since is kept") {
    Api api;
    auto sent = batch(api, "a@x.example b@x.example");
    api.clock.advance(8 * day);
    api.invite("a@x.example");
    auto undone = api.post(undo_of(sent.text("/batch_id")));
    CHECK(undone.text("/revoked") == "[\"" + sent.text("/results/1/id") + "\"]");
    CHECK(undone.each("/kept", "reason") == Words{"invitation_revoked"});
    CHECK(api.get("/invitations").each("/items", "email") == Words{"a@x.example"});
}

TEST_CASE("nobody undoes the invitation of who may more than they") {
    Api api;
    auto sent = api.post("/invitations:batch",
                         R"({"invitations":[{"email":"a@x.example","role":"admin"},{"email":"b@x.example"}]})");
    auto made = api.post("/api-keys", R"({"name":"K","permissions":["members.invite"]})");
    Headers inviter{{"Authorization", "Bearer " + made.text("/secret")}};
    auto undone = api.post(undo_of(sent.text("/batch_id")), "", inviter);
    CHECK(undone.text("/revoked") == "[\"" + sent.text("/results/1/id") + "\"]");
    CHECK(undone.each("/kept", "reason") == Words{"role_above_own"});
    auto reader = api.post("/api-keys", R"({"name":"K","permissions":["members.read"]})");
    CHECK(refusal(api.post(undo_of(sent.text("/batch_id")), "",
                           {{"Authorization", "Bearer " + reader.text("/secret")}})) == "403 permission_denied");
}

TEST_CASE("a dry run of undoing says what would come, and revokes nothing") {
    Api api;
    auto sent = batch(api, many(70));
    auto head = api.head();
    auto tried = api.post(undo_of(sent.text("/batch_id")) + "?dry_run=true");
    CHECK(tried.status == 200);
    CHECK(tried.text("/dry_run") == "true");
    CHECK(tried.size("/revoked") == 70);
    CHECK(api.head() == head);
    CHECK(api.get("/invitations?include_total=true").number("/total") == 70);
}

TEST_CASE("with an Idempotency-Key undoing is answered again as the first time, N2") {
    Api api;
    auto sent = batch(api, many(130));
    auto undo = undo_of(sent.text("/batch_id"));
    auto first = api.post(undo, "", key("u"));
    CHECK(first.size("/revoked") == 130);
    auto again = api.post(undo, "", key("u"));
    CHECK(again.header("idempotency-replayed") == "true");
    CHECK(again.body == first.body);
    CHECK(again.position() == first.position());
    CHECK(refusal(api.post(undo_of("bat_" + std::string(26, '0')), "", key("u"))) == "422 idempotency_key_reused");
}

TEST_CASE("undoing that was cut off goes on where it stopped, and tells of all, N2") {
    Api api;
    auto sent = batch(api, many(130));
    auto undo = undo_of(sent.text("/batch_id"));
    auto ids = sent.each("/results", "id");
    // As the first chunk leaves it: its rows are revoked, and what became of them is kept.
    auto& store = api.system->store();
    IdempotencyKey whole{{}, "u", "POST /v1/workspaces/spring" + undo + "\n"};
    append_uuid(whole.scope, WorkspaceId::parse(api.spring)->uuid);
    append_u8(whole.scope, static_cast<std::uint8_t>(ActorKind::operator_));
    append_uuid(whole.scope, {});
    BatchCommand begun;
    begun.workspace = *WorkspaceId::parse(api.spring);
    begun.actor = {ActorKind::operator_, {}};
    std::string revoked;
    for (std::size_t i = 0; i < limits::rows_per_append; ++i) {
        BatchCommand::Row row;
        row.target = stream_of(MemberId{InvitationId::parse(ids[i])->uuid});
        row.stands = true;
        row.decide = [](const Loaded& loaded, const Context& context) {
            return decide(*loaded.membership, *loaded.workspace, RevokeInvitation{}, context);
        };
        begun.rows.push_back(std::move(row));
        revoked += (i ? ",\"" : "\"") + ids[i] + "\"";
    }
    begun.idempotency_key = row_key(key_of_chunk(whole, 0));
    begun.idempotency_row = [&](const BatchOutcome& outcome) {
        return kept_row(*store.vault, key_of_chunk(whole, 0), api.clock.now(),
                        {200,
                         outcome.position,
                         {{AnswerPart::Kind::plain, revoked, {}, {}, 0}, {AnswerPart::Kind::plain, {}, {}, {}, 0}}});
    };
    REQUIRE(api.system->execute().run_batch(begun).has_value());

    auto undone = api.post(undo, "", key("u"));
    REQUIRE(undone.status == 200);
    CHECK(undone.size("/revoked") == 130);
    CHECK(undone.text("/revoked") == [&] {
        std::string all;
        for (const auto& id : ids) all += (all.empty() ? "[\"" : ",\"") + id + "\"";
        return all + "]";
    }());
    CHECK(undone.size("/kept") == 0);
    CHECK(api.get("/invitations").size("/items") == 0);
}

TEST_CASE("an import is undone by its id, once it is sent") {
    Api api;
    auto file = api.post("/imports", "email\n" + many(3, "\n"), {{"Content-Type", "text/csv"}});
    auto import = file.text("/id");
    CHECK(refusal(api.post(undo_of(import))) == "404 not_found");
    REQUIRE(api.post("/imports/" + import + "/send").status == 202);
    for (int waited = 0; waited < 1000 && api.get("/imports/" + import).text("/status") != "done"; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    auto undone = api.post(undo_of(import));
    REQUIRE(undone.status == 200);
    CHECK(undone.size("/revoked") == 3);
    // Forgetting the import takes nothing back, and undoing goes by the log.
    REQUIRE(api.remove("/imports/" + import).status == 200);
    CHECK(api.post(undo_of(import)).size("/kept") == 3);
}

TEST_CASE("what undoing can't find, or take") {
    Api api;
    auto sent = batch(api, "a@x.example");
    for (const auto& id : Words{"nothing", "bat_" + std::string(26, '0'), "imp_" + std::string(26, '0')})
        CHECK(refusal(api.post(undo_of(id))) == "404 not_found");
    CHECK(api.post(undo_of(sent.text("/batch_id")), R"({"force":true})").faults() == Words{"/force unknown_field"});
    // Another workspace's is as if there were none [trap 13].
    REQUIRE(api.post("/v1/workspaces", R"({"name":"Fall","slug":"fall","owner":{"email":"o@x.example","name":"O"}})")
                .status == 201);
    CHECK(refusal(api.post("/v1/workspaces/fall" + undo_of(sent.text("/batch_id")))) == "404 not_found");
    CHECK(api.get("/invitations").size("/items") == 1);
}

TEST_CASE("the audit names the batch or the import that invited somebody") {
    Api api;
    auto sent = batch(api, "a@x.example");
    api.invite("b@x.example");
    auto entries = api.get("/audit?type=member_invited");
    CHECK(entries.members("/items/0/cause") == Words{"batch", "import", "position", "request"});
    CHECK(entries.text("/items/0/cause/batch") == "null");
    CHECK(entries.text("/items/1/cause/batch") == sent.text("/batch_id"));
    CHECK(entries.text("/items/1/cause/import") == "null");
    auto import = api.post("/imports", "email\nc@x.example\n", {{"Content-Type", "text/csv"}}).text("/id");
    REQUIRE(api.post("/imports/" + import + "/send").status == 202);
    for (int waited = 0; waited < 1000 && api.get("/imports/" + import).text("/status") != "done"; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    auto imported = api.get("/audit?type=member_invited");
    CHECK(imported.text("/items/0/cause/import") == import);
    CHECK(imported.text("/items/0/cause/batch") == "null");
}

}  // namespace muster::test
