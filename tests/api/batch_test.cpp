// Many invitations in one request.
#include "api/keeping.h"
#include "eventstore/frame.h"
#include "tests/api/fixture.h"

#include <future>

namespace muster::test {
namespace {

std::string row(const std::string& email, const std::string& more = {}) {
    return R"({"email":")" + email + "\"" + (more.empty() ? "" : "," + more) + "}";
}

}  // namespace

TEST_CASE("each row is its own, in order: the first get the seats [S0-19, S3-12]") {
    Api api;
    api.licenses(1);
    api.member("there@spring.example");
    auto organization = std::string(R"("license":"organization")");
    auto body = R"({"invitations":[)" + row("a@spring.example", organization + R"(,"role":"guest")") + "," +
                row("b@spring.example", organization) + "," + row("A@Spring.example") + "," + row("nobody") + "," +
                row("there@spring.example") + "," + row("c@spring.example", R"("role":"boss","x":1)") + "]}";
    auto sent = api.post("/invitations:batch", body);
    REQUIRE(sent.status == 200);
    CHECK(sent.members() == Words{"batch_id", "results", "summary"});
    CHECK(sent.text("/batch_id").starts_with("bat_"));
    CHECK(sent.text("/summary") == R"({"failed":5,"invited":1})");
    CHECK(sent.each("/results", "index") == Words{"0", "1", "2", "3", "4", "5"});
    CHECK(sent.each("/results", "status") == Words{"invited", "failed", "failed", "failed", "failed", "failed"});
    CHECK(sent.members("/results/0") == Words{"accept_url", "email", "id", "index", "status"});
    CHECK(sent.members("/results/1") == Words{"email", "index", "problem", "status"});
    CHECK(sent.text("/results/1/problem/code") == "no_seats_remaining");
    CHECK(sent.text("/results/1/problem/pool") == "organization");
    CHECK(sent.text("/results/2/problem/code") == "duplicate_in_batch");  // [S1-16]
    CHECK(sent.text("/results/3/problem/code") == "email_invalid");
    CHECK(sent.text("/results/3/email") == "nobody");
    CHECK(sent.text("/results/4/problem/code") == "already_member");
    CHECK(sent.each("/results/5/problem/errors", "code") == Words{"unknown_field", "unknown_role"});
    auto invited = api.get("/invitations/" + sent.text("/results/0/id"));
    CHECK(invited.text("/role") == "guest");
    auto url = sent.text("/results/0/accept_url");
    CHECK(api.post("/v1/invitations/accept",
                   R"({"token":")" + url.substr(url.find('#') + 1) + R"(","password":"an old engine room"})")
              .status == 201);
}

TEST_CASE("a list of addresses, with the same for all [S4-10]") {
    Api api;
    auto sent = api.post(
        "/invitations:batch",
        R"({"emails":"a@spring.example, b@spring.example;c@spring.example\nd@spring.example  ,;A@spring.example bad","role":"guest","ttl":3600})");
    CHECK(sent.text("/summary") == R"({"failed":2,"invited":4})");
    CHECK(sent.each("/results", "email") == Words{"a@spring.example", "b@spring.example", "c@spring.example",
                                                  "d@spring.example", "A@spring.example", "bad"});
    CHECK(api.get("/invitations").each("/items", "role") == Words{"guest", "guest", "guest", "guest"});
    CHECK(api.get("/invitations").text("/items/0/expires_at") == "2026-11-23T09:00:00.000Z");
    auto named =
        api.post("/invitations:batch", R"({"emails":"x@spring.example y@spring.example","name":"Grace Hopper"})");
    CHECK(named.text("/summary") == R"({"failed":0,"invited":2})");
    CHECK(api.get("/invitations?q=hopper").each("/items", "name") == Words{"Grace Hopper", "Grace Hopper"});
}

TEST_CASE("all or nothing: every fault by its index, and nothing is written") {
    Api api;
    auto head = api.head();
    auto body = R"({"mode":"all_or_nothing","invitations":[)" + row("a@spring.example") + "," + row("bad", R"("x":1)") +
                "," + row("c@spring.example", R"("role":"boss")") + "," + row("A@spring.example") + "]}";
    auto refused = api.post("/invitations:batch", body);
    CHECK(refusal(refused) == "422 validation_failed");
    CHECK(refused.faults() == Words{"/invitations/1/email email_invalid", "/invitations/1/x unknown_field",
                                    "/invitations/2/role unknown_role", "/invitations/3/email duplicate_in_batch"});
    CHECK(api.head() == head);
    auto whole =
        api.post("/invitations:batch", R"({"mode":"all_or_nothing","emails":"a@spring.example b@spring.example"})");
    CHECK(whole.text("/summary") == R"({"failed":0,"invited":2})");
}

TEST_CASE("all or nothing: a shortage is one fault a pool, with what was needed; the rest by index") {
    Api api;
    REQUIRE(
        api.put("/plan",
                R"({"user_limit":3,"licenses":[{"key":"organization","name":"Organization","kind":"base","seats":1}]})")
            .status == 200);
    auto there = api.member("there@spring.example");
    auto body =
        R"({"mode":"all_or_nothing","emails":"a@spring.example b@spring.example c@spring.example","license":"organization"})";
    auto refused = api.post("/invitations:batch", body);
    CHECK(refused.status == 409);
    CHECK(refused.each("/errors", "pool") == Words{"organization", "users"});
    CHECK(refused.each("/errors", "needed") == Words{"3", "3"});
    CHECK(refused.each("/errors", "remaining") == Words{"1", "1"});
    CHECK(refused.each("/errors", "code") == Words{"no_seats_remaining", "no_seats_remaining"});
    auto one = api.post(
        "/invitations:batch",
        R"({"mode":"all_or_nothing","invitations":[{"email":"a@spring.example"},{"email":"there@spring.example"}]})");
    CHECK(one.status == 409);
    CHECK(one.faults() == Words{"/invitations/1 already_member"});
    CHECK(one.text("/errors/0/id") == there);
    CHECK(api.get("/invitations").size("/items") == 0);
}

TEST_CASE("all or nothing: a dry run counts what is past its end as free, as the real one") {
    Api api;
    REQUIRE(
        api.put("/plan",
                R"({"user_limit":5,"licenses":[{"key":"organization","name":"Organization","kind":"base","seats":1}]})")
            .status == 200);
    api.invite("late@spring.example", R"("license":"organization","ttl":3600)");
    api.invite("later@spring.example", R"("ttl":3600)");
    api.clock.advance(3600);
    auto body = R"({"mode":"all_or_nothing","invitations":[)" + row("a@spring.example", R"("license":"organization")") +
                "," + row("b@spring.example") + "," + row("c@spring.example") + "," + row("d@spring.example") + "," +
                row("e@spring.example") + "]}";
    for (const auto* dry_run : {"?dry_run=true", ""}) {
        auto refused = api.post(std::string("/invitations:batch") + dry_run, body);
        CHECK(refusal(refused) == "409 no_seats_remaining");
        CHECK(refused.each("/errors", "pool") == Words{"users"});
        CHECK(refused.each("/errors", "needed") == Words{"5"});
        CHECK(refused.each("/errors", "remaining") == Words{"4"});
    }
}

TEST_CASE("all or nothing: it is a 422 only where a body is wrong; who may not and how things stand are a conflict") {
    Api api;
    api.member("there@spring.example");
    auto key = api.post("/api-keys", R"({"name":"K","permissions":["members.invite"]})").text("/secret");
    auto batch = [&](const std::string& rows) {
        return api.post("/invitations:batch", R"({"mode":"all_or_nothing","invitations":[)" + rows + "]}",
                        {{"Authorization", "Bearer " + key}});
    };
    auto above = [](const std::string& email) { return row(email, R"("role":"admin")"); };
    CHECK(refusal(batch(above("a@spring.example"))) == "403 role_above_own");
    CHECK(refusal(batch(above("a@spring.example") + "," + above("b@spring.example"))) == "409 validation_failed");
    auto both = above("a@spring.example") + "," + row("there@spring.example");
    auto refused = batch(both);
    CHECK(refusal(refused) == "409 validation_failed");
    CHECK(refused.faults() == Words{"/invitations/0 role_above_own", "/invitations/1 already_member"});
    auto wrong = batch(both + "," + row("bad"));
    CHECK(refusal(wrong) == "422 validation_failed");
    CHECK(wrong.faults() == Words{"/invitations/0 role_above_own", "/invitations/1 already_member",
                                  "/invitations/2/email email_invalid"});
}

TEST_CASE("all or nothing: what is wrong beside the rows hides nothing that is wrong with them") {
    Api api;
    auto faults = [&](const std::string& body) {
        return api.post("/invitations:batch", R"({"mode":"all_or_nothing","foo":1,)" + body + "}").faults();
    };
    CHECK(faults(R"("invitations":[{"email":"bad"},{"email":"a@spring.example","role":"boss"}])") ==
          Words{"/foo unknown_field", "/invitations/0/email email_invalid", "/invitations/1/role unknown_role"});
    // What is the same for all is not wrong once more in each.
    CHECK(faults(R"("emails":"a@spring.example bad","role":5)") ==
          Words{"/foo unknown_field", "/invitations/1/email email_invalid", "/role invalid_type"});
    CHECK(faults(R"("role":5)") == Words{"/foo unknown_field", "/invitations required", "/role invalid_type"});
    CHECK(api.get("/invitations").size("/items") == 0);
}

TEST_CASE("a row that can't be read whole tells what else is wrong with it, as it does alone") {
    Api api;
    const std::string bad = R"({"email":"z","role":"nope","license":"none","ttl":5})";
    const auto alone = api.post("/invitations", bad).faults();
    REQUIRE(alone.size() == 4);
    auto whole = api.post("/invitations:batch", R"({"mode":"all_or_nothing","invitations":[)" + bad + "]}");
    Words at_row;
    for (const auto& each : alone) at_row.push_back("/invitations/0" + each);
    CHECK(whole.faults() == at_row);
    auto each = api.post("/invitations:batch", R"({"invitations":[)" + bad + "]}");
    CHECK(each.size("/results/0/problem/errors") == 4);
}

TEST_CASE("of equal addresses the first counts, whatever else is wrong with it") {
    Api api;
    auto sent = api.post("/invitations:batch",
                         R"({"invitations":[{"email":"d@spring.example","name":5},{"email":"D@spring.example"}]})");
    CHECK(sent.each("/results", "status") == Words{"failed", "failed"});
    CHECK(sent.text("/results/0/problem/code") == "invalid_type");
    CHECK(sent.text("/results/1/problem/code") == "duplicate_in_batch");
}

TEST_CASE("faults of the batch itself") {
    Api api;
    auto batch = [&](const std::string& body) { return api.post("/invitations:batch", body); };
    CHECK(refusal(batch("{}")) == "422 required");
    CHECK(refusal(batch(R"({"invitations":[],"emails":"a@spring.example"})")) == "422 required");
    CHECK(batch(R"({"mode":"some","invitations":"a","colour":1})").faults() ==
          Words{"/colour unknown_field", "/invitations invalid_type", "/mode invalid_value"});
    std::string many;
    for (int i = 0; i <= 1000; ++i) many += "p" + std::to_string(i) + "@spring.example ";
    auto refused = batch(R"({"mode":"all_or_nothing","emails":")" + many + "\"}");
    CHECK(refusal(refused) == "422 too_many_rows");
    CHECK(refused.number("/errors/0/limit") == 1000);
    CHECK(refusal(api.post("/invitations:batch", "[")) == "400 invalid_json");
}

TEST_CASE("a batch that was cut off has its key, before its answer is there, N2") {
    Api api;
    std::string many;
    for (std::size_t i = 0; i < limits::rows_per_append + 10; ++i) many += "p" + std::to_string(i) + "@spring.example ";
    const std::string body = R"({"emails":")" + many + "\"}";
    // What the first chunk leaves behind.
    IdempotencyKey whole{{}, "monday", "POST /v1/workspaces/spring/invitations:batch\n" + body};
    append_uuid(whole.scope, WorkspaceId::parse(api.spring)->uuid);
    append_u8(whole.scope, static_cast<std::uint8_t>(ActorKind::operator_));
    append_uuid(whole.scope, Uuid{});
    auto first = key_of_chunk(whole, 0);
    auto& service = api.system->service();
    BatchCommand chunk;
    chunk.workspace = *WorkspaceId::parse(api.spring);
    chunk.actor.kind = ActorKind::operator_;
    chunk.idempotency_key = row_key(first);
    chunk.idempotency_row = [&](const BatchOutcome&) {
        return kept_row(service.vault, first, api.clock.now(),
                        {200, 0, {plain(BatchId{service.execute.fresh()}.text())}});
    };
    REQUIRE(service.execute.run_batch(chunk));

    Headers key{{"Idempotency-Key", "monday"}};
    CHECK(refusal(api.post("/invitations:batch", R"({"emails":"a@spring.example"})", key)) ==
          "422 idempotency_key_reused");
    CHECK(refusal(api.post("/invitations", R"({"email":"a@spring.example"})", key)) == "422 idempotency_key_reused");
    // Whoever is refused may ask again at once: nothing of theirs is under way any more.
    http::Request request{.method = "POST", .target = "/v1/workspaces/spring/invitations", .body = "{}"};
    request.headers = {{"authorization", "Bearer " + api.token_of_operator},
                       {"content-type", "application/json"},
                       {"idempotency-key", "monday"}};
    std::promise<bool> nothing_under_way;
    api.system->handle(request, [&](const http::Response&) {
        std::lock_guard lock(service.keys_under_way->mutex);
        nothing_under_way.set_value(service.keys_under_way->rows.empty());
    });
    CHECK(nothing_under_way.get_future().get());
    CHECK(api.post("/invitations:batch", body, key).status == 200);
}

TEST_CASE("a row that is wrong a thousand times over tells its first faults, and costs little") {
    Api api;
    std::string unknown, wrong;
    for (int i = 0; i < 1000; ++i) {
        unknown += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + "\"";
        wrong += i > 0 ? ",1" : "1";
    }
    auto wrong_row = [](const std::string& email, const std::string& teams, const std::string& permissions) {
        return R"({"email":")" + email + R"(@spring.example","teams":[)" + teams + R"(],"permissions":[)" +
               permissions + "]}";
    };
    std::string rows = wrong_row("a", unknown, unknown);
    for (int i = 0; i < 50; ++i) rows += "," + wrong_row("b" + std::to_string(i), wrong, "");
    auto answer = api.post("/invitations:batch", R"({"invitations":[)" + rows + "]}");
    REQUIRE(answer.status == 200);
    CHECK(answer.number("/summary/failed") == 51);
    CHECK(answer.size("/results/0/problem/errors") == 20);
    CHECK(answer.size("/results/1/problem/errors") == 20);
    CHECK(answer.body.size() < 51 * 4000);
    auto whole = api.post("/invitations:batch", R"({"mode":"all_or_nothing","invitations":[)" + rows + "]}");
    CHECK(whole.status == 422);
    CHECK(whole.size("/errors") == 51 * 20);
}

TEST_CASE("what stands beside `invitations` would count for none of them, so it is refused") {
    Api api;
    auto answer = api.post("/invitations:batch",
                           R"({"invitations":[{"email":"a@spring.example"}],"role":"admin","send_email":false})");
    CHECK(answer.status == 422);
    CHECK(answer.faults() == Words{"/role unknown_field", "/send_email unknown_field"});
    CHECK(api.get("/invitations").size("/items") == 0);
    CHECK(api.post("/invitations:batch", R"({"invitations":[{"email":"a@spring.example"}],"mode":"best_effort"})")
              .number("/summary/invited") == 1);
}

TEST_CASE("a batch of a thousand is one of best effort") {
    Api api;
    std::string many;
    for (int i = 0; i < 1001; ++i) many += "p" + std::to_string(i) + "@spring.example ";
    CHECK(api.post("/invitations:batch", R"({"emails":")" + many + "\"}").text("/summary") ==
          R"({"failed":0,"invited":1001})");
    CHECK(api.get("/invitations?limit=1&include_total=true").number("/total") == 1001);
}

}  // namespace muster::test
