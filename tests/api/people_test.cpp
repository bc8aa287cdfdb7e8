// What an admin sees of people: one list of all, the search as one types, the statuses of a life, who has joined.
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

// `kind status email` of each.
Words shown(Api& api, const std::string& query = {}) {
    auto page = api.get("/people" + query);
    INFO(page.body);
    REQUIRE(page.status == 200);
    Words lines;
    for (std::size_t i = 0; i < page.size("/items"); ++i) {
        auto at = "/items/" + std::to_string(i);
        lines.push_back(page.text(at + "/kind") + " " + page.text(at + "/status") + " " + page.text(at + "/email"));
    }
    return lines;
}

// One in each status, a second apart: `old` expired, `left` deactivated, `here` active, `soon` pending.
struct Crowd {
    Crowd() {
        old = api.invite("old@spring.example", R"("name":"Olga Old")");
        api.clock.advance(7 * day);
        left = api.member("left@spring.example", R"("name":"Lea Left","job_title":"Analyst")");
        REQUIRE(api.post("/members/" + left + "/deactivate").status == 200);
        api.clock.advance(1);
        here = api.accept(api.invite("here@spring.example", R"("name":"Henri Here")"));
        api.clock.advance(1);
        soon = api.invite("soon@spring.example", R"("name":"Zoë Soon","job_title":"Chief Analyst")");
    }
    Api api;
    std::string old, left, here, soon;
};

}  // namespace

// ---- One list of all.

TEST_CASE("an invited person is in the list of people at once, as invited [S4-11, S3-13, S1-20]") {
    Crowd crowd;
    CHECK(shown(crowd.api) == Words{"invitation pending soon@spring.example", "member active here@spring.example",
                                    "member deactivated left@spring.example", "invitation expired old@spring.example",
                                    "member active ada@spring.example"});
    auto soon = crowd.api.get("/people?limit=1");
    auto invitation = crowd.api.get("/invitations/" + crowd.soon);
    CHECK(soon.text("/items/0/id") == crowd.soon);
    auto with_kind = invitation.members();
    with_kind.push_back("kind");
    std::ranges::sort(with_kind);
    CHECK(soon.members("/items/0") == with_kind);
    auto here = crowd.api.get("/people?status=active&limit=1");
    CHECK(here.text("/items/0/id") == crowd.here);
    CHECK(here.text("/items/0/initials") == "HH");
}

TEST_CASE("people are filtered by status, paged and counted") {
    Crowd crowd;
    CHECK(shown(crowd.api, "?status=pending,expired") ==
          Words{"invitation pending soon@spring.example", "invitation expired old@spring.example"});
    CHECK(shown(crowd.api, "?status=deactivated") == Words{"member deactivated left@spring.example"});
    auto page = crowd.api.get("/people?limit=2&include_total=true");
    CHECK(page.number("/total") == 5);
    auto next = page.text("/next_cursor");
    CHECK(crowd.api.get("/people?limit=2&cursor=" + next).each("/items", "email") ==
          Words{"left@spring.example", "old@spring.example"});
    CHECK(refusal(crowd.api.get("/people?status=active&cursor=" + next)) == "400 invalid_cursor");
    CHECK(crowd.api.get("/people?status=revoked&limit=0&role=guest").faults() ==
          Words{"?limit invalid_value", "?role unknown_field", "?status invalid_value"});
}

TEST_CASE("a revoked invitation is nobody's, and a deleted member is gone from the list") {
    Crowd crowd;
    REQUIRE(crowd.api.post("/invitations/" + crowd.soon + "/revoke").status == 200);
    REQUIRE(crowd.api.remove("/members/" + crowd.left + "?confirm=" + crowd.left).status == 200);
    CHECK(shown(crowd.api) == Words{"member active here@spring.example", "invitation expired old@spring.example",
                                    "member active ada@spring.example"});
}

TEST_CASE("the results narrow as one types, without regard to case and accents [S2-28]") {
    Crowd crowd;
    auto emails = [&](const std::string& list, const std::string& q) {
        auto found = crowd.api.get(list + "?q=" + q).each("/items", "email");
        std::ranges::sort(found);
        return found;
    };
    CHECK(emails("/people", "an") == Words{"left@spring.example", "soon@spring.example"});
    CHECK(emails("/people", "ana") == Words{"left@spring.example", "soon@spring.example"});
    CHECK(emails("/people", "analyst%20z") == Words{"soon@spring.example"});
    CHECK(emails("/people", "ANALYST%20ZOE") == Words{"soon@spring.example"});
    CHECK(emails("/people", "zo%C3%8B") == Words{"soon@spring.example"});
    CHECK(emails("/people", "zoex").empty());
    CHECK(emails("/members", "h") == Words{"here@spring.example"});
    CHECK(emails("/members", "here%40spr") == Words{"here@spring.example"});
    CHECK(emails("/members", "le%20le") == Words{"left@spring.example"});
    CHECK(emails("/members", "eft").empty());  // the beginnings of words, not what is within
}

// ---- What each item shows.

TEST_CASE("an invitation's status goes from pending to accepted, or expires after 7 days [S1-21, S1-22, S1-23]") {
    Api api;
    auto grace = api.invite("grace@spring.example"), alan = api.invite("alan@spring.example");
    auto status = [&](const std::string& id) { return api.get("/invitations/" + id).text("/status"); };
    CHECK(status(grace) == "pending");
    api.clock.advance(7 * day - 1);
    CHECK(status(alan) == "pending");
    api.accept(grace);
    api.clock.advance(1);
    CHECK(status(grace) == "accepted");
    CHECK(status(alan) == "expired");
    CHECK(api.get("/invitations").each("/items", "status") == Words{"expired"});
    CHECK(api.get("/invitations?status=accepted").each("/items", "id") == Words{grace});
}

TEST_CASE("an address is shown as it was typed, to spot typos [S0-36]") {
    Api api;
    auto id = api.invite("Grace.Hoper@Spring.Example");
    CHECK(api.get("/invitations/" + id).text("/email") == "Grace.Hoper@Spring.Example");
    CHECK(api.get("/invitations").each("/items", "email") == Words{"Grace.Hoper@Spring.Example"});
    CHECK(api.get("/people?status=pending").each("/items", "email") == Words{"Grace.Hoper@Spring.Example"});
    CHECK(api.get("/people?q=grace.hoper%40spring").size("/items") == 1);
}

TEST_CASE("who has no picture is shown by initials [S2-2, S2-3]") {
    Api api;
    auto shown_as = [&](const std::string& email, const std::string& name) {
        return api.get("/members/" + api.member(email, R"("name":")" + name + "\"")).text("/initials");
    };
    CHECK(shown_as("a@spring.example", "grace brewster hopper") == "GH");
    CHECK(shown_as("b@spring.example", "élodie ångström") == "ÉÅ");
    CHECK(shown_as("c@spring.example", "Cher") == "C");
    CHECK(shown_as("d@spring.example", "山田 太郎") == "山太");
    auto id = api.member("pic@spring.example", R"("name":"Pia Cture","job_title":"Painter")");
    REQUIRE(api.patch("/members/" + id, R"({"photo_url":"https://spring.example/pia.png"})").status == 200);
    auto row = api.get("/members?q=pia");
    CHECK(row.text("/items/0/photo_url") == "https://spring.example/pia.png");
    CHECK(row.text("/items/0/initials") == "PC");
    CHECK(row.text("/items/0/name") == "Pia Cture");
    CHECK(row.text("/items/0/job_title") == "Painter");
    CHECK(row.text("/items/0/email") == "pic@spring.example");
}

TEST_CASE("a periodic review finds who was never seen since [S2-31]") {
    Api api;
    auto early = api.member("early@spring.example");
    api.clock.advance(30 * day);
    api.member("late@spring.example");
    auto since = std::string("?inactive_since=2026-12-01T00:00:00Z");
    CHECK(api.get("/members" + since).each("/items", "email") == Words{"ada@spring.example", "early@spring.example"});
    REQUIRE(api.post("/members/" + early + "/deactivate").status == 200);
    CHECK(api.get("/members" + since + "&include_total=true").number("/total") == 1);
}

// ---- From invited to joined.

TEST_CASE("an admin sees who has joined, and adjusts what they have [S0-42]") {
    Api api;
    api.licenses(2);
    auto id = api.accept(api.invite("grace@spring.example"));
    CHECK(api.get("/members?status=active").each("/items", "email") ==
          Words{"ada@spring.example", "grace@spring.example"});
    auto adjusted =
        api.patch("/members/" + id, R"({"role":"guest","license":"organization","add_ons":["ci"],"teams":[]})");
    CHECK(adjusted.text("/role") == "guest");
    CHECK(api.get("/members?license=ci").each("/items", "id") == Words{id});
}

TEST_CASE("an invited person is given permissions and resources before they accept, and keeps them [S3-14, S4-12]") {
    Api api;
    auto project = api.resource("Apollo");
    REQUIRE(api.post("/permissions", R"({"key":"crm.access","name":"Can access CRM"})").status == 201);
    auto id = api.invite("grace@spring.example");
    auto edited = api.patch("/invitations/" + id, R"({"permissions":["crm.access"],"resources":[{"id":")" + project +
                                                      R"(","access":"edit"}]})");
    CHECK(edited.status == 200);
    CHECK(edited.text("/status") == "pending");
    auto member = api.get("/members/" + api.accept(id));
    CHECK(member.text("/permissions") == R"(["crm.access"])");
    CHECK(member.text("/resources") == R"([{"access":"edit","id":")" + project + R"(","name":"Apollo"}])");
}

TEST_CASE("an invited person is revoked from where they are listed [S4-13]") {
    Crowd crowd;
    auto listed = crowd.api.get("/people?q=zoe").text("/items/0/id");
    CHECK(crowd.api.post("/invitations/" + listed + "/revoke").text("/status") == "revoked");
    CHECK(shown(crowd.api, "?q=zoe").empty());
}

TEST_CASE("who accepts lands on the home of their role [S0-30]") {
    Api api;
    REQUIRE(api.post("/roles", R"({"key":"analyst","name":"Analyst","home":"/reports"})").status == 201);
    auto home = [&](const std::string& email, const std::string& role) {
        auto id = api.invite(email, R"("role":")" + role + "\"");
        return api
            .post("/v1/invitations/accept", R"({"token":")" + api.token(id) + R"(","password":"an old engine room"})")
            .text("/home");
    };
    CHECK(home("a@spring.example", "analyst") == "/reports");
    CHECK(home("b@spring.example", "guest") == "/");
}

// ---- Ways to invite.

TEST_CASE("an invitation needs an address [S1-2, S2-4]") {
    Api api;
    auto before = api.head();
    for (const char* body : {R"({"name":"Grace Hopper"})", R"({})"})
        CHECK(api.post("/invitations", body).faults() == Words{"/email required"});
    CHECK(refusal(api.post("/invitations", R"({"email":""})")) == "422 required");
    CHECK(api.head() == before);
}

TEST_CASE("one at a time, in rows, or as a list of addresses: all are the same command [S1-1, S3-1]") {
    Api api;
    api.invite("one@spring.example");
    REQUIRE(api.post("/invitations:batch", R"({"invitations":[{"email":"two@spring.example"}]})").status == 200);
    REQUIRE(api.post("/invitations:batch", R"({"emails":"three@spring.example, four@spring.example"})").status == 200);
    CHECK(api.get("/invitations?include_total=true").number("/total") == 4);
    CHECK(api.get("/audit?limit=4").each("/items", "type") == Words(4, "member_invited"));
    auto first = api.get("/invitations").members("/items/0");
    for (int i = 1; i < 4; ++i) CHECK(api.get("/invitations").members("/items/" + std::to_string(i)) == first);
}

TEST_CASE("what would be sent is reviewed first, and one request sends it all [S0-20]") {
    Api api;
    api.licenses(1);
    const std::string rows =
        R"({"invitations":[{"email":"a@spring.example","license":"organization"},)"
        R"({"email":"b@spring.example","license":"organization"},{"email":"c@spring.example","role":"guest"}]})";
    auto before = api.head();
    auto review = api.post("/invitations:batch?dry_run=true", rows);
    CHECK(review.status == 200);
    CHECK(review.text("/dry_run") == "true");
    CHECK(review.each("/results", "status") == Words{"invited", "failed", "invited"});
    CHECK(review.text("/results/1/problem/code") == "no_seats_remaining");
    CHECK(api.head() == before);
    CHECK(api.get("/invitations").size("/items") == 0);
    auto sent = api.post("/invitations:batch", rows);
    CHECK(sent.each("/results", "status") == review.each("/results", "status"));
    CHECK(api.get("/invitations").size("/items") == 2);
}

}  // namespace muster::test
