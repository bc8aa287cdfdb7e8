// muster serve as an operator meets it.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <sys/stat.h>
#include <thread>

namespace muster::server {
namespace {

using Catch::Matchers::Contains;

mode_t mode_of(const std::string& file) {
    struct stat found{};
    REQUIRE(::stat(file.c_str(), &found) == 0);
    return found.st_mode & 07777;
}

Arguments serve(const std::string& data, const Arguments& more = {}) {
    Arguments command{muster_program(), "serve", "--data", data, "--listen", "127.0.0.1:0"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

constexpr auto readable_by_others = std::filesystem::perms::owner_all | std::filesystem::perms::group_read |
                                    std::filesystem::perms::group_exec | std::filesystem::perms::others_read |
                                    std::filesystem::perms::others_exec;

constexpr auto new_spring = R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})";

}  // namespace

TEST_CASE("the first start makes the operator's key, readable by its owner only; later ones keep it") {
    Scratch scratch;
    auto data = scratch / "data";
    std::string key;
    {
        Served server(data);
        key = server.operator_key();
        CHECK(key.starts_with("mbo_"));
        CHECK(mode_of(data) == 0700);
        CHECK(mode_of(data + "/operator.key") == 0400);
        CHECK(mode_of(data + "/master.key") == 0400);
        CHECK(Client(server.port(), key).get("/v1/workspaces").status == 200);
        CHECK(Client(server.port(), key + "x").get("/v1/workspaces").status == 401);
        CHECK_THAT(server.process().err() + server.process().out(), !Contains(key));
        CHECK(server.stop() == 0);
    }
    Served again(data);
    CHECK(again.operator_key() == key);
}

TEST_CASE("a server that is stopped while it starts stops as one that serves") {
    Scratch scratch;
    auto data = scratch / "data";
    Process starting(serve(data));
    while (!std::filesystem::exists(data + "/STORE") && starting.running())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    starting.signal(SIGTERM);
    CHECK(starting.wait() == 0);
    CHECK_THAT(starting.err(), Contains(R"("message":"stopped")"));
    Served again(data);
    CHECK_THAT(again.process().err(), !Contains(R"("level":"error")"));
}

TEST_CASE("an empty directory that others may read is closed to them before anything is in it") {
    Scratch scratch;
    auto data = scratch / "data";
    std::filesystem::create_directory(data);
    std::filesystem::permissions(data, readable_by_others);
    Served server(data);
    CHECK(mode_of(data) == 0700);
}

TEST_CASE("a directory that others may look into, and that is not empty, has nothing in it that they may read") {
    Scratch scratch;
    auto data = scratch / "data";
    std::filesystem::create_directories(data + "/lost+found");
    std::filesystem::permissions(data, readable_by_others);
    {
        Served server(data);
        CHECK(Client(server.port(), server.operator_key()).post("/v1/workspaces", new_spring).status == 201);
        CHECK(server.stop() == 0);
    }
    CHECK(mode_of(data) == 0755);  // it may be anybody's
    for (const auto& each : std::filesystem::recursive_directory_iterator(data)) {
        INFO(each.path());
        if (each.path().filename() != "lost+found") CHECK((mode_of(each.path()) & 0077) == 0);
    }
    // One that an earlier server left open.
    std::filesystem::permissions(data + "/views", readable_by_others);
    Served again(data);
    CHECK(mode_of(data + "/views") == 0700);
}

TEST_CASE("plain HTTP is for this machine unless told otherwise, and then the log warns of it") {
    Scratch scratch;
    constexpr auto* warning = "without TLS";
    Served usual(scratch / "usual");
    CHECK(usual.address().starts_with("http://127.0.0.1:"));
    CHECK(usual.stop() == 0);
    CHECK_THAT(usual.process().err(), !Contains(warning));
    Process open({muster_program(), "serve", "--data", scratch / "open", "--listen", "0.0.0.0:0"});
    CHECK(open.line_after("listening on ").starts_with("http://0.0.0.0:"));
    open.signal(SIGTERM);
    CHECK(open.wait() == 0);
    CHECK_THAT(open.err(), Contains(R"("level":"warning")") && Contains(warning) && Contains("--tls-cert"));
}

TEST_CASE("an operator's key from the environment is not written anywhere") {
    Scratch scratch;
    auto data = scratch / "data";
    Served server(data, {}, {{"MUSTER_OPERATOR_KEY", "0123456789abcdef0123456789abcdef"}});
    CHECK(Client(server.port(), server.operator_key()).get("/v1/workspaces").status == 200);
    CHECK_FALSE(std::filesystem::exists(data + "/operator.key"));
}

TEST_CASE("an operator's key that is too short is refused with a sentence") {
    Scratch scratch;
    auto refused = finish(serve(scratch / "data"), {{"MUSTER_OPERATOR_KEY", "short"}});
    CHECK((refused.exit_code == 1 || refused.exit_code == 2));
    CHECK_THAT(refused.err + refused.out, Contains("MUSTER_OPERATOR_KEY") && Contains("at least 32 characters"));
    CHECK_THAT(refused.err + refused.out, !Contains("short\n"));
}

TEST_CASE("SIGTERM stops it in order, and a second start has all that was there") {
    Scratch scratch;
    auto data = scratch / "data";
    std::string workspace;
    {
        Served server(data);
        Client admin(server.port(), server.operator_key());
        workspace = admin.post("/v1/workspaces", new_spring).first("id");
        CHECK(admin.post("/v1/workspaces/spring/invitations", R"({"email":"grace@spring.example"})").status == 201);
        CHECK(server.stop() == 0);
    }
    Served server(data);
    Client admin(server.port(), server.operator_key());
    CHECK(admin.get("/v1/workspaces/spring").first("id") == workspace);
    CHECK_THAT(admin.get("/v1/workspaces/spring/invitations").body, Contains("grace@spring.example"));
    CHECK_THAT(admin.get("/v1/workspaces/spring/audit").body, Contains("member_invited"));
}

TEST_CASE("--help names every setting, with its default and its variable") {
    auto help = finish({muster_program(), "serve", "--help"});
    CHECK(help.exit_code == 0);
    for (const char* each : {"--data", "--listen", "127.0.0.1:8080", "--public-url", "--master-key-file", "--tls-cert",
                             "--tls-key", "--smtp", "--mail-from", "--mail-templates", "--allow-target",
                             "MUSTER_SMTP_PASSWORD", "--threads", "--demo", "MUSTER_DATA", "MUSTER_LISTEN"})
        CHECK_THAT(help.out, Contains(each));
}

TEST_CASE("wrong settings are a matter of usage: 2, with a sentence") {
    CHECK(finish({muster_program()}).exit_code == 2);
    CHECK(finish({muster_program(), "serve"}).exit_code == 2);
    Scratch scratch;
    auto threads = finish(serve(scratch / "data", {"--threads", "0"}));
    CHECK(threads.exit_code == 2);
    CHECK_THAT(threads.err, Contains("--threads"));
    CHECK(finish(serve(scratch / "data", {"--tls-cert", "cert.pem"})).exit_code == 2);
    // Every link in a mail would be dead.
    for (const std::string url :
         {"foo", "localhost:9000", "ftp://members.example", "https://", "https://a b", "https://a/?x"}) {
        auto refused = finish(serve(scratch / "data", {"--public-url", url}));
        INFO(url);
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err, Contains("--public-url") && Contains("https://members.example.com"));
    }
    CHECK_FALSE(std::filesystem::exists(scratch / "data"));
}

TEST_CASE("an answer that could not be written is a failure, whatever it was") {
    Scratch scratch;
    auto data = scratch / "data";
    {
        Served server(data);
        CHECK(server.stop() == 0);
    }
    for (const std::string& command :
         {"fsck --data " + data, "projections list --data " + data, "audit verify --data " + data,
          "backup create --data " + data + " --to " + data + "-b", "backup list --from " + data + "-b",
          std::string("--help")}) {
        auto ran = finish({"/bin/sh", "-c", muster_program() + " " + command + " >/dev/full"});
        INFO(command);
        CHECK(ran.exit_code == 1);
        CHECK_THAT(ran.err, Contains("the output can't be written"));
    }
}

TEST_CASE("a log that may not grow any more ends the server with a sentence, not by a signal") {
    Scratch scratch;
    auto data = scratch / "data";
    auto limited = "ulimit -f 2000; exec " + muster_program() + " serve --data " + data + " --listen 127.0.0.1:0";
    Process server({"/bin/sh", "-c", limited});
    auto address = server.line_after("listening on ");
    auto key = text_of(data + "/operator.key");
    key.resize(key.find('\n'));
    Client admin(std::stoi(address.substr(address.rfind(':') + 1)), key);
    int made = 0;
    try {
        while (made < 2'000 && admin.post("/v1/workspaces", R"({"name":"W","slug":"w-)" + std::to_string(made) +
                                                                R"(","owner":{"email":"a@b.example","name":"A"}})")
                                       .status == 201)
            ++made;
    } catch (const std::exception& gone) {
        UNSCOPED_INFO("the server is gone: " << gone.what());
    }
    CHECK(made > 0);
    CHECK(server.wait() == 1);
    CHECK_THAT(server.err(), Contains("could not be written; stopping"));
}

TEST_CASE("a port that somebody has is said so") {
    Scratch scratch;
    Served first(scratch / "first");
    auto listen = "127.0.0.1:" + std::to_string(first.port());
    auto second = finish({muster_program(), "serve", "--data", scratch / "second", "--listen", listen});
    CHECK(second.exit_code == 1);
    INFO(second.err);
    CHECK_THAT(second.err, Contains(listen) && Contains("in use", Catch::CaseSensitive::No));
}

TEST_CASE("one directory is served by one server at a time") {
    Scratch scratch;
    Served first(scratch / "data");
    auto second = finish(serve(scratch / "data"));
    INFO(second.err);
    CHECK(second.exit_code == 1);
    CHECK_THAT(second.err, Contains(scratch / "data"));
}

TEST_CASE("with a certificate it speaks TLS, and nothing else") {
    Scratch scratch;
    auto made =
        finish({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", scratch / "key.pem", "-out", scratch / "cert.pem", "-days", "2", "-subj", "/CN=localhost"});
    REQUIRE(made.exit_code == 0);
    Served server(scratch / "data", {"--tls-cert", scratch / "cert.pem", "--tls-key", scratch / "key.pem"});
    CHECK(server.address().starts_with("https://"));
    auto secure = finish(
        {"curl", "-sk", "-H", "Authorization: Bearer " + server.operator_key(), server.address() + "/v1/workspaces"});
    CHECK(secure.exit_code == 0);
    CHECK(secure.out == R"({"items":[],"next_cursor":null})");
    auto plain = finish({"curl", "-s", "http://127.0.0.1:" + std::to_string(server.port()) + "/livez"});
    CHECK(plain.exit_code != 0);
    auto old = finish({"curl", "-sk", "--tls-max", "1.1", server.address() + "/livez"});
    CHECK(old.exit_code != 0);
}

TEST_CASE("a certificate that can't be read is said so") {
    Scratch scratch;
    write_file(scratch / "cert.pem", "nothing");
    auto refused =
        finish(serve(scratch / "data", {"--tls-cert", scratch / "cert.pem", "--tls-key", scratch / "cert.pem"}));
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.err, Contains("cert.pem"));
}

TEST_CASE("--demo seeds an empty directory, with expired invitations, and no other") {
    Scratch scratch;
    auto data = scratch / "data";
    const std::string seeds = "/v1/workspaces/spring/audit?limit=100&type=member_created,member_invited";
    std::string seeded;
    {
        Served server(data, {"--demo"});
        CHECK(server.process().line_after("the operator key is in ").starts_with(data + "/operator.key"));
        Client admin(server.port(), server.operator_key());
        auto expired = admin.get("/v1/workspaces/spring/invitations?status=expired").body;
        CHECK_THAT(expired, Contains("tim.late@spring.example") && Contains("mary.forgot@spring.example"));
        CHECK_THAT(admin.get("/v1/workspaces/spring/invitations?status=pending").body,
                   Contains("edsger.dijkstra@spring.example") && !Contains("tim.late@spring.example"));
        CHECK_THAT(admin.get("/v1/workspaces/spring/audit/verify").body, Contains(R"("intact":true)"));
        seeded = admin.get(seeds).body;
        CHECK_THAT(seeded, Contains("member_created") && Contains("member_invited"));
        CHECK(server.stop() == 0);
    }
    {
        Served server(data, {"--demo"});
        Client admin(server.port(), server.operator_key());
        CHECK(admin.get(seeds).body == seeded);
    }
    Scratch other;
    {
        CHECK(Served(other / "data").stop() == 0);
    }
    Served server(other / "data", {"--demo"});
    CHECK(Client(server.port(), server.operator_key()).get("/v1/workspaces").body ==
          R"({"items":[],"next_cursor":null})");
}

TEST_CASE("wrong settings are told of before anything is made") {
    Scratch scratch;
    for (const auto& wrong : std::vector<std::vector<std::string>>{{"--listen", "bad"},
                                                                   {"--mail-from", "nobody"},
                                                                   {"--smtp", "ftp://mail"},
                                                                   {"--allow-target", "everything"}}) {
        auto asked = wrong;
        asked.emplace_back("--demo");
        INFO(wrong.front());
        CHECK(finish(serve(scratch / "data", asked)).exit_code == 2);
        CHECK_FALSE(std::filesystem::exists(scratch / "data"));
    }
}

}  // namespace muster::server
