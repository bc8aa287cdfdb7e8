// The limits that the OpenAPI document states of numbers and lists are those that requests meet: what it states is
// taken, one more is not.
#include "tests/api/signed_in.h"

#include <nlohmann/json.hpp>

namespace muster::test {
namespace {

using nlohmann::json;

// Of a field of a body that the document describes.
json stated(Api& api, const std::string& verb, const std::string& path, const std::string& field) {
    auto document = json::parse(api.get("/openapi.json").body);
    std::string properties = "/requestBody/content/application~1json/schema/properties/" + field;
    return document["paths"]["/v1/workspaces/{ws}" + path][verb].at(json::json_pointer(properties));
}

// Whether an answer finds that field wrong.
bool refuses(const Answer& answer, const std::string& field) {
    for (const auto& each : answer.faults())
        if (each.starts_with("/" + field + " ")) return true;
    return answer.status >= 400;
}

std::string number(const std::string& field, std::int64_t value) {
    return "{\"" + field + "\":" + std::to_string(value) + "}";
}

// So many elements, each made of its number.
std::string list(std::int64_t count, const std::function<std::string(std::int64_t)>& element) {
    std::string all;
    for (std::int64_t i = 0; i < count; ++i) all += (i ? "," : "") + element(i);
    return "[" + all + "]";
}

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

TEST_CASE("a number is taken between the limits that are stated, and not beyond") {
    Api api;
    api.licenses(5);
    auto hook = api.post("/webhooks", R"({"url":"https://hooks.example/a","enabled":false})").text("/id");
    int people = 0;
    auto invite = [&](const std::string& field, std::int64_t value) {
        return api.post("/invitations", R"({"email":"p)" + std::to_string(++people) + R"(@spring.example",")" + field +
                                            "\":" + std::to_string(value) + "}");
    };
    auto setting = [&](const std::string& field, std::int64_t value) {
        return api.patch("/settings", number(field, value));
    };
    auto plan = [&](const std::string&, std::int64_t value) {
        return api.put("/plan", R"({"user_limit":)" + std::to_string(value) + R"(,"licenses":[]})");
    };
    auto rotated = [&](const std::string& field, std::int64_t value) {
        return api.post("/webhooks/" + hook + "/rotate-secret", number(field, value));
    };
    struct Row {
        const char *verb, *path, *field;
        std::function<Answer(const std::string&, std::int64_t)> send;
    };
    for (const auto& each : {Row{"post", "/invitations", "ttl", invite},
                             {"patch", "/settings", "invitation_ttl", setting},
                             {"patch", "/settings", "password_min_length", setting},
                             {"patch", "/settings", "resend_limit_per_day", setting},
                             {"patch", "/settings", "max_teams_per_member", setting},
                             {"post", "/webhooks/{id}/rotate-secret", "overlap_seconds", rotated},
                             {"put", "/plan", "user_limit", plan}}) {
        INFO(each.field);
        auto schema = stated(api, each.verb, each.path, each.field);
        auto least = schema.at("minimum").get<std::int64_t>(), most = schema.at("maximum").get<std::int64_t>();
        CHECK_FALSE(refuses(each.send(each.field, most), each.field));
        CHECK(refuses(each.send(each.field, most + 1), each.field));
        CHECK(refuses(each.send(each.field, least - 1), each.field));
        // A plan for nobody is refused for who is there, not as a wrong number.
        if (std::string_view(each.field) == "user_limit")
            CHECK(refusal(each.send(each.field, least)) == "409 seats_in_use");
        else
            CHECK_FALSE(refuses(each.send(each.field, least), each.field));
    }
    auto seats = stated(api, "put", "/plan", "licenses").at("items").at("properties").at("seats");
    auto with_seats = [&](std::int64_t count) {
        return api.put("/plan",
                       R"({"user_limit":null,"licenses":[{"key":"a","name":"A","kind":"base","paid":true,"seats":)" +
                           std::to_string(count) + "}]}");
    };
    for (const char* each : {"minimum", "maximum"}) CHECK(with_seats(seats.at(each)).status == 200);
    CHECK(with_seats(seats.at("maximum").get<std::int64_t>() + 1).status == 422);
    CHECK(with_seats(seats.at("minimum").get<std::int64_t>() - 1).status == 422);
    for (auto [limit, status] : {std::pair{0, 422}, {1, 200}, {1000, 200}, {1001, 422}})
        CHECK(api.get("/members?limit=" + std::to_string(limit)).status == status);
    CHECK_THAT(api.get("/openapi.json").body, Catch::Contains(R"("maximum":1000,"minimum":1)"));
}

TEST_CASE("a list is taken as long as is stated, and no longer") {
    Api api;
    auto most = [&](const std::string& verb, const std::string& path, const std::string& field) {
        return stated(api, verb, path, field).at("maxItems").get<std::int64_t>();
    };
    SECTION("domains") {
        auto count = most("patch", "/settings", "allowed_email_domains");
        auto send = [&](std::int64_t n) {
            return api.patch("/settings", R"({"allowed_email_domains":)" + list(n, [](auto i) {
                                              return quoted("d" + std::to_string(i) + ".example");
                                          }) + "}");
        };
        CHECK(count == 200);
        CHECK(send(count).status == 200);
        CHECK(refuses(send(count + 1), "allowed_email_domains"));
    }
    SECTION("licences") {
        auto count = most("put", "/plan", "licenses");
        auto send = [&](std::int64_t n) {
            return api.put("/plan", R"({"user_limit":null,"licenses":)" + list(n, [](auto i) {
                                        return R"({"key":"l)" + std::to_string(i) + R"(","name":"L)" +
                                               std::to_string(i) + R"(","kind":"base","paid":false,"seats":null})";
                                    }) + "}");
        };
        CHECK(count == 100);
        CHECK(send(count).status == 200);
        CHECK(refusal(send(count + 1)) == "409 limit_reached");
    }
    SECTION("teams") {
        auto count = most("post", "/invitations", "teams");
        for (std::int64_t i = 0; i <= count; ++i) api.team("T" + std::to_string(i));
        auto send = [&](std::int64_t n) {
            return api.post("/invitations", R"({"email":"p)" + std::to_string(n) + R"(@spring.example","teams":)" +
                                                list(n, [](auto i) { return quoted("T" + std::to_string(i)); }) + "}");
        };
        CHECK(count == 100);
        CHECK(send(count).status == 201);
        CHECK(refuses(send(count + 1), "teams"));
    }
    SECTION("resources") {
        auto count = most("post", "/invitations", "resources");
        Words ids;
        for (std::int64_t i = 0; i <= count; ++i) ids.push_back(api.resource("R" + std::to_string(i)));
        auto send = [&](std::int64_t n) {
            return api.post(
                "/invitations",
                R"({"email":"p)" + std::to_string(n) + R"(@spring.example","resources":)" +
                    list(n, [&](auto i) { return R"({"id":")" + ids[static_cast<std::size_t>(i)] + "\"}"; }) + "}");
        };
        CHECK(count == 200);
        CHECK(send(count).status == 201);
        CHECK(refuses(send(count + 1), "resources"));
    }
    SECTION("a batch") {
        auto count = most("post", "/invitations:batch", "invitations");
        auto send = [&](std::int64_t n) {
            return api.post("/invitations:batch?dry_run=true", R"({"invitations":)" + list(n, [](auto i) {
                                                                   return R"({"email":"p)" + std::to_string(i) +
                                                                          R"(@spring.example"})";
                                                               }) + "}");
        };
        CHECK(count == 10'000);
        CHECK(send(count).status == 200);
        CHECK(refuses(send(count + 1), "invitations"));
    }
    SECTION("corrections of an import") { CHECK(most("patch", "/imports/{id}", "rows") == 50'000); }
    SECTION("any other") {
        auto count = most("post", "/roles", "permissions");
        auto send = [&](std::int64_t n) {
            return api.post("/roles", R"({"key":"r)" + std::to_string(n) + R"(","name":"R","permissions":)" +
                                          list(n, [](auto) { return quoted("members.read"); }) + "}");
        };
        CHECK(count == 1000);
        CHECK(send(count).status == 201);
        CHECK(refuses(send(count + 1), "permissions"));
    }
}

}  // namespace muster::test
