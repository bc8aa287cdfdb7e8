// What the load generator counts: nothing but lower limits of time, which a busy machine keeps.
#include "tests/tools/program.h"
#include "tools/load_client.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <functional>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace muster::test {
namespace {

using std::chrono_literals::operator""ms;
using Catch::Matchers::Contains;
using tools::Load;

constexpr const char* well = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
constexpr const char* shed = "HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n";

// One connection, and an answer that the test makes for each request on it, from 0.
class Answering {
public:
    explicit Answering(std::function<std::string(int)> answer)
        : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        auto* bound = reinterpret_cast<sockaddr*>(&address);
        socklen_t size = sizeof address;
        REQUIRE(::bind(socket_, bound, size) == 0);
        REQUIRE(::listen(socket_, 1) == 0);
        REQUIRE(::getsockname(socket_, bound, &size) == 0);
        port_ = std::to_string(::ntohs(address.sin_port));
        thread_ = std::jthread([this, answer = std::move(answer)] {
            auto client = ::accept(socket_, nullptr, nullptr);
            std::string asked(4096, '\0');
            for (int number = 0; ::recv(client, asked.data(), asked.size(), 0) > 0; ++number) {
                auto bytes = answer(number);
                if (::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) break;
            }
            ::close(client);
        });
    }
    ~Answering() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }
    Answering(const Answering&) = delete;
    Answering& operator=(const Answering&) = delete;

    // Of one connection.
    [[nodiscard]] Load load() const {
        Load load;
        load.endpoint = {"127.0.0.1", port_};
        load.connections = 1;
        load.request = tools::request_bytes(load.endpoint, "GET", "/livez", {}, {});
        return load;
    }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + port_; }

private:
    int socket_;
    std::string port_;
    std::jthread thread_;
};

}  // namespace

TEST_CASE("in an open loop what a stall held up is counted, each request of it") {
    Answering server([](int number) {
        if (number == 10) std::this_thread::sleep_for(300ms);
        return well;
    });
    auto load = server.load();
    load.rate = 100;
    load.requests = 60;
    auto report = run(load);
    CHECK(report.clean());
    CHECK(report.microseconds.size() == 60);
    // Those that fell due in the first 200 of the 300 ms.
    CHECK(std::ranges::count_if(report.microseconds, [](auto each) { return each >= 100'000; }) >= 20);
    CHECK(report.seconds >= 0.59);
}

TEST_CASE("in an open loop all that falls due is sent, by a server that can't keep up later than it was due") {
    Answering server([](int) {
        std::this_thread::sleep_for(20ms);
        return well;
    });
    auto load = server.load();
    load.rate = 100;
    load.duration = 205ms;
    auto report = run(load);
    CHECK(report.microseconds.size() == 21);
    CHECK(report.seconds >= 0.42);
    CHECK(report.microseconds.back() >= 220'000);  // due after 200 ms, the 21st to be answered
}

TEST_CASE(
    "who is asked to stay away stays away in a closed loop; in an open one the next request is due all the same") {
    Answering server([](int) { return shed; });
    auto load = server.load();
    load.duration = 45ms;
    load.rate = GENERATE(0, 100);
    auto report = run(load);
    CHECK(report.statuses[503].size() == (load.rate == 0 ? 1 : 5));
}

TEST_CASE("muster load says which loop its figures are of") {
    Answering server([](int) { return well; });
    auto asked = [&](const std::vector<std::string>& more) {
        std::vector<std::string> all{"load",          "--url", server.url(), "--mix", "constant",
                                     "--connections", "1",     "--requests", "3"};
        all.insert(all.end(), more.begin(), more.end());
        return program(all);
    };
    SECTION("closed") { CHECK_THAT(asked({}).out, Contains("constant, 1 connections, closed loop: 3 answers")); }
    SECTION("open") {
        CHECK_THAT(asked({"--rate", "200"}).out,
                   Contains("constant, 1 connections, open loop of 200 a second: 3 answers"));
    }
    SECTION("in JSON") { CHECK_THAT(asked({"--rate", "200", "--format", "json"}).out, Contains(R"("rate":200,)")); }
    SECTION("a pause has no place in an open one") {
        auto ran = asked({"--rate", "200", "--pause-ms", "1"});
        CHECK(ran.code == 2);
        CHECK_THAT(ran.err, Contains("--rate excludes --pause-ms"));
    }
}

}  // namespace muster::test
