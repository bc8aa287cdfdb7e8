// Mail as an operator sees it: an outbox or a mail server, and kill -9 meanwhile.
#include "tests/api/smtp_server.h"
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <thread>

namespace muster::server {
namespace {

using Catch::Matchers::Contains;

const std::string spring = "/v1/workspaces/spring";

void make_spring(Client& admin) {
    REQUIRE(admin
                .post("/v1/workspaces",
                      R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})")
                .status == 201);
}

// The total of that delivery, once nothing is queued any more.
std::string count(Client& admin, const std::string& delivery) {
    auto total = [&](const std::string& of) {
        return admin.get(spring + "/invitations?limit=1&include_total=true&delivery=" + of).first("total");
    };
    for (int waited = 0; waited < 6000 && total("queued") != "0"; ++waited)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(total("queued") == "0");
    return total(delivery);
}

}  // namespace

TEST_CASE("without a mail server every mail is a file, also those that kill -9 cut off [trap 9]") {
    constexpr int people = 300;
    Scratch scratch;
    auto data = scratch / "data";
    std::mt19937 random(Catch::rngSeed());
    std::uniform_int_distribution<int> moment(20, 200);
    auto server = std::make_unique<Served>(data);
    {
        Client admin(server->port(), server->operator_key());
        make_spring(admin);
        std::string emails;
        for (int i = 0; i < people; ++i) emails += "p" + std::to_string(i) + "@navy.example ";
        REQUIRE(admin.post(spring + "/invitations:batch", R"({"emails":")" + emails + "\"}").status == 200);
    }
    for (int kills = 0; kills < 3; ++kills) {
        std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
        server->kill();
        server = std::make_unique<Served>(data);
    }
    Client admin(server->port(), server->operator_key());
    CHECK(count(admin, "sent") == std::to_string(people));
    std::map<std::string, int> readers;
    for (const auto& each : std::filesystem::directory_iterator(data + "/outbox")) {
        auto mail = text_of(each.path());
        auto name = each.path().filename().string();
        INFO(name);
        REQUIRE(name.ends_with(".eml"));
        CHECK_THAT(mail, Contains("Message-ID: <" + name.substr(0, name.size() - 4) + "@127.0.0.1>\r\n"));
        auto to = mail.find("To: ");
        auto begin = mail.find('<', to) + 1;
        ++readers[mail.substr(begin, mail.find('>', begin) - begin)];
    }
    CHECK(readers.size() == people + 1);
    for (const auto& [reader, mails] : readers) {
        INFO(reader);
        CHECK(mails == 1);
    }
    CHECK(admin.get(spring + "/audit?type=mail_sent&limit=1&include_total=true").first("total") ==
          std::to_string(people + 1));
    CHECK(server->stop() == 0);
}

TEST_CASE("through a mail server, with the password from the environment and a deployer's own texts") {
    Scratch scratch;
    auto templates = scratch / "templates";
    std::filesystem::create_directory(templates);
    write_file(templates + "/invitation.txt", "Subject: {{workspace}} ruft\n\n{{link}}\n");
    REQUIRE(finish({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", scratch / "key.pem", "-out", scratch / "cert.pem", "-days", "2", "-subj", "/CN=mail"})
                .exit_code == 0);
    test::MailServer mail_server("auth", {scratch / "cert.pem", scratch / "key.pem"});
    Served server(scratch / "data",
                  {"--smtp", mail_server.url("ada"), "--mail-from", "team@Spring.example", "--mail-templates",
                   templates, "--public-url", "https://muster.example"},
                  {{"MUSTER_SMTP_PASSWORD", "correct"}});
    Client admin(server.port(), server.operator_key());
    make_spring(admin);
    auto made = admin.post(spring + "/invitations", R"({"email":"grace@navy.example","name":"Grace Hopper"})");
    CHECK(count(admin, "sent") == "1");
    for (int waited = 0; waited < 3000 && mail_server.taken().size() < 2; ++waited)  // Ada's welcome too
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    auto taken = mail_server.taken();
    REQUIRE(taken.size() == 2);
    const auto& mail = taken[0].envelope.contains("grace") ? taken[0] : taken[1];
    CHECK_THAT(mail.envelope, Contains("grace@navy.example") && Contains(R"("user": "ada")"));
    CHECK(mail.field("Subject") == "Spring ruft");
    CHECK_THAT(mail.bytes, Contains(made.first("accept_url")) && Contains("team@spring.example"));
    CHECK_THAT(server.process().err() + server.process().out(), !Contains("correct") && !Contains("grace@navy"));
    CHECK_FALSE(std::filesystem::exists(scratch / "data/outbox"));
}

TEST_CASE("a mail server that hangs holds up nothing else, nor the end") {
    Scratch scratch;
    test::MailServer mail_server("hang");
    Served server(scratch / "data", {"--smtp", mail_server.url(), "--mail-from", "team@spring.example"});
    Client admin(server.port(), server.operator_key());
    make_spring(admin);
    std::string id;
    for (int i = 0; i < 50; ++i) {
        auto made = admin.post(spring + "/invitations", R"({"email":"p)" + std::to_string(i) + R"(@navy.example"})");
        REQUIRE(made.status == 201);
        id = made.first("id");
    }
    CHECK_THAT(admin.get(spring + "/invitations/" + id).body, Contains(R"("delivery":{"status":"queued")"));
    CHECK(server.stop() == 0);
}

TEST_CASE("wrong settings of mail are said at the start") {
    Scratch scratch;
    auto serve = [&](const Arguments& more) {
        Arguments command{muster_program(), "serve", "--data", scratch / "data", "--listen", "127.0.0.1:0"};
        command.insert(command.end(), more.begin(), more.end());
        return finish(command);
    };
    auto url = serve({"--smtp", "mail.example"});
    CHECK(url.exit_code == 2);
    CHECK_THAT(url.err, Contains("--smtp") && Contains("smtp://"));
    auto from = serve({"--mail-from", "nobody"});
    CHECK(from.exit_code == 2);
    CHECK_THAT(from.err, Contains("--mail-from"));
    write_file(scratch / "invitation.txt", "Hello\n");
    auto templates = serve({"--mail-templates", scratch / ""});
    CHECK(templates.exit_code == 1);
    CHECK_THAT(templates.err, Contains("invitation.txt:1: it must begin with a line"));
}

}  // namespace muster::server
