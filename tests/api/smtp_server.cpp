#include "tests/api/smtp_server.h"

#include "tests/places.h"

#include <filesystem>

namespace muster::test {
namespace {

server::Arguments command(const std::string& mode, const std::string& directory, const server::Arguments& more) {
    server::Arguments words{"/usr/bin/python3", repository_root() + "/tests/api/smtp_server.py", mode, directory};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

}  // namespace

std::string TakenMail::field(const std::string& name) const {
    auto header = "\r\n" + bytes.substr(0, bytes.find("\r\n\r\n")) + "\r\n";
    auto at = header.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    at += name.size() + 4;
    return header.substr(at, header.find("\r\n", at) - at);
}

MailServer::MailServer(const std::string& mode, const server::Arguments& more)
    : process_(command(mode, scratch_ / "", more)), port_(process_.line_after("listening on ")) {}

std::string MailServer::url(const std::string& user) const {
    return "smtp://" + (user.empty() ? "" : user + "@") + "127.0.0.1:" + port_;
}

std::vector<TakenMail> MailServer::taken() const {
    std::vector<TakenMail> all;
    for (int number = 1;; ++number) {
        auto stem = scratch_ / std::to_string(number);
        if (!std::filesystem::exists(stem + ".eml")) return all;
        all.push_back({server::text_of(stem + ".json"), server::text_of(stem + ".eml")});
    }
}

}  // namespace muster::test
