#pragma once
// An admin's day in requests that can be read aloud, over HTTP against the built server:
//
//     Admin admin("avoma");                                            // a workspace of this preset, with its server
//     auto grace = admin.invites("grace@navy.example", as("guest"), in("Sales"));
//     CHECK(grace["status"] == "pending");
//     CHECK(Visitor(admin).accepts(grace).status == 201);              // Grace, with nothing but her link
//
// A path that does not begin with / names something of the workspace: `admin.sees("seats")`.

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
Detail assigned(const std::vector<std::pair<std::string, std::string>>& resources);  // id, `view` or `edit`

using Details = std::vector<Detail>;
std::string body_of(const Details& details);

// Who sends requests to one workspace.
class Caller {
public:
    Caller(int port, const std::string& token, std::string slug) : client_(port, token), slug_(std::move(slug)) {}

    Reply sends(const std::string& verb, const std::string& path, const std::string& body = {},
                const std::string& content_type = "application/json");
    Reply sees(const std::string& path) { return sends("GET", path); }
    Reply posts(const std::string& path, const std::string& body = {}) { return sends("POST", path, body); }
    Reply puts(const std::string& path, const std::string& body) { return sends("PUT", path, body); }
    Reply changes(const std::string& path, const std::string& body) { return sends("PATCH", path, body); }

    [[nodiscard]] const std::string& slug() const { return slug_; }

private:
    server::Client client_;
    std::string slug_;
};

struct TheDemo {};
inline constexpr TheDemo the_demo;

// The server, and the directory that it works in.
struct Home {
    explicit Home(const server::Arguments& more = {}) : server(scratch / "data", more) {}
    server::Scratch scratch;
    server::Served server;
};

class Admin : private Home, public Caller {
public:
    explicit Admin(const std::string& preset);
    // The workspace of `muster serve --demo`: there, invitations have expired.
    explicit Admin(TheDemo);

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
    Reply creates_team(const std::string& name) { return posts("teams", body_of({named(name)})); }
    Reply uploads(const std::string& csv) { return sends("POST", "imports", csv, "text/csv"); }
    Reply uploads_excel(const std::string& file);  // of tests/api/sheets
    // Sends an import, and waits until it is done.
    Reply sends_all(const Reply& import);
    // What became of an invitation's mail, once it is known.
    std::string delivery_of(const Reply& invitation);
    // The mails to an address, as files of the outbox.
    Words mails_to(const std::string& email);
    // As the invite form shows it: `Organization: 12 Remaining`.
    std::string availability(const std::string& license);

    [[nodiscard]] int port() const { return server.port(); }

private:
    static std::string path_of(const Reply& person);
};

// Somebody without a token: an invitee with their link, or anybody at the sign-in page.
class Visitor : public Caller {
public:
    explicit Visitor(const Admin& of) : Caller(of.port(), "", of.slug()) {}

    Reply opens(const Reply& invitation);
    template <class... D>
    Reply accepts(const Reply& invitation, const D&... details) {
        return posts("/v1/invitations/accept", body_of({{"token", quoted(token_of(invitation))}, {"password", quoted("an old engine room")}, details...}));
    }

private:
    static std::string token_of(const Reply& invitation);
};

// `409 no_seats_remaining`.
std::string refusal(const Reply& reply);

}  // namespace muster::test
