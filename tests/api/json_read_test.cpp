#include "api/json/parse.h"
#include "api/json/query.h"
#include "api/json/read.h"
#include "api/text/unicode.h"
#include "domain/membership.h"
#include "domain/resource.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace muster {
namespace {

// A body as it was read: the command and its faults, each as "pointer code".
template <class T>
struct Body {
    T command;
    std::vector<std::string> faults;
    std::vector<std::string> details;
};

std::vector<std::string> lines(const Faults& faults) {
    std::vector<std::string> lines;
    for (const auto& each : faults.all()) lines.push_back(each.pointer + " " + std::string(name_of(each.code)));
    return lines;
}

template <class T>
Body<T> body(std::string_view text) {
    Faults faults;
    auto json = parse_json(text, faults);
    if (!json) throw std::runtime_error(json.error().detail);
    Body<T> read_body;
    read(*json, read_body.command, faults, Place::body(), icu_unicode());
    read_body.faults = lines(faults);
    for (const auto& each : faults.all()) read_body.details.push_back(each.detail);
    return read_body;
}

template <class T>
Body<T> query(const Parameters& parameters) {
    Faults faults;
    Body<T> read_body;
    read_query(parameters, read_body.command, faults, icu_unicode());
    read_body.faults = lines(faults);
    return read_body;
}

std::string not_json(std::string_view text) {
    Faults faults;
    auto json = parse_json(text, faults);
    if (json) return "";
    return std::string(name_of(json.error().code)) + ": " + json.error().detail;
}

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

using Lines = std::vector<std::string>;

struct Search {
    std::vector<Phase> status;
    std::optional<std::int64_t> limit;
    std::optional<Instant> inactive_since;
    bool include_total = false;
    std::optional<TeamId> team;
};
MUSTER_DESCRIBE(Search, status, limit, inactive_since, include_total, team);

struct Operated {
    ManagedBy by{};
    Role role;
};
MUSTER_DESCRIBE(Operated, by, role);

const std::string resource_id = "res_" + base32(Uuid{{1, 2, 3}});

}  // namespace

TEST_CASE("a whole invitation is read") {
    auto read = body<InviteMember>(R"({"email": " Ada@Spring.example ", "name": "Ada \u00e9", "role": "member",
        "add_ons": ["crm"], "teams": ["Core", "Ops"], "resources": [{"id": ")" +
                                   resource_id + R"(", "access": "edit"}], "ttl": 3600, "send_email": false})");
    CHECK(read.faults == Lines{});
    CHECK(read.command.email.canonical() == "ada@spring.example");
    CHECK(read.command.name->text() == "Ada é");
    CHECK(read.command.role == RoleKey{"member"});
    CHECK(read.command.add_ons == std::vector{LicenseKey{"crm"}});
    CHECK(read.command.teams[1].folded == "ops");
    CHECK(read.command.resources.at(0).access == Access::edit);
    CHECK(read.command.ttl == 3600);
    CHECK_FALSE(read.command.send_email);
    CHECK_FALSE(read.command.license);
}

TEST_CASE("what is absent keeps its default, what has none is required") {
    auto invite = body<InviteMember>(R"({"email": "a@b.example", "name": null})");
    CHECK(invite.faults == Lines{});
    CHECK(invite.command.send_email);
    CHECK(body<InviteMember>("").faults == Lines{"/email required"});
    CHECK(body<CreateWorkspace>(R"({"name": "Spring"})").command.preset == "default");
    CHECK(body<Operated>("{}").faults == Lines{"/role required"});
    CHECK(body<Operated>(R"({"role": {"key": "ops", "name": "Ops"}})").command.role.home.text() == "/");
    CHECK(body<InviteMember>(R"({"email": "a@b.example", "resources": [{}]})").faults ==
          Lines{"/resources/0/id required"});
    CHECK(body<DeactivateMember>("").faults == Lines{});
}

TEST_CASE("every fault of a body is told at once, each with its pointer") {
    auto read = body<InviteMember>(R"({"emial": "x", "email": "ada", "name": 7, "job_title": "", "role": "Admin",
        "license": [], "add_ons": ["ok", "Not Ok", null], "teams": {}, "permissions": "crm.access",
        "resources": [{"id": "mem_1", "access": "own", "a/b~c": 1}, 3], "ttl": 1.0, "send_email": null})");
    CHECK(read.faults == Lines{"/emial unknown_field", "/email email_invalid", "/name invalid_type",
                               "/job_title required", "/role unknown_role", "/license invalid_type",
                               "/add_ons/1 unknown_add_on", "/add_ons/2 invalid_type", "/teams invalid_type",
                               "/permissions invalid_type", "/resources/0/a~1b~0c unknown_field",
                               "/resources/0/id unknown_resource", "/resources/0/access invalid_value",
                               "/resources/1 invalid_type", "/ttl invalid_type", "/send_email invalid_type"});
    CHECK(read.details[2] == "This must be a string, not a number.");
    CHECK(read.details[12] == "One of: view, edit.");
    CHECK(read.command.add_ons.size() == 3);  // the elements keep their places
    CHECK(body<InviteMember>("[]").faults == Lines{" invalid_type"});
}

TEST_CASE("what a rule says of a value that could not be read is no news") {
    Faults faults;
    faults.add({"/role", Code::invalid_value, "x", {}});
    faults.merge({{"/role", Code::unknown_role, "x", {}}, {"/name", Code::name_required, "x", {}}});
    CHECK(lines(faults) == Lines{"/role invalid_value", "/name name_required"});
    const auto refused = std::move(faults).refusal();
    CHECK(refused.code == Code::validation_failed);
    Faults places;
    places.add({"/licenses/1", Code::invalid_type, "x", {}});
    places.add({"/resources/0/id", Code::unknown_resource, "x", {}});
    places.add({"/teams/colour", Code::unknown_field, "x", {}});
    places.merge({{"/licenses/1/key", Code::invalid_value, "in it", {}},
                  {"/licenses/10/key", Code::invalid_value, "another", {}},
                  {"/resources", Code::too_long, "around it", {}},
                  {"/teams", Code::too_many_teams, "it was read for all that", {}},
                  {"/teams/colour", Code::unknown_team, "the same", {}}});
    CHECK(lines(places) == Lines{"/licenses/1 invalid_type", "/resources/0/id unknown_resource",
                                 "/teams/colour unknown_field", "/licenses/10/key invalid_value",
                                 "/teams too_many_teams"});
    Faults whole;
    whole.add({"", Code::invalid_type, "x", {}});
    whole.merge({{"/email", Code::required, "x", {}}});
    CHECK(lines(whole) == Lines{" invalid_type"});
}

TEST_CASE("a patch is absent, null or a value") {
    auto read = body<ChangeMember>(R"({"job_title": null, "name": "Ada", "teams": [], "role": 1})");
    CHECK(read.faults == Lines{"/role invalid_type"});
    CHECK(read.command.email.absent());
    CHECK(read.command.job_title.is_null());
    CHECK(read.command.name.value.text() == "Ada");
    CHECK(read.command.teams.has_value());
    CHECK(read.command.role.absent());
    auto settings = body<ChangeSettings>(
        R"({"name_required": true, "sign_in": "both", "resend_limit_per_day": null, "allowed_email_domains": ["B.example", "a.example", "b.EXAMPLE"]})");
    CHECK(settings.command.name_required.value);
    CHECK(settings.command.sign_in.value == SignIn::both);
    CHECK(settings.command.resend_limit_per_day.is_null());
    CHECK(settings.command.allowed_email_domains.value.size() == 2);
}

TEST_CASE("names that C++ reserves stand in JSON without their underscore") {
    auto plan = body<ChangePlan>(
        R"({"licenses": [{"key": "crm", "name": "CRM", "kind": "add_on", "paid": false, "seats": 2, "requires": ["org"]}]})");
    CHECK(plan.faults == Lines{});
    CHECK(plan.command.licenses.at(0).requires_.contains(LicenseKey{"org"}));
    CHECK(body<ChangePlan>(R"({"licenses": [{"key": "crm", "name": "CRM", "requires_": []}]})").faults ==
          Lines{"/licenses/0/requires_ unknown_field"});
    CHECK(body<CreateWorkspace>(R"({"name": "S", "plan_managed_by": "operator"})").command.plan_managed_by ==
          ManagedBy::operator_);
    CHECK(body<CreateWorkspace>(R"({"name": "S", "plan_managed_by": "operator_"})").details ==
          Lines{"One of: workspace, operator."});
}

TEST_CASE("times need an offset, whole numbers need 64 bits") {
    auto ends = [](const std::string& text) { return body<ChangePlan>(R"({"trial_ends_at": ")" + text + "\"}"); };
    CHECK(ends("2026-11-22T17:43:00+02:00").command.trial_ends_at->text() == "2026-11-22T15:43:00.000Z");
    CHECK(ends("2026-11-22T17:43:00").faults == Lines{"/trial_ends_at invalid_value"});
    CHECK(ends("2026-11-22T17:43:00").details.at(0).starts_with("A local time is not taken"));
    CHECK(ends("tomorrow").details.at(0).starts_with("A time is needed"));
    CHECK(ends("9999-12-31T23:59:59-01:00").faults.size() == 1);

    auto limit = [](const std::string& text) { return body<ChangePlan>("{\"user_limit\": " + text + "}"); };
    CHECK(limit("9223372036854775807").command.user_limit == 9223372036854775807);
    CHECK(limit("-9223372036854775808").faults == Lines{});
    CHECK(limit("9223372036854775808").faults == Lines{"/user_limit invalid_value"});
    CHECK(limit("100000000000000000000").faults == Lines{"/user_limit invalid_value"});
    CHECK(limit("-9223372036854775809").faults == Lines{"/user_limit invalid_value"});
    CHECK(limit("5.0").faults == Lines{"/user_limit invalid_type"});
    CHECK(limit("\"5\"").faults == Lines{"/user_limit invalid_type"});
    CHECK(limit("true").faults == Lines{"/user_limit invalid_type"});
    CHECK(not_json("{\"user_limit\": 1e999}").starts_with("invalid_json: A number is too large"));
}

TEST_CASE("a key that stands twice is a fault of the body, wherever it is and as often as it is") {
    CHECK(body<ChangeMember>(R"({"name": "Ada", "job_title": "a", "name": "Bob", "name": 3})").faults ==
          Lines{"/name duplicate_key", "/name duplicate_key", "/name invalid_type"});
    auto plan = body<ChangePlan>(
        R"({"licenses": [{"key": "a", "name": "A"}, {"key": "b", "name": "B", "seats": 1, "seats": 2}], "x/y": 1, "x\/y": 2})");
    CHECK(plan.faults == Lines{"/licenses/1/seats duplicate_key", "/x~1y duplicate_key", "/x~1y unknown_field"});
    CHECK(plan.command.licenses.at(1).seats == 2);
}

TEST_CASE("what is not JSON is refused with its place") {
    CHECK(not_json("{\"a\": 1,}") == "invalid_json: The body is not valid JSON, at byte 9.");
    for (const char* text : {"{", " ", "{} {}", "{}x", "{'a': 1}", "nul", "01", "[1 2]", "\"a\nb\"", "NaN", "// a\n{}"})
        CHECK(not_json(text).starts_with("invalid_json: The body is not valid JSON"));
    CHECK(not_json(std::string_view("{}\0x", 4)).starts_with("invalid_json: "));
    CHECK(not_json(R"(["\ud800"])").starts_with("invalid_json: A string holds half of a surrogate pair"));
    CHECK(not_json(R"(["\udc00"])").starts_with("invalid_json: A string holds half of a surrogate pair"));
    CHECK(not_json(R"(["\ud83d\ude00"])") == "");
    for (const char* text :
         {"[\"\xff\"]", "[\"\xc0\xaf\"]", "[\"\xed\xa0\x80\"]", "[\"\xf4\x90\x80\x80\"]", "[\"\xc3\"]"})
        CHECK(not_json(text).starts_with("invalid_json: A string is not valid UTF-8"));
}

TEST_CASE("32 levels are read, 33 are not") {
    CHECK(not_json(nested(32)) == "");
    CHECK(not_json(nested(33)) == "invalid_json: The body is nested more than 32 levels deep.");
    CHECK(not_json(std::string(1'000'000, '[')).starts_with("invalid_json: The body is nested"));
}

TEST_CASE("arrays and faults are bounded") {
    auto teams = [](std::size_t count) {
        std::string text = R"({"teams": [)";
        for (std::size_t i = 0; i < count; ++i) text += i == 0 ? "\"a\"" : ",\"a\"";
        return body<EditInvitation>(text + "]}").faults;
    };
    CHECK(teams(1000) == Lines{});
    CHECK(teams(1001) == Lines{"/teams too_long"});
    std::string same = "{\"" + std::string(100'000, 'a') + "\": {\"a\": 1";
    for (int i = 0; i < 50'000; ++i) same += ",\"a\":1";
    CHECK(body<ChangeMember>(same + "}}").faults.size() < 50);
}

TEST_CASE("a query is read by the same list, its pointers are the parameters") {
    auto gone = query<DeleteMember>({{"confirm", "mem_1"}, {"reassign_to", "mem_2"}});
    CHECK(gone.faults == Lines{});
    CHECK(gone.command.confirm == "mem_1");
    CHECK(gone.command.reassign_to == "mem_2");
    CHECK(query<DeleteMember>({}).command.confirm.empty());
    CHECK(query<DeleteMember>({{"confirm", "a"}, {"confirm", "b"}, {"reassign_to", "\xff"}, {"force", "1"}}).faults ==
          Lines{"?force unknown_field", "?confirm duplicate_key", "?reassign_to invalid_value"});

    auto search = query<Search>({{"status", "active,pending"}, {"limit", "50"}, {"include_total", "true"}});
    CHECK(search.faults == Lines{});
    CHECK(search.command.status == std::vector{Phase::active, Phase::pending});
    CHECK(search.command.limit == 50);
    CHECK(search.command.include_total);
    CHECK(query<Search>({{"status", "active,gone"},
                         {"limit", "5x"},
                         {"include_total", "1"},
                         {"inactive_since", "2026-01-01T00:00:00"},
                         {"team", "core"}})
              .faults == Lines{"?status invalid_value", "?limit invalid_value", "?inactive_since invalid_value",
                               "?include_total invalid_value", "?team invalid_value"});
    CHECK(query<Search>({{"limit", "99999999999999999999"}}).faults == Lines{"?limit invalid_value"});
    CHECK(query<CreateTeam>({}).faults == Lines{"?name required"});
}

}  // namespace muster
