// People one by one or from a CSV file, and their whole life in the workspace, as SalesOS's page has it.
#include "tests/scenarios/admin.h"

namespace muster::test {
namespace {

struct SalesOs : Admin {
    SalesOs() : Admin("salesos") {
        REQUIRE(creates_team("Enterprise").status == 201);
        REQUIRE(creates_team("SMB").status == 201);
    }
};

}  // namespace

TEST_CASE("salesos: inviting one person") {
    SalesOs admin;
    // Address, full name and one of three roles are needed, all at once. [S1-2, S1-3, S1-4]
    CHECK(admin.sees("roles").each("items", "name") == Words{"Admin", "Manager", "Sales Rep"});
    CHECK(admin.posts("invitations", "{}").each("errors", "pointer") == Words{"/email", "/name", "/role"});
    CHECK(refusal(admin.invites("john@spring.example", as("sales_rep"))) == "422 name_required");
    CHECK(refusal(admin.invites("john@spring.example", named("John Smith"))) == "422 role_required");
    CHECK(refusal(admin.invites("john@spring.example", named("John Smith"), as("boss"))) == "422 unknown_role");
    // The team can wait. [S1-1, S1-5]
    auto john = admin.invites("john@spring.example", named("John Smith"), as("sales_rep"));
    REQUIRE(john.status == 201);
    CHECK(john["teams"] == "[]");
    CHECK(admin.edits(john, in("SMB"))["teams/0/name"] == "SMB");
    CHECK(refusal(admin.edits(john, in("SMB", "Enterprise"))) == "422 too_many_teams");
    // The link is good for seven days. [S1-7]
    CHECK(admin.sees("settings")["invitation_ttl"] == std::to_string(7 * 24 * 3600));
    // John's mail has it: with it he makes his account and sets its password, which lets him in from then on. [S1-6]
    Newcomer him(admin, john);
    CHECK(admin.mails_to("john@spring.example").back().find("\r\n" + john["accept_url"] + "\r\n") != std::string::npos);
    CHECK(refusal(him.signs_in()) == "401 invalid_credentials");
    REQUIRE(him.accepts()["member/status"] == "active");
    CHECK(him.signs_in()["member/name"] == "John Smith");
}

TEST_CASE("salesos: a file of people, reviewed and then sent") {
    SalesOs admin;
    // The plan's limit is read first; invited people count. [S1-18, S1-19]
    REQUIRE(admin.puts("plan", R"({"user_limit":5})").status == 200);
    REQUIRE(admin.invites("sarah@spring.example", named("Sarah Jones"), as("manager")).status == 201);
    CHECK(admin.sees("plan")["user_limit"] == "5");
    CHECK(admin.sees("seats")["users/pending"] == "1");
    CHECK(admin.sees("seats")["users/remaining"] == "3");
    // The template has the four columns. [S1-9, S1-10]
    auto csv = admin.sees("imports/template.csv").body;
    CHECK(csv == "email,name,role,team\r\n");
    // Filled in, each column with its own mistake. [S1-11, S1-12, S1-13, S1-14, S1-16]
    csv +=
        "john@spring.example,John Smith,sales_rep,Enterprise\n"
        "mike@spring.example,Mike Brown,Sales Rep,Enterprise\n"
        "JOHN@spring.example,John Smith,sales_rep,\n"
        "nobody,Nina North,manager,\n"
        "zoe@spring.example,,manager,Nowhere\n";
    auto preview = admin.uploads(csv);
    REQUIRE(preview.status == 201);
    CHECK(preview["rows/0/issues"] == "[]");
    CHECK(preview.each("rows/1/issues", "code") == Words{"unknown_role"});
    CHECK(preview.each("rows/2/issues", "code") == Words{"duplicate_in_batch"});
    CHECK(preview.each("rows/3/issues", "code") == Words{"email_invalid"});
    CHECK(preview.each("rows/4/issues", "code") == Words{"name_required", "unknown_team"});
    CHECK(preview.each("rows/4/issues", "column") == Words{"name", "team"});
    // Nothing is sent by looking, nor with mistakes in it. [S1-15]
    CHECK(refusal(admin.sends_all(preview)) == "409 import_has_issues");
    CHECK(admin.sees("invitations").each("items", "email") == Words{"sarah@spring.example"});
    // Corrected and sent: every reviewed row is invited. [S1-1, S1-17]
    auto corrected = admin.uploads(
        "email,name,role,team\njohn@spring.example,John Smith,sales_rep,Enterprise\n"
        "mike@spring.example,Mike Brown,sales_rep,\nzoe@spring.example,Zoe North,manager,SMB\n");
    CHECK(corrected["summary/seats/0/needed"] == "3");
    CHECK(corrected["summary/seats/0/remaining"] == "3");
    CHECK(admin.sends_all(corrected)["sent"] == "3");
    CHECK(admin.sees("seats")["users/remaining"] == "0");
    // The plan is full, with five people of whom four are only invited. [S1-18]
    auto refused = admin.invites("late@spring.example", named("Lea Late"), as("sales_rep"));
    CHECK(refusal(refused) == "409 no_seats_remaining");
    CHECK(refused["pool"] == "users");
}

TEST_CASE("salesos: the list of invitations, and what is done there") {
    SalesOs admin;
    auto john = admin.invites("john@spring.example", named("John Smith"), as("sales_rep"));
    auto sarah = admin.invites("sarah@spring.example", named("Sarah Jones"), as("manager"));
    auto mike = admin.invites("mike@spring.example", named("Mike Brown"), as("sales_rep"));
    // Before anybody accepts, role and team are edited. [S1-26]
    auto edited = admin.edits(john, as("manager"), in("Enterprise"));
    CHECK(edited["role"] == "manager");
    CHECK(edited["teams/0/name"] == "Enterprise");
    // Sent again: the seven days begin anew. [S1-8, S1-24]
    auto resent = admin.resends(john);
    CHECK(resent["expires_at"] > john["expires_at"]);
    CHECK(resent["sent_at"] > john["sent_at"]);
    CHECK(admin.delivery_of(john) == "sent");
    // Revoked before it is accepted. [S1-25]
    CHECK(admin.revokes(mike)["status"] == "revoked");
    // Sarah accepts; one list shows how each stands. [S1-20, S1-21, S1-22]
    REQUIRE(Newcomer(admin, sarah).accepts().status == 201);
    auto all = admin.sees("invitations?status=pending,accepted,expired,revoked");
    CHECK(all.each("items", "name") == Words{"Mike Brown", "Sarah Jones", "John Smith"});
    CHECK(all.each("items", "status") == Words{"revoked", "accepted", "pending"});
    CHECK(admin.sees("members?q=sarah").each("items", "status") == Words{"active"});
}

TEST_CASE("salesos: whom a week went by for") {
    Admin admin(the_demo);
    // Two were invited long ago, and never came. [S1-7, S1-23]
    auto expired = admin.sees("invitations?status=expired");
    CHECK(expired.each("items", "email") == Words{"mary.forgot@spring.example", "tim.late@spring.example"});
    // Resent from the list, with the same id and a link that works. [S1-8]
    auto mary = admin.posts("invitations/" + expired["items/0/id"] + "/resend");
    CHECK(mary["id"] == expired["items/0/id"]);
    CHECK(mary["status"] == "pending");
    CHECK(Newcomer(admin, mary).accepts().status == 201);
}

TEST_CASE("salesos: people who have joined, until they leave") {
    SalesOs admin;
    auto john = admin.invites("john@spring.example", named("John Smith"), as("sales_rep"));
    auto heir = admin.creates("sarah@spring.example", named("Sarah Jones"), as("manager"));
    Newcomer him(admin, john);
    auto id = him.accepts()["member/id"];
    auto member = admin.sees("members/" + id);
    // Another role, another team. [S1-27, S1-28]
    CHECK(admin.edits(member, as("manager"))["role"] == "manager");
    CHECK(admin.edits(member, in("SMB"))["teams/0/name"] == "SMB");
    // Deactivated, all of it is kept; reactivated, it is there again. [S1-29, S1-30]
    auto gone = admin.deactivates(member);
    CHECK(gone["status"] == "deactivated");
    CHECK(gone["name"] == "John Smith");
    CHECK(gone["teams/0/name"] == "SMB");
    CHECK(refusal(him.sees("/v1/me")) == "401 unauthorized");
    CHECK(refusal(him.signs_in()) == "401 invalid_credentials");
    CHECK(admin.reactivates(member)["status"] == "active");
    CHECK(refusal(him.sees("/v1/me")) == "401 unauthorized");
    CHECK(him.signs_in()["member/teams/0/name"] == "SMB");
    // Deleting asks first, and says that deactivating is safer. [S1-33]
    auto asked = admin.removes(member, "");
    CHECK(refusal(asked) == "422 confirmation_required");
    CHECK(asked["errors/0/detail"].find("deactivat") != std::string::npos);
    // Deleted, with the heir of his deals, who must be somebody here; nothing brings him back. [S1-31, S1-32]
    CHECK(admin.removes(member, "?confirm=" + id + "&reassign_to=mem_00000000000000000000000000").code() ==
          "unknown_member");
    CHECK(admin.removes(member, "?confirm=" + id + "&reassign_to=" + heir["id"])["status"] == "deleted");
    CHECK(refusal(admin.reactivates(member)) == "410 member_deleted");
    CHECK(refusal(admin.looks_at(member)) == "410 member_deleted");
    CHECK(refusal(him.sees("/v1/me")) == "401 unauthorized");
    CHECK(refusal(him.signs_in()) == "401 invalid_credentials");
    // Who keeps the deals reads in the history whose they are now. [S1-32]
    Machine crm(admin, {"audit.read"});
    auto entry = crm.sees("audit?type=member_deleted").item("items", 0);
    CHECK(entry["target/id"] == id);
    CHECK(entry["actor/name"] == "Ada Lovelace");
    CHECK(entry["changes"] == R"([{"field":"reassign_to","from":null,"to":")" + heir["id"] + R"("}])");
}

TEST_CASE("salesos: a new colleague's first steps, in batches of people") {
    SalesOs admin;
    REQUIRE(admin.changes("roles/sales_rep", R"({"home":"/dashboard"})").status == 200);
    // Invited in a batch, which one answer sums up. [S1-38]
    auto sent = admin.posts("invitations:batch",
                            R"({"invitations":[{"email":"john@spring.example","name":"John Smith","role":"sales_rep"},)"
                            R"({"email":"mike@spring.example","name":"Mike Brown","role":"sales_rep"}]})");
    CHECK(sent["summary"] == R"({"failed":0,"invited":2})");
    Newcomer john(admin, sent.item("results", 0)), mike(admin, sent.item("results", 1));
    // A password first, then the profile, then the tour. [S1-34, S1-37]
    CHECK(john.opens()["steps"] == R"(["password","profile","tour"])");
    REQUIRE(john.accepts().status == 201);
    CHECK(john.sees("/v1/me")["onboarding/completed"] == R"(["password"])");
    CHECK(refusal(john.completes("tour")) == "409 onboarding_order");
    CHECK(john.next_step() == "profile");
    // Name, picture and phone are the profile. [S1-35]
    auto profile = john.changes("/v1/me", body_of({named("John M. Smith"), with_text("phone", "+49 30 1234"),
                                                   with_text("photo_url", "https://spring.example/john.png")}));
    CHECK(profile["name"] == "John M. Smith");
    CHECK(profile["phone"] == "+49 30 1234");
    CHECK(profile["onboarding/completed"] == R"(["password","profile"])");
    // The tour is as one likes, and nothing else is. [S1-36]
    CHECK(john.next_step() == "tour");
    CHECK(refusal(john.skips("profile")) == "422 invalid_value");
    CHECK(john.skips("tour")["onboarding/skipped"] == R"(["tour"])");
    CHECK(john.next_step() == "null");
    // And home is the dashboard. [S1-37]
    CHECK(john.sees("/v1/me")["home"] == "/dashboard");
    CHECK(john.signs_in()["home"] == "/dashboard");
    // Mike gives it all with his password, and takes the tour. [S1-35, S1-36]
    auto joined = mike.accepts(named("Mike Brown"), with_text("phone", "+49 30 5678"));
    CHECK(joined["member/onboarding/completed"] == R"(["password","profile"])");
    CHECK(mike.completes("tour")["onboarding/completed"] == R"(["password","profile","tour"])");
    CHECK(joined["home"] == "/dashboard");
    // Where single sign-on is set up, that comes in the password's place. [S1-34]
    REQUIRE(admin.changes("settings", R"({"sign_in":"sso"})").status == 200);
    Newcomer zoe(admin, admin.invites("zoe@spring.example", named("Zoe North"), as("sales_rep")));
    CHECK(zoe.opens()["steps"] == R"(["sso","profile","tour"])");
    CHECK(refusal(zoe.accepts()) == "422 password_not_used");
    CHECK(zoe.accepts_with({})["member/onboarding/next"] == "profile");
}

}  // namespace muster::test
