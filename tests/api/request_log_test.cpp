// What the log says of requests, and what it never says [N7].
#include "api/request_log.h"

#include "api/secret.h"
#include "tests/api/fixture.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <mutex>
#include <sstream>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

template <class T>
concept Printed = requires(std::ostringstream& out, const T& value) { out << value; };
template <class T>
concept Appended = requires(const T& value) { std::string() + value; };
template <class T>
concept Viewed = std::convertible_to<const T&, std::string_view>;

// What was logged, the newest last.
struct Kept {
    std::mutex mutex;
    std::vector<RequestRecord> records;
};

struct Logged {
    Logged() {
        api = std::make_unique<Api>(true, [this](SystemOptions& options) {
            options.request_log = [this](const RequestRecord& record) {
                std::lock_guard lock(kept.mutex);
                kept.records.push_back(record);
            };
        });
        REQUIRE(api->patch("/settings", R"({"invitation_requests":true})").status == 200);
    }
    RequestRecord last() {
        std::lock_guard lock(kept.mutex);
        REQUIRE_FALSE(kept.records.empty());
        return kept.records.back();
    }
    std::size_t lines() {
        std::lock_guard lock(kept.mutex);
        return kept.records.size();
    }
    Kept kept;
    std::unique_ptr<Api> api;
};

constexpr Instant monday{MovedClock::monday_ms};

}  // namespace

TEST_CASE("a request's line is one JSON object, with the route's pattern in the place of its path") {
    Logged logged;
    auto answer = logged.api->get("/members?q=ada@spring.example");
    auto line = json::parse(log_line(monday, logged.last()));
    CHECK(line["time"] == "2026-11-23T08:00:00.000Z");
    CHECK(line["level"] == "info");
    CHECK(line["message"] == "request");
    CHECK(line["method"] == "GET");
    CHECK(line["route"] == "/v1/workspaces/{ws}/members");
    CHECK(line["status"] == 200);
    CHECK(line["duration_ms"].is_number());
    CHECK(line["bytes"] == answer.body.size());
    CHECK(line["client"] == "127.0.0.1");
    CHECK(line["caller"] == "operator");
    CHECK(line["workspace"] == logged.api->spring);
    CHECK(line["request_id"].get<std::string>().size() == 26);
    CHECK(line.size() == 12);
}

TEST_CASE("every answer names its request, as the log and the audit do") {
    Logged logged;
    auto& api = *logged.api;
    auto id_of = [&](const Answer& answer) {
        const auto id = answer.header("muster-request");
        CHECK(id == json::parse(log_line(monday, logged.last()))["request_id"].get<std::string>());
        return id;
    };
    auto invited = id_of(api.post("/invitations", R"({"email":"grace@spring.example"})"));
    CHECK(api.get("/audit?type=member_invited").text("/items/0/cause/request") == invited);
    auto refused = id_of(api.post("/invitations", R"({"email":"nobody"})"));
    CHECK(refused != invited);
    id_of(api.get("/nowhere"));
    id_of(api.get("/members.csv"));
}

TEST_CASE("whoever calls, and whatever comes of it, there is one line") {
    Logged logged;
    auto& api = *logged.api;
    auto one = [&](const Answer& answer, const std::string& route, const std::string& caller) {
        auto record = logged.last();
        auto line = json::parse(log_line(monday, record));
        INFO(line.dump());
        CHECK(record.status == answer.status);
        CHECK(line["route"].dump() == (route.empty() ? "null" : "\"" + route + "\""));
        CHECK(line["caller"].dump() == caller);
        return line;
    };
    const Headers nobody{{"Authorization", "nobody"}};
    auto before = logged.lines();
    one(api.get("/nowhere"), "", "null");
    one(api.send("PATCH", "/v1/invitations/accept", "{}"), "", "null");
    one(api.get("/seats", nobody), "/v1/workspaces/{ws}/seats", "null");
    one(api.get("/v1/workspaces/winter/seats"), "/v1/workspaces/{ws}/seats", "\"operator\"");
    one(api.get("/sign-in", nobody), "/v1/workspaces/{ws}/sign-in", "null");
    auto id = api.invite("grace@spring.example");
    auto token = api.token(id);
    auto accepted = one(api.post("/v1/invitations/accept", R"({"token":")" + token + "\"}", nobody),
                        "/v1/invitations/accept", "null");
    CHECK(accepted["workspace"] == api.spring);
    CHECK(logged.lines() == before + 8);
    // Probes that find all well are left out.
    CHECK(api.get("/livez", nobody).status == 200);
    CHECK(logged.lines() == before + 8);
}

TEST_CASE("a line's request id is the correlation of the events that the request caused") {
    Logged logged;
    logged.api->invite("grace@spring.example");
    auto event = logged.api->system->service().history.at(logged.api->system->store().log->head());
    REQUIRE(event);
    CHECK(event->correlation == logged.last().id);
}

TEST_CASE("no address, name, token or body of a request stands in its line [N7]") {
    Logged logged;
    auto& api = *logged.api;
    const Headers nobody{{"Authorization", "Bearer mbs_canary"}};
    auto id = api.invite("canary@spring.example", R"("name":"Canary Bird")");
    auto token = api.token(id);
    (void)api.post("/v1/invitations/inspect?token=" + token, R"({"token":")" + token + "\"}", nobody);
    (void)api.post("/v1/invitations/accept", R"({"token":")" + token + R"(","name":"Canary Bird"})", nobody);
    (void)api.get("/members?q=canary%40spring.example");
    (void)api.get("/v1/canary@spring.example/" + token);
    (void)api.send("GET", "/seats", "", {{"Authorization", "Bearer mbs_canary"}, {"Idempotency-Key", "canary"}});
    for (const auto& each : logged.kept.records) {
        auto line = log_line(monday, each);
        CHECK_THAT(line, !Contains("anary") && !Contains(token) && !Contains("%40") && !Contains("operator\",\"key"));
    }
}

TEST_CASE("addresses are masked, tokens are cut to their kind, and the rest of a message stays") {
    CHECK(masked("grace@example.com") == "g***@example.com");
    CHECK(masked("\xC3\xA9lise@example.com") == "\xC3\xA9***@example.com");
    CHECK(masked("a@b") == "a***@b");
    CHECK(masked("nobody") == "***");
    CHECK(masked("@example.com") == "***");
    CHECK(cleaned("550 no such user <grace@example.com>, gave up") == "550 no such user <g***@example.com>, gave up");
    CHECK(cleaned("to=grace@example.com;cc=alan@example.com") == "to=g***@example.com;cc=a***@example.com");
    CHECK(cleaned("token mbs_abcDEF-12_3 is over") == "token mbs_*** is over");
    CHECK(cleaned("https://a.example/accept#mbi_AAAA and key=mbk_BBBB, whsec_CC") ==
          "https://a.example/accept#mbi_*** and key=mbk_***, whsec_***");
    CHECK(cleaned("mbo_") == "mbo_");
    CHECK(cleaned("can't open data/log: No space left on device") == "can't open data/log: No space left on device");
    CHECK(cleaned("").empty());
    CHECK(log_line(monday, "error", "a \"quoted\" line\nof \xff grace@example.com") ==
          "{\"time\":\"2026-11-23T08:00:00.000Z\",\"level\":\"error\",\"message\":\"a \\\"quoted\\\" line\\nof "
          "\xEF\xBF\xBD "
          "g***@example.com\"}");
}

TEST_CASE("a secret can't be printed, joined or taken for text by accident [N7]") {
    STATIC_REQUIRE_FALSE(Printed<Secret>);
    STATIC_REQUIRE_FALSE(Appended<Secret>);
    STATIC_REQUIRE_FALSE(Viewed<Secret>);
    STATIC_REQUIRE_FALSE(fmt::is_formattable<Secret>::value);
    STATIC_REQUIRE(Printed<std::string>);
    STATIC_REQUIRE(fmt::is_formattable<std::string>::value);
    Secret one = "mbs_one", other = one;
    CHECK((one == other));
    other = Secret("mbs_other");
    CHECK_FALSE((one == other));
    CHECK(other.reveal() == "mbs_other");
    CHECK(Secret().empty());
}

}  // namespace muster::test
