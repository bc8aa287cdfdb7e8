// A plan of booked users with a trial, and invite windows of many lines, as awork's page has it.
#include "tests/scenarios/admin.h"

namespace muster::test {

TEST_CASE("awork: how many may still be invited") {
    Admin admin("awork");
    // In the trial of 14 days there is no limit. [S3-4]
    auto seats = admin.sees("seats");
    CHECK(seats["users/remaining"] == "null");
    CHECK(seats["users/unlimited_until"] == admin.sees("plan")["trial_ends_at"]);
    for (int i = 0; i < 6; ++i)
        CHECK(admin.invites("p" + std::to_string(i) + "@spring.example", as("member")).status == 201);
    // Afterwards users are booked, more or fewer, never fewer than there are. [S3-5]
    CHECK(refusal(admin.puts("plan", R"({"user_limit":6})")) == "409 seats_in_use");
    REQUIRE(admin.puts("plan", R"({"user_limit":8})").status == 200);
    // The window says how many are left. [S3-3]
    CHECK(admin.sees("seats")["users/remaining"] == "1");
    // With none left, inviting is refused. [S3-2]
    auto last = admin.invites("last@spring.example", as("member"));
    CHECK(last.status == 201);
    auto refused = admin.invites("late@spring.example", as("member"));
    CHECK(refusal(refused) == "409 no_seats_remaining");
    CHECK(refused["pool"] == "users");
    CHECK(refused["limit"] == "8");
    REQUIRE(admin.puts("plan", R"({"user_limit":9})").status == 200);
    CHECK(admin.invites("late@spring.example", as("member")).status == 201);
}

TEST_CASE("awork: the invite window") {
    Admin admin("awork");
    REQUIRE(admin.creates_team("Design").status == 201);
    REQUIRE(admin.creates_team("Development").status == 201);
    // The address and a permission role are needed; only admins can give roles. [S3-6, S3-9, S3-18 partly]
    CHECK(refusal(admin.posts("invitations", R"({"role":"member"})")) == "422 required");
    CHECK(refusal(admin.invites("john.smith@spring.example")) == "422 role_required");
    CHECK(Visitor(admin).posts("invitations", R"({"email":"x@spring.example","role":"admin"})").status == 401);
    // The name is read from the address, and another one is taken when it is given. [S3-7, S3-8]
    auto john = admin.invites("john.smith@spring.example", as("member"), in("Design"));
    CHECK(john["name"] == "John Smith");
    auto jo = admin.invites("j.s@spring.example", as("guest"), named("Joan Stark"));
    CHECK(jo["name"] == "Joan Stark");
    // A team, while teams are in use; further ones later. [S3-10, S3-11]
    CHECK(john["teams/0/name"] == "Design");
    CHECK(admin.edits(john, in("Design", "Development")).each("teams", "name") == Words{"Design", "Development"});
    REQUIRE(admin.changes("settings", R"({"teams_enabled":false})").status == 200);
    CHECK(refusal(admin.invites("x@spring.example", as("member"), in("Design"))) == "422 teams_disabled");
    CHECK(admin.invites("x@spring.example", as("member"))["teams"] == "[]");
    // Several lines are several invitations. [S3-12]
    auto lines = admin.posts("invitations:batch",
                             R"({"invitations":[{"email":"a@spring.example","role":"member"},)"
                             R"({"email":"b@spring.example","role":"guest"},{"email":"c@spring.example"}]})");
    CHECK(lines.each("results", "status") == Words{"invited", "invited", "failed"});
    CHECK(lines["results/2/problem/code"] == "role_required");
}

TEST_CASE("awork: three places to invite from, one and the same command") {
    Admin admin("awork");
    auto project = admin.posts("resources", R"({"kind":"project","name":"Website","group":"Spring Labs"})");
    REQUIRE(project.status == 201);
    // From the settings, from the list of users, and from a task, by address. [S3-1]
    admin.invites("a@spring.example", as("member"));
    admin.posts("invitations:batch", R"({"emails":"b@spring.example","role":"member"})");
    auto c = admin.invites("c@spring.example", as("member"), assigned({{project["id"], "edit"}}));
    CHECK(admin.sees("audit?type=member_invited").each("items", "type") ==
          Words{"member_invited", "member_invited", "member_invited"});
    // They are there at once, are edited and get projects before they accept. [S3-13, S3-14]
    CHECK(admin.sees("people?status=pending").each("items", "email") ==
          Words{"c@spring.example", "b@spring.example", "a@spring.example"});
    CHECK(c["resources/0/name"] == "Website");
    auto b = admin.sees("invitations?q=b%40spring").item("items", 0);
    auto edited = admin.edits(b, named("Bea"), assigned({{project["id"], "view"}}));
    CHECK(edited["name"] == "Bea");
    CHECK(edited["resources/0/access"] == "view");
    // What they will have is there when they come. [S3-14, S3-15 partly]
    auto link = admin.sees("invitations/" + b["id"] + "/link");
    auto joined = Visitor(admin).accepts(link);
    REQUIRE(joined.status == 201);
    CHECK(joined["member/resources/0/name"] == "Website");
    CHECK(joined["member/onboarding/steps"] == R"(["password","profile","tour"])");
}

TEST_CASE("awork: a spreadsheet fills the window") {
    Admin admin("awork");
    REQUIRE(admin.creates_team("Sales").status == 201);
    REQUIRE(admin.creates_team("Support").status == 201);
    // Addresses, names, gender and the role's name; it is a draft. [S3-16, S3-17]
    auto draft = admin.uploads_excel("libreoffice.xlsx");
    REQUIRE(draft.status == 201);
    CHECK(draft.each("rows", "email") ==
          Words{"grace@navy.example", "lin@spring.example", "zoë@spring.example", "max@spring.example"});
    CHECK(draft.each("rows", "role") == Words{"member", "admin", "null", "null"});
    CHECK(draft.each("rows", "name") == Words{"Grace Hopper", "Lin, \"the\" Clark", "Zoë Müller", "Max"});
    CHECK(draft["ignored_columns"] == R"(["Gender"])");
    CHECK(admin.sees("invitations")["items"] == "[]");
    // Rows without a role are found before anything is sent, and mended there. [S3-9, S3-16]
    CHECK(draft.each("rows/2/issues", "code") == Words{"role_required"});
    auto mended =
        admin.changes("imports/" + draft["id"], R"({"rows":[{"line":5,"role":"guest"},{"line":7,"role":"member"}]})");
    CHECK(mended["summary/invalid"] == "0");
    CHECK(admin.sends_all(draft)["sent"] == "4");
    CHECK(admin.sees("invitations?q=zoe")["items/0/role"] == "guest");
}

TEST_CASE("awork: who is only initiated") {
    Admin admin(the_demo);
    // Not accepted yet: that is what pending says. [S3-19]
    auto barbara = admin.sees("invitations?q=barbara").item("items", 0);
    CHECK(barbara["status"] == "pending");
    CHECK(barbara["accepted_at"] == "null");
    // Until they accept, it is sent again, from the list or the person's page. [S3-20]
    auto again = admin.resends(barbara);
    CHECK(again["resent_count"] == "1");
    REQUIRE(Visitor(admin).accepts(again).status == 201);
    CHECK(refusal(admin.resends(barbara)) == "409 invitation_accepted");
    // The link of Tim has expired; resent, his link works. [S3-21]
    auto tim = admin.sees("invitations?q=tim.late").item("items", 0);
    CHECK(tim["status"] == "expired");
    auto resent = admin.resends(tim);
    CHECK(resent["status"] == "pending");
    CHECK(Visitor(admin).accepts(resent).status == 201);
}

}  // namespace muster::test
