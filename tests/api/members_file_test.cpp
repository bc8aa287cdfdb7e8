// Members as a file: what programs and spreadsheets read.
#include "api/members_file.h"

#include "api/csv.h"
#include "api/route.h"
#include "tests/api/fixture.h"

namespace muster::test {
namespace {

const std::string header =
    "id,status,email,name,job_title,phone,role,license,add_ons,teams,permissions,resources,joined_at,last_login_at,"
    "deactivated_at\r\n";

std::string row(const std::vector<std::string>& cells) {
    std::string out;
    append_csv_row(out, cells);
    return out;
}

std::size_t rows_in(const std::string& file) { return static_cast<std::size_t>(std::ranges::count(file, '\n')) - 1; }

}  // namespace

TEST_CASE("a row is written by RFC 4180") {
    CHECK(row({"a", "b c", ""}) == "a,b c,\r\n");
    CHECK(row({"a,b", "say \"hi\"", "two\r\nlines"}) == "\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\r\n");
    CHECK(row({}) == "\r\n");
}

TEST_CASE("a cell that a spreadsheet would calculate is made harmless [trap 12]") {
    CHECK(row({"=1+1", "+1", "-1", "@sum", "\tx", "1=1", "'x"}) == "'=1+1,'+1,'-1,'@sum,'\tx,1=1,'x\r\n");
    // Where programs part cells at semicolons or tabs, quotes do not keep one together that begins without.
    CHECK(row({"a;=1+1", "a\t@x", "a; \"=1\"", "b;c=1"}) == "a;'=1+1,a\t'@x,\"a; \"\"'=1\"\"\",b;c=1\r\n");
    CHECK(row({"a\n=1+1", "a\r\n\r\nb"}) == "\"a\n'=1+1\",\"a\r\n\r\nb\"\r\n");
    CHECK(row({"=a,b", "\rx", "=\""}) == "\"'=a,b\",\"'\rx\",\"'=\"\"\"\r\n");
}

TEST_CASE("the members are a file to save, with a line for each") {
    Api api;
    api.licenses(5);
    api.team("Sales");
    api.team("Team, two");
    REQUIRE(api.post("/permissions", R"({"key":"crm.access","name":"CRM"})").status == 201);
    auto scout = api.post("/resources", R"({"kind":"agent","name":"Scout"})").text("/id");
    api.clock.advance(1);
    auto grace = api.member(
        "grace@spring.example",
        R"("name":"=Grace \"G\" Hopper","job_title":"Admiral, ret.","license":"organization","add_ons":["ci"],)"
        R"("teams":["Sales","Team, two"],"permissions":["crm.access","audit.read"],"resources":[{"id":")" +
            scout + R"(","access":"edit"}])");
    REQUIRE(api.patch("/members/" + grace, R"({"phone":"+1 555 0100"})").status == 200);
    api.clock.advance(1);
    REQUIRE(api.post("/members/" + grace + "/deactivate").status == 200);
    auto file = api.get("/members.csv");
    CHECK(file.status == 200);
    CHECK(file.header("content-type") == "text/csv; charset=utf-8; header=present");
    CHECK(file.header("content-disposition") == "attachment; filename=\"members-spring.csv\"");
    CHECK(file.position() == api.head());
    CHECK(file.body ==
          header + grace +
              ",deactivated,grace@spring.example,\"'=Grace \"\"G\"\" Hopper\",\"Admiral, ret.\",'+1 555 0100,member,"
              "organization,ci,\"Sales; Team, two\",audit.read; crm.access,Scout (edit),2026-11-23T08:00:01.000Z,,"
              "2026-11-23T08:00:02.000Z\r\n" +
              api.ada + ",active,ada@spring.example,Ada Lovelace,,,admin,,,,,,2026-11-23T08:00:00.000Z,,\r\n");
}

TEST_CASE("the file has the list's filters and order, and no pages") {
    Api api;
    api.member("b@spring.example", R"("name":"Bob","role":"guest")");
    api.member("a@spring.example", R"("name":"Alan")");
    api.invite("soon@spring.example");
    CHECK(rows_in(api.get("/members.csv").body) == 3);
    CHECK(rows_in(api.get("/members.csv?role=guest").body) == 1);
    CHECK(rows_in(api.get("/members.csv?q=al").body) == 1);
    CHECK(api.get("/members.csv?q=nobody").body == header);
    auto sorted = api.get("/members.csv?sort=email&order=desc").body;
    CHECK(sorted.find("b@spring") < sorted.find("ada@spring"));
    CHECK(api.get("/members.csv?limit=5&status=gone&q=a&sort=name").faults() ==
          Words{"?limit unknown_field", "?sort invalid_value", "?status invalid_value"});
}

TEST_CASE("a file of few among many is made in turns, of which some add nothing, and is the same") {
    Api api;
    for (int i = 0; i < 20; ++i) api.member("p" + std::to_string(i) + "@spring.example");
    api.member("zoe@spring.example", R"("name":"Zoe","role":"guest")");
    auto whole = api.get("/members.csv?role=guest").body;
    auto& service = api.system->service();
    auto spring = *WorkspaceId::parse(api.spring);
    auto call = std::make_shared<Call>(Call{.service = service,
                                            .route = routes().front(),
                                            .request = {},
                                            .path = {},
                                            .query = {},
                                            .caller = {},
                                            .workspace_id = spring,
                                            .workspace = service.directory.workspace(spring),
                                            .correlation = {},
                                            .done = {}});
    MembersFile file(call, {.roles = {RoleKey{"guest"}}, .sort = roster::Sort::name},
                     {.rows_walked_max = 5, .rows_gathered_max = 0});
    std::string out;
    int turns = 1, idle = 0;
    for (bool more = true; more; ++turns) {
        const auto before = out.size();
        more = file.append(out, limits::piece_bytes);
        if (out.size() == before) ++idle;
        REQUIRE(turns < 10);
    }
    CHECK(idle == 3);
    CHECK(out == whole);
}

TEST_CASE("a file of many pages has every member once, however many") {
    Api api;
    constexpr int crowd = 1100;
    for (int i = 0; i < crowd; ++i) api.member("p" + std::to_string(i) + "@spring.example");
    auto file = api.get("/members.csv").body;
    CHECK(rows_in(file) == crowd + 1);
    for (int i = 0; i < crowd; ++i) CHECK(file.contains(",p" + std::to_string(i) + "@spring.example,"));
}

}  // namespace muster::test
