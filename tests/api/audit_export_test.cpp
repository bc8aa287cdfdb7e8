// The audit as a file: streamed, and proving itself.
#include "api/audit_export.h"

#include "api/audit_file.h"
#include "tests/api/signed_in.h"

#include <nlohmann/json.hpp>

#include <sstream>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;

Words lines_of(const std::string& text) {
    Words lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);) lines.push_back(line);
    return lines;
}

std::optional<AuditKey> key_of(Api& api) { return read_audit_key(api.get("/v1/audit-key").body); }

AuditFileReport check(const std::string& file, const std::optional<AuditKey>& key = {},
                      const std::optional<AuditHead>& kept = {}) {
    std::istringstream from(file);
    return check_audit_file(from, key, kept);
}

std::optional<AuditHead> head_of(const std::string& file) {
    std::istringstream from(file);
    return read_audit_head(from);
}

// A story of several kinds of events.
struct Story : Api {
    Story() {
        grace = member("grace@spring.example", R"("name":"Grace Hopper")");
        clock.advance(60);
        REQUIRE(patch("/members/" + grace, R"({"role":"guest"})").status == 200);
        clock.advance(60);
        team("Sales");
    }
    std::string grace;
};

}  // namespace

TEST_CASE("an export has the link before it, a line for each event, and a signed head [N6]") {
    Story api;
    auto answer = api.get("/audit/export");
    CHECK(answer.status == 200);
    CHECK(answer.header("content-type") == "application/x-ndjson");
    CHECK(answer.header("content-disposition") == "attachment; filename=\"audit-spring.ndjson\"");
    auto lines = lines_of(answer.body);
    REQUIRE(lines.size() == static_cast<std::size_t>(api.head()) + 2);
    auto first = json::parse(lines.front()), last = json::parse(lines.back());
    CHECK(first["export"]["workspace"] == api.spring);
    CHECK(first["export"]["after"] == 0);
    CHECK(last["head"]["events"] == api.head());
    CHECK(last["head"]["position"] == api.head());
    CHECK(last["head"]["link"] == api.get("/audit/verify").text("/head"));

    auto report = check(answer.body, key_of(api));
    CHECK_FALSE(report.fault);
    CHECK(report.events == static_cast<std::uint64_t>(api.head()));
    CHECK(report.made_at == Instant{api.clock.ms});
}

TEST_CASE("a line is the audit's entry, with the event's own fields beside it") {
    Story api;
    auto entries = json::parse(api.get("/audit?limit=1000").body)["items"];
    auto lines = lines_of(api.get("/audit/export").body);
    for (std::size_t i = 1; i + 1 < lines.size(); ++i) {
        auto line = json::parse(lines[i]);
        auto entry = entries[entries.size() - i];
        for (const auto& [name, value] : entry.items()) CHECK(line[name] == value);
    }
    auto added = json::parse(lines[3]);
    CHECK(added["type"] == "member_created");
    CHECK(added["data"]["email"] == "grace@spring.example");
    CHECK(added["data"]["profile"]["name"] == "Grace Hopper");
    CHECK_FALSE(added["data"].contains("email_claim"));
}

TEST_CASE("an export of a time has the events of it, and joins the one before") {
    Story api;
    auto all = api.get("/audit/export").body;
    auto early = api.get("/audit/export?to=2026-11-23T08:01:00Z").body;
    auto late = api.get("/audit/export?from=2026-11-23T08:01:00Z").body;
    CHECK(lines_of(early).size() + lines_of(late).size() == lines_of(all).size() + 2);
    auto key = key_of(api);
    auto kept = head_of(early);
    REQUIRE(kept);
    auto report = check(late, key, kept);
    CHECK_FALSE(report.fault);
    CHECK(report.before == *kept);
    CHECK(report.kept == AuditFileReport::Kept::found);
    CHECK(check(all, key, kept).kept == AuditFileReport::Kept::found);
    CHECK(check(early, key, head_of(late)).kept == AuditFileReport::Kept::behind_the_end);
    auto last_only = api.get("/audit/export?from=2026-11-23T08:02:00Z").body;
    CHECK(check(last_only, key, kept).kept == AuditFileReport::Kept::before_the_beginning);
    auto other = *kept;
    other.link[0] ^= 1;
    CHECK(check(all, key, other).kept == AuditFileReport::Kept::another_history);
    other = *kept;
    other.position += 1'000;
    CHECK(check(all, key, other).kept == AuditFileReport::Kept::behind_the_end);

    auto none = api.get("/audit/export?from=2027-01-01T00:00:00Z").body;
    CHECK(lines_of(none).size() == 2);
    CHECK_FALSE(check(none, key).fault);
    CHECK(head_of(none) == head_of(all));
    for (const char* path : {"/audit/export", "/audit"})
        CHECK(api.get(path + std::string("?from=2027-01-01T00:00:00Z&to=2026-01-01T00:00:00Z")).faults() ==
              Words{"?to invalid_value"});
    CHECK(api.get("/audit/export?format=xml&from=yesterday&q=x").faults() ==
          Words{"?format invalid_value", "?from invalid_value", "?q unknown_field"});
}

TEST_CASE("an export is of one workspace, though others write between [N8]") {
    Story api;
    REQUIRE(api.post("/v1/workspaces", R"({"name":"Fall","slug":"fall","owner":{"email":"o@fall.example","name":"O"}})")
                .status == 201);
    api.team("Later");
    auto spring = api.get("/audit/export").body;
    CHECK_THAT(spring, !Contains("fall.example"));
    CHECK_FALSE(check(spring, key_of(api)).fault);
    auto fall = api.get("/v1/workspaces/fall/audit/export").body;
    CHECK_THAT(fall, !Contains("spring.example"));
    auto report = check(fall, key_of(api), head_of(spring));
    CHECK_FALSE(report.fault);
    CHECK(report.kept == AuditFileReport::Kept::another_history);
}

TEST_CASE("who was erased is not in an export, which proves itself as before [N7]") {
    Story api;
    auto before = api.get("/audit/export").body;
    auto kept = head_of(before);
    REQUIRE(api.remove("/members/" + api.grace + "?confirm=" + api.grace).status == 200);
    auto after = api.get("/audit/export").body;
    CHECK_THAT(before, Contains("Grace Hopper") && Contains("grace@spring.example"));
    CHECK_THAT(after, !Contains("Grace Hopper") && !Contains("grace@spring.example"));
    CHECK_THAT(api.get("/audit/export?format=csv").body, !Contains("Grace Hopper"));
    auto report = check(after, key_of(api), kept);
    CHECK_FALSE(report.fault);
    CHECK(report.kept == AuditFileReport::Kept::found);
    CHECK(json::parse(lines_of(after)[3])["data"]["email"].is_null());
}

TEST_CASE("names that an export keeps at hand go with the person, while it is made [N7]") {
    Story api;
    auto& service = api.system->service();
    AuditSources from{service.log, service.history, service.directory, service.vault,
                      [&] { return service.streaming->erasures(); }};
    auto workspace = *WorkspaceId::parse(api.spring);
    AuditExport made(from, workspace, range_between(service.log, {}, {}), Instant{});
    std::string lines;
    while (!lines.contains("Grace Hopper")) REQUIRE(made.append(lines, 1));
    REQUIRE(api.remove("/members/" + api.grace + "?confirm=" + api.grace).status == 200);
    std::string rest;
    while (made.append(rest, 1)) {
    }
    CHECK_THAT(rest, Contains("member_changed") && !Contains("Grace Hopper"));
    CHECK_FALSE(check(lines + rest, key_of(api)).fault);
}

TEST_CASE("an export goes on where another one stopped, to the byte") {
    Story api;
    auto& service = api.system->service();
    AuditSources from{service.log, service.history, service.directory, service.vault};
    auto range = range_between(service.log, {}, {});
    auto workspace = *WorkspaceId::parse(api.spring);
    std::string whole, parts;
    CHECK_FALSE(AuditExport(from, workspace, range, Instant{}).append(whole, std::size_t{1} << 20));
    AuditExport first(from, workspace, range, Instant{});
    bool more = first.append(parts, 1);
    for (auto place = first.place(); more;) {
        AuditExport next(from, place);
        more = next.append(parts, 1);
        place = next.place();
    }
    CHECK(parts == whole);
    CHECK_THROWS_AS(AuditExport(from, "nowhere"), DecodeError);
}

TEST_CASE("as CSV the audit is for people, and no cell is a formula [trap 12]") {
    Story api;
    api.team("=1+1");
    auto answer = api.get("/audit/export?format=csv");
    CHECK(answer.header("content-type") == "text/csv; charset=utf-8; header=present");
    CHECK(answer.header("content-disposition") == "attachment; filename=\"audit-spring.csv\"");
    auto lines = lines_of(answer.body);
    CHECK(lines.size() == static_cast<std::size_t>(api.head()) + 1);
    CHECK(lines[0] ==
          "position,at,type,actor_kind,actor,summary,target_kind,target_id,target,changes,request,"
          "batch,import,cause,actor_id\r");
    CHECK_THAT(lines[4], Contains(",member_changed,operator,,The operator changed Grace Hopper,member," + api.grace +
                                  ",Grace Hopper,role: member -> guest,"));
    CHECK_THAT(lines.back(), Contains(",'=1+1,"));
    auto sent = api.post("/invitations:batch", R"({"invitations":[{"email":"alan@spring.example","name":"Alan"}]})");
    api.patch("/members/" + api.ada, R"({"name":"Ada"})");
    lines = lines_of(api.get("/audit/export?format=csv").body);
    CHECK_THAT(lines[lines.size() - 2], Contains("," + sent.text("/batch_id") + ",,,"));
}

TEST_CASE("an export is for who may read the audit, as long as they may [N5]") {
    Story api;
    Person reader(api, "reader@spring.example", R"("permissions":["audit.read"])");
    Person other(api, "other@spring.example");
    CHECK(refusal(api.get("/audit/export", other.by())) == "403 permission_denied");
    CHECK(api.get("/audit/export", reader.by()).status == 200);
    for (int i = 0; i < 300; ++i) api.team("Team " + std::to_string(i));

    http::Request request{"GET", "/v1/workspaces/spring/audit/export", {}, {}, "127.0.0.1"};
    request.headers.push_back({"authorization", "Bearer " + reader.token});
    auto answer = api.system->call(std::move(request));
    REQUIRE(answer.stream);
    CHECK(next_piece(*answer.stream)->bytes.size() < 2 * limits::piece_bytes);
    REQUIRE(api.post("/members/" + reader.id + "/deactivate").status == 200);
    CHECK_FALSE(next_piece(*answer.stream));
}

TEST_CASE("a damaged event is not exported as good [N12]") {
    Story api;
    auto& table = const_cast<Table&>(api.system->store().log->table());
    auto frame = *api.system->store().log->frame(3);
    frame.meta.at.ms += 1;
    WriteBatch batch;
    batch.put(family(LogFamily::events), rows::position(3), frame_bytes(header_of(frame), frame.payload, frame.link));
    table.write(batch, Sync::no);
    http::Request request{"GET", "/v1/workspaces/spring/audit/export", {}, {}, "127.0.0.1"};
    request.headers.push_back({"authorization", "Bearer " + api.token_of_operator});
    auto answer = api.system->call(std::move(request));
    REQUIRE(answer.stream);
    CHECK_FALSE(next_piece(*answer.stream));
}

TEST_CASE("the key that exports are signed by is public, and stays") {
    Story api;
    auto key = api.get("/v1/audit-key", {{"Authorization", "nobody"}});
    CHECK(key.status == 200);
    CHECK(key.members() == Words{"algorithm", "id", "public_key"});
    CHECK(key.text("/algorithm") == "Ed25519");
    CHECK(api.get("/v1/audit-key").body == key.body);
}

}  // namespace muster::test
