#include "tests/domain/spec.h"

#include <catch2/catch.hpp>

namespace muster::spec {

TEST_CASE("settings are patched: what is absent stays") {
    auto outcome = given().when(ChangeSettings{.invitation_ttl = days(14),
                                               .default_role = guest,
                                               .name_required = true,
                                               .invitation_requests = true,
                                               .teams_enabled = false,
                                               .max_teams_per_member = 1,
                                               .allowed_email_domains = std::set{made<EmailDomain>("spring.example")},
                                               .password_min_length = 12,
                                               .sign_in = SignIn::sso,
                                               .resend_limit_per_day = 5,
                                               .upgrade_url = made<HttpsUrl>("https://muster.example/"),
                                               .contact = made<FreeText>("Call us.")});
    const Settings all{.invitation_ttl = days(14),
                       .default_role = guest,
                       .name_required = true,
                       .invitation_requests = true,
                       .teams_enabled = false,
                       .max_teams_per_member = 1,
                       .allowed_email_domains = {made<EmailDomain>("spring.example")},
                       .password_min_length = 12,
                       .sign_in = SignIn::sso,
                       .resend_limit_per_day = 5,
                       .upgrade_url = made<HttpsUrl>("https://muster.example/"),
                       .contact = made<FreeText>("Call us.")};
    outcome.then(SettingsChanged{given().world.workspace.settings.value, all});
    CHECK(outcome.workspace().settings.value == all);
    CHECK(outcome.workspace().settings.changed == 2);

    auto only = all;
    only.name_required = false;
    given(settings([&](Settings& to) { to = all; }))
        .when(ChangeSettings{.name_required = false})
        .then(SettingsChanged{all, only});
}

TEST_CASE("the defaults: 7 days, passwords of 8, teams on, requests off, 3 resends a day") {
    auto now = given().world.workspace.settings.value;
    CHECK(now.invitation_ttl == 604'800);
    CHECK(now.password_min_length == 8);
    CHECK(now.teams_enabled);
    CHECK_FALSE(now.invitation_requests);
    CHECK_FALSE(now.name_required);
    CHECK_FALSE(now.max_teams_per_member);
    CHECK(now.allowed_email_domains.empty());
    CHECK(now.resend_limit_per_day == 3);
    CHECK(now.sign_in == SignIn::password);
}

TEST_CASE("null clears a setting that may be empty") {
    given(settings([](Settings& to) {
        to.max_teams_per_member = 2;
        to.allowed_email_domains = {made<EmailDomain>("spring.example")};
        to.contact = made<FreeText>("Call us.");
    }))
        .when(ChangeSettings{.default_role = Patch<RoleKey>::cleared(),
                             .max_teams_per_member = Patch<std::int64_t>::cleared(),
                             .allowed_email_domains = Patch<std::set<EmailDomain>>::cleared(),
                             .resend_limit_per_day = Patch<std::int64_t>::cleared(),
                             .upgrade_url = Patch<HttpsUrl>::cleared(),
                             .contact = Patch<FreeText>::cleared()})
        .then<SettingsChanged>(
            [](const SettingsChanged& event) { CHECK(event.to == Settings{.resend_limit_per_day = std::nullopt}); });
}

TEST_CASE("null is a fault for a setting that has to be something, and all faults are named") {
    given()
        .when(ChangeSettings{.invitation_ttl = Patch<std::int64_t>::cleared(),
                             .name_required = Patch<bool>::cleared(),
                             .invitation_requests = Patch<bool>::cleared(),
                             .teams_enabled = Patch<bool>::cleared(),
                             .password_min_length = Patch<std::int64_t>::cleared(),
                             .sign_in = Patch<SignIn>::cleared()})
        .faults({{"/invitation_ttl", Code::required},
                 {"/name_required", Code::required},
                 {"/invitation_requests", Code::required},
                 {"/teams_enabled", Code::required},
                 {"/password_min_length", Code::required},
                 {"/sign_in", Code::required}});
}

TEST_CASE("[S2-24] numbers have their ranges: a password has 6 to 128 characters at least") {
    for (std::int64_t good : {6, 128})
        given().when(ChangeSettings{.password_min_length = good}).then_types({"SettingsChanged"});
    for (std::int64_t bad : {5, 129, 0, -1})
        given()
            .when(ChangeSettings{.password_min_length = bad})
            .faults({{"/password_min_length", Code::invalid_value}});
    for (std::int64_t good : {hours(1), days(365)})
        given().when(ChangeSettings{.invitation_ttl = good}).then_types({"SettingsChanged"});
    for (std::int64_t bad : {hours(1) - 1, days(365) + 1})
        given().when(ChangeSettings{.invitation_ttl = bad}).faults({{"/invitation_ttl", Code::ttl_out_of_range}});
    for (std::int64_t bad : {0, 101})
        given()
            .when(ChangeSettings{.max_teams_per_member = bad})
            .faults({{"/max_teams_per_member", Code::invalid_value}});
    for (std::int64_t bad : {-1, 1001})
        given()
            .when(ChangeSettings{.resend_limit_per_day = bad})
            .faults({{"/resend_limit_per_day", Code::invalid_value}});
    given().when(ChangeSettings{.resend_limit_per_day = 0}).then_types({"SettingsChanged"});
    given().when(ChangeSettings{.password_min_length = 5}).with("minimum", 6).with("maximum", 128);
}

TEST_CASE("at most 200 domains are allowed") {
    std::set<EmailDomain> domains;
    for (int i = 0; i < 201; ++i) domains.insert(made<EmailDomain>("d" + std::to_string(i) + ".example"));
    given().when(ChangeSettings{.allowed_email_domains = domains}).faults({{"/allowed_email_domains", Code::too_long}});
}

TEST_CASE("the default role is one of the workspace's") {
    given().when(ChangeSettings{.default_role = RoleKey{"boss"}}).faults({{"/default_role", Code::unknown_role}});
}

TEST_CASE("settings that do not change are no event") {
    given().when(ChangeSettings{}).nothing_happens();
    given().when(ChangeSettings{.default_role = plain, .teams_enabled = true}).nothing_happens();
}

TEST_CASE("settings are checked body, version, containment") {
    given(if_match(9), who_may({})).when(ChangeSettings{.invitation_ttl = 1}).refused(Code::ttl_out_of_range);
    given(if_match(9), who_may({})).when(ChangeSettings{.default_role = admin}).refused(Code::version_mismatch);
    given(if_match(1), who_may({})).when(ChangeSettings{.default_role = admin}).refused(Code::role_above_own);
    given(if_match(1), who_may({})).when(ChangeSettings{.default_role = guest}).then_types({"SettingsChanged"});
}

TEST_CASE("other settings than the default role may be changed by those who may less than it gives") {
    given(settings([](Settings& to) { to.default_role = admin; }), who_may({"settings.manage"}))
        .when(ChangeSettings{.name_required = true})
        .then_types({"SettingsChanged"});
}

}  // namespace muster::spec
