// A workspace that buys licences and add-ons, as Avoma's page on inviting members has it.
#include "tests/scenarios/admin.h"

namespace muster::test {
namespace {

const std::string organization = "organization", ci = "conversation_intelligence", ri = "revenue_intelligence";

// What was bought: seats of Organization and of each add-on. Basic is free. The product's billing puts it, as the
// operator.
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
    Avoma() : Avoma(12, 11) {
        REQUIRE(creates_team("Sales").status == 201);
        REQUIRE(creates_team("Customer Success").status == 201);
    }
    Avoma(int of_organization, int of_each_add_on) : Admin("avoma", with_text("plan_managed_by", "operator")) {
        buys(of_organization, of_each_add_on);
    }
    void buys(int of_organization, int of_each_add_on) {
        REQUIRE(the_operator().puts("plan", bought(of_organization, of_each_add_on)).status == 200);
    }
};

}  // namespace

TEST_CASE("avoma: what the invite form offers") {
    Avoma admin;
    // Three roles; only Admin's holds what runs the workspace. [S0-5, S0-7]
    auto roles = admin.sees("roles");
    CHECK(roles.each("items", "key") == Words{"admin", "guest", "member"});
    CHECK(roles["items/0/permissions"].find("members.invite") != std::string::npos);
    CHECK(roles.each("items", "permissions")[1] == "[]");
    CHECK(roles.each("items", "permissions")[2] == "[]");
    // Member is what somebody becomes when nothing else is chosen. [S0-6]
    CHECK(admin.sees("settings")["default_role"] == "member");
    // Beside each paid licence and add-on stands how many of the bought seats are left. [S0-11, S0-18, S0-44]
    CHECK(admin.availability(organization) == "Organization: 12 Remaining");
    CHECK(admin.availability(ci) == "Conversation Intelligence: 11 Remaining");
    CHECK(admin.availability(ri) == "Revenue Intelligence: 11 Remaining");
    // More of them come by the bill, and not by an admin's word. [S0-44]
    CHECK(refusal(admin.puts("plan", bought(99, 99))) == "403 permission_denied");
    // Basic is free and has no end. [S0-9]
    CHECK(admin.availability("basic") == "Basic: null Remaining");
    // With which base licences each add-on is offered. [S0-15]
    CHECK(admin.sees("seats").each("licenses", "requires") ==
          Words{"[]", "[]", R"(["organization"])", R"(["organization"])"});
}

TEST_CASE("avoma: who may not invite [S0-1]") {
    Avoma admin;
    auto linus = admin.invites("linus@kernel.example");
    auto role = GENERATE("member", "guest");
    Newcomer grace(admin, admin.invites("grace@navy.example", as(role), holding(organization)));
    auto her_path = "members/" + grace.accepts()["member/id"];
    auto happened = [&] {
        return admin
            .sees(
                "audit?type=member_invited,member_created,invitation_edited,invitation_resent,"
                "invitation_revoked,member_changed,member_deactivated,member_deleted")
            .body;
    };
    auto before = happened();
    // Members and guests neither invite nor edit, resend, revoke, assign seats, to others or themselves.
    auto his_path = "invitations/" + linus["id"];
    CHECK(refusal(grace.posts("invitations", R"({"email":"mallory@spring.example"})")) == "403 permission_denied");
    CHECK(refusal(grace.posts("invitations:batch", R"({"emails":"m@spring.example"})")) == "403 permission_denied");
    CHECK(refusal(grace.posts("members", R"({"email":"m@spring.example","name":"M"})")) == "403 permission_denied");
    CHECK(refusal(grace.changes(his_path, R"({"license":"organization"})")) == "403 permission_denied");
    CHECK(refusal(grace.posts(his_path + "/resend")) == "403 permission_denied");
    CHECK(refusal(grace.posts(his_path + "/revoke")) == "403 permission_denied");
    CHECK(refusal(grace.sees(his_path + "/link")) == "403 permission_denied");
    CHECK(refusal(grace.changes(her_path, R"({"role":"admin"})")) == "403 permission_denied");
    CHECK(refusal(grace.changes(her_path, R"({"add_ons":["revenue_intelligence"]})")) == "403 permission_denied");
    CHECK(refusal(grace.puts("plan", bought(99, 99))) == "403 permission_denied");
    // Nobody at all is asked who they are.
    CHECK(refusal(Visitor(admin).posts("invitations", R"({"email":"m@spring.example"})")) == "401 unauthorized");
    // None of it is in the history.
    CHECK(happened() == before);
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
    CHECK(mails.front().find("Ada Lovelace invites you to Spring Labs") != std::string::npos);
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
    Avoma admin(2, 1);
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
    admin.buys(20, 5);
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
    Newcomer stranger(admin, grace);
    CHECK(admin.revokes(grace)["status"] == "revoked");
    CHECK(refusal(stranger.accepts()) == "409 invitation_revoked");
    CHECK(admin.availability(organization) == "Organization: 12 Remaining");
    // Revoked by mistake, or to begin afresh: a new invitation of the same address. [S0-28, S0-41]
    auto again = admin.invites("grace.hoper@navy.example", holding(organization));
    REQUIRE(again.status == 201);
    CHECK(again["accept_url"] != grace["accept_url"]);
    CHECK(Newcomer(admin, again).accepts().status == 201);
}

TEST_CASE("avoma: Grace's first day, and what her admin does afterwards") {
    Avoma admin;
    REQUIRE(admin.changes("roles/guest", R"({"home":"/meetings"})").status == 200);
    auto invitation = admin.invites("grace@navy.example", as("guest"), holding(organization), with_add_ons({ci}));
    Newcomer grace(admin, invitation);
    // Opening the link, twice: she is still only invited, and the link still good. [S0-39, S0-40]
    for (int time = 0; time < 2; ++time) {
        auto page = grace.opens();
        CHECK(page["name"] == "Grace");
        CHECK(page["inviter"] == "Ada Lovelace");
        CHECK(page["steps"] == R"(["password","profile","tour"])");
    }
    CHECK(admin.looks_at(invitation)["status"] == "pending");
    // She creates a password and confirms who she is: that is her first sign-in. [S0-29]
    CHECK(refusal(grace.accepts_with({})) == "422 password_required");
    auto joined = grace.accepts();
    REQUIRE(joined.status == 201);
    CHECK(grace.next_step() == "profile");
    CHECK(grace.changes("/v1/me", R"({"name":"Grace Hopper"})")["onboarding/next"] == "tour");
    CHECK(grace.completes("tour")["onboarding/next"] == "null");
    // She lands where guests begin, now and whenever she signs in. [S0-30]
    CHECK(joined["home"] == "/meetings");
    CHECK(grace.signs_in()["home"] == "/meetings");
    // She may what her licence and her add-on unlock, and no more. [S0-10, S0-16, S0-31]
    auto me = grace.sees("/v1/me");
    CHECK(me["name"] == "Grace Hopper");
    CHECK(me["effective_permissions"] ==
          R"(["calls.analysis","calls.coaching","calls.notes","collaboration.advanced"])");
    auto path = "members/" + me["id"];
    CHECK(grace.sees(path + "/access").each("permissions", "key") ==
          Words{"calls.analysis", "calls.coaching", "calls.notes", "collaboration.advanced"});
    for (const char* closed : {"members", "people", "invitations", "seats", "settings", "plan", "audit", "roles"}) {
        INFO(closed);
        CHECK(refusal(grace.sees(closed)) == "403 permission_denied");
    }
    // What was accepted is not revoked any more. [S0-38]
    CHECK(refusal(admin.revokes(invitation)) == "409 invitation_accepted");
    // The admin sees that she has joined, and adjusts everything from there. [S0-22, S0-42]
    CHECK(admin.sees("members?q=grace").each("items", "status") == Words{"active"});
    auto changed = admin.changes(path, R"({"role":"member","teams":["Sales"],"add_ons":["revenue_intelligence"]})");
    CHECK(changed["role"] == "member");
    CHECK(changed["teams/0/name"] == "Sales");
    // Revenue Intelligence now, in place of the other, from her next request on. [S0-17, S0-31]
    CHECK(grace.sees("/v1/me")["effective_permissions"] ==
          R"(["collaboration.advanced","deals.forecast","deals.insights","deals.risk"])");
    CHECK(admin.posts(path + "/deactivate")["status"] == "deactivated");
    CHECK(admin.sees(path + "/access")["permissions"] == "[]");
    CHECK(refusal(grace.sees("/v1/me")) == "401 unauthorized");
    CHECK(refusal(grace.signs_in()) == "401 invalid_credentials");
}

TEST_CASE("avoma: where people sign in by single sign-on, their first steps are others [S0-32]") {
    Avoma admin;
    auto invitation = admin.invites("grace@navy.example", holding(organization));
    Newcomer grace(admin, invitation);
    CHECK(grace.opens()["steps"] == R"(["password","profile","tour"])");
    REQUIRE(admin.changes("settings", R"({"sign_in":"sso"})").status == 200);
    CHECK(grace.opens()["steps"] == R"(["sso","profile","tour"])");
    // No password is asked for, nor taken; the identity provider lets her in.
    CHECK(refusal(grace.accepts()) == "422 password_not_used");
    auto joined = grace.accepts_with({});
    REQUIRE(joined.status == 201);
    CHECK(joined["session"] == "null");
    CHECK(joined["member/onboarding/completed"] == R"(["sso"])");
    CHECK(refusal(grace.signs_in()) == "401 invalid_credentials");
    // Or nobody opens a link: she comes by the provider, and has what she was invited with. [S0-2]
    auto waiting = admin.invites("linus@kernel.example", as("guest"), holding(organization));
    auto comes = R"({"email":"linus@kernel.example","name":"Linus","via":"sso"})";
    Machine too_weak(admin, {"members.provision"}), provider(admin, {"members.provision", "collaboration.advanced"});
    CHECK(refusal(too_weak.posts("members:provision", comes)) == "403 role_above_own");
    auto linus = provider.posts("members:provision", comes);
    REQUIRE(linus.status == 201);
    CHECK(linus["id"].substr(4) == waiting["id"].substr(4));
    CHECK(linus["role"] == "guest");
    CHECK(linus["onboarding/next"] == "profile");
    // The connector lets nobody in with more than its own key has, and may nothing else.
    CHECK(refusal(provider.sees("members")) == "403 permission_denied");
    // With both ways, people choose a password first.
    REQUIRE(admin.changes("settings", R"({"sign_in":"both"})").status == 200);
    Newcomer alan(admin, admin.invites("alan@turing.example"));
    CHECK(alan.opens()["steps"] == R"(["password","profile","tour"])");
    CHECK(alan.accepts()["member/onboarding/completed"] == R"(["password"])");
}

}  // namespace muster::test
