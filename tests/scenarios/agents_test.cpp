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
        auto made =
            posts("resources", body_of({named(name), with("kind", quoted("agent")), with("group", quoted(company))}));
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
    // The member exists at once; a welcome mail goes out, or none does. [S2-15 partly, S2-16, S2-17]
    CHECK(grace["status"] == "active");
    auto alan = admin.creates("alan@turing.example", named("Alan Turing"), without_email());
    CHECK(alan["status"] == "active");
    CHECK(alan["job_title"] == "null");
    CHECK(admin.sees("members?q=alan").each("items", "email") == Words{"alan@turing.example"});
    // Least privilege: nothing is on, no agent assigned, unless it is given. [S2-29, S2-30]
    CHECK(alan["permissions"] == "[]");
    CHECK(alan["resources"] == "[]");
    // Passwords: of six characters at least, never fewer. [S2-24 partly, S2-32 partly]
    CHECK(admin.sees("settings")["password_min_length"] == "6");
    CHECK(admin.changes("settings", R"({"password_min_length":5})").status == 422);
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
    // Of agents that are not hers she has nothing. [S2-13 partly]
    auto check = [&](const std::string& agent, const std::string& access_kind) {
        return admin.posts("access:check",
                           body_of({with("member_id", quoted(grace["id"])), with("resource_id", quoted(agent)),
                                    with("access", quoted(access_kind))}))["allowed"];
    };
    CHECK(check(admin.reception, "view") == "true");
    CHECK(check(admin.reception, "edit") == "false");
    CHECK(check(admin.support, "edit") == "true");
    CHECK(check(admin.after_hours, "view") == "false");
}

TEST_CASE("agents: the list of members, and the search in it") {
    Agents admin;
    auto grace = admin.creates("grace@navy.example", named("Grace Hopper"), titled("Rear Admiral"));
    admin.creates("greta@navy.example", named("Greta Green"), titled("Captain"));
    REQUIRE(admin.edits(grace, with("photo_url", quoted("https://navy.example/grace.png"))).status == 200);
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
    CHECK(refusal(admin.edits(grace, named("Nobody"), with("email", quoted("g@navy.example")))) ==
          "409 email_immutable");
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
    CHECK(admin.invites("grace@yale.example", named("Grace Hopper")).status == 201);
    CHECK(admin.invites("grace@navy.example", named("Grace Hopper")).status == 201);
}

}  // namespace muster::test
