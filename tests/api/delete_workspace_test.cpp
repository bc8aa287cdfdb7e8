// DELETE /v1/workspaces/{ws}: nobody is let in any more, every id of it answers 410, and its people's data is
// destroyed.
#include "tests/api/fixture.h"
#include "tests/api/signed_in.h"

#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace muster::test {
namespace {

struct Deleting {
    Deleting() {
        member = api.member("grace@spring.example", R"("name":"Grace Hopper")");
        invitation = api.invite("pending@spring.example");
        link = api.token(invitation);
        key = api.post("/api-keys", R"({"name":"K","permissions":["members.read"]})").text("/secret");
    }
    Answer remove(const Headers& headers = {}) {
        return api.remove("/v1/workspaces/" + api.spring + "?confirm=" + api.spring, headers);
    }
    Api api;
    std::string member, invitation, link, key;
};

Headers bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

}  // namespace

TEST_CASE("a workspace is deleted only by the operator who names its id") {
    Deleting world;
    auto& api = world.api;
    auto asked = api.remove("/v1/workspaces/spring");
    CHECK(refusal(asked) == "422 confirmation_required");
    CHECK(asked.faults() == Words{"?confirm confirmation_required"});
    CHECK(refusal(api.remove("/v1/workspaces/spring?confirm=spring")) == "422 confirmation_required");
    auto path = "/v1/workspaces/spring?confirm=" + api.spring;
    CHECK(api.remove(path, bearer(world.key)).status == 403);
    CHECK(api.remove(path, bearer("nobody")).status == 401);
    CHECK(api.remove(path + "&dry_run=true").text("/dry_run") == "true");
    CHECK(api.get("/members/" + world.member).status == 200);
    auto deleted = world.remove();
    CHECK(deleted.status == 200);
    CHECK(deleted.body == R"({"id":")" + api.spring + R"(","status":"deleted"})");
}

TEST_CASE("every id of a deleted workspace answers 410, and nobody is let in any more, N5") {
    Deleting world;
    auto& api = world.api;
    CHECK(api.get("/v1/workspaces/" + api.spring + "/members", bearer(world.key)).status == 200);
    REQUIRE(world.remove().status == 200);
    for (const auto& path : {"", "/members", "/plan", "/audit", "/sign-in"})
        CHECK(refusal(api.get("/v1/workspaces/" + api.spring + path)) == "410 workspace_deleted");
    CHECK(refusal(api.get("/v1/workspaces/" + api.spring + "/members/" + world.member)) == "410 workspace_deleted");
    CHECK(refusal(api.post("/v1/workspaces/" + api.spring + "/invitations", R"({"email":"a@b.example"})")) ==
          "410 workspace_deleted");
    CHECK(refusal(world.remove()) == "410 workspace_deleted");
    CHECK(api.get("/v1/workspaces/" + api.spring + "/members", bearer(world.key)).status == 401);
    auto link = R"({"token":")" + world.link + R"(","password":"an old engine room"})";
    CHECK(refusal(api.post("/v1/invitations/accept", link)) == "404 token_invalid");
    CHECK(refusal(api.post("/v1/invitations/inspect", R"({"token":")" + world.link + R"("})")) == "404 token_invalid");
    CHECK(
        refusal(api.post("/v1/auth/login", R"({"workspace":")" + api.spring +
                                               R"(","email":"ada@spring.example","password":"an old engine room"})")) ==
        "401 invalid_credentials");
    CHECK(api.get("/v1/workspaces?include_total=true").number("/total") == 0);
    CHECK(api.get("/v1/workspaces").size("/items") == 0);
}

TEST_CASE("who asks for themselves while their workspace is deleted is let in or not, and nothing else happens, N5") {
    for (int round = 0; round < 20; ++round) {
        Deleting world;
        const Person ada(world.api, "ada.l@spring.example");
        std::atomic<bool> over = false;
        std::vector<std::set<int>> statuses(3);
        std::vector<std::thread> threads;
        for (auto& seen : statuses)
            threads.emplace_back([&] {
                const http::Request me{"GET", "/v1/me", {{"authorization", "Bearer " + ada.token}}, "", "127.0.0.1"};
                while (!over) seen.insert(world.api.system->call(me).status);
                seen.insert(world.api.system->call(me).status);
            });
        CHECK(world.remove().status == 200);
        over = true;
        for (auto& each : threads) each.join();
        for (const auto& seen : statuses) {
            CHECK(seen.contains(401));
            for (int status : seen) CHECK((status == 200 || status == 401));
        }
    }
}

TEST_CASE("the slug of a deleted workspace can be taken again, and the new one is another") {
    Deleting world;
    auto& api = world.api;
    REQUIRE(world.remove().status == 200);
    auto again = api.post("/v1/workspaces",
                          R"({"name":"S","slug":"spring","owner":{"email":"grace@spring.example","name":"Grace"}})");
    CHECK(again.status == 201);
    CHECK(again.text("/id") != api.spring);
    CHECK(api.get("/v1/workspaces/spring/members").size("/items") == 1);
}

TEST_CASE("the same request again is answered as the first was [N2]") {
    Deleting world;
    auto first = world.remove({{"Idempotency-Key", "bye"}});
    REQUIRE(first.status == 200);
    auto head = world.api.head();
    auto second = world.remove({{"Idempotency-Key", "bye"}});
    CHECK(second.status == 200);
    CHECK(second.body == first.body);
    CHECK(second.header("idempotency-replayed") == "true");
    CHECK(world.api.head() == head);
}

TEST_CASE("the same request by the slug again is answered as the first was, though the slug is free by then [N2]") {
    Deleting world;
    auto path = "/v1/workspaces/spring?confirm=" + world.api.spring;
    auto first = world.api.remove(path, {{"Idempotency-Key", "bye"}});
    REQUIRE(first.status == 200);
    auto second = world.api.remove(path, {{"Idempotency-Key", "bye"}});
    CHECK(second.status == 200);
    CHECK(second.body == first.body);
    CHECK(second.header("idempotency-replayed") == "true");
    CHECK(refusal(world.api.remove(path)) == "404 not_found");
}

}  // namespace muster::test
