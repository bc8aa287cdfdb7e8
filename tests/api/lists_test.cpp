// Lists, the audit, and that reads are never stale.
#include "api/tokens.h"
#include "tests/api/signed_in.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

// All pages of a list, by its cursors.
Words all_of(Api& api, const std::string& path, const std::string& name) {
    Words found;
    std::string cursor;
    for (int pages = 0; pages < 100; ++pages) {
        auto page = api.get(path + (cursor.empty() ? "" : "&cursor=" + cursor));
        INFO(page.body);
        REQUIRE(page.status == 200);
        for (auto& each : page.each("/items", name)) found.push_back(std::move(each));
        bool last = page.text("/next_cursor") == "null";
        CHECK(page.header("link").empty() == last);
        if (last) return found;
        cursor = page.text("/next_cursor");
        CHECK(page.header("link").ends_with("cursor=" + cursor + ">; rel=\"next\""));
    }
    FAIL("the list has no end");
    return found;
}

}  // namespace

TEST_CASE("every list is paged without gap or double, and counted when asked") {
    Api api;
    for (char c : std::string("abcde")) {
        std::string letter(1, c);
        api.clock.advance(1);  // ids sort by the millisecond they were made in
        api.invite(letter + "@invited.example");
        api.member(letter + "@spring.example", R"("name":"Name )" + letter + "\"");
        api.team("Team " + letter);
        api.resource("Resource " + letter);
        REQUIRE(api.post("/roles", R"({"key":")" + letter + R"(","name":"R"})").status == 201);
        REQUIRE(api.post("/permissions", R"({"key":")" + letter + R"(","name":"P"})").status == 201);
        REQUIRE(api.post("/v1/workspaces", R"({"name":")" + letter + R"(","owner":{"email":"o@x.example","name":"O"}})")
                    .status == 201);
    }
    CHECK(all_of(api, "/members?limit=2", "email") == Words{"ada@spring.example", "a@spring.example",
                                                            "b@spring.example", "c@spring.example", "d@spring.example",
                                                            "e@spring.example"});
    CHECK(all_of(api, "/invitations?limit=2", "email") == Words{"e@invited.example", "d@invited.example",
                                                                "c@invited.example", "b@invited.example",
                                                                "a@invited.example"});
    CHECK(all_of(api, "/teams?limit=2", "name") == Words{"Team a", "Team b", "Team c", "Team d", "Team e"});
    CHECK(all_of(api, "/resources?limit=2", "name") ==
          Words{"Resource a", "Resource b", "Resource c", "Resource d", "Resource e"});
    CHECK(all_of(api, "/roles?limit=3", "key") == Words{"a", "admin", "b", "c", "d", "e", "guest", "member"});
    CHECK(all_of(api, "/permissions?limit=2", "key") == Words{"a", "b", "c", "d", "e"});
    CHECK(all_of(api, "/v1/workspaces?limit=4", "slug") == Words{"spring", "a", "b", "c", "d", "e"});
    auto audit = all_of(api, "/audit?limit=7", "position");
    CHECK(std::ranges::is_sorted(audit, [](const auto& a, const auto& b) { return std::stol(a) > std::stol(b); }));
    const std::vector<std::pair<std::string, std::int64_t>> totals{
        {"/members", 6},       {"/invitations", 5},
        {"/teams", 5},         {"/resources", 5},
        {"/roles", 8},         {"/permissions", 5},
        {"/v1/workspaces", 6}, {"/audit", static_cast<std::int64_t>(audit.size())}};
    for (const auto& [path, total] : totals) {
        INFO(path);
        CHECK(api.get(path + "?limit=1&include_total=true").number("/total") == total);
        CHECK_FALSE(api.get(path + "?limit=1").has("/total"));
        CHECK(refusal(api.get(path + "?limit=0")) == "422 invalid_value");
        CHECK(refusal(api.get(path + "?limit=1001")) == "422 invalid_value");
        CHECK(api.get(path + "?limit=x&colour=1").faults() == Words{"?colour unknown_field", "?limit invalid_value"});
        CHECK(refusal(api.get(path + "?cursor=AAAA")) == "400 invalid_cursor");
        auto cursor = api.get(path + "?limit=1").text("/next_cursor");
        CHECK(api.get(path + "?cursor=" + cursor + "&limit=1000&include_total=true").status == 200);
        cursor[cursor.size() / 2] = cursor[cursor.size() / 2] == 'A' ? 'B' : 'A';
        CHECK(refusal(api.get(path + "?cursor=" + cursor)) == "400 invalid_cursor");
    }
}

TEST_CASE("a cursor is good for its own list and filter only") {
    Api api;
    for (const char* email : {"a@spring.example", "b@spring.example", "c@spring.example"}) api.member(email);
    auto cursor = api.get("/members?limit=1&role=member").text("/next_cursor");
    CHECK(api.get("/members?limit=2&role=member&cursor=" + cursor).status == 200);
    CHECK(refusal(api.get("/members?limit=1&cursor=" + cursor)) == "400 invalid_cursor");
    CHECK(refusal(api.get("/members?limit=1&role=member&order=desc&cursor=" + cursor)) == "400 invalid_cursor");
    CHECK(refusal(api.get("/invitations?limit=1&role=member&cursor=" + cursor)) == "400 invalid_cursor");
}

TEST_CASE("a cursor tells nobody's name or address: URLs are logged by others, N7") {
    Api api;
    for (const char* email : {"grace@spring.example", "linus@spring.example"})
        api.member(email, R"("name":"Somebody")");
    for (const char* sort : {"email", "name"}) {
        auto cursor = api.get(std::string("/members?limit=1&sort=") + sort).text("/next_cursor");
        const auto bytes = from_base64url(cursor);
        REQUIRE(bytes);
        for (const char* word : {"grace", "ada", "somebody", "Somebody", "spring"}) CHECK_THAT(*bytes, !Contains(word));
    }
}

TEST_CASE("members are filtered, searched and sorted [S2-2, S2-28, S2-31]") {
    Api api;
    api.licenses(5);
    auto sales = api.team("Sales");
    auto desk = api.resource("Reception");
    api.clock.advance(day);
    auto zoe = api.member(
        "zoe@spring.example",
        R"("name":"Zoë Müller","role":"guest","license":"organization","teams":["Sales"],"job_title":"Chief Analyst")");
    api.clock.advance(day);
    auto bob = api.member("bob@spring.example",
                          R"("name":"Bob Stone","resources":[{"id":")" + desk + R"(","access":"view"}])");
    REQUIRE(api.post("/members/" + bob + "/deactivate").status == 200);
    auto ids = [&](const std::string& query) { return api.get("/members?" + query).each("/items", "id"); };
    CHECK(ids("status=deactivated") == Words{bob});
    CHECK(ids("status=active") == Words{api.ada, zoe});
    CHECK(ids("status=active,deactivated") == Words{api.ada, bob, zoe});
    CHECK(ids("role=guest,admin") == Words{api.ada, zoe});
    CHECK(ids("team=sales") == Words{zoe});
    CHECK(ids("team=" + sales) == Words{zoe});
    CHECK(ids("team=nowhere").empty());
    CHECK(ids("license=organization") == Words{zoe});
    CHECK(ids("resource=" + desk) == Words{bob});
    CHECK(ids("inactive_since=2026-11-24T00:00:00Z") == Words{api.ada});
    CHECK(ids("sort=email&order=desc") == Words{zoe, bob, api.ada});
    CHECK(ids("sort=joined_at") == Words{api.ada, zoe, bob});
    for (const char* q : {"z", "zo", "ZOE", "mull", "zoe%20m", "analyst", "zoe%40spring", "chief+zo"})
        CHECK(ids(std::string("q=") + q) == Words{zoe});
    CHECK(ids("q=oe").empty());
    CHECK(ids("q=-").empty());
    CHECK(api.get("/members?q=z&sort=name").faults() == Words{"?sort invalid_value"});
    CHECK(api.get("/members?status=gone&resource=x&inactive_since=yesterday&order=up").faults() ==
          Words{"?inactive_since invalid_value", "?order invalid_value", "?resource invalid_value",
                "?status invalid_value"});
    CHECK(refusal(api.get("/members?q=%zz")) == "422 invalid_value");
}

TEST_CASE("invitations are listed apart, by default the open ones [S0-25, S1-20, S4-11]") {
    Api api;
    api.team("Sales");
    auto old = api.invite("old@spring.example");
    api.clock.advance(7 * day);
    auto revoked = api.invite("revoked@spring.example", R"("role":"guest")");
    REQUIRE(api.post("/invitations/" + revoked + "/revoke").status == 200);
    api.clock.advance(1);
    auto accepted = api.invite("accepted@spring.example");
    api.clock.advance(1);
    api.accept(accepted);
    auto pending = api.invite("pending@spring.example", R"("name":"Pen Ding","teams":["Sales"])");
    auto ids = [&](const std::string& query) { return api.get("/invitations" + query).each("/items", "id"); };
    CHECK(ids("") == Words{pending, old});
    CHECK(ids("?status=pending") == Words{pending});
    CHECK(ids("?status=accepted,revoked") == Words{accepted, revoked});
    CHECK(ids("?status=revoked&role=guest") == Words{revoked});
    CHECK(ids("?team=sales") == Words{pending});
    CHECK(ids("?q=din") == Words{pending});
    CHECK(ids("?delivery=none,queued") == Words{pending, old});
    CHECK(ids("?delivery=none,failed").empty());
    CHECK(refusal(api.get("/invitations?status=gone")) == "422 invalid_value");
    CHECK(refusal(api.get("/invitations/nothing")) == "404 not_found");
}

// ---- The audit.

TEST_CASE("the audit says who did what, to whom, and what changed [S0-42]") {
    Api api;
    auto id = api.member("grace@spring.example", R"("name":"Grace Hopper")");
    REQUIRE(api.patch("/members/" + id, R"({"role":"guest"})").status == 200);
    auto audit = api.get("/audit");
    CHECK(audit.members("/items/0") ==
          Words{"actor", "at", "cause", "changes", "id", "position", "summary", "target", "type"});
    CHECK(audit.text("/items/0/id").starts_with("evt_"));
    CHECK(audit.number("/items/0/position") == api.head());
    CHECK(audit.text("/items/0/at") == "2026-11-23T08:00:00.000Z");
    CHECK(audit.text("/items/0/actor") == R"({"id":null,"kind":"operator","name":null})");
    CHECK(audit.text("/items/0/type") == "member_changed");
    CHECK(audit.text("/items/0/target") == R"({"id":")" + id + R"(","kind":"member","name":"Grace Hopper"})");
    CHECK(audit.text("/items/0/changes") == R"([{"field":"role","from":"member","to":"guest"}])");
    CHECK_THAT(audit.text("/items/0/summary"), Contains("Grace Hopper"));
    CHECK(audit.members("/items/0/cause") == Words{"batch", "import", "position", "request"});
}

TEST_CASE("the audit is filtered by actor, person, type and time, and searched") {
    Api api;
    auto id = api.invite("grace@spring.example", R"("name":"Grace Hopper")");
    api.clock.advance(hour);
    api.accept(id);
    api.team("Sales");
    auto types = [&](const std::string& query) { return api.get("/audit?" + query).each("/items", "type"); };
    CHECK(types("member=" + id) == Words{"password_set", "invitation_accepted", "member_invited"});
    CHECK(types("member=" + same(id, "mem")) == Words{"password_set", "invitation_accepted", "member_invited"});
    CHECK(types("actor=" + same(id, "mem")) == Words{"password_set", "invitation_accepted"});
    CHECK(types("actor=" + id) == types("actor=" + same(id, "mem")));
    CHECK(types("actor=operator&type=team_created,member_invited") == Words{"team_created", "member_invited"});
    CHECK(types("from=2026-11-23T09:00:00Z") == Words{"team_created", "password_set", "invitation_accepted"});
    CHECK(types("to=2026-11-23T09:00:00Z&type=member_invited") == Words{"member_invited"});
    CHECK(types("q=grace") == Words{"password_set", "invitation_accepted", "member_invited"});
    CHECK(types("q=sale") == Words{"team_created"});
    CHECK(types("actor=system," + same(id, "mem") + "&member=" + id + "," + api.ada) ==
          Words{"password_set", "invitation_accepted"});
    CHECK(types("type=muster.team_created") == Words{"team_created"});
    CHECK(types("q=%F0%9F%8E%89").empty());  // signs alone find nothing
    CHECK(types("q=%20") == types(""));
    CHECK(types("q=position").empty());  // what is searched is what people read, not the form of the answer
    CHECK(types("actor=system").empty());
    api.clock.advance(8 * day);
    api.invite("late@spring.example");
    api.clock.advance(8 * day);
    CHECK(types("actor=system") == Words{"invitation_expired"});
    CHECK(api.get("/audit?actor=me&member=x&type=nothing&from=now&to=2026-11-23T09:00:00").faults() ==
          Words{"?actor invalid_value", "?from invalid_value", "?member invalid_value", "?to invalid_value",
                "?type invalid_value"});
}

TEST_CASE("who takes another name is in what happened before by the name that they had") {
    Api api;
    REQUIRE(api.patch("/members/" + api.ada, R"({"name":"Ada Lovelace"})").status == 200);
    Person sam(api, "sam@spring.example", R"("name":"Sneaky Sam","role":"admin")");
    REQUIRE(api.post("/teams", R"({"name":"Sales"})", sam.by()).status == 201);
    REQUIRE(api.patch("/v1/me", R"({"name":"Ada Lovelace"})", sam.by()).status == 200);
    REQUIRE(api.post("/teams", R"({"name":"Support"})", sam.by()).status == 201);
    auto theirs = api.get("/audit?actor=" + sam.id + "&type=team_created,member_changed");
    CHECK(theirs.each("/items", "summary") == Words{"Ada Lovelace created the team Support",
                                                    "Sneaky Sam changed Sneaky Sam",
                                                    "Sneaky Sam created the team Sales"});
    CHECK(theirs.text("/items/1/actor/name") == "Sneaky Sam");
    CHECK(theirs.text("/items/1/changes") == R"([{"field":"name","from":"Sneaky Sam","to":"Ada Lovelace"}])");
    CHECK(api.get("/audit?q=sneaky&type=team_created").each("/items", "summary") ==
          Words{"Sneaky Sam created the team Sales"});
    // A team is told by the name that it had as well.
    auto team = api.get("/teams").text("/items/0/id");
    REQUIRE(api.patch("/teams/" + team, R"({"name":"Success"})").status == 200);
    CHECK(api.get("/audit?actor=" + sam.id + "&type=team_created").text("/items/1/target/name") == "Sales");
}

TEST_CASE("teams and resources that somebody came to have are told, and searched for, by their names") {
    Api api;
    const auto team = api.team("Sales");
    const auto agent = api.resource("Night Watch");
    const auto id = api.accept(api.invite("grace@spring.example"));
    api.patch("/members/" + id, R"({"teams":[")" + team + R"("]})");
    api.patch("/members/" + id, R"({"resources":[{"id":")" + agent + R"(","access":"edit"}]})");
    auto types = [&](const std::string& query) { return api.get("/audit?q=" + query).each("/items", "type"); };
    CHECK(types("sales") == Words{"member_changed", "team_created"});
    CHECK(types("night") == Words{"member_changed", "resource_registered"});
    // For programs the ids stand.
    CHECK(api.get("/audit?q=sales").text("/items/0/changes") ==
          R"([{"field":"teams","from":[],"to":[")" + team + R"("]}])");
    const auto sheet = api.get("/audit/export?format=csv").body;
    CHECK_THAT(sheet, Contains(",teams: none -> Sales,"));
    CHECK_THAT(sheet, Contains(",resources: none -> Night Watch:edit,"));
}

TEST_CASE("a search of the audit looks through many events for one page, and none twice") {
    Api api;
    for (int i = 0; i < 150; ++i) {
        if (i % 50 == 0) api.team("Needle " + std::to_string(i));
        api.team("Straw " + std::to_string(i));
    }
    auto both = api.get("/audit?q=needle&limit=2&include_total=true");
    CHECK(both.size("/items") == 2);
    CHECK(both.number("/total_at_least") == 2);
    auto rest = api.get("/audit?q=needle&limit=2&include_total=true&cursor=" + both.text("/next_cursor"));
    CHECK(rest.number("/total") == 3);  // with those of the page before
    CHECK(rest.size("/items") == 1);
    CHECK(rest.text("/next_cursor") == "null");
    CHECK(rest.text("/items/0/target/name") == "Needle 0");
}

TEST_CASE("the audit cannot be searched for who was erased [N7]") {
    Api api;
    auto grace = api.member("grace@spring.example", R"("name":"Grace Hopper")");
    CHECK(api.get("/audit?q=hopper").size("/items") == 1);
    REQUIRE(api.remove("/members/" + grace + "?confirm=" + grace).status == 200);
    CHECK(api.get("/audit?q=hopper").size("/items") == 0);
}

TEST_CASE("the chain is computed anew, N6") {
    Api api;
    api.invite("grace@spring.example");
    auto proof = api.get("/audit/verify");
    CHECK(proof.members() == Words{"events", "head", "intact"});
    CHECK(proof.text("/intact") == "true");
    CHECK(proof.number("/events") == 3);
    auto head = proof.text("/head");
    api.team("Sales");
    CHECK(api.get("/audit/verify").text("/head") != head);
}

// ---- Reading what was written.

TEST_CASE("a read shows what was acknowledged before it, always, N10") {
    Api api;
    for (int i = 0; i < 100; ++i) {
        api.clock.advance(1);
        auto id = api.invite("p" + std::to_string(i) + "@spring.example");
        CHECK(api.get("/invitations?limit=1").text("/items/0/id") == id);
        auto seats = api.get("/seats");
        CHECK(seats.number("/users/pending") == i + 1);
        CHECK(seats.position() == api.head());
        CHECK(api.get("/audit?limit=1").text("/items/0/target/id") == id);
    }
}

TEST_CASE("a read that is eventual does not wait for a read model that is behind, and says where it stands") {
    Api api;
    api.get("/invitations");
    api.system->runner().stop();
    api.invite("grace@spring.example");
    auto eventual = api.get("/invitations", {{"Muster-Consistency", "eventual"}});
    CHECK(eventual.status == 200);
    CHECK(eventual.size("/items") == 0);
    CHECK(eventual.position() < api.head());
}

TEST_CASE("a read that its read model keeps waiting is refused: try again") {
    Api api;
    auto team = api.team("Sales");
    api.get("/invitations");
    api.system->runner().stop();
    api.invite("grace@spring.example");
    auto head = api.head();
    for (const char* path : {"/invitations", "/members", "/seats", "/teams", "/audit"}) {
        auto lagging = api.get(path);
        CHECK(refusal(lagging) == "503 projection_lagging");
        CHECK(lagging.header("retry-after") == "1");
    }
    // A command whose answer counts people refuses before anything is done.
    CHECK(refusal(api.patch("/teams/" + team, R"({"name":"Selling"})")) == "503 projection_lagging");
    CHECK(api.head() == head);
}

TEST_CASE("a renamed team's answer counts who has just joined it") {
    Api api;
    auto team = api.team("Sales");
    for (int i = 1; i <= 20; ++i) {
        api.member("p" + std::to_string(i) + "@spring.example", R"("teams":[")" + team + R"("])");
        auto renamed = api.patch("/teams/" + team, R"({"name":"Sales )" + std::to_string(i) + R"("})");
        CHECK(renamed.number("/member_count") == i);
    }
}

TEST_CASE("invitations made within one millisecond are listed in the order of their making") {
    Api api;
    Words made;
    for (int i = 0; i < 30; ++i) made.insert(made.begin(), api.invite("p" + std::to_string(i) + "@spring.example"));
    CHECK(api.get("/invitations?limit=30").each("/items", "id") == made);
}

}  // namespace muster::test
