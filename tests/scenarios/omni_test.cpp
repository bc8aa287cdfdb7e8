// People who ask for an invitation, and addresses by the comma, as Omni's page has it.
#include "tests/scenarios/admin.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace muster::test {
namespace {

struct Omni : Admin {
    Omni() : Admin("omni") {}
    void turns_requests(bool on) {
        REQUIRE(changes("settings", R"({"invitation_requests":)" + std::string(on ? "true" : "false") + "}").status ==
                200);
    }
    // A request is decided behind its answer: as it is listed in the end.
    Reply request_of(const std::string& email) {
        for (int waited = 0; waited < 1000; ++waited) {
            auto listed = sees("invitation-requests");
            auto emails = listed.each("items", "email");
            auto found = std::ranges::find(emails, email);
            if (found != emails.end()) return listed.item("items", static_cast<std::size_t>(found - emails.begin()));
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        FAIL("no request of " + email);
        return {};
    }
    Reply approves(const Reply& request) { return posts("invitation-requests/" + request["id"] + "/approve"); }
    Reply dismisses(const Reply& request) { return posts("invitation-requests/" + request["id"] + "/dismiss"); }
};

const std::string bob = R"({"email":"bob@ross.example","name":"Bob Ross","message":"I paint."})";

}  // namespace

TEST_CASE("omni: asking for an invitation at the sign-in page") {
    Omni admin;
    Visitor visitor(admin);
    // It is off: the page offers nothing, and nobody can ask. [S4-3]
    CHECK(visitor.sees("sign-in")["invitation_requests"] == "false");
    CHECK(refusal(visitor.posts("invitation-requests", bob)) == "404 not_found");
    // Admins invite all the same. [S4-3, S4-16]
    CHECK(admin.invites("one@off.example").status == 201);
    // It is on: somebody asks, and sees the same answer as everybody. [S4-2]
    admin.turns_requests(true);
    CHECK(visitor.sees("sign-in")["invitation_requests"] == "true");
    CHECK(visitor.posts("invitation-requests", bob).status == 202);
    // In a list of their own, requests wait; they are no members and hold no seat. [S4-4]
    auto request = admin.request_of("bob@ross.example");
    CHECK(request["status"] == "open");
    CHECK(request["message"] == "I paint.");
    CHECK(request["stale"] == "false");
    CHECK(admin.sees("people?q=bob")["items"] == "[]");
    // One-off invitations work here too. [S4-16]
    CHECK(admin.invites("other@off.example").status == 201);
    // Off again: what was asked is still decided on. [S4-3]
    admin.turns_requests(false);
    CHECK(refusal(visitor.posts("invitation-requests", bob)) == "404 not_found");
    CHECK(admin.sees("invitation-requests").each("items", "email") == Words{"bob@ross.example"});
}

TEST_CASE("omni: acting on a request") {
    Omni admin;
    admin.turns_requests(true);
    Visitor visitor(admin);
    visitor.posts("invitation-requests", bob);
    visitor.posts("invitation-requests", R"({"email":"spam@spam.example"})");
    auto request = admin.request_of("bob@ross.example"), spam = admin.request_of("spam@spam.example");
    // Approving is inviting. [S4-15]
    auto invited = admin.approves(request);
    REQUIRE(invited.status == 201);
    CHECK(invited["email"] == "bob@ross.example");
    CHECK(invited["name"] == "Bob Ross");
    // Bob reads so in his mail, follows its link, and is in.
    Newcomer him(admin, invited);
    CHECK(admin.mails_to("bob@ross.example").back().find("was approved") != std::string::npos);
    CHECK(him.accepts()["member/name"] == "Bob Ross");
    // Dismissing is putting it aside. [S4-15]
    CHECK(admin.dismisses(spam)["status"] == "dismissed");
    CHECK(admin.sees("invitation-requests")["items"] == "[]");
    CHECK(admin.sees("invitation-requests?status=approved,dismissed").each("items", "status") ==
          Words{"dismissed", "approved"});
    CHECK(admin.sees("people?q=spam")["items"] == "[]");
}

TEST_CASE("omni: a request of somebody who came by another door") {
    Omni admin;
    admin.turns_requests(true);
    Visitor(admin).posts("invitation-requests", bob);
    CHECK(admin.request_of("bob@ross.example")["stale"] == "false");
    // Bob comes by single sign-on or SCIM before anybody has acted: the request stays in the list, stale. [S4-5]
    auto via = GENERATE("sso", "scim");
    Machine connector(admin, {"members.provision"});
    auto joined =
        connector.posts("members:provision",
                        body_of({with_text("email", "BOB@ross.example"), named("Bob Ross"), with_text("via", via)}));
    REQUIRE(joined.status == 201);
    auto request = admin.request_of("bob@ross.example");
    CHECK(request["stale"] == "true");
    CHECK(request["stale_because/type"] == "member_provisioned");
    CHECK(request["stale_because/member_id"] == joined["id"]);
    // He is there already: inviting or approving says so. [S4-7]
    auto refused = admin.invites("bob@ross.example");
    CHECK(refusal(refused) == "409 already_member");
    CHECK(refused["id"] == joined["id"]);
    CHECK(refusal(admin.approves(request)) == "409 already_member");
    // Dismissed, and his membership is as it was. [S4-6]
    CHECK(admin.dismisses(request).status == 200);
    CHECK(admin.sees("invitation-requests")["items"] == "[]");
    CHECK(admin.looks_at(joined).body == joined.body);
}

TEST_CASE("omni: inviting by a list of addresses") {
    Omni admin;
    // Inviting is of organization admins alone. [S4-1]
    CHECK(admin.sees("roles").each("items", "name") == Words{"Organization Admin", "Member"});
    CHECK(admin.sees("roles")["items/1/permissions"] == "[]");
    // Addresses with commas between: one invitation each. [S4-10]
    auto sent = admin.posts("invitations:batch", R"({"emails":"blobby@blobs.example,blob.ross@blobs.example"})");
    CHECK(sent["summary"] == R"({"failed":0,"invited":2})");
    // They stand in the list of users as invited, for seven days. [S4-8, S4-11]
    auto users = admin.sees("people");
    CHECK(users.each("items", "email") ==
          Words{"blob.ross@blobs.example", "blobby@blobs.example", "ada@spring.example"});
    CHECK(users.each("items", "status") == Words{"pending", "pending", "active"});
    CHECK(admin.sees("settings")["invitation_ttl"] == std::to_string(7 * 24 * 3600));
    // Permissions are given before they come. [S4-12]
    REQUIRE(admin.posts("permissions", R"({"key":"models.query","name":"Query models"})").status == 201);
    auto blobby = sent.item("results", 0);
    CHECK(admin.edits(blobby, may({"models.query"}))["permissions"] == R"(["models.query"])");
    Newcomer him(admin, blobby);
    REQUIRE(him.accepts().status == 201);
    CHECK(him.sees("/v1/me")["effective_permissions"] == R"(["models.query"])");
    // Who has come is no organization admin, and invites nobody. [S4-1]
    auto one = R"({"email":"x@blobs.example"})", many = R"({"emails":"x@blobs.example,y@blobs.example"})";
    CHECK(refusal(him.posts("invitations", one)) == "403 permission_denied");
    CHECK(refusal(him.posts("invitations:batch", many)) == "403 permission_denied");
    CHECK(refusal(him.sees("people")) == "403 permission_denied");
    CHECK(refusal(him.sees("invitation-requests")) == "403 permission_denied");
    CHECK(refusal(Visitor(admin).posts("invitations", one)) == "401 unauthorized");
    CHECK(admin.sees("invitations").each("items", "email") == Words{"blob.ross@blobs.example"});
    REQUIRE(admin.changes("members/" + him.sees("/v1/me")["id"], R"({"role":"admin"})").status == 200);
    CHECK(him.posts("invitations:batch", many)["summary"] == R"({"failed":0,"invited":2})");
}

TEST_CASE("omni: inviting again") {
    Omni admin;
    // Revoked from the person's own page, then invited anew: a new link, a new badge. [S4-13, S4-14]
    auto first = admin.invites("blobby@blobs.example");
    Newcomer by_the_first(admin, first);
    CHECK(admin.looks_at(first)["status"] == "pending");
    CHECK(admin.revokes(first)["status"] == "revoked");
    CHECK(admin.sees("people?q=blobby")["items"] == "[]");
    auto second = admin.invites("blobby@blobs.example");
    REQUIRE(second.status == 201);
    CHECK(second["id"] != first["id"]);
    CHECK(admin.delivery_of(second) == "sent");
    CHECK(admin.mails_to("blobby@blobs.example").size() == 2);
    CHECK(admin.sees("people?q=blobby").each("items", "id") == Words{second["id"]});
    CHECK(refusal(by_the_first.accepts()) == "409 invitation_revoked");
    CHECK(Newcomer(admin, second).accepts().status == 201);
}

TEST_CASE("omni: after seven days") {
    Admin admin(the_demo);
    // Nobody had to do anything: it has expired by itself. [S4-8]
    auto tim = admin.sees("invitations?q=tim.late").item("items", 0);
    CHECK(tim["status"] == "expired");
    CHECK(refusal(admin.sees("invitations/" + tim["id"] + "/link")) == "409 invitation_expired");
    // So he is invited again. [S4-9]
    auto again = admin.invites("tim.late@spring.example");
    REQUIRE(again.status == 201);
    CHECK(again["id"] != tim["id"]);
    CHECK(Newcomer(admin, again).accepts().status == 201);
}

}  // namespace muster::test
