#pragma once
// Every command as it succeeds, on a workspace that has one of each thing.

#include "tests/api/fixture.h"

namespace muster::test {

struct Request {
    std::string method, path, body, type = "application/json", by = {};

    [[nodiscard]] Headers with(Headers more) const {
        more.push_back({"Content-Type", type});
        if (!by.empty()) more.push_back({"Authorization", "Bearer " + by});
        return more;
    }
};

struct OneOfEach {
    Api api;
    std::string pending, member, left, team, resource, request, wish, file, reviewed, api_key, session, batch, webhook;

    OneOfEach() {
        api.licenses(12);
        pending = api.invite("pending@spring.example");
        member = api.member("member@spring.example");
        left = api.member("left@spring.example");
        team = api.team("Sales");
        batch = api.post("/invitations:batch", R"({"emails":"several@spring.example"})").text("/batch_id");
        resource = api.resource("Reception");
        file = api.post("/imports", "email\na@spring.example\n", {{"Content-Type", "text/csv"}}).text("/id");
        reviewed = api.post("/imports", "email\nb@spring.example\n", {{"Content-Type", "text/csv"}}).text("/id");
        REQUIRE(api.post("/members/" + left + "/deactivate").status == 200);
        request = api.request("asks@spring.example");
        wish = api.request("wishes@spring.example");
        REQUIRE(api.post("/invitations/" + api.invite("gone@spring.example") + "/revoke").status == 200);
        api_key = api.post("/api-keys", R"({"name":"K","permissions":["members.read"]})").text("/id");
        webhook = api.post("/webhooks", R"({"url":"https://hooks.example/a"})").text("/id");
        auto link = api.token(api.invite("joins@spring.example"));
        session = api.post("/v1/invitations/accept", R"({"token":")" + link + R"(","password":"an old engine room"})")
                      .text("/session/token");
        REQUIRE(api.post("/roles", R"({"key":"lead","name":"Lead"})").status == 201);
        REQUIRE(api.post("/permissions", R"({"key":"agents.edit","name":"Agents"})").status == 201);
    }

    std::vector<Request> commands() {
        return {
            {"POST", "/v1/workspaces",
             R"({"name":"Fall","slug":"fall","owner":{"email":"bob@fall.example","name":"Bob"}})"},
            {"PATCH", "/v1/workspaces/spring", R"({"name":"Summer"})"},
            {"PATCH", "/settings", R"({"contact":"us"})"},
            {"PUT", "/plan", R"({"user_limit":50})"},
            {"POST", "/roles", R"({"key":"new","name":"New"})"},
            {"PATCH", "/roles/lead", R"({"name":"Leader"})"},
            {"DELETE", "/roles/lead", ""},
            {"POST", "/permissions", R"({"key":"new.one","name":"New"})"},
            {"PATCH", "/permissions/agents.edit", R"({"name":"Can edit agents"})"},
            {"DELETE", "/permissions/agents.edit", ""},
            {"POST", "/teams", R"({"name":"New"})"},
            {"PATCH", "/teams/" + team, R"({"name":"Revenue"})"},
            {"DELETE", "/teams/" + team, ""},
            {"POST", "/resources", R"({"kind":"agent","name":"New"})"},
            {"PATCH", "/resources/" + resource, R"({"name":"Desk"})"},
            {"DELETE", "/resources/" + resource, ""},
            {"POST", "/invitations", R"({"email":"new@spring.example"})"},
            {"POST", "/invitations:batch", R"({"emails":"a@spring.example b@spring.example"})"},
            {"POST", "/batches/" + batch + "/undo", ""},
            {"PATCH", "/invitations/" + pending, R"({"role":"guest"})"},
            {"POST", "/invitations/" + pending + "/resend", ""},
            {"POST", "/v1/invitations/accept",
             R"({"token":")" + api.token(pending) + R"(","password":"an old engine room"})"},
            {"POST", "/invitations/" + pending + "/revoke", ""},
            {"POST", "/imports", "email\nfiled@spring.example\n", "text/csv"},
            {"PATCH", "/imports/" + file, R"({"rows":[{"line":2,"name":"Filed"}]})"},
            {"DELETE", "/imports/" + file, ""},
            {"POST", "/imports/" + reviewed + "/send", ""},
            {"POST", "/members", R"({"email":"made@spring.example","name":"Made"})"},
            {"PATCH", "/members/" + member, R"({"role":"guest"})"},
            {"POST", "/members/" + left + "/reactivate", ""},
            {"POST", "/members/" + member + "/deactivate", ""},
            {"DELETE", "/members/" + member + "?confirm=" + member, ""},
            {"POST", "/members:provision", R"({"email":"sso@spring.example","name":"Sam","via":"sso"})"},
            {"POST", "/invitation-requests/" + request + "/approve", ""},
            {"POST", "/invitation-requests/" + wish + "/dismiss", ""},
            {"POST", "/people:erase", R"({"email":"gone@spring.example"})"},
            {"PUT", "/members/" + left + "/password", R"({"password":"an old engine room"})"},
            {"POST", "/api-keys", R"({"name":"New","permissions":["members.read"]})"},
            {"DELETE", "/api-keys/" + api_key, ""},
            {"POST", "/webhooks", R"({"url":"https://hooks.example/b"})"},
            {"PATCH", "/webhooks/" + webhook, R"({"enabled":false})"},
            {"POST", "/webhooks/" + webhook + "/rotate-secret", ""},
            {"DELETE", "/webhooks/" + webhook, ""},
            {"PATCH", "/v1/me", R"({"name":"Joe"})", "application/json", session},
            {"PUT", "/v1/me/onboarding", R"({"completed":"profile"})", "application/json", session},
            {"PUT", "/v1/me/password", R"({"current_password":"an old engine room","password":"another engine room"})",
             "application/json", session},
            // The last: nothing is left to be asked of it.
            {"DELETE", "/v1/workspaces/" + api.spring + "?confirm=" + api.spring, ""}};
    }
};

}  // namespace muster::test
