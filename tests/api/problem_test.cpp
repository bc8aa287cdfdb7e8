#include "api/problem.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <set>
#include <string>

namespace muster {
namespace {

std::optional<std::string> header(const http::Response& response, std::string_view name) {
    for (const auto& each : response.headers)
        if (each.name == name) return each.value;
    return std::nullopt;
}

nlohmann::json json_of(const http::Response& response) { return nlohmann::json::parse(response.body); }

}  // namespace

TEST_CASE("every code has a status and a title of its own") {
    std::set<std::string_view> titles;
    std::size_t codes = 0;
#define MUSTER_CHECKED(name)                               \
    {                                                      \
        INFO(#name);                                       \
        CHECK(status_of(Code::name) >= 400);               \
        CHECK(status_of(Code::name) < 600);                \
        CHECK(titles.insert(title_of(Code::name)).second); \
        ++codes;                                           \
    }
    MUSTER_CODES(MUSTER_CHECKED)
#undef MUSTER_CHECKED
    CHECK(titles.size() == codes);
}

TEST_CASE("a code's status is that of the contract") {
    CHECK(status_of(Code::unknown_field) == 422);
    CHECK(status_of(Code::invalid_json) == 400);
    CHECK(status_of(Code::token_invalid) == 404);
    CHECK(status_of(Code::member_deleted) == 410);
    CHECK(status_of(Code::role_above_own) == 403);
    CHECK(status_of(Code::version_mismatch) == 412);
    CHECK(status_of(Code::no_seats_remaining) == 409);
    CHECK(status_of(Code::conflict_retry) == 503);
}

TEST_CASE("a refusal carries its details beside its code") {
    auto response = problem(Refusal{Code::no_seats_remaining,
                                    "No seat is left.",
                                    {{"pool", "users"}, {"remaining", 0}, {"upgrade_url", nullptr}},
                                    {}});
    CHECK(response.status == 409);
    CHECK(header(response, "Content-Type") == "application/problem+json");
    CHECK(
        response.body ==
        R"({"type":"/problems/no_seats_remaining","title":"No seats remaining","status":409,"detail":"No seat is left.","code":"no_seats_remaining","pool":"users","remaining":0,"upgrade_url":null})");
}

TEST_CASE("one fault answers by its own code, several as validation_failed, all of them in errors") {
    Fault role{"/role", Code::unknown_role, "There is no such role.", {}};
    Fault limit{"?limit", Code::invalid_value, "A \"number\".", {{"most", 1000}}};
    auto one = json_of(problem(refuse({role})));
    CHECK(one["code"] == "unknown_role");
    CHECK(one["errors"].size() == 1);
    CHECK(one["errors"][0]["pointer"] == "/role");
    auto two = problem(refuse({role, limit}));
    CHECK(two.status == 422);
    CHECK(json_of(two)["code"] == "validation_failed");
    CHECK(json_of(two)["errors"][1] ==
          nlohmann::json::parse(
              R"({"pointer": "?limit", "code": "invalid_value", "detail": "A \"number\".", "most": 1000})"));
}

TEST_CASE("several pools short of seats are a conflict, with a faulty body they are not") {
    Fault users{"/invitations", Code::no_seats_remaining, "x", {{"pool", "users"}, {"needed", 3}, {"remaining", 1}}};
    Fault crm{"/invitations", Code::no_seats_remaining, "x", {{"pool", "crm"}, {"needed", 3}, {"remaining", 0}}};
    CHECK(problem(refuse({users, crm})).status == 409);
    CHECK(json_of(problem(refuse({users, crm})))["status"] == 409);
    CHECK(json_of(problem(refuse({users, crm})))["errors"][1]["pool"] == "crm");
    CHECK(problem(refuse({users, {"/role", Code::unknown_role, "x", {}}})).status == 422);
    Fault above{"/invitations/0", Code::role_above_own, "x", {}};
    CHECK(problem(refuse({above})).status == 403);
    CHECK(problem(refuse({above, above})).status == 409);
    CHECK(problem(refuse({above, users})).status == 409);
    CHECK(problem(refuse({above, {"/role", Code::unknown_role, "x", {}}})).status == 422);
}

TEST_CASE("who should wait is told how long, who should sign in is told how") {
    auto limited = problem(Refusal{Code::rate_limited, "Wait.", {{"retry_after", 30}, {"scope", "ip"}}, {}});
    CHECK(limited.status == 429);
    CHECK(header(limited, "Retry-After") == "30");
    CHECK(header(problem(Refusal{Code::projection_lagging, "Wait.", {}, {}}), "Retry-After") == "1");
    CHECK(header(problem(Refusal{Code::unauthorized, "Sign in.", {}, {}}), "WWW-Authenticate") == "Bearer");
    CHECK_FALSE(header(problem(Refusal{Code::not_found, "None.", {}, {}}), "Retry-After"));
}

TEST_CASE("the server's own refusals look the same") {
    auto late = problem(408, "request_timeout", "Too \xff late.");
    CHECK(late.status == 408);
    CHECK(json_of(late)["title"] == "Request took too long");
    CHECK(json_of(late)["type"] == "/problems/request_timeout");
    CHECK(json_of(problem(505, "http_version", "x"))["title"] == "Request refused");
    CHECK(header(problem(503, "overloaded", "x"), "Retry-After") == "1");
}

}  // namespace muster
