#pragma once
// An admin's day, and that of whom she invites, in requests that can be read aloud, over HTTP against the built server:
//
//     Admin admin("avoma");                                 // the operator makes the workspace, Ada signs in to it
//     auto invitation = admin.invites("grace@navy.example", as("guest"), in("Sales"));
//     Newcomer grace(admin, invitation);                    // has the link of the mail that went to her
//     CHECK(grace.accepts().status == 201);                 // and is signed in from here on
//     CHECK(refusal(grace.sees("members")) == "403 permission_denied");
//
// Everybody calls as themselves: admin and invitee by their session, a machine by its API key, the operator only where
// nobody else may. A path that does not begin with / names something of the workspace: `admin.sees("seats")`.

#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

namespace muster::test {

using Words = std::vector<std::string>;

// What came back, looked at by JSON pointers without their first slash.
struct Reply {
    int status = 0;
    std::string body;

    // A string as it is, anything else as its JSON; "(absent)" where there is nothing.
    [[nodiscard]] std::string operator[](const std::string& pointer) const;
    // One member of each element of an array: `each("items", "email")`.
    [[nodiscard]] Words each(const std::string& pointer, const std::string& name) const;
    // An element as if it had been answered alone.
    [[nodiscard]] Reply item(const std::string& pointer, std::size_t index) const;
    [[nodiscard]] std::string code() const { return (*this)["code"]; }
};

// One field of a request's body.
struct Detail {
    std::string field;
    std::string json;
};
std::string quoted(const std::string& text);
std::string list(const Words& texts);
inline Detail as(const std::string& role) { return {"role", quoted(role)}; }
inline Detail named(const std::string& name) { return {"name", quoted(name)}; }
inline Detail titled(const std::string& title) { return {"job_title", quoted(title)}; }
inline Detail holding(const std::string& license) { return {"license", quoted(license)}; }
inline Detail with_add_ons(const Words& keys) { return {"add_ons", list(keys)}; }
template <class... T>
Detail in(const T&... teams) {
    return {"teams", list({teams...})};
}
inline Detail may(const Words& permissions) { return {"permissions", list(permissions)}; }
inline Detail without_email() { return {"send_email", "false"}; }
inline Detail with(const std::string& field, const std::string& json) { return {field, json}; }
inline Detail with_text(const std::string& field, const std::string& text) { return {field, quoted(text)}; }
Detail assigned(const std::vector<std::pair<std::string, std::string>>& resources);  // id, `view` or `edit`

using Details = std::vector<Detail>;
std::string body_of(const Details& details);

// What everybody here chooses for a password, unless told otherwise.
inline const std::string usual_password = "an old engine room";

// Who sends requests to one workspace; as nobody until they have a token.
class Caller {
public:
    Caller(int port, std::string slug, std::string token = {})
        : client_(port, ""), slug_(std::move(slug)), token_(std::move(token)) {}

    Reply sends(const std::string& verb, const std::string& path, const std::string& body = {},
                const std::string& content_type = "application/json");
    Reply sees(const std::string& path) { return sends("GET", path); }
    Reply posts(const std::string& path, const std::string& body = {}) { return sends("POST", path, body); }
    Reply puts(const std::string& path, const std::string& body) { return sends("PUT", path, body); }
    Reply changes(const std::string& path, const std::string& body) { return sends("PATCH", path, body); }
    // Where that succeeds, they call by the new session from then on.
    Reply signs_in(const std::string& email, const std::string& password = usual_password);

    [[nodiscard]] const std::string& slug() const { return slug_; }

protected:
    void calls_by(std::string token) { token_ = std::move(token); }

private:
    server::Client client_;
    std::string slug_;
    std::string token_;
};

struct TheDemo {};
inline constexpr TheDemo the_demo;

// The server, the directory that it works in, and the mails in its outbox.
struct Home {
    explicit Home(const server::Arguments& more = {}) : server(scratch / "data", more) {}
    // The mails to an address, the oldest first.
    [[nodiscard]] Words mails_to(const std::string& email) const;
    // The token of the link in the newest of them that has one; waits for the first.
    [[nodiscard]] std::string token_mailed_to(const std::string& email) const;

    Scratch scratch;
    server::Served server;
};

class Admin : private Home, public Caller {
public:
    // A new workspace of that preset. Its owner Ada chooses her password by the link of her welcome mail.
    template <class... D>
    explicit Admin(const std::string& preset, const D&... details) : Caller(server.port(), preset) {
        begins(preset, {details...});
    }
    // The workspace of `muster serve --demo`: there, invitations have expired.
    explicit Admin(TheDemo);

    // Whoever runs the product: makes workspaces, and puts the plan where the workspace may not.
    Caller the_operator() { return {port(), slug(), server.operator_key()}; }

    template <class... D>
    Reply invites(const std::string& email, const D&... details) {
        return posts("invitations", body_of({{"email", quoted(email)}, details...}));
    }
    template <class... D>
    Reply creates(const std::string& email, const D&... details) {
        return posts("members", body_of({{"email", quoted(email)}, details...}));
    }
    // Whoever was invited or created, by the answer that said so.
    template <class... D>
    Reply edits(const Reply& person, const D&... details) {
        return changes(path_of(person), body_of({details...}));
    }
    Reply looks_at(const Reply& person) { return sees(path_of(person)); }
    Reply resends(const Reply& invitation) { return posts(path_of(invitation) + "/resend"); }
    Reply revokes(const Reply& invitation) { return posts(path_of(invitation) + "/revoke"); }
    Reply deactivates(const Reply& member) { return posts(path_of(member) + "/deactivate"); }
    Reply reactivates(const Reply& member) { return posts(path_of(member) + "/reactivate"); }
    Reply removes(const Reply& member, const std::string& query) { return sends("DELETE", path_of(member) + query); }
    Reply sets_password(const Reply& member, const std::string& password) {
        return puts(path_of(member) + "/password", body_of({with_text("password", password)}));
    }
    Reply creates_team(const std::string& name) { return posts("teams", body_of({named(name)})); }
    Reply uploads(const std::string& csv) { return sends("POST", "imports", csv, "text/csv"); }
    Reply uploads_excel(const std::string& file);  // of tests/api/sheets
    // Sends an import, and waits until it is done.
    Reply sends_all(const Reply& import);
    // What became of an invitation's mail, once it is known.
    std::string delivery_of(const Reply& invitation);
    // As the invite form shows it: `Organization: 12 Remaining`.
    std::string availability(const std::string& license);

    using Home::mails_to, Home::token_mailed_to;
    [[nodiscard]] int port() const { return server.port(); }

private:
    void begins(const std::string& preset, Details details);
    static std::string path_of(const Reply& person);
};

// Somebody without a token, as at the sign-in page.
class Visitor : public Caller {
public:
    explicit Visitor(const Admin& of) : Caller(of.port(), of.slug()) {}
};

// Somebody who was invited or added: with the link in the newest mail to them, and nothing else.
class Newcomer : public Visitor {
public:
    // By the answer that said so. Waits until the mail is there.
    Newcomer(Admin& admin, const Reply& person);

    Reply opens() { return posts("/v1/invitations/inspect", body_of({with_text("token", token_)})); }
    // With the usual password; signed in from then on.
    template <class... D>
    Reply accepts(const D&... details) {
        return accepts_with({with_text("password", usual_password), details...});
    }
    Reply accepts_with(Details details);
    // By the link of a welcome mail.
    Reply chooses(const std::string& password);
    Reply signs_in(const std::string& password = usual_password) { return Caller::signs_in(email_, password); }

    // The onboarding, step by step: what each answers comes next.
    std::string next_step() { return sees("/v1/me")["onboarding/next"]; }
    Reply completes(const std::string& step) { return goes_on("completed", step); }
    Reply skips(const std::string& step) { return goes_on("skipped", step); }

private:
    Reply goes_on(const std::string& how, const std::string& step) {
        return puts("/v1/me/onboarding", body_of({with(how, quoted(step))}));
    }
    std::string email_;
    std::string token_;
};

// A program, with an API key that the admin made for it.
class Machine : public Caller {
public:
    Machine(Admin& admin, const Words& permissions) : Caller(admin.port(), admin.slug(), key(admin, permissions)) {}

private:
    static std::string key(Admin& admin, const Words& permissions);
};

// `409 no_seats_remaining`.
std::string refusal(const Reply& reply);

}  // namespace muster::test
