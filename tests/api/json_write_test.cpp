#include "api/json/parse.h"
#include "api/json/read.h"
#include "api/json/write.h"
#include "api/text/unicode.h"
#include "domain/membership.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <limits>
#include <string>

namespace muster {
namespace {

template <class T>
std::string written(const T& value) {
    std::string out;
    write_json(out, value);
    return out;
}

// What is read from what was written.
template <class T>
T again(const T& value) {
    Faults faults;
    auto json = parse_json(written(value), faults);
    REQUIRE(json);
    T read_again;
    read(*json, read_again, faults, Place::body(), icu_unicode());
    for (const auto& fault : faults.all()) FAIL_CHECK(fault.pointer << " " << fault.detail);
    return read_again;
}

const License crm{.key = {"crm"},
                  .name = {"CRM \"plus\""},
                  .kind = LicenseKind::add_on,
                  .paid = false,
                  .seats = 12,
                  .requires_ = {{"org"}, {"team"}},
                  .permissions = {{"crm.access"}}};

}  // namespace

TEST_CASE("a licence is written by its field list") {
    CHECK(
        written(crm) ==
        R"({"key":"crm","name":"CRM \"plus\"","kind":"add_on","paid":false,"seats":12,"requires":["org","team"],"permissions":["crm.access"]})");
    CHECK(written(ManagedBy::operator_) == R"("operator")");
}

TEST_CASE("what is written is read again as it was") {
    CHECK(again(crm) == crm);
    License unlimited;
    unlimited.key = {"org"};
    unlimited.name = {"Ö"};
    Plan plan{.user_limit = 5, .trial_ends_at = Instant{1'795'362'180'123}, .licenses = {crm, unlimited}};
    CHECK(again(plan) == plan);
    CHECK(again(Plan{}) == Plan{});
    Settings settings;
    settings.default_role = RoleKey{"member"};
    settings.allowed_email_domains = {{"spring.example"}};
    settings.sign_in = SignIn::both;
    settings.resend_limit_per_day.reset();
    settings.contact = FreeText{"Ada,\nroom 1"};
    CHECK(again(settings) == settings);
    CHECK(again(Role{{"ops"}, {"Ops"}, {{"members.read"}}, {"/start"}}).home.text() == "/start");
}

TEST_CASE("personal data is a value or null") {
    CHECK(written(Personal<EmailAddress>{EmailAddress("Ada@b.example", "ada@b.example")}) == R"("Ada@b.example")");
    CHECK(written(Personal<Profile>{}) == "null");
    CHECK(written(Personal<Profile>{Profile{"Ada", Name{"Boss"}, {}, {}}}) ==
          R"({"name":"Ada","job_title":"Boss","phone":null,"photo_url":null})");
}

TEST_CASE("ids, times and numbers have one form") {
    CHECK(written(TeamId{}) == R"("team_00000000000000000000000000")");
    CHECK(written(Instant{0}) == R"("1970-01-01T00:00:00.000Z")");
    CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(written(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(written(std::uint32_t{7}) == "7");
}

TEST_CASE("text is escaped as JSON asks, and never more") {
    CHECK(written(std::string("a\"\\/\n\r\t\b\x1f\x7f")) == "\"a\\\"\\\\/\\n\\r\\t\\u0008\\u001f\x7f\"");
    CHECK(written("é \u2028 😀") == "\"é \u2028 😀\"");
    CHECK(written(std::string_view("a\0b", 3)) == "\"a\\u0000b\"");
    CHECK(written("a\xff"
                  "b\xc3") == "\"a\uFFFDb\uFFFD\"");
    CHECK(written("\xed\xa0\x80") == "\"\uFFFD\uFFFD\uFFFD\"");
}

TEST_CASE("an answer made by hand") {
    std::string out;
    ObjectWriter answer(out);
    answer.field("id", TeamId{});
    answer.field("dry_run", true);
    answer.null("next_cursor");
    answer.raw("team", R"({"a":1})");
    ArrayWriter items(answer.key("items"));
    items.item(1);
    items.raw("[]");
    ObjectWriter inner(items.next());
    inner.end();
    items.end();
    answer.end();
    CHECK(
        out ==
        R"({"id":"team_00000000000000000000000000","dry_run":true,"next_cursor":null,"team":{"a":1},"items":[1,[],{}]})");
}

}  // namespace muster
