#include "tests/api/webhook_receiver.h"

#include "tests/places.h"

#include <algorithm>
#include <filesystem>

namespace muster::test {
namespace {

server::Arguments command(const std::string& mode, const std::string& directory, const server::Arguments& more) {
    server::Arguments words{"/usr/bin/python3", repository_root() + "/tests/api/webhook_receiver.py", mode, directory};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

}  // namespace

WebhookReceiver::WebhookReceiver(const std::string& mode, const server::Arguments& certificate)
    : process_(command(mode, scratch_ / "", certificate)), port_(process_.line_after("listening on ")) {}

void WebhookReceiver::turns_to(const std::string& mode) const {
    server::write_file(scratch_ / "next", mode);
    std::filesystem::rename(scratch_ / "next", scratch_ / "mode");
}

void WebhookReceiver::let_go() const { server::write_file(scratch_ / "go", ""); }
void WebhookReceiver::hold() const { std::filesystem::remove(scratch_ / "go"); }

std::string WebhookReceiver::url(const std::string& scheme, const std::string& host) const {
    return scheme + "://" + host + ":" + port_ + "/hook";
}

std::vector<std::string> WebhookReceiver::taken() const {
    std::vector<std::string> all;
    for (int number = 1;; ++number) {
        auto file = scratch_ / (std::to_string(number) + ".json");
        if (!std::filesystem::exists(file)) return all;
        all.push_back(server::text_of(file));
    }
}

std::string WebhookReceiver::signed_with(int number, const std::vector<std::string>& secrets) const {
    server::Arguments words{"/usr/bin/python3", repository_root() + "/tests/api/verify_webhook.py",
                            scratch_ / (std::to_string(number) + ".json")};
    words.insert(words.end(), secrets.begin(), secrets.end());
    auto said = server::finish(words).out;
    std::ranges::replace(said, '\n', ' ');
    if (!said.empty()) said.pop_back();
    return said;
}

}  // namespace muster::test
