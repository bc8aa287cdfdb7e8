#include "tests/api/fixture.h"

#include "api/http/arrival.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

namespace muster::test {
namespace {

using nlohmann::json;

json parsed(const std::string& body) { return json::parse(body, nullptr, false); }

const json* find(const json& document, const std::string& pointer) {
    json::json_pointer at(pointer);
    return document.contains(at) ? &document.at(at) : nullptr;
}

std::string as_text(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

bool of_spring(const std::string& path) {
    static const Words others{"/v1", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/nowhere"};
    return std::ranges::none_of(others, [&](const auto& each) { return path.starts_with(each); });
}

std::string of_person(const std::string& email, const std::string& more) {
    return R"({"email":")" + email + "\"" + (more.empty() ? "" : "," + more) + "}";
}

std::string made(const Answer& answer, int status) {
    INFO(answer.body);
    REQUIRE(answer.status == status);
    return answer.text("/id");
}

}  // namespace

std::string Answer::header(const std::string& name) const {
    for (const auto& each : headers)
        if (lower(each.name) == name) return each.value;
    return {};
}

std::int64_t Answer::position() const {
    auto text = header("muster-position");
    return text.empty() ? -1 : std::stoll(text);
}

bool Answer::has(const std::string& pointer) const { return find(parsed(body), pointer) != nullptr; }

std::string Answer::text(const std::string& pointer) const {
    auto document = parsed(body);
    const auto* found = find(document, pointer);
    return found ? as_text(*found) : "(absent)";
}

std::int64_t Answer::number(const std::string& pointer) const {
    auto document = parsed(body);
    const auto* found = find(document, pointer);
    INFO(pointer << " in " << body);
    REQUIRE(found);
    REQUIRE(found->is_number_integer());
    return found->get<std::int64_t>();
}

std::size_t Answer::size(const std::string& pointer) const {
    auto document = parsed(body);
    const auto* found = find(document, pointer);
    INFO(pointer << " in " << body);
    REQUIRE(found);
    return found->size();
}

std::vector<std::string> Answer::members(const std::string& pointer) const {
    auto document = parsed(body);
    const auto* found = find(document, pointer);
    Words names;
    if (found)
        for (const auto& [name, _] : found->items()) names.push_back(name);
    return names;
}

std::vector<std::string> Answer::each(const std::string& pointer, const std::string& name) const {
    auto document = parsed(body);
    const auto* found = find(document, pointer);
    Words texts;
    if (found)
        for (const auto& one : *found) texts.push_back(one.contains(name) ? as_text(one.at(name)) : "(absent)");
    return texts;
}

std::vector<std::string> Answer::faults() const {
    auto document = parsed(body);
    Words texts;
    if (const auto* errors = find(document, "/errors"))
        for (const auto& one : *errors) texts.push_back(as_text(one.at("pointer")) + " " + as_text(one.at("code")));
    std::ranges::sort(texts);
    return texts;
}

std::optional<http::Piece> next_piece(http::Stream& stream) {
    auto piece = std::make_shared<http::Arrival<http::Piece>>();
    std::promise<void> arrived;
    stream.next(http::giver_for(piece));
    if (!piece->arrived_or_wake([&] { arrived.set_value(); }) &&
        arrived.get_future().wait_for(std::chrono::minutes(1)) != std::future_status::ready) {
        piece->forget();
        FAIL("no piece came");
    }
    return piece->take();
}

std::string refusal(const Answer& answer) {
    INFO(answer.body);
    CHECK(answer.header("content-type") == "application/problem+json");
    for (const char* name : {"/type", "/title", "/status", "/detail", "/code"}) CHECK(answer.has(name));
    CHECK(answer.text("/status") == std::to_string(answer.status));
    return std::to_string(answer.status) + " " + answer.code();
}

Api::Api(bool with_spring, const std::function<void(SystemOptions&)>& change) {
    SystemOptions options;
    options.operator_key = token_of_operator;
    options.public_url = "https://muster.example";
    options.clock = &clock;
    options.password_cost = {1, 8192};  // the least there is: tests hash by the hundred
    options.webhooks.by_hand = true;
    if (change) change(options);
    system = std::make_unique<System>(std::move(options));
    if (!with_spring) return;
    auto answer =
        post("/v1/workspaces",
             R"({"name":"Spring Labs","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada Lovelace"}})");
    spring = made(answer, 201);
    ada = answer.text("/owner/id");
}

Answer Api::send(const std::string& method, const std::string& path, const std::string& body, const Headers& headers) {
    http::Request request{method, of_spring(path) ? "/v1/workspaces/spring" + path : path, {}, body, peer};
    for (const auto& [name, value] : headers) request.headers.push_back({lower(name), value});
    if (!request.header("authorization")) request.headers.push_back({"authorization", "Bearer " + token_of_operator});
    if (!body.empty() && !request.header("content-type"))
        request.headers.push_back({"content-type", "application/json"});
    auto answer = system->call(std::move(request));
    Answer seen{answer.status, std::move(answer.body), std::move(answer.headers), std::move(answer.stream)};
    if (!seen.stream || seen.header("content-type") == "text/event-stream") return seen;
    for (bool last = false; !last;) {
        auto piece = next_piece(*seen.stream);
        REQUIRE(piece);
        seen.body += piece->bytes;
        last = piece->last;
    }
    seen.stream.reset();
    return seen;
}

std::string Api::invite(const std::string& email, const std::string& more) {
    return made(post("/invitations", of_person(email, more)), 201);
}

std::string Api::member(const std::string& email, const std::string& more) {
    auto named = more.find("\"name\"") != std::string::npos
                     ? more
                     : R"("name":"Somebody New")" + (more.empty() ? "" : "," + more);
    return made(post("/members", of_person(email, named)), 201);
}

std::string Api::team(const std::string& name) { return made(post("/teams", R"({"name":")" + name + "\"}"), 201); }

std::string Api::request(const std::string& email, const std::string& more) {
    REQUIRE(patch("/settings", R"({"invitation_requests":true})").status == 200);
    // Each from a place of its own, so that a test may file more than one IP may.
    auto here = std::exchange(peer, "192.0.2." + std::to_string(++places_ % 250));
    auto answer = post("/invitation-requests", of_person(email, more), {{"Authorization", "nobody"}});
    peer = here;
    INFO(answer.body);
    REQUIRE(answer.status == 202);
    // It is decided behind the answer.
    for (int waited = 0; waited < 1000; ++waited) {
        auto listed = get("/invitation-requests?limit=1000");
        auto emails = listed.each("/items", "email");
        auto found = std::ranges::find(emails, email);
        if (found != emails.end()) return listed.each("/items", "id")[static_cast<std::size_t>(found - emails.begin())];
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    FAIL("the request of " + email + " is not listed");
    return {};
}

std::string Api::resource(const std::string& name, const std::string& group) {
    return made(post("/resources", R"({"kind":"agent","name":")" + name + R"(","group":")" + group + "\"}"), 201);
}

std::string Api::token(const std::string& invitation) {
    auto link = get("/invitations/" + invitation + "/link");
    INFO(link.body);
    REQUIRE(link.status == 200);
    auto url = link.text("/accept_url");
    return url.substr(url.find('#') + 1);
}

std::string Api::accept(const std::string& invitation) {
    auto answer =
        post("/v1/invitations/accept", R"({"token":")" + token(invitation) + R"(","password":")" + password + "\"}");
    INFO(answer.body);
    REQUIRE(answer.status == 201);
    return answer.text("/member/id");
}

void Api::licenses(int organization, int conversation_intelligence) {
    auto answer =
        put("/plan", R"({"user_limit":null,"licenses":[)"
                     R"({"key":"basic","name":"Basic","kind":"base","paid":false,"seats":null},)"
                     R"({"key":"organization","name":"Organization","kind":"base","paid":true,"seats":)" +
                         std::to_string(organization) +
                         R"(},{"key":"ci","name":"Conversation Intelligence","kind":"add_on","paid":true,"seats":)" +
                         std::to_string(conversation_intelligence) + R"(,"requires":["organization"]}]})");
    INFO(answer.body);
    REQUIRE(answer.status == 200);
}

std::string same(const std::string& id, const std::string& prefix) { return prefix + id.substr(3); }

}  // namespace muster::test
