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
    // The address and a permission role are needed. [S3-6, S3-9]
    CHECK(refusal(admin.posts("invitations", R"({"role":"member"})")) == "422 required");
    CHECK(refusal(admin.invites("john.smith@spring.example")) == "422 role_required");
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

TEST_CASE("awork: only admins invite, since inviting gives roles [S3-18]") {
    Admin admin("awork");
    auto role = GENERATE("member", "guest");
    Newcomer john(admin, admin.invites("john@spring.example", as(role)));
    REQUIRE(john.accepts().status == 201);
    for (const char* given : {"guest", "member", "admin"}) {
        auto body = R"({"email":"x@spring.example","role":")" + std::string(given) + "\"}";
        CHECK(refusal(john.posts("invitations", body)) == "403 permission_denied");
    }
    CHECK(refusal(john.posts("imports", R"({})")) == "403 permission_denied");
    CHECK(admin.sees("invitations")["items"] == "[]");
    // As an admin he may, from that moment.
    auto his = "members/" + john.sees("/v1/me")["id"];
    REQUIRE(admin.changes(his, R"({"role":"admin"})").status == 200);
    CHECK(john.posts("invitations", R"({"email":"x@spring.example","role":"admin"})").status == 201);
    CHECK(admin.sees("audit?type=member_invited&limit=1")["items/0/actor/name"] == "John");
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
    // With the link of the mail, Bea accepts and sets a password; it signs her in. [S3-15]
    Newcomer bea(admin, b);
    CHECK(refusal(bea.accepts_with({})) == "422 password_required");
    REQUIRE(bea.accepts().status == 201);
    CHECK(refusal(bea.signs_in("not her password")) == "401 invalid_credentials");
    REQUIRE(bea.signs_in().status == 200);
    // What she was to have is there. [S3-14]
    CHECK(bea.sees("/v1/me")["resources/0/name"] == "Website");
    CHECK(bea.sees("resources").each("items", "name") == Words{"Website"});
    // Password, profile, tour: then she is at home.
    CHECK(bea.completes("profile")["onboarding/next"] == "tour");
    CHECK(bea.skips("tour")["onboarding/next"] == "null");
    CHECK(bea.sees("/v1/me")["home"] == "/");
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
    REQUIRE(Newcomer(admin, again).accepts().status == 201);
    CHECK(refusal(admin.resends(barbara)) == "409 invitation_accepted");
    // The link of Tim has expired; resent, his link works. [S3-21]
    auto tim = admin.sees("invitations?q=tim.late").item("items", 0);
    CHECK(tim["status"] == "expired");
    auto resent = admin.resends(tim);
    CHECK(resent["status"] == "pending");
    CHECK(Newcomer(admin, resent).accepts().status == 201);
}

}  // namespace muster::test
