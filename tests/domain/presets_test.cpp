#include "domain/presets.h"

#include "tests/domain/cast.h"

#include <catch2/catch.hpp>

namespace muster::spec {
namespace {

std::vector<std::string> roles(const Preset& preset) {
    std::vector<std::string> all;
    for (const auto& each : preset.roles) all.push_back(each.key.value + " " + each.name.value);
    return all;
}
std::vector<std::string> licenses(const Preset& preset) {
    std::vector<std::string> all;
    for (const auto& each : preset.plan.licenses)
        all.push_back(each.key.value + " " + each.name.value + (each.kind == LicenseKind::base ? " base" : " add-on") +
                      (each.paid ? " paid " : " free ") + (each.seats ? std::to_string(*each.seats) : "unlimited"));
    return all;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("[S0-5] in every preset admin, and nobody else, holds all built-in permissions") {
    for (const char* name : {"default", "avoma", "salesos", "agents", "awork", "omni"}) {
        INFO(name);
        auto made = *preset(name, monday);
        REQUIRE(made.roles.front().key == admin);
        CHECK(made.roles.front().permissions.size() == std::size(built_in_permissions));
        for (std::size_t i = 1; i < made.roles.size(); ++i) CHECK(made.roles[i].permissions.empty());
        if (made.settings.default_role)
            CHECK(std::ranges::any_of(made.roles,
                                      [&](const Role& each) { return each.key == made.settings.default_role; }));
    }
    CHECK_FALSE(preset("none", monday));
}

TEST_CASE("[S0-9, S0-10, S0-15, S0-16, S0-17] avoma: a free licence, a paid one, and two add-ons that go with it") {
    auto made = *preset("avoma", monday);
    CHECK(roles(made) == Texts{"admin Admin", "member Member", "guest Guest"});
    CHECK(made.settings.default_role == plain);
    CHECK(licenses(made) == Texts{"basic Basic base free unlimited", "organization Organization base paid 0",
                                  "conversation_intelligence Conversation Intelligence add-on paid 0",
                                  "revenue_intelligence Revenue Intelligence add-on paid 0"});
    for (const auto& each : made.plan.licenses) {
        CHECK(each.requires_ ==
              (each.kind == LicenseKind::add_on ? std::set{LicenseKey{"organization"}} : std::set<LicenseKey>{}));
        // What a licence unlocks is a permission of the workspace.
        for (const auto& unlocked : each.permissions)
            CHECK(std::ranges::any_of(made.permissions, [&](const auto& own) { return own.key == unlocked; }));
        CHECK(each.permissions.empty() == (each.key.value == "basic"));
    }
}

TEST_CASE("[S1-3, S1-4, S1-5] salesos: three roles, one of which is chosen, a name, and one team at most") {
    auto made = *preset("salesos", monday);
    CHECK(roles(made) == Texts{"admin Admin", "manager Manager", "sales_rep Sales Rep"});
    CHECK_FALSE(made.settings.default_role);
    CHECK(made.settings.name_required);
    CHECK(made.settings.max_teams_per_member == 1);
    CHECK(made.settings.invitation_ttl == days(7));
}

TEST_CASE("[S2-7, S2-8, S2-9, S2-10, S2-11] agents: five toggles, and passwords of six characters") {
    auto made = *preset("agents", monday);
    CHECK(roles(made) == Texts{"admin Admin", "member Member"});
    Texts names;
    for (const auto& each : made.permissions) names.push_back(each.key.value + " " + each.name.value);
    CHECK(names == Texts{"agents.edit Can edit agents", "editor.advanced Can use advanced editor",
                         "crm.access Can access CRM", "minutes.view Can view billable minutes",
                         "recordings.view Can view recordings"});
    CHECK(made.settings.name_required);
    CHECK(made.settings.password_min_length == 6);
    CHECK(made.settings.default_role == plain);
}

TEST_CASE("[S3-2, S3-4, S3-9] awork: five users are booked, after a trial of 14 days without a limit") {
    auto made = *preset("awork", monday);
    CHECK(roles(made) == Texts{"admin Admin", "member Member", "guest Guest"});
    CHECK_FALSE(made.settings.default_role);
    CHECK(made.plan.user_limit == 5);
    CHECK(made.plan.trial_ends_at == moment(days(14)));
}

TEST_CASE("[S4-1, S4-2] omni: organization admins, and requests that wait to be turned on") {
    auto made = *preset("omni", monday);
    CHECK(roles(made) == Texts{"admin Organization Admin", "member Member"});
    CHECK(made.settings.default_role == plain);
    CHECK_FALSE(made.settings.invitation_requests);
}

}  // namespace muster::spec
