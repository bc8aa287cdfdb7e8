// Who holds seats, and when they come free.
#include "tests/api/fixture.h"

namespace muster::test {

TEST_CASE("each seat has its holder, since the event that took it") {
    Api api;
    api.licenses(5);
    auto grace = api.invite("grace@spring.example", R"("name":"Grace","license":"organization")");
    auto position = api.head();
    auto since = api.clock.now().text();
    api.clock.advance(60);
    auto alan = api.member("alan@spring.example", R"("name":"Alan","license":"organization","add_ons":["ci"])");
    api.invite("nobody@spring.example");
    auto holders = api.get("/seats/organization/holders");
    CHECK(holders.status == 200);
    CHECK(holders.members("/items/0") == Words{"id", "kind", "name", "position", "since", "status"});
    CHECK(holders.text("/items/0") == R"({"id":")" + grace + R"(","kind":"invitation","name":"Grace","position":)" +
                                          std::to_string(position) + R"(,"since":")" + since +
                                          R"(","status":"reserved"})");
    CHECK(holders.each("/items", "id") == Words{grace, alan});
    CHECK(holders.each("/items", "status") == Words{"reserved", "assigned"});
    CHECK(api.get("/seats/ci/holders").each("/items", "id") == Words{alan});
    // Accepting keeps the seat, and since when.
    api.clock.advance(60);
    auto member = api.accept(grace);
    auto kept = api.get("/seats/organization/holders");
    CHECK(kept.text("/items/0/id") == member);
    CHECK(kept.text("/items/0/since") == since);
    CHECK(kept.number("/items/0/position") == position);
    REQUIRE(api.post("/members/" + alan + "/deactivate").status == 200);
    CHECK(api.get("/seats/organization/holders").each("/items", "id") == Words{member});
    CHECK(api.get("/seats/ci/holders").size("/items") == 0);
    // Who is erased holds none.
    REQUIRE(api.remove("/members/" + member + "?confirm=" + member).status == 200);
    CHECK(api.get("/seats/organization/holders").size("/items") == 0);
}

TEST_CASE("holders have pages and a total; a pool that is not there is 404") {
    Api api;
    for (char c : std::string("abcd")) api.invite(std::string(1, c) + "@spring.example");
    auto first = api.get("/seats/users/holders?limit=3&include_total=true");
    CHECK(first.size("/items") == 3);
    CHECK(first.number("/total") == 5);  // and Ada
    auto second = api.get("/seats/users/holders?limit=3&cursor=" + first.text("/next_cursor"));
    CHECK(second.size("/items") == 2);
    CHECK(second.text("/next_cursor") == "null");
    CHECK(refusal(api.get("/seats/users/forecast?cursor=" + first.text("/next_cursor"))) == "400 invalid_cursor");
    for (const char* path : {"/seats/gold/holders", "/seats/gold/forecast", "/seats/active_admins/holders"})
        CHECK(refusal(api.get(path)) == "404 not_found");
    CHECK(api.get("/seats/users/holders?limit=0&q=x").faults() == Words{"?limit invalid_value", "?q unknown_field"});
}

TEST_CASE("the forecast says when pending invitations give their seats back, soonest first") {
    Api api;
    api.licenses(5);
    auto start = api.clock.now();
    auto late = api.invite("late@spring.example", R"("license":"organization","ttl":86400)");
    auto soon = api.invite("soon@spring.example", R"("license":"organization","ttl":3600)");
    api.invite("other@spring.example", R"("ttl":7200)");
    api.member("member@spring.example", R"("license":"organization")");
    auto forecast = api.get("/seats/organization/forecast?include_total=true");
    CHECK(forecast.text("/items/0") == R"({"at":")" + start.plus_seconds(hour).text() + R"(","frees":1,"id":")" + soon +
                                           R"(","kind":"invitation"})");
    CHECK(forecast.each("/items", "id") == Words{soon, late});
    CHECK(forecast.number("/total") == 2);
    auto page = api.get("/seats/organization/forecast?limit=1");
    CHECK(api.get("/seats/organization/forecast?limit=1&cursor=" + page.text("/next_cursor")).each("/items", "id") ==
          Words{late});
    CHECK(api.get("/seats/users/forecast").size("/items") == 3);
    // It comes true.
    api.clock.advance(hour);
    CHECK(api.get("/seats/organization/forecast").each("/items", "id") == Words{late});
    CHECK(api.get("/seats").number("/licenses/1/reserved") == 1);
    api.accept(late);
    CHECK(api.get("/seats/organization/forecast").size("/items") == 0);
}

TEST_CASE("the end of a trial stands in the forecast of users: the limit binds from then on, and no seat is freed") {
    Api api;
    auto start = api.clock.now();
    auto before = api.invite("before@spring.example", R"("ttl":3600)");
    auto after = api.invite("after@spring.example", R"("ttl":86400)");
    auto ends = start.plus_seconds(2 * hour).text();
    REQUIRE(api.put("/plan", R"({"user_limit":1,"trial_ends_at":")" + ends + "\"}").status == 200);
    auto forecast = api.get("/seats/users/forecast");
    CHECK(forecast.each("/items", "kind") == Words{"invitation", "trial_end", "invitation"});
    CHECK(forecast.text("/items/1") == R"({"at":")" + ends + R"(","frees":0,"id":null,"kind":"trial_end"})");
    Words kinds;
    for (std::string cursor = "&limit=1"; cursor != "null";) {
        auto page = api.get("/seats/users/forecast?limit=1" + (kinds.empty() ? std::string() : "&cursor=" + cursor));
        for (const auto& each : page.each("/items", "kind")) kinds.push_back(each);
        cursor = page.text("/next_cursor");
    }
    CHECK(kinds == Words{"invitation", "trial_end", "invitation"});
    // Where it changes no limit it is not told.
    REQUIRE(api.put("/plan", R"({"user_limit":null,"trial_ends_at":")" + ends + "\"}").status == 200);
    CHECK(api.get("/seats/users/forecast").each("/items", "id") == Words{before, after});
}

}  // namespace muster::test
