// Planted passwords, tokens and secrets, really used; then all that leaves the server by other ways than answers is
// searched for them: what webhooks are sent, the feed, the exported audit, backups [N7].
#include "tests/api/webhook_receiver.h"
#include "tests/server/canaries.h"
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

namespace muster::server {
namespace {

using Names = std::set<std::string>;

const std::string spring = "/v1/workspaces/spring";

struct Outside {
    Outside() {
        const auto key = token("the operator's key", server.operator_key());
        must(201, key, "POST", "/v1/workspaces",
             "{" + quoted("name", "Spring") + "," + quoted("slug", "spring") + R"(,"owner":{)" +
                 quoted("email", "ada@spring.example") + "," + quoted("name", "Ada") + "," + quoted("password", adas) +
                 "}}");
        ada = sign_in("ada's session", "ada@spring.example", adas);
    }

    std::string plant(const std::string& what, const std::string& text) {
        secrets.plant(what, text);
        return text;
    }
    std::string token(const std::string& what, const std::string& text) {
        INFO(what << ": " << text);
        REQUIRE(text.size() > 40);
        return plant(what, text);
    }
    Answer must(int status, const std::string& who, const std::string& method, const std::string& target,
                const std::string& body = {}, Client::Headers headers = {}) {
        headers.emplace_back("User-Agent", client_name);
        auto answer = Client(server.port(), who).send(method, target, body, headers);
        INFO(method << " " << target << ": " << answer.status << " " << answer.body);
        REQUIRE(answer.status == status);
        return answer;
    }
    std::string sign_in(const std::string& what, const std::string& email, const std::string& with) {
        return token(what, must(200, "", "POST", "/v1/auth/login",
                                "{" + quoted("workspace", "spring") + "," + quoted("email", email) + "," +
                                    quoted("password", with) + "}")
                               .first("token"));
    }
    // As somebody reads a stream: until it ends, or for three seconds.
    std::string read(const std::string& target) {
        auto read = finish({"curl", "-sN", "--max-time", "3", "-H", "Authorization: Bearer " + ada,
                            server.address() + spring + target});
        INFO(target << ": " << read.exit_code);
        REQUIRE((read.exit_code == 0 || read.exit_code == 28));
        return read.out;
    }

    // Every kind of secret is made and used, by the way of an admin and of whom they invite.
    void live() {
        const Client::Headers once{{"Idempotency-Key", plant("an idempotency key", "canary-idempotency-key-90125")}};
        const auto made = must(201, ada, "POST", spring + "/webhooks", "{" + quoted("url", receiver.url()) + "}", once);
        token("a webhook's secret", token_in(made.body, "whsec_"));
        const auto hook = spring + "/webhooks/" + made.first("id");
        must(200, ada, "POST", hook + "/test");
        token("a webhook's next secret", token_in(must(200, ada, "POST", hook + "/rotate-secret").body, "whsec_"));

        const auto invited = must(201, ada, "POST", spring + "/invitations",
                                  "{" + quoted("email", "grace@spring.example") + "," + quoted("name", "Grace") + "}");
        const auto link = token("an invitation's link", token_in(invited.body, "mbi_"));
        const auto graces = plant("grace's password", "quokka-lantern-4417-grace");
        auto accepted = must(201, "", "POST", "/v1/invitations/accept",
                             "{" + quoted("token", link) + "," + quoted("password", graces) + "}", once);
        const auto grace = token("the session of who accepted", accepted.first("token"));
        const auto id = must(200, grace, "GET", "/v1/me").first("id");
        must(401, "", "POST", "/v1/auth/login",
             "{" + quoted("workspace", "spring") + "," + quoted("email", "grace@spring.example") + "," +
                 quoted("password", plant("a wrong password", "quokka-lantern-4417-wrong")) + "}");

        token("an API key", token_in(must(201, ada, "POST", spring + "/api-keys",
                                          "{" + quoted("name", "CI") + R"(,"permissions":["members.read"]})")
                                         .body,
                                     "mbk_"));
        token("a welcome link", token_in(must(201, ada, "POST", spring + "/members",
                                              "{" + quoted("email", "alan@spring.example") + "," +
                                                  quoted("name", "Alan") + R"(,"send_email":false})")
                                             .body,
                                         "mbr_"));
        must(202, "", "POST", "/v1/auth/password/forgot",
             "{" + quoted("workspace", "spring") + "," + quoted("email", "grace@spring.example") + "}");
        const auto forgotten = token("a reset link", mailed(data + "/outbox", "grace@spring.example", "mbr_"));
        must(200, "", "POST", "/v1/auth/password/reset",
             "{" + quoted("token", forgotten) + "," +
                 quoted("password", plant("a password by a reset link", "quokka-lantern-4417-reset")) + "}");
        const auto set = plant("a password that an admin set", "quokka-lantern-4417-set");
        must(200, ada, "PUT", spring + "/members/" + id + "/password", "{" + quoted("password", set) + "}");
        const auto again = sign_in("a session that was ended", "grace@spring.example", set);
        token(
            "the session after a change",
            token_in(must(200, again, "PUT", "/v1/me/password",
                          "{" + quoted("current_password", set) + "," +
                              quoted("password", plant("a password that was changed", "quokka-lantern-4417-own")) + "}")
                         .body,
                     "mbs_"));
        must(201, ada, "POST", spring + "/teams", "{" + quoted("name", visible) + "}");
    }

    Scratch scratch;
    std::string data = scratch / "data", backups = scratch / "backups";
    Canaries secrets;
    const std::string adas = plant("ada's password", "quokka-lantern-4417-ada");
    test::WebhookReceiver receiver;
    Served server{data, {"--allow-target", "127.0.0.0/8"}};
    std::string ada;
};

// What of the planted stands in a place, and what it is that stands there.
struct Found {
    Names secrets, controls;
};

std::map<std::string, Found> search(const Canaries& secrets, const Places& places) {
    Canaries controls;
    controls.plant("the team", visible);
    controls.plant("the browser", client_name);
    controls.plant("a hash", "$argon2id$");
    controls.plant("a table", "rocksdb.properties");
    std::map<std::string, Found> all;
    for (const auto& [place, bytes] : places) {
        auto& found = all[place];
        found.secrets.merge(secrets.in(bytes));
        found.controls.merge(controls.in(bytes));
    }
    return all;
}

}  // namespace

TEST_CASE("no planted secret is sent to a webhook, stands in the feed or in an exported audit, N7") {
    Outside outside;
    outside.live();
    Places places;
    // Mails may be sent after the team was made.
    wait_until([&] {
        return std::ranges::any_of(outside.receiver.taken(),
                                   [](const auto& each) { return each.find(visible) != std::string::npos; });
    });
    std::string sent;
    for (const auto& each : outside.receiver.taken()) sent += each + "\n";
    places.emplace_back("webhooks", sent);
    places.emplace_back("feed", outside.read("/events"));
    places.emplace_back("audit as NDJSON", outside.read("/audit/export?format=ndjson"));
    places.emplace_back("audit as CSV", outside.read("/audit/export?format=csv"));
    // Each of what happened is there: a place that says little proves little.
    for (const char* type : {"member_invited", "invitation_accepted", "member_created", "password_set",
                             "password_reset_requested", "api_key_created", "webhook_secret_rotated"})
        for (const auto& [place, bytes] : places) {
            INFO(place << " " << type);
            CHECK(bytes.find(type) != std::string::npos);
        }
    CHECK(sent.find("webhook-signature") != std::string::npos);
    CHECK(sent.find("muster.test") != std::string::npos);
    for (const auto& [place, found] : search(outside.secrets, places)) {
        INFO(place);
        CHECK(found.secrets == Names{});
        CHECK(found.controls.contains("the team"));
    }
    CHECK(outside.secrets.all().size() == 18);
}

TEST_CASE("backups hold no planted secret but sealed or hashed, and no key that opens them, N7") {
    Outside outside;
    outside.live();
    const auto backed_up = [&] {
        return finish({muster_program(), "backup", "create", "--data", outside.data, "--to", outside.backups});
    };
    const auto beside = backed_up();
    CHECK(beside.exit_code == 0);
    CHECK(outside.server.stop() == 0);
    const auto at_rest = backed_up();
    CHECK(at_rest.exit_code == 0);
    const auto verified = finish({muster_program(), "backup", "verify", "--from", outside.backups});
    CHECK(verified.exit_code == 0);

    const auto laid_out = outside.scratch / "laid-out";
    for (const std::string part : {"log", "vault"})
        for (const auto& path : lay_out(outside.backups + "/" + part, laid_out)) {
            INFO(path);
            CHECK((path.starts_with(part + "/") || path == "anchor" || path == "STORE" || path == "erasures"));
            CHECK((path.find(".key") == std::string::npos && path.find("outbox") == std::string::npos));
        }
    Places places{{"what the tool says", beside.out + beside.err + at_rest.out + at_rest.err + verified.out}};
    for (auto& each : files_of(outside.backups)) places.push_back(std::move(each));
    // As they are opened with the master key, which is kept apart.
    std::filesystem::create_directories(laid_out + "/views");
    std::filesystem::copy_file(outside.data + "/master.key", laid_out + "/master.key");
    for (auto& each : rows_of(laid_out)) places.push_back(std::move(each));
    outside.secrets.plant("the master key", text_of(outside.data + "/master.key"));

    const auto found = search(outside.secrets, places);
    Names with_table, with_hash, with_browser, with_team;
    for (const auto& [place, what] : found) {
        INFO(place);
        // A receiver's signatures are made with it: the vault has to have it, sealed.
        CHECK(what.secrets ==
              (place == "sealed webhooks" ? Names{"a webhook's secret", "a webhook's next secret"} : Names{}));
        if (what.controls.contains("a table")) with_table.insert(place.substr(0, place.find("/files/")));
        if (what.controls.contains("a hash")) with_hash.insert(place);
        if (what.controls.contains("the browser")) with_browser.insert(place);
        if (what.controls.contains("the team")) with_team.insert(place);
    }
    CHECK(with_table == Names{outside.backups + "/log", outside.backups + "/vault"});
    CHECK(with_hash == Names{"sealed passwords"});
    CHECK(with_browser == Names{"sealed sessions"});
    CHECK((with_team.contains("log family 0") && with_team.contains("events")));
}

}  // namespace muster::server
