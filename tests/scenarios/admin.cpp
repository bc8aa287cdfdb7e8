#include "tests/scenarios/admin.h"

#include "tests/places.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <ranges>
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
    if (!token_.empty()) headers.emplace_back("Authorization", "Bearer " + token_);
    if (!body.empty()) headers.emplace_back("Content-Type", content_type);
    auto answer =
        client_.send(verb, path.starts_with('/') ? path : "/v1/workspaces/" + slug_ + "/" + path, body, headers);
    UNSCOPED_INFO(verb << " " << path << " " << body.substr(0, 500) << " -> " << answer.status << " "
                       << answer.body.substr(0, 2000));
    return {answer.status, answer.body};
}

Reply Caller::signs_in(const std::string& email, const std::string& password) {
    auto signed_in =
        posts("/v1/auth/login",
              body_of({with_text("workspace", slug_), with_text("email", email), with_text("password", password)}));
    if (signed_in.status == 200) calls_by(signed_in["token"]);
    return signed_in;
}

Words Home::mails_to(const std::string& email) const {
    std::map<std::string, std::string> found;  // a mail's file is named by its event, so names sort by time
    auto outbox = scratch / "data/outbox";
    if (!std::filesystem::exists(outbox)) return {};
    for (const auto& entry : std::filesystem::directory_iterator(outbox)) {
        if (entry.path().extension() != ".eml") continue;
        auto mail = server::text_of(entry.path());
        if (mail.contains("<" + email + ">\r\n")) found.emplace(entry.path().filename(), std::move(mail));
    }
    Words mails;
    for (auto& [_, mail] : found) mails.push_back(std::move(mail));
    return mails;
}

std::string Home::token_mailed_to(const std::string& email) const {
    for (int waited = 0; waited < 3000; ++waited) {
        auto mails = mails_to(email);
        for (const auto& mail : mails | std::views::reverse) {
            auto at = mail.find("#mb");
            if (at == std::string::npos) continue;
            return mail.substr(at + 1, mail.find_first_of("\r\n", at) - at - 1);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL("no link was mailed to " + email + " within half a minute");
    return {};
}

void Admin::begins(const std::string& preset, Details details) {
    details.insert(details.begin(), {named("Spring Labs"), with_text("slug", preset), with_text("preset", preset),
                                     with("owner", R"({"email":"ada@spring.example","name":"Ada Lovelace"})")});
    auto made = the_operator().posts("/v1/workspaces", body_of(details));
    REQUIRE(made.status == 201);
    REQUIRE(made["preset"] == preset);
    REQUIRE(made["owner/role"] == "admin");
    auto link = token_mailed_to("ada@spring.example");
    REQUIRE(posts("/v1/auth/password/reset", body_of({with_text("token", link), with_text("password", usual_password)}))
                .status == 200);
    REQUIRE(signs_in("ada@spring.example").status == 200);
}

Admin::Admin(TheDemo) : Home({"--demo"}), Caller(server.port(), "spring") {
    REQUIRE(signs_in("ada@spring.example", "welcome to spring labs").status == 200);
}

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

std::string Admin::availability(const std::string& license) {
    auto seats = sees("seats");
    auto keys = seats.each("licenses", "key");
    auto found = std::ranges::find(keys, license);
    if (found == keys.end()) return "no licence " + license;
    auto row = "licenses/" + std::to_string(found - keys.begin());
    return seats[row + "/name"] + ": " + seats[row + "/remaining"] + " Remaining";
}

Newcomer::Newcomer(Admin& admin, const Reply& person) : Visitor(admin), email_(person["email"]) {
    if (person["id"].starts_with("inv_")) REQUIRE(admin.delivery_of(person) == "sent");
    token_ = admin.token_mailed_to(email_);
}

Reply Newcomer::accepts_with(Details details) {
    details.insert(details.begin(), with_text("token", token_));
    auto accepted = posts("/v1/invitations/accept", body_of(details));
    if (accepted.status == 201 && accepted["session"] != "null") calls_by(accepted["session/token"]);
    return accepted;
}

Reply Newcomer::chooses(const std::string& password) {
    return posts("/v1/auth/password/reset", body_of({with_text("token", token_), with_text("password", password)}));
}

std::string Machine::key(Admin& admin, const Words& permissions) {
    auto made = admin.posts("api-keys", body_of({named("Connector"), may(permissions)}));
    REQUIRE(made.status == 201);
    return made["secret"];
}

}  // namespace muster::test
