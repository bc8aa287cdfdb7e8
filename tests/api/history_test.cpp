// One person's life, from the audit.
#include "tests/api/signed_in.h"

#include <chrono>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("a person's history is their life, newest first, as the audit shows it") {
    Api api;
    auto id = api.invite("grace@spring.example", R"("name":"Grace Hopper")");
    api.invite("alan@spring.example");
    auto member = api.accept(id);
    REQUIRE(api.patch("/members/" + member, R"({"role":"guest"})").status == 200);
    auto history = api.get("/members/" + member + "/history");
    CHECK(history.each("/items", "type") ==
          Words{"member_changed", "password_set", "invitation_accepted", "member_invited"});
    CHECK(history.body == api.get("/audit?member=" + member).body);
    CHECK(history.position() == api.head());
    // An invitation is the beginning of the same life.
    CHECK(api.get("/members/" + id + "/history").body == history.body);
}

TEST_CASE("signing in, and asking for another password, is part of a person's life") {
    Api api;
    Person grace(api, "grace@spring.example"), alan(api, "alan@spring.example");
    for (const auto* each : {&grace, &alan}) REQUIRE(log_in(api, each->email).status == 200);
    auto forgotten = R"({"workspace":"spring","email":"grace@spring.example"})";
    REQUIRE(api.post("/v1/auth/password/forgot", forgotten).status == 202);
    // It is decided behind the answer.
    for (int waited = 0; waited < 1000 && events(api, "password_reset_requested") == 0; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    auto history = api.get("/members/" + grace.id + "/history");
    CHECK(history.each("/items", "type") == Words{"password_reset_requested", "member_signed_in", "password_set",
                                                  "invitation_accepted", "member_invited"});
    CHECK(history.text("/items/1/target/id") == grace.id);
    CHECK(api.get("/audit?member=" + grace.id).body == history.body);
    CHECK(api.get("/members/" + grace.id + "/history", grace.by()).body == history.body);
    CHECK(api.get("/audit?type=member_signed_in&member=" + alan.id).size("/items") == 1);
}

TEST_CASE("what somebody was given at first is told, and found by its words and by the batch") {
    Api api;
    api.licenses(5);
    auto sent = api.post("/invitations:batch",
                         R"({"invitations":[{"email":"alan@spring.example","name":"Alan","license":"organization"}]})");
    REQUIRE(sent.status == 200);
    auto batch = sent.text("/batch_id");
    for (const auto& words : {std::string("alan@spring.example"), std::string("organization"), batch}) {
        INFO(words);
        auto found = api.get("/audit?type=member_invited&q=" + words);
        REQUIRE(found.size("/items") == 1);
        CHECK(found.text("/items/0/cause/batch") == batch);
        CHECK(found.each("/items/0/changes", "field") == Words{"email", "name", "role", "license"});
        CHECK(found.text("/items/0/changes/3") == R"({"field":"license","from":null,"to":"organization"})");
    }
    auto made = api.post("/teams", R"({"name":"Sales"})");
    REQUIRE(api.remove("/teams/" + made.text("/id")).status == 200);
    auto deleted = api.get("/audit?type=team_deleted");
    CHECK(deleted.text("/items/0/target/name") == "Sales");
    CHECK(deleted.text("/items/0/changes/0") == R"({"field":"name","from":"Sales","to":null})");
}

TEST_CASE("a history has pages and a total") {
    Api api;
    auto id = api.member("grace@spring.example");
    for (const char* role : {"guest", "member", "guest"})
        REQUIRE(api.patch("/members/" + id, R"({"role":")" + std::string(role) + "\"}").status == 200);
    auto path = "/members/" + id + "/history";
    auto first = api.get(path + "?limit=3&include_total=true");
    CHECK(first.each("/items", "type") == Words(3, "member_changed"));
    CHECK(first.number("/total") == 4);
    auto next = first.text("/next_cursor");
    auto second = api.get(path + "?limit=3&cursor=" + next);
    CHECK(second.each("/items", "type") == Words{"member_created"});
    CHECK(second.text("/next_cursor") == "null");
    CHECK(refusal(api.get("/members/" + api.ada + "/history?cursor=" + next)) == "400 invalid_cursor");
    CHECK(refusal(api.get(path + "?limit=0")) == "422 invalid_value");
}

TEST_CASE("an event that concerns two people is listed and counted once where both are asked for") {
    Api api;
    auto grace = api.member("grace@spring.example"), linus = api.member("linus@spring.example");
    REQUIRE(api.remove("/members/" + grace + "?confirm=" + grace + "&reassign_to=" + linus).status == 200);
    auto path = "/audit?include_total=true&member=" + grace + "," + linus;
    auto all = api.get(path);
    auto positions = all.each("/items", "position");
    CHECK(std::ranges::adjacent_find(positions) == positions.end());
    CHECK(std::ranges::count(all.each("/items", "type"), "member_deleted") == 1);
    CHECK(all.number("/total") == static_cast<std::int64_t>(positions.size()));
    for (const char* limit : {"1", "2"}) {
        Words paged;
        auto page = api.get(path + "&limit=" + limit);
        for (std::size_t pages = 0; pages < positions.size(); ++pages) {
            CHECK(page.text("/total") == all.text("/total"));
            for (auto& each : page.each("/items", "position")) paged.push_back(each);
            if (page.text("/next_cursor") == "null") break;
            page = api.get(path + "&limit=" + limit + "&cursor=" + page.text("/next_cursor"));
        }
        CHECK(paged == positions);
    }
}

TEST_CASE("who was deleted keeps a history, without their data") {
    Api api;
    auto id = api.member("grace@spring.example", R"("name":"Grace Hopper")");
    REQUIRE(api.remove("/members/" + id + "?confirm=" + id).status == 200);
    CHECK(refusal(api.get("/members/" + id)) == "410 member_deleted");
    auto history = api.get("/members/" + id + "/history");
    CHECK(history.status == 200);
    auto types = history.each("/items", "type");
    CHECK(std::ranges::find(types, "member_created") != types.end());
    CHECK(std::ranges::find(types, "member_deleted") != types.end());
    CHECK_THAT(history.body, !Contains("Grace") && !Contains("grace@"));
}

TEST_CASE("nobody, and somebody of another workspace, have no history here [trap 13]") {
    Api api;
    auto other = api.post("/v1/workspaces", R"({"name":"Other","owner":{"email":"o@x.example","name":"O"}})");
    for (const auto& id : Words{"nobody", other.text("/owner/id"), "mem_01ARZ3NDEKTSV4RRFFQ69G5FAV"})
        CHECK(refusal(api.get("/members/" + id + "/history")) == "404 not_found");
}

}  // namespace muster::test
