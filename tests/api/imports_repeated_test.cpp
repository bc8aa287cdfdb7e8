// Uploading and correcting are commands: they are tried out, and a repeat under a key does nothing twice.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

Answer upload(Api& api, const std::string& csv, const std::string& query = {}, Headers headers = {}) {
    headers.emplace_back("Content-Type", "text/csv");
    return api.post("/imports" + query, csv, headers);
}

}  // namespace

TEST_CASE("trying out an upload appends nothing, not even expiries that are due; it counts as if they were") {
    Api api;
    REQUIRE(api.put("/plan", R"({"user_limit":2})").status == 200);
    api.invite("a@spring.example");
    api.clock.advance(7 * day);
    auto head = api.head();
    auto tried = upload(api, "email\nb@spring.example\n", "?dry_run=true");
    CHECK(tried.number("/summary/seats/0/remaining") == 1);
    CHECK(api.head() == head);
    CHECK(upload(api, "email\nb@spring.example\n").number("/summary/seats/0/remaining") == 1);
}

TEST_CASE("an upload whose answer was lost in a crash is found again by its key, not made twice, N2") {
    Api api;
    Headers key{{"Idempotency-Key", "monday"}};
    auto first = upload(api, "email\na@spring.example\n", "", key);
    REQUIRE(first.status == 201);
    // The crash came before the answer was kept.
    api.system->store().log->forget_idempotency_rows(api.clock.now().plus_seconds(1));
    auto second = upload(api, "email\na@spring.example\n", "", key);
    CHECK(second.header("idempotency-replayed").empty());
    CHECK(second.body == first.body);
    CHECK(upload(api, "email\na@spring.example\n", "", key).header("idempotency-replayed") == "true");
    CHECK(upload(api, "email\na@spring.example\n", "", {{"Idempotency-Key", "tuesday"}}).text("/id") !=
          first.text("/id"));
}

TEST_CASE("uploading and correcting are commands: tried out, and sent twice under one key") {
    Api api;
    auto tried = upload(api, "email\nnobody\n", "?dry_run=true");
    CHECK(tried.status == 201);
    CHECK(tried.text("/id") == "null");
    CHECK(tried.text("/dry_run") == "true");
    CHECK(tried.text("/rows/0/issues/0/code") == "email_invalid");

    Headers key{{"Idempotency-Key", "monday"}};
    auto first = upload(api, "email\nnobody\n", "", key);
    auto second = upload(api, "email\nnobody\n", "", key);
    CHECK(second.body == first.body);
    CHECK(second.header("idempotency-replayed") == "true");
    CHECK(refusal(upload(api, "email\nothers\n", "", key)) == "422 idempotency_key_reused");
    auto path = "/imports/" + first.text("/id");
    std::string body = R"({"rows":[{"line":2,"email":"a@spring.example"}]})";
    auto corrected = api.patch(path + "?dry_run=true", body);
    CHECK(corrected.number("/summary/valid") == 1);
    CHECK(api.get(path).number("/summary/valid") == 0);
    REQUIRE(api.patch(path, body, {{"Idempotency-Key", "tuesday"}}).status == 200);
    CHECK(api.patch(path, body, {{"Idempotency-Key", "tuesday"}}).header("idempotency-replayed") == "true");
    CHECK(api.remove(path + "?dry_run=true").text("/dry_run") == "true");
    REQUIRE(api.remove(path).status == 200);
    // The first answer, but for the rows, which are gone.
    auto late = upload(api, "email\nnobody\n", "", key);
    CHECK(late.text("/status") == "previewed");
    CHECK(late.text("/summary") == first.text("/summary"));
    CHECK_FALSE(late.has("/rows"));
}

}  // namespace muster::test
