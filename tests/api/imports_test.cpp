// A file of people: what its preview says of each row, and how rows are corrected [S0-24, S1-9 to S1-16, S3-16, S3-17].
#include "api/sheets/sheet.h"
#include "tests/api/fixture.h"
#include "tests/places.h"

#include <fstream>
#include <iterator>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

const std::string xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

Answer upload(Api& api, const std::string& csv, const std::string& query = {}, Headers headers = {}) {
    headers.emplace_back("Content-Type", "text/csv");
    return api.post("/imports" + query, csv, headers);
}

Answer upload_file(Api& api, const std::string& name) {
    std::ifstream in(repository_root() + "/tests/api/sheets/" + name, std::ios::binary);
    return api.post("/imports", {std::istreambuf_iterator<char>(in), {}}, {{"Content-Type", xlsx}});
}

// Each issue as `line column code`.
Words issues(const Answer& preview) {
    Words found;
    for (std::size_t i = 0; i < preview.size("/rows"); ++i) {
        auto row = "/rows/" + std::to_string(i);
        for (std::size_t j = 0; j < preview.size(row + "/issues"); ++j) {
            auto issue = row + "/issues/" + std::to_string(j);
            found.push_back(preview.text(row + "/line") + " " + preview.text(issue + "/column") + " " +
                            preview.text(issue + "/code"));
        }
    }
    return found;
}

Words issues(Api& api, const std::string& csv) {
    auto preview = upload(api, csv);
    INFO(preview.body);
    REQUIRE(preview.status == 201);
    return issues(preview);
}

// A workspace like Sales OS: everybody is named, has a role, and is in one team at most.
void require_names(Api& api) {
    auto changed = api.patch("/settings", R"({"name_required":true,"default_role":null,"max_teams_per_member":1})");
    INFO(changed.body);
    REQUIRE(changed.status == 200);
}

}  // namespace

TEST_CASE("the template is a file of the columns, to download [S1-9, S1-10]") {
    Api api;
    auto file = api.get("/imports/template.csv");
    CHECK(file.status == 200);
    CHECK(file.body == "email,name,role,team\r\n");
    CHECK_THAT(file.header("content-type"), Catch::StartsWith("text/csv"));
    CHECK_THAT(file.header("content-disposition"), Contains("attachment"));
    CHECK(api.get("/imports/template.csv?columns=all").body == "email,name,role,team,license,add_ons,job_title\r\n");
    CHECK(refusal(api.get("/imports/template.csv?columns=some")) == "422 invalid_value");
    auto preview = upload(api, file.body);
    CHECK(preview.status == 201);
    CHECK(preview.number("/summary/rows") == 0);
}

TEST_CASE("uploading shows what would come of each row, and sends nothing [S1-15, S3-16]") {
    Api api;
    api.team("Sales");
    auto head = api.head();
    auto preview =
        upload(api, "email,name,role,team\na@spring.example,Ann Lee,guest,sales\nbob.ray@spring.example,,,\n");
    REQUIRE(preview.status == 201);
    CHECK(preview.position() == head);
    CHECK(preview.members() == Words{"id", "ignored_columns", "kept_until", "rows", "status", "summary"});
    CHECK_THAT(preview.text("/id"), Catch::StartsWith("imp_"));
    CHECK(preview.text("/status") == "previewed");
    CHECK(preview.text("/kept_until") == "2026-11-30T08:00:00.000Z");
    CHECK(preview.text("/summary") ==
          R"({"invalid":0,"rows":2,"seats":[{"needed":2,"pool":"users","remaining":null}],"valid":2})");
    CHECK(preview.members("/rows/0") ==
          Words{"add_ons", "email", "issues", "job_title", "license", "line", "name", "role", "team"});
    CHECK(preview.each("/rows", "line") == Words{"2", "3"});
    CHECK(preview.each("/rows", "name") == Words{"Ann Lee", "Bob Ray"});
    CHECK(preview.each("/rows", "team") == Words{"sales", "null"});
    CHECK(api.head() == head);
    CHECK(api.get("/invitations").size("/items") == 0);
    auto again = api.get("/imports/" + preview.text("/id"));
    CHECK(again.status == 200);
    CHECK(again.body == preview.body);
    CHECK_FALSE(api.get("/imports/" + preview.text("/id") + "?rows=none").has("/rows"));
}

TEST_CASE("the address is required and valid [S1-11]") {
    Api api;
    CHECK(issues(api, "email,name\nnobody,A\n,B\na@spring.example,C\na b@spring.example,D\n") ==
          Words{"2 email email_invalid", "3 email required", "5 email email_invalid"});
    auto missing = upload(api, "name,role\nAnn,member\n");
    CHECK(refusal(missing) == "422 required");
    CHECK(missing.faults() == Words{"/email required"});
    CHECK_THAT(missing.text("/detail"), Contains("`email`"));
    CHECK(refusal(upload(api, "")) == "422 required");
    REQUIRE(api.patch("/settings", R"({"allowed_email_domains":["spring.example"]})").status == 200);
    CHECK(issues(api, "email\na@winter.example\n") == Words{"2 email email_domain_not_allowed"});
}

TEST_CASE("the name is required where the workspace says so, else read from the address [S1-12]") {
    Api api;
    auto guessed = upload(api, "email,name\njohn.smith@spring.example,\n");
    CHECK(guessed.text("/rows/0/name") == "John Smith");
    CHECK(issues(guessed).empty());
    require_names(api);
    CHECK(issues(api, "email,name,role\njohn.smith@spring.example,,member\n") == Words{"2 name name_required"});
    CHECK(issues(api, "email,name,role\na@spring.example," + std::string(201, 'x') + ",member\n") ==
          Words{"2 name too_long"});
}

TEST_CASE("in CSV the role is exactly a role's key [S1-13, S1-16]") {
    Api api;
    REQUIRE(api.post("/roles", R"({"key":"sales_rep","name":"Sales Rep"})").status == 201);
    require_names(api);
    CHECK(issues(api,
                 "email,name,role\n"
                 "a@spring.example,A,sales_rep\nb@spring.example,B,Sales Rep\nc@spring.example,C,boss\n"
                 "d@spring.example,D,\ne@spring.example,E,Admin\nf@spring.example,F,admin\n") ==
          Words{"3 role unknown_role", "4 role unknown_role", "5 role role_required", "6 role unknown_role"});
}

TEST_CASE("the team is optional and the name of one that is there [S1-14]") {
    Api api;
    api.team("Sales");
    api.team("Support");
    CHECK(issues(api,
                 "email,team\na@spring.example,\nb@spring.example,SALES\nc@spring.example,Nowhere\n"
                 "d@spring.example,Sales; support\ne@spring.example,\"Sales, Nowhere\"\n") ==
          Words{"4 team unknown_team", "6 team unknown_team"});
    require_names(api);
    CHECK(issues(api, "email,name,role,team\nd@spring.example,D,member,Sales;Support\n") ==
          Words{"2 team too_many_teams"});
    REQUIRE(api.patch("/settings", R"({"teams_enabled":false})").status == 200);
    CHECK(issues(api, "email,name,role,team\nd@spring.example,D,member,Sales\n") == Words{"2 team teams_disabled"});
}

TEST_CASE("licences and add-ons are those of the plan") {
    Api api;
    api.licenses(5);
    CHECK(issues(api,
                 "email,license,add_ons\na@spring.example,organization,ci\nb@spring.example,gold,\n"
                 "c@spring.example,,ci\nd@spring.example,organization,ci;x y\ne@spring.example,ci,\n") ==
          Words{"3 license unknown_license", "4 add_ons add_on_not_eligible", "5 add_ons unknown_add_on",
                "6 license unknown_license"});
}

TEST_CASE("an address counts once in a file, however it is written; the first is good [S1-16]") {
    Api api;
    auto preview = upload(api, "email\na@spring.example\nA@Spring.Example \nb@spring.example\na@spring.example\n");
    CHECK(issues(preview) == Words{"3 email duplicate_in_batch", "5 email duplicate_in_batch"});
    CHECK(preview.number("/summary/valid") == 2);
    CHECK(preview.number("/summary/invalid") == 2);
}

TEST_CASE("who is there already is said row by row, also in a full workspace [trap 3]") {
    Api api;
    api.member("member@spring.example");
    api.invite("invited@spring.example");
    auto left = api.member("left@spring.example");
    REQUIRE(api.post("/members/" + left + "/deactivate").status == 200);
    api.invite("expired@spring.example", R"("ttl":3600)");
    api.clock.advance(2 * hour);
    REQUIRE(api.get("/seats").number("/users/used") == 3);
    REQUIRE(api.put("/plan", R"({"user_limit":3})").status == 200);
    auto preview = upload(api,
                          "email\nmember@spring.example\nINVITED@spring.example\nleft@spring.example\n"
                          "expired@spring.example\nnew@spring.example\n");
    CHECK(issues(preview) == Words{"2 email already_member", "3 email already_invited", "4 email member_deactivated"});
    CHECK(preview.text("/summary/seats") == R"([{"needed":2,"pool":"users","remaining":0}])");
    CHECK(preview.number("/summary/valid") == 2);
}

TEST_CASE("a shortage of seats is no issue of a row: it is counted for each pool") {
    Api api;
    api.licenses(1);
    auto preview = upload(api,
                          "email,license,add_ons\na@spring.example,organization,ci\n"
                          "b@spring.example,organization,\nc@spring.example,basic,\nnobody,organization,ci\n");
    CHECK(issues(preview) == Words{"5 email email_invalid"});
    CHECK(preview.each("/summary/seats", "pool") == Words{"users", "organization", "ci"});
    CHECK(preview.each("/summary/seats", "needed") == Words{"3", "2", "1"});
    CHECK(preview.each("/summary/seats", "remaining") == Words{"null", "1", "5"});
}

TEST_CASE("headers in any case, order and spelling; gender is ignored and said so [trap 11, S3-17]") {
    Api api;
    api.team("Sales");
    auto preview = upload(api,
                          "\xef\xbb\xbf Job_Title ;GENDER;Permission-Role;full NAME;Teams;E-Mail Address\r\n"
                          "Boss;f;guest;\"Lee; Ann\";Sales;a@spring.example\r\n\r\n");
    REQUIRE(preview.status == 201);
    CHECK(issues(preview).empty());
    CHECK(preview.text("/ignored_columns") == R"(["GENDER"])");
    CHECK(preview.text("/rows/0") ==
          R"({"add_ons":null,"email":"a@spring.example","issues":[],"job_title":"Boss","license":null,"line":2,)"
          R"("name":"Lee; Ann","role":"guest","team":"Sales"})");
}

TEST_CASE("an unknown header is refused by name, never read as a person [trap 11]") {
    Api api;
    auto refused = upload(api, "email,Department,name,Shoe/Size\na@spring.example,x,Ann,40\n");
    CHECK(refusal(refused) == "422 validation_failed");
    CHECK(refused.faults() == Words{"/Department unknown_column", "/Shoe~1Size unknown_column"});
    CHECK(refusal(upload(api, "email,Department\n")) == "422 unknown_column");
    CHECK(refusal(upload(api, "a@spring.example,Ann\nb@spring.example,Bob\n")) == "422 validation_failed");
    auto twice = upload(api, "email,e-mail,name\na@spring.example,b@spring.example,Ann\n");
    CHECK(twice.faults() == Words{"/e-mail duplicate_key"});
    auto beyond = upload(api, "email,name\na@spring.example,Lee, Ann\nb@spring.example,Bob\n");
    CHECK(beyond.faults() == Words{"/rows/2 unknown_column"});
    CHECK_THAT(beyond.text("/detail"), Contains("quotes"));
    CHECK(upload(api, "email,,name,\na@spring.example,,Ann,\n").status == 201);
}

TEST_CASE("an Excel file fills the same preview; roles stand there by name or key [S0-24, S3-16, S3-17, trap 11]") {
    for (const char* name : {"libreoffice.xlsx", "openpyxl.xlsx", "xlsxwriter.xlsx", "exceljs.xlsx", "by_hand.xlsx"}) {
        INFO(name);
        Api api;
        api.team("Sales");
        auto preview = upload_file(api, name);
        INFO(preview.body);
        REQUIRE(preview.status == 201);
        CHECK(preview.each("/rows", "line") == Words{"2", "4", "5", "7"});
        CHECK(preview.each("/rows", "role") == Words{"member", "admin", "null", "null"});
        CHECK(preview.each("/rows", "name") == Words{"Grace Hopper", "Lin, \"the\" Clark", "Zoë Müller", "Max"});
        CHECK(preview.each("/rows", "job_title") == Words{"42", "TRUE", "0.3", "Engineer"});
        CHECK(preview.text("/ignored_columns") == R"(["Gender"])");
        CHECK(issues(preview) == Words{"4 team unknown_team"});
    }
}

TEST_CASE("a role's name that two roles have names neither: who may do what is not guessed [S3-17, trap 11]") {
    Api api;
    api.team("Sales");
    REQUIRE(api.post("/roles", R"({"key":"boss","name":"Member"})").status == 201);
    auto preview = upload_file(api, "openpyxl.xlsx");
    REQUIRE(preview.status == 201);
    CHECK(issues(preview) == Words{"2 role unknown_role", "4 team unknown_team"});
}

TEST_CASE("a body of another type, or that is no such file, is refused") {
    Api api;
    CHECK(refusal(api.post("/imports", "email\n", {{"Content-Type", "application/json"}})) ==
          "415 unsupported_media_type");
    CHECK(refusal(api.post("/imports", "email\n", {{"Content-Type", "application/vnd.ms-excel"}})) ==
          "415 unsupported_media_type");
    CHECK(refusal(api.post("/imports", "email\n", {{"Content-Type", xlsx}})) == "422 unreadable_file");
    CHECK(api.post("/imports", "email\n", {{"Content-Type", "Text/CSV; charset=utf-8"}}).status == 201);
    CHECK(refusal(api.post("/imports", "email\n", {{"Content-Type", "text/csv"}, {"Content-Encoding", "gzip"}})) ==
          "415 unsupported_media_type");
    CHECK(refusal(upload(api, "email,name\nz@spring.example,Zo\xeb\n")) == "422 unreadable_file");
    CHECK(refusal(upload(api, "email\n" + std::string(9000, 'x'))) == "422 too_long");
    CHECK(App::body_limit("/v1/workspaces/spring/imports") == limits::large_body_bytes);
}

TEST_CASE("rows are corrected by their line, and the whole preview is checked again") {
    Api api;
    auto preview = upload(api, "email,name\nnobody,Ann\nb@spring.example,Bob\nb@spring.example,Ben\n");
    auto path = "/imports/" + preview.text("/id");
    CHECK(issues(preview) == Words{"2 email email_invalid", "4 email duplicate_in_batch"});
    auto corrected = api.patch(
        path, R"({"rows":[{"line":2,"email":"a@spring.example","name":null},{"line":3,"email":"c@spring.example"}]})");
    REQUIRE(corrected.status == 200);
    CHECK(issues(corrected).empty());
    CHECK(corrected.each("/rows", "email") == Words{"a@spring.example", "c@spring.example", "b@spring.example"});
    CHECK(corrected.each("/rows", "name") == Words{"A", "Bob", "Ben"});
    CHECK(corrected.number("/summary/valid") == 3);
    CHECK(api.get(path).body == corrected.body);
    api.invite("c@spring.example");
    CHECK(issues(api.patch(path, R"({"rows":[]})")) == Words{"3 email already_invited"});
}

TEST_CASE("a correction with faults changes nothing and names them all") {
    Api api;
    auto preview = upload(api, "email\na@spring.example\n");
    auto path = "/imports/" + preview.text("/id");
    CHECK(api.patch(path, R"({"rows":[{"line":2,"colour":1,"email":5},{"email":"x"}],"x":1})").faults() ==
          Words{"/rows/0/colour unknown_field", "/rows/0/email invalid_type", "/rows/1/line required",
                "/x unknown_field"});
    CHECK(api.patch(path, R"({"rows":[{"line":2,"email":"b@spring.example"},{"line":9}]})").faults() ==
          Words{"/rows/1/line invalid_value"});
    CHECK(refusal(api.patch(path, R"({"rows":[{"line":2,"team":")" + std::string(9000, 'x') + R"("}]})")) ==
          "422 too_long");
    CHECK(api.get(path).body == preview.body);
    CHECK(refusal(api.patch("/imports/imp_00000000000000000000000000", R"({"rows":[]})")) == "404 not_found");
    CHECK(api.patch(path, R"({"rows":[{"line":2,"email":"b@spring.example"},{"line":2,"email":"c@spring.example"}]})")
              .faults() == Words{"/rows/1/line duplicate_key"});
    CHECK(refusal(api.patch(path, "[")) == "400 invalid_json");
}

TEST_CASE("more rows than a list has are corrected at once") {
    Api api;
    std::string file = "email\n", rows;
    for (int i = 0; i < 1500; ++i) {
        file += "x\n";
        rows += (i == 0 ? "" : ",") + std::string(R"({"line":)") + std::to_string(i + 2) + R"(,"email":"p)" +
                std::to_string(i) + R"(@spring.example"})";
    }
    auto preview = upload(api, file);
    auto corrected = api.patch("/imports/" + preview.text("/id"), R"({"rows":[)" + rows + "]}");
    REQUIRE(corrected.status == 200);
    CHECK(corrected.number("/summary/valid") == 1500);
    CHECK(corrected.text("/rows/1499/email") == "p1499@spring.example");
}

TEST_CASE("an import is another workspace's to nobody [trap 13], and gone once it is deleted or a week old") {
    Api api;
    REQUIRE(api.post("/v1/workspaces", R"({"name":"W","slug":"winter","owner":{"email":"o@w.example","name":"O"}})")
                .status == 201);
    auto path = "/imports/" + upload(api, "email\na@spring.example\n").text("/id");
    CHECK(refusal(api.get("/v1/workspaces/winter" + path)) == "404 not_found");
    CHECK(refusal(api.remove("/v1/workspaces/winter" + path)) == "404 not_found");
    CHECK(refusal(api.post("/v1/workspaces/winter" + path + "/send")) == "404 not_found");
    auto deleted = api.remove(path);
    CHECK(deleted.status == 200);
    CHECK(deleted.text("/deleted") == "true");
    CHECK(refusal(api.get(path)) == "404 not_found");
    CHECK(refusal(api.remove(path)) == "404 not_found");

    auto old = "/imports/" + upload(api, "email\na@spring.example\n").text("/id");
    api.clock.advance(7 * day - 1);
    auto young = "/imports/" + upload(api, "email\na@spring.example\n").text("/id");
    CHECK(api.get(old).status == 200);
    api.clock.advance(1);
    api.system->tidy();
    for (int waited = 0; api.get(old).status == 200 && waited < 1000; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(refusal(api.get(old)) == "404 not_found");
    CHECK(api.get(young).status == 200);
}

TEST_CASE("a team whose name has a comma or a semicolon is known, alone and among others [S1-14]") {
    Api api;
    for (const char* name : {"Sales, West", "R&D; Labs", "Ops", "Sales"}) api.team(name);
    CHECK(issues(api,
                 "email,team\n"
                 "a@spring.example,\"Sales, West\"\n"
                 "b@spring.example,\"sales, west; Ops\"\n"
                 "c@spring.example,R&D; Labs\n"
                 "d@spring.example,\"Ops\nSales\"\n"
                 "e@spring.example,\"Ops,Sales\"\n") == Words{});
    CHECK(issues(api, "email,team\na@spring.example,\"Sales, East\"\n") == Words{"2 team unknown_team"});
}

TEST_CASE("what a correction puts into a cell is read as what a file has there: space around it is none") {
    Api api;
    api.team("Sales");
    auto path = "/imports/" + upload(api, "email,role,team\nnobody,,\n").text("/id");
    auto corrected =
        api.patch(path, R"({"rows":[{"line":2,"email":" a@spring.example ","role":" guest","team":"Sales\n"}]})");
    CHECK(issues(corrected) == Words{});
    CHECK(corrected.text("/rows/0/role") == "guest");
}

TEST_CASE("who has the address already is named in the issue") {
    Api api;
    auto there = api.invite("a@spring.example");
    auto preview = upload(api, "email\na@spring.example\nnobody\n");
    CHECK(preview.text("/rows/0/issues/0/id") == there);
    CHECK(preview.text("/rows/1/issues/0/id") == "null");
}

}  // namespace muster::test
