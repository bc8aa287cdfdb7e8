#include "api/json/schema.h"

#include "api/json/read.h"
#include "api/json/write.h"
#include "api/text/unicode.h"
#include "domain/membership.h"
#include "domain/resource.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>

namespace muster {
namespace {

using nlohmann::json;

struct Shown {
    MemberId id;
    Personal<EmailAddress> email;
    Phase status{};
    Position position = 0;
    std::optional<License> license;
    std::optional<Access> access;
};
MUSTER_DESCRIBE(Shown, id, email, status, position, license, access);

std::set<std::string> required(const json& schema) { return schema.value("required", std::set<std::string>{}); }

std::set<std::string> names(const json& object) {
    std::set<std::string> names;
    for (const auto& [name, _] : object.items()) names.insert(name);
    return names;
}

// What reading asks for where nothing is given is what the schema requires, beside what rules of the domain ask for.
template <class T>
void check_required() {
    Faults faults;
    T command;
    read(json::object(), command, faults, Place::body(), icu_unicode());
    std::set<std::string> missing;
    for (const auto& each : faults.all()) missing.insert(each.pointer.substr(1));
    if constexpr (requires { T::required; }) missing.insert(std::begin(T::required), std::end(T::required));
    CHECK(missing == required(schema_of<T>()));
}

// Every property is a field that reading knows, and no other.
template <class T>
void check_properties() {
    std::set<std::string> fields;
    for (auto name : field_names_of<T>) fields.emplace(name);
    CHECK(names(schema_of<T>()["properties"]) == fields);
}

}  // namespace

TEST_CASE("a command's schema names types, formats, limits, choices and defaults") {
    auto invite = schema_of<InviteMember>();
    const auto& fields = invite["properties"];
    CHECK(invite["type"] == "object");
    CHECK(invite["additionalProperties"] == false);
    CHECK(required(invite) == std::set<std::string>{"email"});
    CHECK(fields["email"] == json::parse(R"({"type": "string", "format": "email", "minLength": 1, "maxLength": 254})"));
    CHECK(fields["name"]["type"] == json::parse(R"(["string", "null"])"));
    CHECK(fields["name"]["maxLength"] == 200);
    CHECK(fields["ttl"] ==
          json::parse(R"({"type": ["integer", "null"], "format": "int64", "minimum": 3600, "maximum": 31536000})"));
    CHECK(fields["teams"]["maxItems"] == 100);
    CHECK(fields["resources"]["maxItems"] == 200);
    CHECK(fields["permissions"]["maxItems"] == 1000);
    CHECK(fields["send_email"] == json::parse(R"({"type": "boolean", "default": true})"));
    CHECK(fields["add_ons"]["items"]["pattern"] == "^[a-z][a-z0-9_.]{0,63}$");
    CHECK(fields["resources"]["items"]["required"] == json::parse(R"(["id"])"));
    CHECK(fields["resources"]["items"]["properties"]["id"]["pattern"] == "^res_[0-9A-Za-z]{26}$");
    CHECK(fields["resources"]["items"]["properties"]["access"] ==
          json::parse(R"({"type": "string", "enum": ["view", "edit"], "default": "view"})"));
    CHECK(schema_of<CreateWorkspace>()["properties"]["preset"]["default"] == "default");
    CHECK(schema_of<ChangePlan>()["properties"]["trial_ends_at"] ==
          json::parse(R"({"type": ["string", "null"], "format": "date-time"})"));
    CHECK(names(schema_of<ChangePlan>()["properties"]["licenses"]["items"]["properties"]).contains("requires"));
}

TEST_CASE("a patch requires nothing, and null clears") {
    auto change = schema_of<ChangeSettings>();
    CHECK(required(change).empty());
    CHECK(change["properties"]["sign_in"] ==
          json::parse(R"({"type": ["string", "null"], "enum": ["password", "sso", "both", null]})"));
    CHECK(change["properties"]["allowed_email_domains"]["type"] == json::parse(R"(["array", "null"])"));
}

TEST_CASE("an answer's schema has every field") {
    auto answer = schema_of<Shown>(SchemaOf::answer);
    CHECK(required(answer) == std::set<std::string>{"id", "email", "status", "position", "license", "access"});
    const auto& fields = answer["properties"];
    CHECK(fields["id"]["pattern"] == "^mem_[0-9A-Za-z]{26}$");
    CHECK(fields["email"]["type"] == json::parse(R"(["string", "null"])"));
    CHECK(fields["position"]["minimum"] == 0);
    CHECK(fields["license"]["type"] == json::parse(R"(["object", "null"])"));
    CHECK(required(fields["license"]).size() == 7);
    CHECK_FALSE(fields["license"]["properties"]["paid"].contains("default"));
    CHECK(schema_of<std::vector<TeamId>>()["type"] == "array");

    std::string out;
    write_json(out, Shown{});
    CHECK(names(json::parse(out)) == names(fields));
}

TEST_CASE("what the schema states is what reading does") {
    check_required<InviteMember>();
    check_required<CreateMember>();
    check_required<ChangeMember>();
    check_required<CreateWorkspace>();
    check_required<ChangePlan>();
    check_required<License>();
    check_required<Role>();
    check_required<DefineRole>();
    check_required<RegisterResource>();
    check_required<DeactivateMember>();
    check_properties<InviteMember>();
    check_properties<License>();
    check_properties<Settings>();
    check_properties<DeactivateMember>();
}

}  // namespace muster
