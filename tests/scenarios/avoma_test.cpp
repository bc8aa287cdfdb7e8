// A workspace that buys licences and add-ons, as Avoma's page on inviting members has it.
#include "tests/scenarios/admin.h"

namespace muster::test {
namespace {

const std::string organization = "organization", ci = "conversation_intelligence", ri = "revenue_intelligence";

// What was bought: seats of Organization and of each add-on. Basic is free.
std::string bought(int of_organization, int of_each_add_on) {
    auto seats = std::to_string(of_each_add_on);
    return R"({"licenses":[{"key":"basic","name":"Basic","kind":"base","paid":false},)"
           R"({"key":"organization","name":"Organization","kind":"base","permissions":["collaboration.advanced"],"seats":)" +
           std::to_string(of_organization) +
           R"(},{"key":"conversation_intelligence","name":"Conversation Intelligence","kind":"add_on",)"
           R"("requires":["organization"],"permissions":["calls.notes","calls.coaching","calls.analysis"],"seats":)" +
           seats +
           R"(},{"key":"revenue_intelligence","name":"Revenue Intelligence","kind":"add_on",)"
           R"("requires":["organization"],"permissions":["deals.risk","deals.forecast","deals.insights"],"seats":)" +
           seats + "}]}";
}

struct Avoma : Admin {
    Avoma() : Admin("avoma") {
        REQUIRE(puts("plan", bought(12, 11)).status == 200);
        REQUIRE(creates_team("Sales").status == 201);
        REQUIRE(creates_team("Customer Success").status == 201);
    }
};

}  // namespace

TEST_CASE("avoma: what the invite form offers") {
    Avoma admin;
    // Three roles; only Admin's holds what runs the workspace. [S0-1 partly, S0-5, S0-7]
    auto roles = admin.sees("roles");
    CHECK(roles.each("items", "key") == Words{"admin", "guest", "member"});
    CHECK(roles["items/0/permissions"].find("members.invite") != std::string::npos);
    CHECK(roles.each("items", "permissions")[1] == "[]");
    CHECK(roles.each("items", "permissions")[2] == "[]");
    CHECK(Visitor(admin).posts("invitations", R"({"email":"mallory@spring.example"})").status == 401);
    // Member is what somebody becomes when nothing else is chosen. [S0-6]
    CHECK(admin.sees("settings")["default_role"] == "member");
    // Beside each paid licence and add-on stands how many of the bought seats are left. [S0-11, S0-18, S0-44]
    CHECK(admin.availability(organization) == "Organization: 12 Remaining");
    CHECK(admin.availability(ci) == "Conversation Intelligence: 11 Remaining");
    CHECK(admin.availability(ri) == "Revenue Intelligence: 11 Remaining");
    // Basic is free and has no end. [S0-9]
    CHECK(admin.availability("basic") == "Basic: null Remaining");
    // With which base licences each add-on is offered. [S0-15]
    CHECK(admin.sees("seats").each("licenses", "requires") ==
          Words{"[]", "[]", R"(["organization"])", R"(["organization"])"});
}

TEST_CASE("avoma: inviting, with all that is known or the address alone") {
    Avoma admin;
    // Grace gets a role, a licence, two teams and both add-ons. [S0-2, S0-12]
    auto grace = admin.invites("grace@navy.example", as("member"), holding(organization), with_add_ons({ci, ri}),
                               in("Sales", "Customer Success"));
    REQUIRE(grace.status == 201);
    CHECK(grace.each("teams", "name") == Words{"Sales", "Customer Success"});
    CHECK(admin.availability(organization) == "Organization: 11 Remaining");
    CHECK(admin.availability(ci) == "Conversation Intelligence: 10 Remaining");
    // A mail takes her link along, and the invitation says so. [S0-21]
    CHECK(grace["delivery/status"] == "queued");
    CHECK(admin.delivery_of(grace) == "sent");
    auto mails = admin.mails_to("grace@navy.example");
    REQUIRE(mails.size() == 1);
    CHECK(mails.front().find("\r\n" + grace["accept_url"] + "\r\n") != std::string::npos);
    // Nobody is invited without an address. [S0-3]
    CHECK(refusal(admin.posts("invitations", R"({"role":"member"})")) == "422 required");
    CHECK(refusal(admin.invites("grace at navy")) == "422 email_invalid");
    // Linus is an address for now: in no team, with no licence and no add-on. [S0-4, S0-8, S0-13, S0-14]
    auto linus = admin.invites("linus@kernel.example");
    CHECK(linus["role"] == "member");
    CHECK(linus["license"] == "null");
    CHECK(linus["teams"] == "[]");
    CHECK(linus["add_ons"] == "[]");
    // An add-on wants its base licence first; Basic is not it. [S0-15]
    CHECK(refusal(admin.edits(linus, with_add_ons({ci}))) == "422 add_on_not_eligible");
    CHECK(refusal(admin.edits(linus, holding("basic"), with_add_ons({ci}))) == "422 add_on_not_eligible");
    // All of it can come later. [S0-4, S0-8, S0-12, S0-14]
    auto edited = admin.edits(linus, as("guest"), holding(organization), in("Sales"), with_add_ons({ri}));
    CHECK(edited["role"] == "guest");
    CHECK(edited["license"] == organization);
    CHECK(edited["teams/0/name"] == "Sales");
    CHECK(admin.availability(organization) == "Organization: 10 Remaining");
    CHECK(admin.availability(ri) == "Revenue Intelligence: 9 Remaining");
}

TEST_CASE("avoma: several people in one go, reviewed before they are sent, or from Excel") {
    Avoma admin;
    auto rows =
        R"({"invitations":[{"email":"a@spring.example","role":"guest","license":"basic"},)"
        R"({"email":"b@spring.example","license":"organization","add_ons":["revenue_intelligence"],"teams":["Sales"]}]})";
    // The review shows what would come, and sends nothing. [S0-20]
    auto review = admin.posts("invitations:batch?dry_run=true", rows);
    CHECK(review["summary"] == R"({"failed":0,"invited":2})");
    CHECK(admin.sees("invitations")["items"] == "[]");
    // Sent at once, each with their own. [S0-19]
    auto sent = admin.posts("invitations:batch", rows);
    CHECK(sent["summary/invited"] == "2");
    CHECK(admin.sees("invitations").each("items", "license") == Words{organization, "basic"});
    // A whole file of people: what would come of each row, then all of them. [S0-24]
    auto import = admin.uploads_excel("openpyxl.xlsx");
    REQUIRE(import.status == 201);
    CHECK(import["summary/rows"] == "4");
    CHECK(import["rows/1/issues/0/code"] == "unknown_team");
    REQUIRE(admin.changes("imports/" + import["id"], R"({"rows":[{"line":4,"team":"Sales"}]})").status == 200);
    CHECK(admin.sends_all(import)["sent"] == "4");
}

TEST_CASE("avoma: seats run out, and how more are had") {
    Admin admin("avoma");
    REQUIRE(admin.puts("plan", bought(2, 1)).status == 200);
    REQUIRE(
        admin.changes("settings", R"({"upgrade_url":"https://avoma.example/pricing","contact":"Your CSM"})").status ==
        200);
    auto grace = admin.creates("grace@navy.example", named("Grace"), holding(organization), with_add_ons({ci}));
    auto alan = admin.creates("alan@turing.example", named("Alan"), holding(organization));
    // The refusal names the pool and what is left of it, and where more are had. [S0-23, S0-33]
    auto refused = admin.invites("joan@clarke.example", holding(organization));
    CHECK(refusal(refused) == "409 no_seats_remaining");
    CHECK(refused["name"] == "Organization");
    CHECK(refused["remaining"] == "0");
    CHECK(refused["upgrade_url"] == "https://avoma.example/pricing");
    CHECK(refused["contact"] == "Your CSM");
    CHECK(admin.edits(alan, with_add_ons({ci}))["pool"] == ci);
    // The free licence is never short. [S0-9]
    auto joan = admin.invites("joan@clarke.example", holding("basic"));
    CHECK(joan.status == 201);
    // Alan gives his licence up, and Joan has it at once. [S0-34]
    CHECK(admin.edits(alan, with("license", "null")).status == 200);
    CHECK(admin.edits(joan, holding(organization)).status == 200);
    // Grace is deactivated: her licence and her add-on are free. [S0-43]
    CHECK(refusal(admin.edits(joan, with_add_ons({ci}))) == "409 no_seats_remaining");
    CHECK(admin.deactivates(grace)["status"] == "deactivated");
    CHECK(admin.availability(organization) == "Organization: 1 Remaining");
    CHECK(admin.edits(joan, with_add_ons({ci})).status == 200);
    // After an upgrade there are as many as were bought. [S0-35, S0-44]
    CHECK(admin.puts("plan", bought(20, 5)).status == 200);
    CHECK(admin.availability(organization) == "Organization: 19 Remaining");
    CHECK(admin.edits(alan, holding(organization), with_add_ons({ci})).status == 200);
}

TEST_CASE("avoma: resending, revoking, and a mail that did not arrive") {
    Avoma admin;
    auto grace = admin.invites("grace.hoper@navy.example", holding(organization));
    // Who has not joined yet is listed apart, by the very address that was written to. [S0-25, S0-36]
    auto invited = admin.sees("invitations?status=pending");
    CHECK(invited.each("items", "email") == Words{"grace.hoper@navy.example"});
    // The address is right? What became of the mail? Then it is sent again. [S0-26, S0-37]
    CHECK(admin.delivery_of(grace) == "sent");
    auto resent = admin.resends(grace);
    CHECK(resent["id"] == grace["id"]);
    CHECK(resent["resent_count"] == "1");
    // The address is wrong: the invitation is revoked, the link dead, the seat free. [S0-27, S0-38]
    CHECK(admin.revokes(grace)["status"] == "revoked");
    CHECK(refusal(Visitor(admin).accepts(grace)) == "409 invitation_revoked");
    CHECK(admin.availability(organization) == "Organization: 12 Remaining");
    // Revoked by mistake, or to begin afresh: a new invitation of the same address. [S0-28, S0-41]
    auto again = admin.invites("grace.hoper@navy.example", holding(organization));
    REQUIRE(again.status == 201);
    CHECK(again["accept_url"] != grace["accept_url"]);
    CHECK(Visitor(admin).accepts(again).status == 201);
}

TEST_CASE("avoma: Grace's first day, and what her admin does afterwards") {
    Avoma admin;
    REQUIRE(admin.changes("roles/guest", R"({"home":"/meetings"})").status == 200);
    auto grace = admin.invites("grace@navy.example", as("guest"), holding(organization), with_add_ons({ci}));
    Visitor her(admin);
    // Opening the link, twice: she is still only invited, and the link still good. [S0-39, S0-40]
    for (int time = 0; time < 2; ++time) {
        auto page = her.opens(grace);
        CHECK(page["name"] == "Grace");
        CHECK(page["steps"] == R"(["password","profile","tour"])");
    }
    CHECK(admin.looks_at(grace)["status"] == "pending");
    // Where single sign-on is set, the first step is another. [S0-32 partly]
    REQUIRE(admin.changes("settings", R"({"sign_in":"sso"})").status == 200);
    CHECK(her.opens(grace)["steps"] == R"(["sso","profile","tour"])");
    REQUIRE(admin.changes("settings", R"({"sign_in":"password"})").status == 200);
    // She confirms her details and lands where guests begin. [S0-29 partly, S0-30]
    auto joined = her.accepts(grace, named("Grace Hopper"));
    REQUIRE(joined.status == 201);
    CHECK(joined["home"] == "/meetings");
    CHECK(joined["member/name"] == "Grace Hopper");
    // She may what her licence and her add-on unlock, and no more. [S0-10, S0-16, S0-31 partly]
    auto path = "members/" + joined["member/id"];
    CHECK(admin.sees(path + "/access").each("permissions", "key") ==
          Words{"calls.analysis", "calls.coaching", "calls.notes", "collaboration.advanced"});
    // What was accepted is not revoked any more. [S0-38]
    CHECK(refusal(admin.revokes(grace)) == "409 invitation_accepted");
    // The admin sees that she has joined, and adjusts everything from there. [S0-22, S0-42]
    CHECK(admin.sees("members?q=grace").each("items", "status") == Words{"active"});
    auto changed = admin.changes(path, R"({"role":"member","teams":["Sales"],"add_ons":["revenue_intelligence"]})");
    CHECK(changed["role"] == "member");
    CHECK(changed["teams/0/name"] == "Sales");
    // Revenue Intelligence now, in place of the other. [S0-17]
    CHECK(admin.sees(path + "/access").each("permissions", "key") ==
          Words{"collaboration.advanced", "deals.forecast", "deals.insights", "deals.risk"});
    CHECK(admin.posts(path + "/deactivate")["status"] == "deactivated");
    CHECK(admin.sees(path + "/access")["permissions"] == "[]");
}

}  // namespace muster::test
