// Events as they happen: server-sent, each a CloudEvent.
#include "api/cloud_event.h"
#include "tests/api/signed_in.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <thread>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using nlohmann::json;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;

struct Sent {
    std::string id;
    json event;
};

// A reader of the stream.
class Feed {
public:
    explicit Feed(Api& api, const std::string& query = {}, const Headers& headers = {})
        : answer_(api.get("/events" + query, headers)) {
        INFO(answer_.body);
        REQUIRE(answer_.stream);
    }
    // Events until there are so many more; fewer where the stream has ended.
    std::vector<Sent> read(std::size_t count) {
        std::vector<Sent> sent;
        while (true) {
            for (std::size_t end; sent.size() < count && (end = text_.find("\n\n")) != std::string::npos;) {
                auto block = text_.substr(0, end);
                text_.erase(0, end + 2);
                if (block.starts_with(':')) {
                    ++heartbeats;
                    CHECK_FALSE(block.contains("id:"));
                    continue;
                }
                auto data = block.find("\ndata: ");
                REQUIRE(block.starts_with("id: "));
                REQUIRE(data != std::string::npos);
                sent.push_back({block.substr(4, data - 4), json::parse(block.substr(data + 7))});
            }
            if (sent.size() == count || !next()) return sent;
        }
    }
    // False: it has ended.
    bool next() {
        if (ended) return false;
        auto piece = next_piece(*answer_.stream);
        if (!piece) return false;
        largest = std::max(largest, piece->bytes.size());
        text_ += piece->bytes;
        ended = piece->last;
        return true;
    }
    [[nodiscard]] const Answer& answer() const { return answer_; }
    int heartbeats = 0;
    std::size_t largest = 0;
    bool ended = false;

private:
    Answer answer_;
    std::string text_;
};

Words ids(const std::vector<Sent>& sent) {
    Words all;
    for (const auto& each : sent) all.push_back(each.id);
    return all;
}

std::size_t head_of(Api& api) { return static_cast<std::size_t>(api.head()); }

}  // namespace

TEST_CASE("the feed begins at the first event, and each is a CloudEvent") {
    Api api;
    api.clock.advance(60);
    auto grace = api.member("grace@spring.example", R"("name":"Grace Hopper")");
    Feed feed(api);
    CHECK(feed.answer().status == 200);
    CHECK(feed.answer().header("content-type") == "text/event-stream");
    auto sent = feed.read(3);
    CHECK(ids(sent) == Words{"1", "2", "3"});
    auto entry = api.get("/audit?limit=1");
    const auto& event = sent.back().event;
    CHECK(event["specversion"] == "1.0");
    CHECK(event["id"] == entry.text("/items/0/id"));
    CHECK(event["source"] == "https://muster.example/v1/workspaces/" + api.spring);
    CHECK(event["type"] == "muster.member_created");
    CHECK(event["subject"] == grace);
    CHECK(event["time"] == "2026-11-23T08:01:00.000Z");
    CHECK(event["datacontenttype"] == "application/json");
    CHECK(event["position"] == "3");
    CHECK(event["data"]["email"] == "grace@spring.example");
    CHECK(event["data"]["profile"]["name"] == "Grace Hopper");
    CHECK(event["data"]["assignment"]["role"] == "member");
    CHECK(sent.front().event["type"] == "muster.workspace_created");
}

TEST_CASE("the feed goes on with what happens, at once") {
    Api api(true, [](SystemOptions& options) { options.heartbeat = 24h; });
    Feed feed(api);
    CHECK(feed.read(2).size() == 2);
    std::jthread later([&] {
        std::this_thread::sleep_for(20ms);
        for (const char* name : {"Sales", "Support"}) api.post("/teams", R"({"name":")" + std::string(name) + "\"}");
    });
    auto sent = feed.read(2);
    REQUIRE(sent.size() == 2);
    CHECK(sent[0].event["type"] == "muster.team_created");
    CHECK(sent[1].event["data"]["team"]["name"] == "Support");
}

TEST_CASE("a feed goes on behind a position, or behind what the reader remembers, and nothing is lost or comes twice") {
    Api api;
    for (int i = 0; i < 30; ++i) api.team("Team " + std::to_string(i));
    const auto all = head_of(api);
    for (std::size_t after = 0; after < all; after += 5) {
        auto number = std::to_string(after);
        auto by_query = ids(Feed(api, "?after=" + number).read(all - after));
        REQUIRE(by_query.size() == all - after);
        CHECK(by_query.front() == std::to_string(after + 1));
        CHECK(by_query.back() == std::to_string(all));
        CHECK(ids(Feed(api, "?after=1", {{"Last-Event-ID", number}}).read(all - after)) == by_query);
    }
    CHECK(refusal(api.get("/events?after=-1")) == "422 invalid_value");
    CHECK(refusal(api.get("/events?after=x")) == "422 invalid_value");
    CHECK(refusal(api.get("/events?before=1")) == "422 unknown_field");
    auto unknown = api.get("/events", {{"Last-Event-ID", "evt_1"}});
    CHECK(unknown.faults() == Words{"Last-Event-ID invalid_value"});
    // A reader of a history that is not this one's: what it missed cannot be told.
    CHECK(refusal(api.get("/events?after=" + std::to_string(all + 1))) == "422 invalid_value");
}

TEST_CASE("a long history comes in pieces of a size, not at once") {
    Api api;
    for (int i = 0; i < 400; ++i) api.team("Team " + std::to_string(i));
    Feed feed(api);
    auto sent = feed.read(head_of(api));
    CHECK(sent.size() == head_of(api));
    CHECK(sent.size() * 300 > limits::piece_bytes);
    CHECK(feed.largest < limits::piece_bytes + 2'000);
}

TEST_CASE("a heartbeat has no id, so that a reader's place stays") {
    Api api(true, [](SystemOptions& options) { options.heartbeat = 20ms; });
    Feed feed(api);
    CHECK(feed.read(2).size() == 2);
    auto before = feed.heartbeats;
    for (int i = 0; i < 3; ++i) REQUIRE(feed.next());
    std::jthread later([&] { api.post("/teams", R"({"name":"Sales"})"); });
    CHECK(ids(feed.read(1)) == Words{"3"});
    CHECK(feed.heartbeats >= before + 3);
}

TEST_CASE("a feed is of one workspace [N8]") {
    Api api;
    REQUIRE(api.post("/v1/workspaces", R"({"name":"Fall","slug":"fall","owner":{"email":"o@fall.example","name":"O"}})")
                .status == 201);
    api.team("Sales");
    auto sent = Feed(api).read(3);
    CHECK(ids(sent) == Words{"1", "2", "5"});
    for (const auto& each : sent) CHECK_THAT(each.event.dump(), !Contains("fall.example"));
}

TEST_CASE("a feed ends as soon as its reader may not read it any more [N5]") {
    Api api(true, [](SystemOptions& options) { options.heartbeat = 50ms; });
    Person reader(api, "reader@spring.example", R"("permissions":["audit.read"])");
    auto made = api.post("/api-keys", R"({"name":"K","permissions":["audit.read"]})");
    auto key = made.text("/id"), secret = made.text("/secret");
    auto at_head = "?after=" + std::to_string(api.head());
    auto ends = [](Feed& feed) {
        auto seen = feed.read(1);
        for (const auto& each : seen) UNSCOPED_INFO(each.event.dump());
        return seen.empty() && feed.ended;
    };
    SECTION("their permission is taken") {
        Feed feed(api, at_head, reader.by());
        REQUIRE(feed.next());
        REQUIRE(api.patch("/members/" + reader.id, R"({"permissions":[]})").status == 200);
        CHECK(ends(feed));
    }
    SECTION("they are deactivated") {
        Feed feed(api, at_head, reader.by());
        REQUIRE(feed.next());
        REQUIRE(api.post("/members/" + reader.id + "/deactivate").status == 200);
        CHECK(ends(feed));
    }
    SECTION("their session ends") {
        Feed feed(api, at_head, reader.by());
        REQUIRE(feed.next());
        REQUIRE(api.post("/v1/auth/logout", "", reader.by()).status == 200);
        CHECK(ends(feed));
    }
    SECTION("their session was idle for too long: to have a feed open is no use of it") {
        Feed feed(api, at_head, reader.by());
        REQUIRE(feed.next());
        api.clock.advance(limits::session_idle_seconds + 1);
        CHECK(ends(feed));
    }
    SECTION("their API key is revoked") {
        Feed feed(api, at_head, Person::as(secret));
        REQUIRE(feed.next());
        REQUIRE(api.remove("/api-keys/" + key).status == 200);
        CHECK(ends(feed));
    }
    Person other(api, "other@spring.example");
    CHECK(refusal(api.get("/events", other.by())) == "403 permission_denied");
    CHECK(refusal(api.get("/events", {{"Authorization", "Bearer nobody"}})) == "401 unauthorized");
}

TEST_CASE("the feed of a workspace that is deleted ends with that event") {
    Api api(true, [](SystemOptions& options) { options.heartbeat = 24h; });
    auto key = api.post("/api-keys", R"({"name":"K","permissions":["audit.read"]})").text("/secret");
    auto head = std::to_string(api.head());
    Feed of_operator(api, "?after=" + head), of_key(api, "?after=" + head, Person::as(key));
    for (auto* each : {&of_operator, &of_key}) REQUIRE(each->next());
    api.team("Sales");
    REQUIRE(api.remove("/v1/workspaces/" + api.spring + "?confirm=" + api.spring).status == 200);
    auto types = [](const std::vector<Sent>& sent) {
        Words all;
        for (const auto& each : sent) all.push_back(each.event["type"]);
        return all;
    };
    CHECK(types(of_operator.read(100)) == Words{"muster.team_created", "muster.workspace_deleted"});
    CHECK(types(of_key.read(100)) == Words{"muster.workspace_deleted"});
    CHECK(of_operator.ended);
    CHECK(of_key.ended);
}

TEST_CASE("the erasing of somebody who was no member names no member") {
    Api api;
    api.request("alan@navy.example");
    REQUIRE(api.post("/people:erase", R"({"email":"alan@navy.example"})").status == 200);
    auto last = Feed(api).read(head_of(api)).back().event;
    CHECK(last["type"] == "muster.personal_data_destroyed");
    CHECK(last["data"]["member"].is_null());
}

TEST_CASE("who was erased is not in the feed, and their events still are [N7]") {
    Api api;
    auto grace = api.member("grace@spring.example", R"("name":"Grace Hopper")");
    REQUIRE(api.remove("/members/" + grace + "?confirm=" + grace).status == 200);
    auto sent = Feed(api).read(head_of(api));
    REQUIRE(sent.size() == head_of(api));
    CHECK(sent[2].event["type"] == "muster.member_created");
    CHECK(sent[2].event["data"]["email"].is_null());
    CHECK(sent[2].event["data"]["profile"].is_null());
    for (const auto& each : sent) CHECK_THAT(each.event.dump(), !Contains("Grace") && !Contains("grace@"));
}

TEST_CASE("no event shows a secret, or what would outlive an erasure [N7]") {
    Api api;
    Person grace(api, "grace@spring.example");
    auto made = api.post("/api-keys", R"({"name":"K","permissions":["audit.read"]})");
    auto invitation = api.invite("alan@spring.example");
    auto link = api.token(invitation);
    std::string all;
    for (const auto& each : Feed(api).read(head_of(api))) all += each.event.dump();
    for (const auto& secret : {std::string(Api::password), grace.token, made.text("/secret"), link,
                               std::string("email_claim"), std::string("credential")})
        CHECK_THAT(all, !Contains(secret));
}

TEST_CASE("a feed that nobody reads any more costs nothing") {
    Api api;
    auto before = api.system->service().in_flight_requests.taken();
    {
        Feed feed(api);
        CHECK(api.system->service().in_flight_requests.taken() == before);
        CHECK(feed.read(2).size() == 2);
    }
    api.team("Sales");
    CHECK(api.get("/audit?limit=1").text("/items/0/type") == "team_created");
}

}  // namespace muster::test
