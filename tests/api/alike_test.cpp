// What the routes that anybody may call say of an address: the same, whoever has it.
#include "tests/api/signed_in.h"

#include <algorithm>
#include <chrono>
#include <tuple>

namespace muster::test {
namespace {

using Whole = std::tuple<int, std::string, std::vector<std::pair<std::string, std::string>>>;

Whole whole(const Answer& answer) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& [name, value] : answer.headers)
        if (name != "Muster-Request") headers.emplace_back(name, value);  // another one each time, for whoever it is
    std::ranges::sort(headers);
    return {answer.status, answer.body, headers};
}

// Somebody of every kind, and somebody whom nobody knows.
struct Everybody {
    Everybody() {
        Person active(api, "active@spring.example"), admin(api, "admin@spring.example", R"("role":"admin")");
        Person deactivated(api, "deactivated@spring.example"), deleted(api, "deleted@spring.example");
        REQUIRE(api.post("/members/" + deactivated.id + "/deactivate").status == 200);
        REQUIRE(api.remove("/members/" + deleted.id + "?confirm=" + deleted.id).status == 200);
        api.member("passwordless@spring.example");
        api.invite("expired@spring.example", R"("ttl":3600)");
        api.clock.advance(hour + 1);
        api.invite("pending@spring.example");
        auto revoked = api.invite("revoked@spring.example");
        REQUIRE(api.post("/invitations/" + revoked + "/revoke").status == 200);
        api.request("asked@spring.example");
        api.clock.advance(hour);  // nobody's windows are begun
    }
    Api api;
    const Words names{"active",  "admin",   "deactivated", "deleted", "passwordless",
                      "expired", "pending", "revoked",     "asked",   "nobody"};
};

Answer ask(Api& api, const std::string& route, const std::string& body) {
    return api.post(route, body, {{"Authorization", ""}});
}

std::chrono::steady_clock::duration fastest_login(Api& api, const std::string& email) {
    auto fastest = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 3; ++i) {
        auto begun = std::chrono::steady_clock::now();
        CHECK(log_in(api, email, "wrong").status == 401);
        fastest = std::min(fastest, std::chrono::steady_clock::now() - begun);
    }
    return fastest;
}

}  // namespace

TEST_CASE("signing in, forgetting a password and asking for an invitation answer alike for whoever it is") {
    Everybody all;
    REQUIRE(all.api.patch("/settings", R"({"sign_in":")" + std::string(GENERATE("password", "both", "sso")) + "\"}")
                .status == 200);
    for (const auto& [route, more] : {std::pair("/v1/auth/login", R"("workspace":"spring","password":"wrong",)"),
                                      {"/v1/auth/password/forgot", R"("workspace":"spring",)"},
                                      {"/invitation-requests", ""}}) {
        const auto answer = [&, path = route, fields = more](const std::string& name) {
            return ask(all.api, path, "{" + std::string(fields) + R"("email":")" + name + "@spring.example\"}");
        };
        const auto first = answer("somebody");
        INFO(route << ": " << first.status << " " << first.body);
        CHECK(first.status == (std::string_view(route).ends_with("login") ? 401 : 202));
        for (const auto& name : all.names) {
            INFO(name);
            CHECK(whole(answer(name)) == whole(first));
        }
    }
}

TEST_CASE("a workspace that is not there is answered for like one that is") {
    Api api;
    for (const std::string route : {"/v1/auth/login", "/v1/auth/password/forgot"}) {
        const auto body = [&](const std::string& workspace) {
            return R"({"workspace":")" + workspace + R"(","email":"a@b.example")" +
                   (route.ends_with("login") ? R"(,"password":"wrong"})" : "}");
        };
        CHECK(whole(ask(api, route, body("nowhere"))) == whole(ask(api, route, body("spring"))));
    }
}

TEST_CASE("for an address that nobody has a password is hashed too, at the same cost") {
    Api api(true, [](SystemOptions& options) { options.password_cost = PasswordCost{}; });
    Person grace(api, "grace@spring.example");
    // Without it a hundred times as fast and more, however busy the machine is.
    CHECK(10 * fastest_login(api, "nobody@spring.example") > fastest_login(api, grace.email));
}

}  // namespace muster::test
