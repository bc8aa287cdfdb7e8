// Planted passwords, tokens and keys, really used, well and badly; then all that the server says and leaves is searched
// for them [N7].
#include "tests/api/smtp_server.h"
#include "tests/server/canaries.h"
#include "tests/server/http_client.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <memory>

namespace muster::server {
namespace {

using Names = std::set<std::string>;

const std::string spring = "/v1/workspaces/spring";

// A server whose every answer is kept that is no success, as all may see it.
class Watched {
public:
    explicit Watched(const std::string& data, const Arguments& more = {}, const Environment& environment = {})
        : server_(data, more, environment) {}

    Answer send(const std::string& token, const std::string& method, const std::string& target,
                const std::string& body = {}, Client::Headers headers = {}) {
        headers.emplace_back("User-Agent", client_name);
        auto answer = Client(server_.port(), token).send(method, target, body, headers);
        if (answer.status >= 400) problems += std::to_string(answer.status) + " " + answer.body + "\n";
        for (const auto& [name, value] : answer.headers)
            if (answer.status >= 400) problems += name + ": " + value + "\n";
        return answer;
    }
    Answer must(int status, const std::string& token, const std::string& method, const std::string& target,
                const std::string& body = {}, const Client::Headers& headers = {}) {
        auto answer = send(token, method, target, body, headers);
        INFO(method << " " << target << ": " << answer.status << " " << answer.body);
        REQUIRE(answer.status == status);
        return answer;
    }
    [[nodiscard]] std::string log() { return server_.process().err() + server_.process().out(); }
    Served& server() { return server_; }
    std::string problems;

private:
    Served server_;
};

// What people send wrongly: a secret in every place of a request where it does not belong.
void misuse(Watched& server, const std::string& session, const std::string& secret) {
    const std::string login = "/v1/auth/login";
    const std::vector<std::string> bodies{
        "{" + quoted("password", secret),                                // cut off
        "{" + quoted("password", secret).substr(0, 15 + secret.size()),  // within the text
        "{\"password\":" + secret + "}",                                 // without quotes
        "{" + quoted("workspace", "spring") + "," + quoted("email", "ada") + "," + quoted("password", secret) + "}",
        "{\"password\":[\"" + secret + "\"],\"email\":5}",
        "{" + quoted("password", secret) + "," + quoted("password", secret) + "}",
        "{" + quoted("passwort", secret) + "," + quoted("token", secret) + "}",
        "{" + quoted("password", secret + "\\ud800") + "}",
        "{" + quoted("password", secret + "\xff") + "}",
        "password=" + secret,
        secret};
    for (const auto& body : bodies) {
        server.send("", "POST", login, body);
        server.send("", "POST", login + "?password=" + secret, body, {{"Content-Type", "text/plain"}});
        server.send("", "POST", "/v1/invitations/accept", body);
        server.send("", "POST", "/v1/auth/password/reset", body);
        server.send(session, "PUT", "/v1/me/password", body);
        server.send(session, "POST", spring + "/members", body, {{"Idempotency-Key", secret + " "}});
    }
    for (const std::string& target :
         {"/" + secret, "/v1/" + secret, spring + "/members/" + secret, spring + "/members?token=" + secret,
          spring + "/members?cursor=" + secret, "/accept?token=" + secret, "/v1/invitations/" + secret,
          "/v1/workspaces/" + secret, "/metrics?key=" + secret, "/livez?probe=" + secret}) {
        server.send("", "GET", target);
        server.send(session, "GET", target);
        server.send(session, "DELETE", target);
    }
    const auto* who = "/v1/me";
    server.send(secret + "x", "GET", who);
    server.send("", "GET", who, "", {{"Authorization", "Basic " + secret}});
    server.send("", "GET", who, "", {{"Authorization", secret}});
    server.send("", "GET", who, "", {{"Cookie", "muster=" + secret + "; other=" + secret}});
    server.send("", "GET", who, "", {{"X-Api-Key", secret}, {"X-Forwarded-For", secret}, {"Referer", secret}});
    server.send("", "GET", who, "", {{"Host", secret}});                         // two of them: 400
    server.send("", secret, "/");                                                // no method: 400 or 405
    server.send("", "GET", "/" + secret + std::string(5000, 'x'));               // 414
    server.send("", "GET", who, "", Client::Headers(80, {"X-Canary", secret}));  // 431
    server.send("", "GET", who, "", {{"Transfer-Encoding", secret}});            // 400
    auto large = "{" + quoted("password", secret) + "," + quoted("more", std::string(1 << 20, 'x')) + "}";
    CHECK(server.send("", "POST", login, large).status == 413);
}

Names names_of(const Canaries& canaries) {
    Names names;
    for (const auto& [what, secret] : canaries.all()) names.insert(what);
    return names;
}

}  // namespace

TEST_CASE("the search finds a secret in each of its forms") {
    Canaries canaries;
    const std::string token =
        "mbs_YWFhYWFhYWFhYWFhYWFhYWJiYmJiYmJiYmJiYmJiYmJjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjYw";
    canaries.plant("password", "wild>>>geese??");
    canaries.plant("token", token);
    for (const char* bytes : {"a wild>>>geese?? b", "d2lsZD4+PmdlZXNlPz8=", "YTp3aWxkPj4+Z2Vlc2U/Pw==",
                              "YWE6d2lsZD4+PmdlZXNlPz8", "d2lsZD4-PmdlZXNlPz8", "77696c643e3e3e67656573653f3f"}) {
        INFO(bytes);
        CHECK(canaries.in(bytes) == Names{"password"});
    }
    CHECK(canaries.in("x" + token) == Names{"token"});
    CHECK(canaries.in("…" + std::string(32, 'c') + "…") == Names{"token"});
    CHECK(canaries.in("mbs_YWFhYWFhYWFhYWFhYWFhYWJiYmJi wild geese").empty());
    canaries.plant("webhook", "whsec_Pz4/Pj8+Pz4/Pj8+Pz4/Pj8+Pz4/Pj8+Pz4/Pj8+Pz4=");
    for (const char* bytes : {"whsec_Pz4/Pj8+Pz4/Pj8+Pz4/Pj8+Pz4/Pj8+Pz4/Pj8+Pz4=", "?>?>?>?>?>?>?>?>?>?>?>?>?>?>?>?>",
                              "3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e3f3e"})
        CHECK(canaries.in(bytes) == Names{"webhook"});
}

TEST_CASE("planted passwords, tokens and keys stand nowhere but with whom they belong to, N7") {
    Scratch scratch;
    const auto data = scratch / "data", outbox = data + "/outbox";
    Canaries secrets;
    const auto password = [&](const std::string& what, const std::string& text) {
        secrets.plant(what, text);
        return text;
    };
    const auto adas = password("ada's password", "quokka-lantern-4417-ada");
    const auto graces = password("grace's password", "quokka-lantern-4417-grace");
    const auto wrong = password("a wrong password", "quokka-lantern-4417-wrong");
    const auto reset = password("a password by a reset link", "quokka-lantern-4417-reset");
    const auto set = password("a password that an admin set", "quokka-lantern-4417-set");
    const auto own = password("a password that was changed", "quokka-lantern-4417-own");
    const auto repeat = password("an idempotency key", "canary-idempotency-key-90125");
    const auto smtp = password("the mail server's password", "quokka-lantern-4417-smtp");
    const auto token = [&](const std::string& what, const std::string& text) {
        INFO(what << ": " << text);
        REQUIRE(text.size() > 40);
        secrets.plant(what, text);
        return text;
    };

    // ---- Used as they are meant to be, without a mail server.
    std::string log, problems, shown;
    {
        // What is misused is tried further than guessing may go.
        Watched server(data, {"--rate-limit", "token_guess_ip=off,sign_in_account_ip=off,sign_in_account=off"});
        const auto key = token("the operator's key", server.server().operator_key());
        server.must(201, key, "POST", "/v1/workspaces",
                    "{" + quoted("name", visible) + "," + quoted("slug", "spring") + R"(,"owner":{)" +
                        quoted("email", "ada@spring.example") + "," + quoted("name", "Ada") + "," +
                        quoted("password", adas) + "}}");
        const auto login = [&](const std::string& email, const std::string& with, const std::string& more = "") {
            return "{" + quoted("workspace", "spring") + "," + quoted("email", email) + "," + quoted("password", with) +
                   more + "}";
        };
        const auto sign_in = [&](const std::string& what, const std::string& email, const std::string& with) {
            return token(what, server.must(200, "", "POST", "/v1/auth/login", login(email, with)).first("token"));
        };
        const auto ada = sign_in("ada's session", "ada@spring.example", adas);
        server.must(401, "", "POST", "/v1/auth/login", login("ada@spring.example", wrong));
        server.must(401, "", "POST", "/v1/auth/login", login("nobody@spring.example", wrong));
        auto cookie =
            server.must(200, "", "POST", "/v1/auth/login", login("ada@spring.example", adas, R"(,"cookie":true)"));
        const auto by_cookie = token("a cookie's session", token_in(cookie.header("set-cookie"), "mbs_"));
        server.must(200, "", "GET", "/v1/me", "", {{"Cookie", "muster=" + by_cookie}});

        const Client::Headers once{{"Idempotency-Key", repeat}};
        const auto invite = "{" + quoted("email", "grace@spring.example") + "," + quoted("name", "Grace") + "}";
        const auto invited = server.must(201, ada, "POST", spring + "/invitations", invite, once);
        const auto link = token("an invitation's link", token_in(invited.body, "mbi_"));
        CHECK(token_in(server.must(201, ada, "POST", spring + "/invitations", invite, once).body, "mbi_") == link);
        server.must(422, ada, "POST", spring + "/invitations", "{" + quoted("email", "b@spring.example") + "}", once);
        server.must(200, "", "POST", "/v1/invitations/inspect", "{" + quoted("token", link) + "}");
        const auto accept = "{" + quoted("token", link) + "," + quoted("password", graces) + "}";
        auto accepted = server.must(201, "", "POST", "/v1/invitations/accept", accept, once);
        const auto grace = token("the session of who accepted", accepted.first("token"));
        server.must(201, "", "POST", "/v1/invitations/accept", accept, once);
        server.must(409, "", "POST", "/v1/invitations/accept",
                    "{" + quoted("token", link) + "," + quoted("password", wrong) + "}");
        const auto graces_id = server.must(200, grace, "GET", "/v1/me").first("id");

        const auto make_key = "{" + quoted("name", "CI") + R"(,"permissions":["members.read"]})";
        const auto made =
            server.must(201, ada, "POST", spring + "/api-keys", make_key, {{"Idempotency-Key", repeat + "2"}});
        const auto api_key = token("an API key", token_in(made.body, "mbk_"));
        server.must(201, ada, "POST", spring + "/api-keys", make_key, {{"Idempotency-Key", repeat + "2"}});
        server.must(200, api_key, "GET", spring + "/members");
        server.must(403, api_key, "POST", spring + "/invitations", invite);

        const auto welcomed = server.must(
            201, ada, "POST", spring + "/members",
            "{" + quoted("email", "alan@spring.example") + "," + quoted("name", "Alan") + R"(,"send_email":false})");
        token("a welcome link", token_in(welcomed.body, "mbr_"));
        server.must(202, "", "POST", "/v1/auth/password/forgot",
                    "{" + quoted("workspace", "spring") + "," + quoted("email", "grace@spring.example") + "}");
        const auto forgotten = token("a reset link", mailed(outbox, "grace@spring.example", "mbr_"));
        const auto by_link = "{" + quoted("token", forgotten) + "," + quoted("password", reset) + "}";
        server.must(200, "", "POST", "/v1/auth/password/reset", by_link);
        server.must(404, "", "POST", "/v1/auth/password/reset", by_link);
        server.must(200, ada, "PUT", spring + "/members/" + graces_id + "/password",
                    "{" + quoted("password", set) + "}");
        const auto again = sign_in("a session that was ended", "grace@spring.example", set);
        auto changed = server.must(200, again, "PUT", "/v1/me/password",
                                   "{" + quoted("current_password", set) + "," + quoted("password", own) + "}");
        const auto last = token("the session after a change", token_in(changed.body, "mbs_"));
        server.must(200, last, "POST", "/v1/auth/logout");
        server.must(401, last, "GET", "/v1/me");

        // ---- And as they are not.
        for (const auto& [what, secret] : secrets.all()) misuse(server, ada, secret);

        for (const char* each : {"/metrics", "/readyz?verbose"}) shown += server.must(200, "", "GET", each).body;
        for (const std::string& each :
             {std::string("/audit?limit=1000"), "/members/" + graces_id + "/history", std::string("/members.csv"),
              std::string("/people"), std::string("/api-keys"), std::string("/settings")})
            shown += server.must(200, ada, "GET", spring + each).body;
        shown += server.must(200, ada, "GET", "/v1/me/sessions").body;
        shown += server.must(200, ada, "GET", "/v1/me").body;
        CHECK(server.server().stop() == 0);
        log += server.log();
        problems += server.problems;
    }

    // ---- Through a mail server that does not take the password.
    {
        REQUIRE(
            finish({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", scratch / "key.pem", "-out", scratch / "cert.pem", "-days", "2", "-subj", "/CN=mail"})
                .exit_code == 0);
        test::MailServer mail_server("auth", {scratch / "cert.pem", scratch / "key.pem"});
        Watched server(data, {"--smtp", mail_server.url("ada"), "--mail-from", "team@spring.example"},
                       {{"MUSTER_SMTP_PASSWORD", smtp}});
        const auto key = server.server().operator_key();
        auto invited =
            server.must(201, key, "POST", spring + "/invitations", "{" + quoted("email", "kurt@spring.example") + "}");
        const auto path = spring + "/invitations/" + invited.first("id");
        token("a link that is not mailed", token_in(invited.body, "mbi_"));
        wait_until([&] { return mail_server.sign_ins().starts_with("ada " + smtp + "\n"); });
        shown += server.must(200, key, "GET", path).body + server.must(200, key, "GET", "/metrics").body;
        CHECK(server.server().stop() == 0);
        log += server.log();
        problems += server.problems;
    }
    auto replayed = finish({muster_program(), "audit", "replay", "--data", data, "--workspace", "spring"});
    auto as_json =
        finish({muster_program(), "audit", "replay", "--data", data, "--workspace", "spring", "--format", "ndjson"});
    CHECK(replayed.exit_code == 0);
    CHECK(as_json.exit_code == 0);

    // ---- The search.
    Places places{{"the log", log},
                  {"problems", problems},
                  {"answers", shown},
                  {"replay", replayed.out + replayed.err},
                  {"replay as JSON", as_json.out + as_json.err}};
    for (auto& each : files_of(data)) places.push_back(std::move(each));
    for (auto& each : rows_of(data)) places.push_back(std::move(each));
    const std::map<std::string, std::pair<std::string, Names>> theirs{
        {data + "/operator.key", {"", {"the operator's key"}}},
        {outbox + "/", {"grace@spring.example", {"an invitation's link", "a reset link"}}}};
    Names met;
    for (const auto& [place, bytes] : places) {
        auto found = secrets.in(bytes);
        met.insert(found.begin(), found.end());
        for (const auto& [where, whose] : theirs) {
            const auto& [reader, may] = whose;
            if (!place.starts_with(where) || (!reader.empty() && bytes.find("<" + reader + ">") == std::string::npos))
                continue;
            for (const auto& each : may) found.erase(each);
        }
        INFO(place);
        CHECK(found == Names{});
    }
    CHECK(met == Names{"the operator's key", "an invitation's link", "a reset link"});

    // ---- What is no secret, or is where it belongs, is found: the search reads what it should.
    Canaries controls;
    controls.plant("name", visible);
    controls.plant("client", client_name);
    controls.plant("hash", "$argon2id$");
    std::map<std::string, Names> seen;
    for (const auto& [place, bytes] : places)
        for (const auto& each : controls.in(bytes)) seen[each].insert(place);
    const auto stands = [&](const std::string& what, const std::string& where) {
        return std::ranges::any_of(seen[what],
                                   [&](const std::string& each) { return each.find(where) != std::string::npos; });
    };
    for (const char* each : {"replay", "replay as JSON", "answers", "events", "log family 0"}) {
        INFO(each);
        CHECK(stands("name", each));
    }
    CHECK(stands("client", "sealed sessions"));
    // A hash is in the vault alone, and sealed there.
    CHECK(seen["hash"] == Names{"sealed passwords"});
    CHECK(log.find("/v1/auth/password/reset") != std::string::npos);
    CHECK(shown.find("muster_") != std::string::npos);
    CHECK(names_of(secrets).size() == 19);
}

}  // namespace muster::server
