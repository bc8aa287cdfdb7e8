// An account whose members may what is toggled and see the agents they are assigned to, as the agents platform has it.
#include "tests/scenarios/admin.h"

namespace muster::test {
namespace {

struct Agents : Admin {
    Agents() : Admin("agents") {
        reception = registers("Reception", "Spring Labs GmbH");
        after_hours = registers("After hours", "Spring Labs GmbH");
        support = registers("Support", "Fall Labs GmbH");
    }
    std::string registers(const std::string& name, const std::string& company) {
        auto made = posts("resources", body_of({named(name), with_text("kind", "agent"), with_text("group", company)}));
        REQUIRE(made.status == 201);
        return made["id"];
    }
    std::string reception, after_hours, support;
};

}  // namespace

TEST_CASE("agents: creating members, with or without a mail") {
    Agents admin;
    // Address and full name are needed, the job title is not. [S2-4, S2-5, S2-6]
    CHECK(admin.posts("members", "{}").each("errors", "pointer") == Words{"/email", "/name"});
    CHECK(admin.posts("invitations", "{}").each("errors", "pointer") == Words{"/email", "/name"});
    auto grace = admin.creates("grace@navy.example", named("Grace Hopper"), titled("Rear Admiral"));
    REQUIRE(grace.status == 201);
    CHECK(grace["job_title"] == "Rear Admiral");
    // The member exists at once; a welcome mail goes out, or none does. [S2-15, S2-16, S2-17]
    CHECK(grace["status"] == "active");
    Newcomer her(admin, grace);
    auto mails = admin.mails_to("grace@navy.example");
    REQUIRE(mails.size() == 1);
    CHECK(mails[0].find("Ada Lovelace added you to Spring Labs.") != std::string::npos);
    // It says how to sign in: by its link she chooses a password, and where she then signs in stands there too. [S2-15]
    CHECK(mails[0].find("You sign in at ") != std::string::npos);
    CHECK(her.chooses("abc123").status == 200);
    CHECK(her.signs_in("abc123")["member/name"] == "Grace Hopper");
    CHECK(refusal(her.chooses("abc124")) == "404 token_invalid");
    auto alan = admin.creates("alan@turing.example", named("Alan Turing"), without_email());
    CHECK(alan["status"] == "active");
    CHECK(alan["job_title"] == "null");
    CHECK(alan["set_password_url"].find("/reset#mbr_") != std::string::npos);
    CHECK(admin.sees("members?q=alan").each("items", "email") == Words{"alan@turing.example"});
    // Least privilege: nothing is on, no agent assigned, unless it is given. [S2-29, S2-30]
    CHECK(alan["permissions"] == "[]");
    CHECK(alan["resources"] == "[]");
    // Alan was sent nothing by now: the administrator hands the link of the answer over. [S2-16]
    CHECK(admin.mails_to("alan@turing.example").empty());
}

TEST_CASE("agents: passwords that an administrator sets") {
    Agents admin;
    auto with_password = [](const std::string& text) { return with_text("password", text); };
    // Created without a mail, with a password that the administrator passes on. [S2-32]
    auto grace = admin.creates("grace@navy.example", named("Grace Hopper"), without_email(), with_password("abc123"));
    REQUIRE(grace.status == 201);
    CHECK(grace["set_password_url"] == "null");
    Visitor her(admin);
    REQUIRE(her.signs_in("grace@navy.example", "abc123").status == 200);
    // Six characters are enough here, five are not, nor can that be allowed. [S2-24]
    CHECK(admin.sees("settings")["password_min_length"] == "6");
    CHECK(refusal(admin.sets_password(grace, "abc45")) == "422 password_too_short");
    CHECK(refusal(admin.creates("a@b.example", named("A"), with_password("abc45"))) == "422 password_too_short");
    CHECK(refusal(admin.changes("settings", R"({"password_min_length":5})")) == "422 invalid_value");
    CHECK(her.sees("/v1/me").status == 200);
    REQUIRE(admin.sets_password(grace, "abc456").status == 200);
    // She is out, and comes back with the new password only, however many there were. [S2-25]
    CHECK(refusal(her.sees("/v1/me")) == "401 unauthorized");
    CHECK(refusal(her.signs_in("grace@navy.example", "abc123")) == "401 invalid_credentials");
    CHECK(her.signs_in("grace@navy.example", "abc456").status == 200);
    REQUIRE(admin.sets_password(grace, "abc789").status == 200);
    CHECK(refusal(her.signs_in("grace@navy.example", "abc456")) == "401 invalid_credentials");
    CHECK(her.signs_in("grace@navy.example", "abc789").status == 200);
    // Strong passwords are a setting away, and then common ones are refused too. [S2-32]
    REQUIRE(admin.changes("settings", R"({"password_min_length":8})").status == 200);
    CHECK(refusal(admin.creates("b@c.example", named("B"), without_email(), with_password("password1"))) ==
          "422 password_too_common");
    CHECK(refusal(admin.sets_password(grace, "abc4567")) == "422 password_too_short");
    // Nobody without the right to manage members sets anybody's. [S2-24]
    CHECK(refusal(her.puts("members/" + grace["id"] + "/password", R"({"password":"an old engine room"})")) ==
          "403 permission_denied");
    // Her own she changes with the one she has. [S2-25]
    CHECK(refusal(her.puts("/v1/me/password", R"({"current_password":"abc456","password":"an old engine room"})")) ==
          "403 invalid_credentials");
    CHECK(her.puts("/v1/me/password", R"({"current_password":"abc789","password":"an old engine room"})").status ==
          200);
    CHECK(refusal(her.signs_in("grace@navy.example", "abc789")) == "401 invalid_credentials");
    CHECK(her.signs_in("grace@navy.example").status == 200);
}

TEST_CASE("agents: what members may, and which agents they see") {
    Agents admin;
    // Five toggles. [S2-7, S2-8, S2-9, S2-10, S2-11]
    auto toggles = admin.sees("permissions");
    CHECK(toggles.each("items", "name") == Words{"Can edit agents", "Can access CRM", "Can use advanced editor",
                                                 "Can view billable minutes", "Can view recordings"});
    // Agents are offered by company, and each chosen alone, to view or to edit. [S2-12, S2-14]
    auto companies = admin.sees("resources?kind=agent&group_by=group");
    CHECK(companies.each("groups", "group") == Words{"Fall Labs GmbH", "Spring Labs GmbH"});
    CHECK(companies.each("groups/1/items", "name") == Words{"After hours", "Reception"});
    // An administrator gives all of it with the invitation. [S2-1]
    auto grace = admin.creates("grace@navy.example", named("Grace Hopper"), may({"crm.access", "recordings.view"}),
                               assigned({{admin.reception, "view"}, {admin.support, "edit"}}));
    auto access = admin.sees("members/" + grace["id"] + "/access");
    CHECK(access.each("permissions", "key") == Words{"crm.access", "recordings.view"});
    CHECK(access.each("resources", "access") == Words{"view", "edit"});
    // She signs in, and sees the agents that are hers; of the others there are none for her. [S2-13]
    Newcomer her(admin, grace);
    REQUIRE(her.chooses(usual_password).status == 200);
    REQUIRE(her.signs_in().status == 200);
    CHECK(her.sees("resources?kind=agent").each("items", "name") == Words{"Support", "Reception"});
    CHECK(her.sees("resources?group_by=group").each("groups", "group") == Words{"Fall Labs GmbH", "Spring Labs GmbH"});
    CHECK(her.sees("resources/" + admin.support)["name"] == "Support");
    CHECK(refusal(her.sees("resources/" + admin.after_hours)) == "404 not_found");
    CHECK(refusal(her.changes("resources/" + admin.support, R"({"name":"Mine"})")) == "403 permission_denied");
    // What she may do with each, the product asks for her; of agents that are not hers she has nothing. [S2-13]
    auto check = [&](const std::string& agent, const std::string& access_kind) {
        return her.posts("access:check", body_of({with_text("member_id", grace["id"]), with_text("resource_id", agent),
                                                  with_text("access", access_kind)}));
    };
    CHECK(check(admin.reception, "view")["allowed"] == "true");
    CHECK(check(admin.reception, "edit")["allowed"] == "false");
    CHECK(check(admin.support, "edit")["allowed"] == "true");
    CHECK(refusal(check(admin.after_hours, "view")) == "404 not_found");
    // An agent is hers no more: gone from what she sees, with her next request. [S2-13, S2-20]
    REQUIRE(admin.edits(grace, assigned({{admin.support, "view"}})).status == 200);
    CHECK(her.sees("resources").each("items", "name") == Words{"Support"});
    CHECK(refusal(her.sees("resources/" + admin.reception)) == "404 not_found");
}

TEST_CASE("agents: the list of members, and the search in it") {
    Agents admin;
    auto grace = admin.creates("grace@navy.example", named("Grace Hopper"), titled("Rear Admiral"));
    admin.creates("greta@navy.example", named("Greta Green"), titled("Captain"));
    Newcomer her(admin, grace);
    REQUIRE(her.chooses(usual_password).status == 200);
    REQUIRE(her.signs_in().status == 200);
    REQUIRE(her.changes("/v1/me", R"({"photo_url":"https://navy.example/grace.png"})").status == 200);
    // Each row has a picture or an initial, name, title, address, and the id that the actions take. [S2-2, S2-3]
    auto rows = admin.sees("members?sort=name");
    CHECK(rows.each("items", "name") == Words{"Ada Lovelace", "Grace Hopper", "Greta Green"});
    CHECK(rows.each("items", "photo_url") == Words{"null", "https://navy.example/grace.png", "null"});
    CHECK(rows.each("items", "initials") == Words{"AL", "GH", "GG"});
    CHECK(rows.each("items", "job_title") == Words{"null", "Rear Admiral", "Captain"});
    CHECK(rows.each("items", "email") == Words{"ada@spring.example", "grace@navy.example", "greta@navy.example"});
    CHECK(rows["items/1/id"] == grace["id"]);
    // As one types, fewer are left. [S2-28]
    for (auto [typed, found] : {std::pair{"g", 2U}, {"gr", 2U}, {"gra", 1U}, {"grax", 0U}}) {
        INFO(typed);
        CHECK(admin.sees(std::string("members?q=") + typed).each("items", "id").size() == found);
    }
    // Who was never there: found, and removed. [S2-31]
    auto later = std::string("2100-01-01T00:00:00Z");
    CHECK(admin.sees("members?inactive_since=" + later).each("items", "id").size() == 3);
    CHECK(admin.sees("members?inactive_since=2020-01-01T00:00:00Z")["items"] == "[]");
    CHECK(admin.removes(grace, "?confirm=" + grace["id"])["status"] == "deleted");
    CHECK(refusal(her.sees("/v1/me")) == "401 unauthorized");
}

TEST_CASE("agents: editing a member") {
    Agents admin;
    auto grace = admin.creates("grace@navy.example", named("Grace Hoper"), may({"crm.access"}),
                               assigned({{admin.reception, "view"}}));
    // Name, title, toggles and agents in one saving. [S2-18, S2-19, S2-20, S2-21]
    auto saved = admin.edits(grace, named("Grace Hopper"), titled("Admiral"), may({"agents.edit"}),
                             assigned({{admin.support, "edit"}}));
    CHECK(saved["name"] == "Grace Hopper");
    CHECK(saved["job_title"] == "Admiral");
    CHECK(saved["permissions"] == R"(["agents.edit"])");
    CHECK(saved.each("resources", "name") == Words{"Support"});
    CHECK(admin.looks_at(grace).body == saved.body);
    // One field is wrong: none of them changes. [S2-21]
    CHECK(refusal(admin.edits(grace, named("Nobody"), may({"no.such"}))) == "422 unknown_permission");
    // The address is not changed, whatever else is. [S2-22]
    CHECK(refusal(admin.edits(grace, named("Nobody"), with_text("email", "g@navy.example"))) == "409 email_immutable");
    CHECK(admin.looks_at(grace).body == saved.body);
}

TEST_CASE("agents: removing a member, also to give them another address") {
    Agents admin;
    auto grace = admin.creates("grace@navy.example", named("Grace Hopper"));
    // Removing wants a clear yes. [S2-26]
    CHECK(refusal(admin.removes(grace, "")) == "422 confirmation_required");
    CHECK(refusal(admin.removes(grace, "?confirm=yes")) == "422 confirmation_required");
    CHECK(admin.looks_at(grace)["status"] == "active");
    CHECK(admin.removes(grace, "?confirm=" + grace["id"])["status"] == "deleted");
    // It is for good: the person is gone, here and from the history. [S2-27]
    CHECK(refusal(admin.reactivates(grace)) == "410 member_deleted");
    CHECK(refusal(admin.looks_at(grace)) == "410 member_deleted");
    for (const char* place : {"members", "people", "audit", "members.csv"}) {
        auto page = admin.sees(place);
        CHECK(page.status == 200);
        CHECK(page.body.find("grace@navy.example") == std::string::npos);
        CHECK(page.body.find("Hopper") == std::string::npos);
    }
    // Then she comes by another address, or by the old one. [S2-23]
    Newcomer her(admin, admin.invites("grace@yale.example", named("Grace Hopper")));
    CHECK(her.accepts()["member/email"] == "grace@yale.example");
    CHECK(admin.invites("grace@navy.example", named("Grace Hopper")).status == 201);
}

}  // namespace muster::test
