#include "tests/scenarios/admin.h"

#include "tests/places.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace muster::test {
namespace {

using nlohmann::json;

std::string as_text(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

json at(const std::string& body, const std::string& pointer) {
    auto document = json::parse(body, nullptr, false);
    json::json_pointer place(pointer.empty() ? "" : "/" + pointer);
    return document.contains(place) ? document.at(place) : json("(absent)");
}

}  // namespace

std::string Reply::operator[](const std::string& pointer) const { return as_text(at(body, pointer)); }

Words Reply::each(const std::string& pointer, const std::string& name) const {
    auto items = at(body, pointer);
    Words all;
    if (items.is_array())
        for (const auto& item : items) all.push_back(item.contains(name) ? as_text(item.at(name)) : "(absent)");
    return all;
}

Reply Reply::item(const std::string& pointer, std::size_t index) const {
    return {status, at(body, pointer + "/" + std::to_string(index)).dump()};
}

std::string refusal(const Reply& reply) { return std::to_string(reply.status) + " " + reply.code(); }

std::string quoted(const std::string& text) { return json(text).dump(); }
std::string list(const Words& texts) { return json(texts).dump(); }

Detail assigned(const std::vector<std::pair<std::string, std::string>>& resources) {
    auto all = json::array();
    for (const auto& [id, access] : resources) all.push_back({{"id", id}, {"access", access}});
    return {"resources", all.dump()};
}

std::string body_of(const Details& details) {
    std::string body;
    for (const auto& [field, value] : details) body += (body.empty() ? "{" : ",") + quoted(field) + ":" + value;
    return body + "}";
}

Reply Caller::sends(const std::string& verb, const std::string& path, const std::string& body,
                    const std::string& content_type) {
    server::Client::Headers headers;
    if (!body.empty()) headers.emplace_back("Content-Type", content_type);
    auto answer =
        client_.send(verb, path.starts_with('/') ? path : "/v1/workspaces/" + slug_ + "/" + path, body, headers);
    UNSCOPED_INFO(verb << " " << path << " " << body.substr(0, 500) << " -> " << answer.status << " "
                       << answer.body.substr(0, 2000));
    return {answer.status, answer.body};
}

Admin::Admin(const std::string& preset) : Caller(server.port(), server.operator_key(), preset) {
    auto made = posts("/v1/workspaces",
                      body_of({named("Spring Labs"), with("slug", quoted(preset)), with("preset", quoted(preset)),
                               with("owner", R"({"email":"ada@spring.example","name":"Ada Lovelace"})")}));
    REQUIRE(made.status == 201);
    REQUIRE(made["preset"] == preset);
}

Admin::Admin(TheDemo) : Home({"--demo"}), Caller(server.port(), server.operator_key(), "spring") {}

std::string Admin::path_of(const Reply& person) {
    auto id = person["id"];
    return (id.starts_with("inv_") ? "invitations/" : "members/") + id;
}

Reply Admin::uploads_excel(const std::string& file) {
    return sends("POST", "imports", server::text_of(repository_root() + "/tests/api/sheets/" + file),
                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
}

Reply Admin::sends_all(const Reply& import) {
    auto path = "imports/" + import["id"];
    auto sending = posts(path + "/send");
    if (sending.status != 202) return sending;
    for (int waited = 0; waited < 3000; ++waited) {
        if (auto now = sees(path); now["status"] == "done") return now;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL("the import is not sent after half a minute");
    return sending;
}

std::string Admin::delivery_of(const Reply& invitation) {
    for (int waited = 0; waited < 3000; ++waited) {
        if (auto status = looks_at(invitation)["delivery/status"]; status != "queued") return status;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return "queued";
}

Words Admin::mails_to(const std::string& email) {
    Words found;
    for (const auto& entry : std::filesystem::directory_iterator(scratch / "data/outbox")) {
        if (entry.path().extension() != ".eml") continue;
        auto mail = server::text_of(entry.path());
        if (mail.contains("<" + email + ">\r\n")) found.push_back(std::move(mail));
    }
    return found;
}

std::string Admin::availability(const std::string& license) {
    auto seats = sees("seats");
    auto keys = seats.each("licenses", "key");
    auto found = std::ranges::find(keys, license);
    if (found == keys.end()) return "no licence " + license;
    auto row = "licenses/" + std::to_string(found - keys.begin());
    return seats[row + "/name"] + ": " + seats[row + "/remaining"] + " Remaining";
}

std::string Visitor::token_of(const Reply& invitation) {
    auto url = invitation["accept_url"];
    return url.substr(url.find('#') + 1);
}

Reply Visitor::opens(const Reply& invitation) {
    return posts("/v1/invitations/inspect", body_of({with("token", quoted(token_of(invitation)))}));
}

}  // namespace muster::test
