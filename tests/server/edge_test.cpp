// The edge of the built program: its log, proxies, limits, and how it stops.
#include "tests/server/http_client.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <regex>
#include <sstream>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>

namespace muster::server {
namespace {

using Catch::Matchers::Contains;

constexpr auto new_spring = R"({"name":"Spring","slug":"spring","owner":{"email":"ada@spring.example","name":"Ada"}})";

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// Bytes on a connection, as they are sent.
class Bytes {
public:
    explicit Bytes(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        timeval patience{60, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~Bytes() { ::close(socket_); }
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;

    void send(const std::string& text) const {
        REQUIRE(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
    }
    // What comes next; nothing once the server has closed.
    [[nodiscard]] std::string some() const {
        char buffer[4096];
        auto count = ::recv(socket_, buffer, sizeof buffer, 0);
        return {buffer, count > 0 ? static_cast<std::size_t>(count) : 0};
    }
    [[nodiscard]] std::string rest() const {
        std::string all;
        for (std::string more; !(more = some()).empty();) all += more;
        return all;
    }
    bool connected = false;

private:
    int socket_;
};

int sign_in_page(const Served& server, const std::string& forwarded) {
    Client nobody(server.port(), "");
    return nobody.send("GET", "/v1/workspaces/spring/sign-in", "", {{"X-Forwarded-For", forwarded}}).status;
}

}  // namespace

TEST_CASE("every line of the log is one JSON object, and no token, address or query is in it [N7]") {
    Scratch scratch;
    Served server(scratch / "data");
    auto key = server.operator_key();
    Client admin(server.port(), key);
    REQUIRE(admin.post("/v1/workspaces", new_spring).status == 201);
    auto invited = admin.post("/v1/workspaces/spring/invitations", R"({"email":"canary@spring.example"})");
    auto token = invited.link_token();
    CHECK(admin.get("/v1/workspaces/spring/members?q=canary@spring.example").status == 200);
    CHECK(admin.post("/v1/invitations/accept", R"({"token":")" + token + R"(","password":"an old engine room"})")
              .status == 201);
    CHECK(Client(server.port(), "mbs_canary").get("/v1/workspaces/spring/seats").status == 401);
    CHECK(admin.get("/livez").status == 200);
    Bytes nonsense(server.port());
    nonsense.send("nonsense\r\n\r\n");
    CHECK_THAT(nonsense.rest(), Contains("400 Bad Request"));
    CHECK(server.stop() == 0);

    const std::regex form(
        R"re(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","level":"[a-z]+","message":"(\\.|[^"\\])*"(,.*)?\})re");
    auto log = server.process().err();
    auto lines = lines_of(log);
    for (const auto& line : lines) {
        INFO(line);
        CHECK(std::regex_match(line, form));
    }
    CHECK(lines.back().find(R"("message":"stopped")") != std::string::npos);
    CHECK_THAT(log, Contains(R"("method":"POST","route":"/v1/workspaces/{ws}/invitations","status":201,)"));
    CHECK_THAT(log, Contains(R"("client":"127.0.0.1","caller":"operator","workspace":"ws_)"));
    CHECK_THAT(log, Contains(R"("route":"/v1/workspaces/{ws}/seats","status":401,)"));
    CHECK_THAT(log, Contains("refused 400 bad_request from 127.0.0.1"));
    CHECK_THAT(log, !Contains("/livez"));
    for (const auto& secret : {key, token, std::string("canary"), std::string("ada@")})
        CHECK_THAT(log, !Contains(secret));
}

TEST_CASE("X-Forwarded-For is believed of a proxy that was named, and of nobody else") {
    Scratch scratch;
    for (const bool trusted : {true, false}) {
        INFO(trusted);
        Arguments more{"--rate-limit", "requests_ip=2/3600"};
        if (trusted) more.insert(more.end(), {"--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "127.0.0.1"});
        Served server(scratch / (trusted ? "behind" : "alone"), more);
        REQUIRE(Client(server.port(), server.operator_key()).post("/v1/workspaces", new_spring).status == 201);
        for (int i = 0; i < 2; ++i) CHECK(sign_in_page(server, "198.51.100.1") == 200);
        CHECK(sign_in_page(server, "198.51.100.1") == 429);
        CHECK(sign_in_page(server, "198.51.100.2, 10.0.0.1") == (trusted ? 200 : 429));
    }
}

TEST_CASE("networks and limits that are none are a matter of usage") {
    Scratch scratch;
    for (const Arguments& wrong : {Arguments{"--trusted-proxy", "10.0.0.0/33"},
                                   {"--trusted-proxy", "proxy.example"},
                                   {"--rate-limit", "nothing=1/1"},
                                   {"--rate-limit", "requests_ip=many"}}) {
        Arguments command{muster_program(), "serve", "--data", scratch / "data", "--listen", "127.0.0.1:0"};
        command.insert(command.end(), wrong.begin(), wrong.end());
        auto refused = finish(command);
        INFO(refused.err + refused.out);
        CHECK(refused.exit_code == 2);
        CHECK_THAT(refused.err + refused.out, Contains(wrong.front()) && Contains(wrong.back()));
    }
}

TEST_CASE("SIGTERM lets a request that is arriving arrive, answers it, refuses new ones, and exits 0") {
    Scratch scratch;
    auto data = scratch / "data";
    {
        Served server(data);
        REQUIRE(Client(server.port(), server.operator_key()).post("/v1/workspaces", new_spring).status == 201);
        const std::string body = R"({"emails":"grace@spring.example alan@spring.example"})";
        Bytes arriving(server.port());
        REQUIRE(arriving.connected);
        arriving.send(
            "POST /v1/workspaces/spring/invitations:batch HTTP/1.1\r\nHost: localhost\r\n"
            "Authorization: Bearer " +
            server.operator_key() + "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n" +
            "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n");
        REQUIRE(arriving.some() == "HTTP/1.1 100 Continue\r\n\r\n");
        server.process().signal(SIGTERM);
        while (Bytes(server.port()).connected) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        arriving.send(body);
        auto answer = arriving.rest();
        CHECK_THAT(answer, Contains("HTTP/1.1 200 OK") && Contains("Connection: close") && Contains("\"invited\":2"));
        CHECK(server.process().wait() == 0);
    }
    Served again(data);
    CHECK_THAT(Client(again.port(), again.operator_key()).get("/v1/workspaces/spring/invitations").body,
               Contains("grace@spring.example") && Contains("alan@spring.example"));
}

TEST_CASE("twenty times what it works on at once: the rest is shed, and who must go is gone at once, N5") {
    Scratch scratch;
    constexpr int at_once = 4, leaving = 20;
    Served server(scratch / "data", {"--in-flight", std::to_string(at_once)});
    Client admin(server.port(), server.operator_key());
    REQUIRE(admin.post("/v1/workspaces", new_spring).status == 201);
    std::vector<std::string> members;
    for (int i = 0; i < leaving; ++i)
        members.push_back(admin
                              .post("/v1/workspaces/spring/members",
                                    R"({"name":"Leaves","email":"leaves)" + std::to_string(i) + R"(@spring.example"})")
                              .first("id"));
    std::string emails;
    for (int i = 0; i < 2000; ++i) emails += "p" + std::to_string(i) + "@spring.example ";
    const std::vector<Request> crowd(
        20 * at_once,
        Request{"POST", "/v1/workspaces/spring/invitations:batch?dry_run=true", R"({"emails":")" + emails + R"("})"});
    std::vector<Answer> answers;
    std::jthread crowding([&] { answers = all_at_once(server.port(), server.operator_key(), crowd); });
    for (const auto& each : members) {
        auto answer = admin.post("/v1/workspaces/spring/members/" + each + "/deactivate", "");
        CHECK(answer.status == 200);
        CHECK(answer.first("status") == "deactivated");
    }
    crowding.join();
    int served = 0, shed = 0;
    for (const auto& each : answers) {
        served += each.status == 200;
        shed += each.status == 503 && each.header("retry-after") == "1" && each.first("code") == "overloaded";
    }
    CHECK(served > 0);
    CHECK(shed > 0);
    CHECK(served + shed == 20 * at_once);
}

TEST_CASE("pages of other origins are let in nowhere: no CORS") {
    Scratch scratch;
    Served server(scratch / "data");
    const Client::Headers elsewhere{{"Origin", "https://elsewhere.example"},
                                    {"Access-Control-Request-Method", "POST"},
                                    {"Access-Control-Request-Headers", "authorization"}};
    for (const char* method : {"OPTIONS", "GET", "POST"})
        for (const char* target : {"/v1/workspaces", "/v1/auth/login", "/livez"}) {
            INFO(method << " " << target);
            auto answer = Client(server.port(), server.operator_key()).send(method, target, "", elsewhere);
            if (std::string_view(method) == "OPTIONS") CHECK(answer.status == 405);
            for (const auto& [name, value] : answer.headers) CHECK_FALSE(name.starts_with("access-control-"));
        }
}

TEST_CASE("answers carry the headers that keep browsers careful; by TLS also that it stays TLS") {
    Scratch scratch;
    auto made =
        finish({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", scratch / "key.pem", "-out", scratch / "cert.pem", "-days", "2", "-subj", "/CN=localhost"});
    REQUIRE(made.exit_code == 0);
    Served server(scratch / "data", {"--tls-cert", scratch / "cert.pem", "--tls-key", scratch / "key.pem"});
    for (const char* path : {"/livez", "/nowhere", "/openapi.json", "/docs"}) {
        auto answer = finish({"curl", "-sk", "-D", "-", "-o", "/dev/null", server.address() + path});
        INFO(path << "\n" << answer.out);
        for (const char* each :
             {"Cache-Control: no-store", "X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer",
              "default-src 'none'", "frame-ancestors 'none'", "Strict-Transport-Security: max-age="})
            CHECK_THAT(answer.out, Contains(each, Catch::CaseSensitive::No));
    }
    for (const auto& [version, spoken] : {std::pair("-tls1_1", false), {"-tls1_2", true}, {"-tls1_3", true}}) {
        INFO(version);
        auto shaken = finish({"openssl", "s_client", version, "-cipher", "ALL:@SECLEVEL=0", "-connect",
                              "127.0.0.1:" + std::to_string(server.port())});
        CHECK((shaken.exit_code == 0) == spoken);
    }
}

}  // namespace muster::server
