// How much an import may hold, and what is said of more [trap 15].
#include "api/imports/import.h"
#include "api/sheets/sheet.h"
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

Answer upload(Api& api, const std::string& csv) { return api.post("/imports", csv, {{"Content-Type", "text/csv"}}); }

}  // namespace

TEST_CASE("at most 50,000 rows, and the refusal says so [trap 15]") {
    Api api;
    std::string rows = "email\n";
    for (std::size_t i = 0; i <= limits::sheet_rows; ++i) rows += "x\n";
    auto refused = upload(api, rows);
    CHECK(refusal(refused) == "422 too_many_rows");
    CHECK(refused.number("/limit") == 50'000);
}

TEST_CASE("a workspace keeps a hundred imports at once, and says so [trap 15]") {
    Api api;
    std::string first;
    for (int i = 0; i < 100; ++i) {
        auto made = upload(api, "email\n");
        REQUIRE(made.status == 201);
        if (i == 0) first = made.text("/id");
    }
    auto refused = upload(api, "email\n");
    CHECK(refusal(refused) == "409 limit_reached");
    CHECK(refused.number("/limit") == 100);
    CHECK(refused.text("/id") == first);  // whoever did not keep the ids learns which to remove
    CHECK(api.remove("/imports/" + first).status == 200);
    CHECK(upload(api, "email\n").status == 201);
}

TEST_CASE("a cell with a thousand wrong teams is told in short, and does not hinder its import") {
    Api api;
    std::string teams;
    for (int i = 0; i < 1500; ++i) teams += "a,";
    auto preview = upload(api, "email,team\ngood@spring.example,\nbad@spring.example,\"" + teams + "\"\n");
    REQUIRE(preview.status == 201);
    CHECK(preview.size("/rows/1/issues") == 1);
    CHECK(preview.text("/rows/1/issues/0/code") == "too_long");
    CHECK_THAT(preview.text("/rows/1/issues/0/detail"), Contains("at most 100"));
    auto path = "/imports/" + preview.text("/id");
    CHECK(api.get(path).text("/rows") == preview.text("/rows"));
    teams = "x";
    for (int i = 0; i < 50; ++i) teams += "; t" + std::to_string(i);
    auto corrected = api.patch(path, R"({"rows":[{"line":3,"team":")" + teams + R"("}]})");
    CHECK(corrected.size("/rows/1/issues") == limits::import_row_issues + 1);
    CHECK_THAT(corrected.text("/rows/1/issues/10/detail"), Contains("more in this row"));
    CHECK(api.patch(path, R"({"rows":[{"line":3,"team":null}]})").number("/summary/valid") == 2);
    // What is looked up in vain is quoted, not repeated in full.
    auto long_role = upload(api, "email,role\na@spring.example," + std::string(8000, 'r') + "\n");
    CHECK(long_role.text("/rows/0/issues/0/code") == "unknown_role");
    CHECK(long_role.text("/rows/0/issues/0/detail").size() < 300);
}

TEST_CASE("an import has at most 32 MiB of text, also after it was corrected [trap 15]") {
    Api api;
    const std::string text(8000, 'x');
    std::string csv = "email,name,license,job_title\n";
    constexpr int people = 1380;
    for (int i = 0; i < people; ++i) csv += std::to_string(i) + "," + text + "," + text + "," + text + "\n";
    auto preview = upload(api, csv);
    REQUIRE(preview.status == 201);
    std::string rows;
    for (int i = 0; i < 120; ++i)
        rows += (i > 0 ? R"(,{"line":)" : R"({"line":)") + std::to_string(i + 2) + R"(,"add_ons":")" + text + "\"}";
    auto refused = api.patch("/imports/" + preview.text("/id"), R"({"rows":[)" + rows + "]}");
    CHECK(refusal(refused) == "422 too_long");
    CHECK(refused.number("/errors/0/limit") == static_cast<std::int64_t>(limits::sheet_text_bytes));
    for (int i = 0; i < 20; ++i) csv += "p," + text + "," + text + "," + text + "\n";
    refused = upload(api, csv);
    CHECK(refusal(refused) == "422 too_long");
    CHECK(refused.number("/limit") == static_cast<std::int64_t>(limits::sheet_text_bytes));
}

}  // namespace muster::test
