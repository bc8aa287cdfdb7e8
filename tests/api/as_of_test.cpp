// How things stood: the lists with `as_of`, against what the same lists answered at that time.
#include "tests/api/fixture.h"
#include "tests/api/mail_fixture.h"

#include <nlohmann/json.hpp>

#include <map>
#include <random>

namespace muster::test {
namespace {

using nlohmann::json;

// The items of all pages, by id or key; and whether they came in that order.
struct Listed {
    std::map<std::string, json> items;
    bool in_order = true;
    bool operator==(const Listed& other) const { return items == other.items; }
};

Listed all_of(Api& api, const std::string& path, int limit = 1000) {
    Listed listed;
    std::string cursor, last;
    for (int pages = 0; pages < 1000; ++pages) {
        auto page = api.get(path + (path.contains('?') ? "&" : "?") + "limit=" + std::to_string(limit) +
                            (cursor.empty() ? "" : "&cursor=" + cursor));
        INFO(path << ": " << page.body);
        REQUIRE(page.status == 200);
        auto body = json::parse(page.body);
        for (const auto& item : body.at("items")) {
            auto id = item.value(item.contains("id") ? "id" : "key", "");
            listed.in_order = listed.in_order && last < id;
            last = id;
            CHECK(listed.items.emplace(id, item).second);
        }
        if (body.at("next_cursor").is_null()) return listed;
        cursor = body.at("next_cursor");
    }
    FAIL("the list has no end");
    return listed;
}

const Words lists{"/members", "/invitations?status=pending,expired,accepted,revoked", "/roles", "/teams"};

// What was answered at a time.
struct Seen {
    std::string at;
    std::int64_t position = 0;
    std::map<std::string, Listed> lists;
    json seats;
};

Seen look(Api& api) {
    Seen seen;
    seen.seats = json::parse(api.get("/seats").body);  // first: whoever looks records what is due
    for (const auto& list : lists) seen.lists[list] = all_of(api, list);
    seen.at = api.clock.now().text();
    seen.position = api.head();
    return seen;
}

Seen look_back(Api& api, const std::string& as_of, int limit = 1000) {
    Seen seen;
    for (const auto& list : lists) {
        auto path = list + (list.contains('?') ? "&" : "?") + "as_of=" + as_of;
        seen.lists[list] = all_of(api, path, limit);
        CHECK(seen.lists[list].in_order);
    }
    seen.seats = json::parse(api.get("/seats?as_of=" + as_of).body);
    return seen;
}

void check_same(const Seen& then, const Seen& now) {
    INFO("as of " << then.at);
    for (const auto& list : lists) {
        INFO(list);
        CHECK(json(now.lists.at(list).items) == json(then.lists.at(list).items));
    }
    CHECK(now.seats == then.seats);
}

// A person without what erasing destroys.
void erase(Seen& seen, const std::string& member) {
    for (auto& [_, listed] : seen.lists)
        for (const auto& id : {member, same(member, "inv")}) {
            auto found = listed.items.find(id);
            if (found == listed.items.end()) continue;
            for (const char* field : {"email", "name", "job_title", "initials", "phone", "photo_url"})
                if (found->second.contains(field)) found->second[field] = nullptr;
        }
}

// Things happen in an order that a seed makes; whatever is refused is no matter.
struct History {
    explicit History(unsigned seed) : random(seed) {
        api.licenses(6, 3);
        for (const char* name : {"Sales", "Support"}) api.team(name);
        api.resource("Reception");
    }
    std::string one_of(const Words& all) { return all.empty() ? "none" : all[random() % all.size()]; }
    std::string some(const std::string& path, const std::string& name = "id") {
        return one_of(api.get(path).each("/items", name));
    }
    std::string person() {
        auto license = random() % 2 ? R"("license":"organization","add_ons":["ci"])" : R"("role":"guest")";
        const auto number = std::to_string(++people);
        return R"({"email":"p)" + number + R"(@spring.example","name":"Person )" + number + R"(","teams":[")" +
               some("/teams", "name") + R"("],"resources":[{"id":")" + some("/resources") + R"(","access":"view"}],)" +
               license + "}";
    }
    void step() {
        auto n = std::to_string(++made);
        switch (random() % 20) {
            case 0:
            case 1:
            case 2:
                return (void)api.post("/invitations", person());
            case 3:
            case 4:
                return (void)api.post("/members", person());
            case 5:
                return (void)api.post("/invitations/" + some("/invitations?status=pending,expired") + "/resend");
            case 6:
                return (void)api.post("/invitations/" + some("/invitations?status=pending") + "/revoke");
            case 7:
            case 8: {
                auto pending = some("/invitations?status=pending");
                if (pending != "none") api.accept(pending);
                return;
            }
            case 9:
                return (void)api.patch("/members/" + some("/members?status=active"),
                                       R"({"job_title":"Job )" + n + R"(","teams":[")" + some("/teams") + R"("]})");
            case 10:
                return (void)api.post("/members/" + some("/members?status=active") + "/deactivate");
            case 11:
                return (void)api.post("/members/" + some("/members?status=deactivated") + "/reactivate");
            case 12:
                return (void)api.patch("/invitations/" + some("/invitations?status=pending"),
                                       R"({"name":"Renamed )" + n + R"(","role":"member"})");
            case 13:
                return (void)api.post("/teams", R"({"name":"Team )" + n + "\"}");
            case 14:
                return (void)api.patch("/teams/" + some("/teams"), R"({"name":"Called )" + n + "\"}");
            case 15:
                if (random() % 3 == 0) api.remove("/teams/" + some("/teams"));
                return;
            case 16:
                return (void)api.patch("/resources/" + some("/resources"), R"({"name":"Desk )" + n + "\"}");
            case 17:
                api.post("/roles", R"({"key":"r)" + n + R"(","name":"Role","permissions":["members.read"]})");
                return (void)api.patch("/roles/guest", R"({"name":"Guest )" + n + "\"}");
            case 18:
                return (void)api.put("/plan",
                                     R"({"user_limit":)" + std::to_string(20 + random() % 5) + R"(,"trial_ends_at":")" +
                                         api.clock.now().plus_seconds(2 * day).text() +
                                         R"(","licenses":[{"key":"organization","name":"O )" + n +
                                         R"(","kind":"base","seats":9},{"key":"ci","name":"CI","kind":"add_on",)"
                                         R"("seats":7}]})");
            default:
                return api.clock.advance(static_cast<std::int64_t>(random() % 4) * day);
        }
    }
    Api api;
    std::mt19937 random;
    int people = 0, made = 0;
};

std::string deleted_one(Api& api) {
    for (const auto& id : api.get("/members?status=active,deactivated&limit=1000").each("/items", "id"))
        if (id != api.ada && api.remove("/members/" + id + "?confirm=" + id).status == 200) return id;
    FAIL("nobody could be deleted");
    return {};
}

}  // namespace

TEST_CASE("as of a time a list answers what it answered then, also about who was erased since, without their data") {
    auto seed = GENERATE(1U, 2U, 3U);
    INFO("seed " << seed);
    History history(seed);
    auto& api = history.api;
    std::vector<Seen> seen;
    for (int i = 0; i < 60; ++i) {
        api.clock.advance(1);
        history.step();
        seen.push_back(look(api));
    }
    for (const auto& then : seen) check_same(then, look_back(api, then.at));
    check_same(seen.back(), look_back(api, seen.back().at, 2));
    check_same(seen[30], look_back(api, std::to_string(seen[30].position), 3));

    api.clock.advance(1);
    auto erased = deleted_one(api);
    seen.push_back(look(api));
    CHECK_FALSE(seen.back().lists.at("/members").items.contains(erased));
    for (auto& then : seen) {
        erase(then, erased);
        check_same(then, look_back(api, then.at));
    }
}

TEST_CASE("between two events it stands as after the first; names are those of then") {
    Api api;
    auto team = api.team("Sales");
    auto grace = api.member("grace@spring.example", R"("name":"Grace Hopper","teams":["Sales"])");
    auto made = api.clock.now();
    api.clock.advance(60);
    REQUIRE(api.patch("/teams/" + team, R"({"name":"Revenue"})").status == 200);
    REQUIRE(api.patch("/members/" + grace, R"({"name":"Rear Admiral Hopper"})").status == 200);
    auto between = api.get("/members?as_of=" + made.plus_seconds(59).text());
    CHECK(between.text("/items/1/name") == "Grace Hopper");
    CHECK(between.text("/items/1/teams/0/name") == "Sales");
    CHECK(api.get("/teams?as_of=" + made.text()).text("/items/0") ==
          R"({"id":")" + team + R"(","member_count":1,"name":"Sales"})");
    auto after = api.get("/members?as_of=" + made.plus_seconds(60).text());
    CHECK(after.text("/items/1/name") == "Rear Admiral Hopper");
    CHECK(after.position() == api.head());
    // The position that an answer stands at asks for the same again.
    CHECK(api.get("/members?as_of=" + std::to_string(between.position())).text("/items") == between.text("/items"));
}

TEST_CASE("an invitation that was past its time is expired then, whether or not anybody had looked") {
    Api api;
    auto id = api.invite("grace@spring.example", R"("ttl":3600)");
    auto due = api.clock.now().plus_seconds(hour);
    api.clock.advance(2 * hour);  // nobody looks in between
    auto status = [&](Instant at) { return api.get("/invitations?as_of=" + at.text()).text("/items/0/status"); };
    CHECK(status({due.ms - 1}) == "pending");
    CHECK(status(due) == "expired");
    CHECK(api.get("/invitations?status=expired&as_of=" + due.text()).each("/items", "id") == Words{id});
    CHECK(api.get("/invitations?status=pending&as_of=" + due.text()).size("/items") == 0);
    CHECK(api.get("/seats?as_of=" + Instant{due.ms - 1}.text()).number("/users/pending") == 1);
    CHECK(api.get("/seats?as_of=" + due.text()).number("/users/pending") == 0);
}

TEST_CASE("how an invitation's mail stood, and when a member had last signed in") {
    MailApi api;
    auto id = api.invite("grace@navy.example");
    auto invited = api.clock.now();
    api.clock.advance(60);
    api.mails();
    auto sent = api.clock.now();
    auto delivery = [&](Instant at) {
        return api.get("/invitations?as_of=" + at.text()).text("/items/0/delivery/status");
    };
    CHECK(delivery(invited) == "queued");
    CHECK(delivery(sent) == "sent");
    api.clock.advance(60);
    api.accept(id);
    for (int i = 0; i < 2; ++i) {
        api.clock.advance(60);
        REQUIRE(api.post("/v1/auth/login", R"({"workspace":"spring","email":"grace@navy.example","password":")" +
                                               std::string(Api::password) + "\"}")
                    .status == 200);
    }
    auto last = [&](Instant at) { return api.get("/members?as_of=" + at.text()).text("/items/1/last_login_at"); };
    CHECK(last(sent.plus_seconds(119)) == "null");
    CHECK(last(sent.plus_seconds(120)) == sent.plus_seconds(120).text());
    CHECK(last(sent.plus_seconds(180)) == sent.plus_seconds(180).text());
}

TEST_CASE("pages as of now stay what they are while things happen at the very same time") {
    Api api;
    for (const char* email : {"a@spring.example", "b@spring.example", "c@spring.example"}) api.member(email);
    auto path = "/members?limit=2&as_of=" + api.clock.now().text();
    auto first = api.get(path + "&include_total=true");
    CHECK(first.number("/total") == 4);
    auto late = api.member("late@spring.example");
    REQUIRE(api.patch("/members/" + late, R"({"name":"Late"})").status == 200);
    auto second = api.get(path + "&cursor=" + first.text("/next_cursor"));
    CHECK(second.each("/items", "email") == Words{"b@spring.example", "c@spring.example"});
    CHECK(second.text("/next_cursor") == "null");
    CHECK(second.position() == first.position());
    CHECK(refusal(api.get("/members?limit=2&cursor=" + first.text("/next_cursor"))) == "400 invalid_cursor");
}

TEST_CASE("what as_of can't take is said, with the parameter") {
    Api api;
    auto faults = [&](const std::string& path) { return api.get(path).faults(); };
    CHECK(faults("/members?as_of=yesterday") == Words{"?as_of invalid_value"});
    CHECK(faults("/members?as_of=2026-11-23T08:00:00") == Words{"?as_of invalid_value"});
    CHECK(faults("/members?as_of=" + api.clock.now().plus_seconds(1).text()) == Words{"?as_of invalid_value"});
    CHECK(faults("/members?as_of=" + std::to_string(api.head() + 1)) == Words{"?as_of invalid_value"});
    CHECK(faults("/members?as_of=1&q=ada&role=admin&sort=name&status=active") ==
          Words{"?q invalid_value", "?role invalid_value", "?sort invalid_value", "?sort invalid_value"});
    CHECK(faults("/invitations?as_of=1&delivery=sent&limit=0") ==
          Words{"?delivery invalid_value", "?limit invalid_value"});
    auto before = api.clock.now().plus_seconds(-1).text();
    for (const char* list : {"/members", "/invitations", "/roles", "/teams", "/seats"}) {
        INFO(list);
        CHECK(faults(std::string(list) + "?as_of=" + before) == Words{"?as_of invalid_value"});
        CHECK(api.get(std::string(list) + "?as_of=" + api.clock.now().text()).status == 200);
    }
    // Before this workspace, though not before the first one.
    api.clock.advance(day);
    REQUIRE(api.post("/v1/workspaces", R"({"name":"Fall","slug":"fall","owner":{"email":"o@x.example","name":"O"}})")
                .status == 201);
    CHECK(refusal(api.get("/v1/workspaces/fall/members?as_of=2")) == "422 invalid_value");
    CHECK(api.get("/v1/workspaces/fall/members?as_of=" + std::to_string(api.head())).size("/items") == 1);
}

TEST_CASE("how things stood is for who may read the audit; how they stand, for who may read the members") {
    Api api;
    auto key = [&](const std::string& permission) {
        auto made = api.post("/api-keys", R"({"name":"K","permissions":[")" + permission + "\"]}");
        return Headers{{"Authorization", "Bearer " + made.text("/secret")}};
    };
    auto reader = key("members.read"), auditor = key("audit.read");
    for (const char* list : {"/members", "/invitations", "/roles", "/teams", "/seats"}) {
        INFO(list);
        auto past = std::string(list) + "?as_of=" + std::to_string(api.head());
        auto denied = api.get(past, reader);
        CHECK(refusal(denied) == "403 permission_denied");
        CHECK(denied.text("/permission") == "audit.read");
        CHECK(api.get(past, auditor).status == 200);
        CHECK(api.get(list, reader).status == 200);
        CHECK(refusal(api.get(list, auditor)) == "403 permission_denied");
    }
    CHECK(refusal(api.get("/diff?from=1", reader)) == "403 permission_denied");
    CHECK(api.get("/diff?from=1", auditor).status == 200);
}

}  // namespace muster::test
