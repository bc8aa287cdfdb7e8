// muster keys: the server's keys change, and what was handed out before stays good.
#include "api/tokens.h"
#include "tests/tools/program.h"
#include "tools/commands.h"

#include <catch2/catch.hpp>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;

const std::string spring = "/v1/workspaces/spring";

Ran rotate(const DataDirectory& data, const std::string& purpose, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"keys", "rotate", purpose, "--data", data.path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return muster(arguments);
}

// The first string of this name in the JSON.
std::string string_in(const std::string& json, const std::string& name) {
    const auto begin = json.find("\"" + name + "\":\"") + name.size() + 4;
    return json.substr(begin, json.find('"', begin) - begin);
}

std::string link_of(DataDirectory& data) {
    const auto url = string_in(data.send("GET", spring + "/invitations/" + data.grace + "/link"), "accept_url");
    return url.substr(url.find('#') + 1);
}

std::string inspected(DataDirectory& data, const std::string& token) {
    return string_in(data.send("POST", "/v1/invitations/inspect", R"({"token":")" + token + "\"}"), "email");
}

// Of the key that an invitation's link was signed with, as it stands in the link.
std::string key_in(const std::string& token) { return from_base64url(token.substr(4)).value().substr(16, 4); }

}  // namespace

TEST_CASE("a rotated link key: older links are followed still, new ones are the new key's, at rest and by a server") {
    const bool served = GENERATE(false, true);
    INFO("beside a server: " << served);
    DataDirectory data;
    if (served) data.serve();
    const auto before = link_of(data);
    const auto ran = rotate(data, "link");
    CHECK(ran.err.empty());
    CHECK(ran.code == tools::well);
    CHECK_THAT(ran.out, Catch::StartsWith("link: key 2 from now on; what key 1 made is good until 20"));
    const auto after = link_of(data);
    CHECK(key_in(before) == std::string("\0\0\0\1", 4));
    CHECK(key_in(after) == std::string("\0\0\0\2", 4));
    CHECK(inspected(data, before) == "grace@spring.example");
    CHECK(inspected(data, after) == "grace@spring.example");
    // Nor is it another one after a restart.
    data.stop();
    CHECK(link_of(data) == after);
    CHECK(inspected(data, before) == "grace@spring.example");
}

TEST_CASE("beside a server its clock says until when, also in JSON") {
    DataDirectory data;
    data.serve();
    CHECK(rotate(data, "cursor", {"--format", "json"}).out ==
          R"({"purpose":"cursor","key":2,"former_key":1,"former_key_good_until":"2027-04-06T09:02:00.000Z"})"
          "\n");
    CHECK(rotate(data, "cursor").out ==
          "cursor: key 3 from now on; what key 2 made is good until "
          "2027-04-06T09:02:00.000Z\n");
}

TEST_CASE("a list is read to its end across a rotation of the cursors' key") {
    DataDirectory data;
    data.serve();
    const auto first = data.send("GET", spring + "/people?limit=1");
    CHECK(rotate(data, "cursor").code == tools::well);
    const auto second = data.send("GET", spring + "/people?limit=1&cursor=" + string_in(first, "next_cursor"));
    CHECK_THAT(first + second, Contains("ada@spring.example") && Contains("grace@spring.example"));
}

TEST_CASE("a request is answered again across a rotation of the kept answers' key, and not done again [N2]") {
    DataDirectory data;
    data.serve();
    const std::string body = R"({"email":"alan@spring.example"})";
    const auto invite = [&] { return data.send("POST", spring + "/invitations", body, {{"idempotency-key", "once"}}); };
    const auto first = invite();
    const auto head = data.system().store().log->head();
    CHECK(rotate(data, "idempotency").code == tools::well);
    CHECK(invite() == first);
    CHECK(data.system().store().log->head() == head);
}

TEST_CASE("after 400 days the server's tidying destroys a former key: its links are no links") {
    DataDirectory data;
    data.serve();
    data.send("POST", spring + "/invitations/" + data.grace + "/resend", R"({"ttl":31536000})");
    const auto link = link_of(data);
    const auto& store = data.system().store();
    const auto good = [&] { return read_link_token(*store.vault, *store.aggregates, link).has_value(); };
    CHECK(rotate(data, "link").code == tools::well);
    data.clock.at = data.clock.at.plus_seconds(limits::rotated_key_seconds);
    data.system().tidy();
    CHECK(good());
    data.clock.at = data.clock.at.plus_seconds(1);
    data.system().tidy();
    CHECK_FALSE(good());
}

TEST_CASE("of what has no key that rotates there is a sentence, and nothing changes") {
    DataDirectory data;
    CHECK(rotate(data, "sessions").code == tools::usage);
    CHECK(muster({"keys", "rotate", "link"}).code == tools::usage);
    CHECK(muster({"keys", "rotate", "link", "--data", data.path() + "/nothing"}).code == tools::failed);
    data.serve();
    tools::Request request;
    request.ask = tools::Ask::rotate;
    request.purpose = "sessions";
    const auto answered = tools::ask_server(data.path(), request, [](std::string_view) {});
    REQUIRE(answered);
    CHECK(answered->status == tools::usage);
    CHECK_THAT(answered->words, Contains("link, cursor and idempotency"));
}

}  // namespace muster::test
