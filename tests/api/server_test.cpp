// The server over real sockets, spoken to byte by byte. No test here is wrong on a slow machine: deadlines that must
// pass are short, those that must not are long, and what is waited for is an event.

#include "api/http/server.h"

#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <arpa/inet.h>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <future>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace muster::http {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// Answers with what it was asked.
void echo(const Request& request, const Done& done) {
    done({.status = 200,
          .headers = {{"Content-Type", "text/plain"}},
          .body = request.method + " " + request.target + " [" + request.body + "]"});
}

// A server that runs while this lives.
class Running {
public:
    explicit Running(Handler handler = echo, ServerOptions options = {})
        : server(with_free_port(std::move(options)), std::move(handler)), thread_([this] {
              server.run();
              ended.set_value();
          }) {}
    ~Running() {
        server.stop();
        thread_.join();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    Server server;
    std::promise<void> ended;

private:
    static ServerOptions with_free_port(ServerOptions options) {
        options.listen = "127.0.0.1:0";
        if (options.threads == 0) options.threads = 2;
        // Callers here close when they have read the answer, so only a busy machine makes use of all this.
        options.deadlines.linger = 60s;
        return options;
    }

    std::thread thread_;
};

// A caller that sends bytes as it pleases. Waits at most a minute for anything.
class Caller {
public:
    explicit Caller(const Server& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        const timeval patience{.tv_sec = 60, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            throw std::runtime_error("connect");
        }
    }
    ~Caller() { ::close(socket_); }
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    Caller& send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) break;  // the server has closed; what it said can still be read
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return *this;
    }
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }

    // Reads until this has come, and returns everything up to its end; or what came before the connection ended.
    std::string until(std::string_view wanted) {
        std::size_t at = 0;
        while ((at = arrived_.find(wanted)) == std::string::npos) {
            if (!read_some()) return std::exchange(arrived_, "");
        }
        const auto text = arrived_.substr(0, at + wanted.size());
        arrived_.erase(0, text.size());
        return text;
    }
    // One whole answer: its head, and as many bytes as it says.
    std::string answer() {
        auto head = until("\r\n\r\n");
        const auto length = head.find("Content-Length: ");
        if (length == std::string::npos) return head;
        const auto size = std::stoul(head.substr(length + 16));
        while (arrived_.size() < size && read_some()) {
        }
        head += arrived_.substr(0, size);
        arrived_.erase(0, size);
        return head;
    }
    // Everything until the server closes.
    std::string rest() {
        while (read_some()) {
        }
        return std::exchange(arrived_, "");
    }
    [[nodiscard]] int socket() const { return socket_; }

private:
    bool read_some() {
        char bytes[4096];
        const auto size = ::recv(socket_, bytes, sizeof bytes, 0);
        if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("nothing came");
        if (size <= 0) return false;
        arrived_.append(bytes, static_cast<std::size_t>(size));
        return true;
    }

    int socket_;
    std::string arrived_;
};

std::string get(const std::string& target, const std::string& lines = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: muster.test\r\n" + lines + "\r\n";
}
std::string post(const std::string& body, const std::string& lines = "") {
    return "POST / HTTP/1.1\r\nHost: muster.test\r\n" + lines + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}
bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
int status(const std::string& answer) { return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3)); }

// What comes of these bytes, on a connection that the server must close by itself after it.
std::string refused(const std::string& bytes, ServerOptions options = {}) {
    std::atomic<int> handled = 0;
    Running running(
        [&](const Request& request, const Done& done) {
            ++handled;
            echo(request, done);
        },
        std::move(options));
    Caller caller(running.server);
    auto answer = caller.send(bytes).rest();
    CHECK(handled == 0);
    CHECK(has(answer, "Connection: close\r\n"));
    return answer;
}

}  // namespace

TEST_CASE("a connection serves one request after the other", "[http][server]") {
    Running running;
    Caller caller(running.server);
    const auto first = caller.send(get("/one")).answer();
    CHECK(first.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(first.ends_with("\r\n\r\nGET /one []"));
    CHECK(has(first, "Content-Length: 11\r\n"));
    CHECK(has(first, "Content-Type: text/plain\r\n"));
    CHECK(has(first, "Cache-Control: no-store\r\n"));
    CHECK(has(first, "X-Content-Type-Options: nosniff\r\n"));
    CHECK(has(first, "Date: "));
    CHECK(has(first, " GMT\r\n"));
    CHECK_FALSE(has(first, "Connection:"));
    CHECK_FALSE(has(first, "Strict-Transport-Security"));
    CHECK(caller.send(post("two")).answer().ends_with("POST / [two]"));

    const auto last = caller.send(get("/three", "Connection: close\r\n")).rest();
    CHECK(has(last, "Connection: close\r\n"));
    CHECK(last.ends_with("GET /three []"));
}

TEST_CASE("HTTP/1.0 is told when the connection stays open", "[http][server]") {
    Running running;
    Caller caller(running.server);
    CHECK(has(caller.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer(), "Connection: keep-alive\r\n"));
    CHECK(has(caller.send("GET / HTTP/1.0\r\n\r\n").rest(), "Connection: close\r\n"));
}

TEST_CASE("a response's own caching header stays, and headers of the server's are not doubled", "[http][server]") {
    Running running([](const Request&, const Done& done) {
        done({.headers = {{"cache-control", "max-age=60"}, {"content-length", "1"}, {"Connection", "upgrade"}},
              .body = "ab"});
    });
    Caller caller(running.server);
    const auto answer = caller.send(get("/")).answer();
    CHECK(has(answer, "cache-control: max-age=60\r\n"));
    CHECK_FALSE(has(answer, "no-store"));
    CHECK_FALSE(has(answer, "content-length: 1"));
    CHECK_FALSE(has(answer, "upgrade"));
    CHECK(answer.ends_with("\r\n\r\nab"));
}

TEST_CASE("the handler sees lower-case names, the body and the caller's address", "[http][server]") {
    Running running([](const Request& request, const Done& done) {
        done({.body = std::string(request.header("x-name").value_or("-")) + "|" + request.peer + "|" + request.body});
    });
    Caller caller(running.server);
    CHECK(caller.send(post("{}", "X-NAME:  Ada \r\n")).answer().ends_with("\r\n\r\nAda|127.0.0.1|{}"));
}

TEST_CASE("pipelined requests are answered in order, one at a time", "[http][server]") {
    std::vector<std::jthread> workers;
    std::atomic<int> under_way = 0;
    std::atomic<bool> overlapped = false;
    Running running([&](const Request& request, const Done& done) {
        if (++under_way != 1) overlapped = true;
        const auto finish = [&under_way, request, done] {
            --under_way;
            echo(request, done);
        };
        if (request.target.ends_with("0")) {  // every tenth is answered from elsewhere
            workers.emplace_back(finish);
        } else {
            finish();
        }
    });
    Caller caller(running.server);
    std::string requests;
    for (int i = 0; i < 1000; ++i)
        requests += i % 3 == 0 ? post(std::to_string(i)) : get(std::string("/").append(std::to_string(i)));
    caller.send(requests);
    for (int i = 0; i < 1000; ++i) {
        const auto number = std::to_string(i);
        CHECK(caller.answer().ends_with(i % 3 == 0 ? "POST / [" + number + "]" : "GET /" + number + " []"));
    }
    CHECK_FALSE(overlapped);
}

TEST_CASE("a request may come byte by byte", "[http][server]") {
    Running running;
    Caller caller(running.server);
    for (const char each : post("slow")) caller.send({&each, 1});
    CHECK(caller.answer().ends_with("POST / [slow]"));
}

TEST_CASE("large bodies pass, in and out", "[http][server]") {
    Running running(echo, {.body_limit = [](const auto&, const auto&) { return limits::large_body_bytes_max; }});
    Caller caller(running.server);
    const std::string body(limits::large_body_bytes_max, 'x');
    for (int i = 0; i < 2; ++i) CHECK(caller.send(post(body)).answer().ends_with("\r\n\r\nPOST / [" + body + "]"));
    CHECK(caller.send(get("/after")).answer().ends_with("GET /after []"));
}

TEST_CASE("a chunked body reaches the handler whole, and the next request is the next", "[http][server]") {
    Running running;
    Caller caller(running.server);
    caller.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nWiki\r\n");
    caller.send("6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n" + get("/next"));
    CHECK(caller.answer().ends_with("POST / [Wikipedia in \r\n\r\nchunks.]"));
    CHECK(caller.answer().ends_with("GET /next []"));
}

TEST_CASE("what might be two requests is refused and the connection closed", "[http][server]") {
    const std::string smuggled = "0\r\n\r\n" + get("/smuggled");
    for (const std::string lines :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
          "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Content-Length: +5\r\n",
          "Transfer-Encoding : chunked\r\n", "X: y\r\n Content-Length: 5\r\n", "X: y\nContent-Length: 5\r\n",
          "Host: b\r\n"}) {
        CAPTURE(lines);
        std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\n";
        bytes.append(lines).append("\r\n").append(smuggled);
        const auto answer = refused(bytes);
        CHECK(status(answer) == 400);
        CHECK(has(answer, R"("code":"bad_request")"));
        CHECK_FALSE(has(answer, "smuggled"));
    }
    CHECK(status(refused("get / HTTP/1.1\r\n")) == 400);
    CHECK(status(refused("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x\r\n" + smuggled)) == 400);
}

TEST_CASE("sizes above the limits are refused by name", "[http][server]") {
    const ServerOptions small{.body_limit = [](const std::string& method, const std::string& target) -> std::uint64_t {
        return method == "POST" && target == "/" ? 10 : 0;
    }};
    const auto too_large = refused(post("12345678901"), small);
    CHECK(status(too_large) == 413);
    CHECK(has(too_large, R"("code":"body_too_large")"));
    CHECK(status(refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n")) == 413);
    CHECK(status(refused("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n", small)) == 413);
    // More than sockets buffer: the answer must not be lost while the caller is still sending.
    CHECK(status(refused(post(std::string(limits::large_body_bytes_max, 'x')))) == 413);

    const auto long_target = refused(get("/" + std::string(limits::target_bytes_max, 'a')));
    CHECK(status(long_target) == 414);
    CHECK(has(long_target, R"("code":"target_too_long")"));

    const auto large_head = refused(get("/", "X: " + std::string(limits::head_bytes_max, 'y') + "\r\n"));
    CHECK(status(large_head) == 431);
    CHECK(has(large_head, R"("code":"headers_too_large")"));

    std::string fields;
    for (std::size_t i = 1; i < limits::fields_max; ++i) fields += "X: y\r\n";  // and Host
    CHECK(status(refused(get("/", fields + "X: y\r\n"))) == 431);
    Running running(echo, small);
    CHECK(status(Caller(running.server).send(get("/", fields)).answer()) == 200);
    CHECK(status(Caller(running.server).send(post("1234567890")).answer()) == 200);
}

TEST_CASE("the server's refusals are worded by its owner", "[http][server]") {
    const auto answer =
        refused("nonsense", {.refuse = [](int code_status, std::string_view code, const std::string& detail) {
                    return Response{.status = code_status,
                                    .headers = {{"X-Own", "yes"}},
                                    .body = std::string(code) + (detail.empty() ? "" : ": why")};
                }});
    CHECK(has(answer, "X-Own: yes\r\n"));
    CHECK(answer.ends_with("\r\n\r\nbad_request: why"));
}

TEST_CASE("a caller who drips is not waited for", "[http][server]") {
    SECTION("a head") {
        const auto answer = refused("GET / HTTP/1.1\r\nHo", {.deadlines = {.head = 50ms}});
        CHECK(status(answer) == 408);
        CHECK(has(answer, R"("code":"request_timeout")"));
    }
    SECTION("a head, however steadily") {
        Running running(echo, {.deadlines = {.head = 50ms}});
        Caller caller(running.server);
        caller.send("GET / HTTP/1.1\r\n");
        // Within the idle deadline again and again; ends because the server does.
        std::jthread dripping([&](const std::stop_token& ended) {
            while (!ended.stop_requested()) {
                caller.send("X: y\r\n");
                std::this_thread::sleep_for(5ms);
            }
        });
        CHECK(status(caller.until("\r\n\r\n")) == 408);
    }
    SECTION("a body") {
        CHECK(status(refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1",
                             {.deadlines = {.body_grace = 50ms}})) == 408);
        CHECK(status(refused("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1",
                             {.deadlines = {.body_grace = 50ms}})) == 408);
    }
    SECTION("the next request") {
        Running running(echo, {.deadlines = {.idle = 50ms}});
        Caller caller(running.server);
        CHECK(status(caller.send(get("/")).answer()) == 200);
        CHECK(caller.rest().empty());
    }
    SECTION("a request at all") {
        Running running(echo, {.deadlines = {.idle = 50ms}});
        CHECK(Caller(running.server).rest().empty());
    }
}

TEST_CASE("a caller who does not read the answer is given up", "[http][server]") {
    std::promise<void> handled;
    Running running(
        [&](const Request&, const Done& done) {
            done({.body = std::string(64 << 20, 'x')});
            handled.set_value();
        },
        {.deadlines = {.idle = 50ms}});
    Caller caller(running.server);
    caller.send(get("/"));
    handled.get_future().wait();
    // The server closes while most of the answer is unsent, so that stopping does not have to wait for it.
    running.server.stop();
    running.ended.get_future().wait();
    CHECK(caller.rest().size() < std::size_t{64} << 20);
}

TEST_CASE("a body cut off by the caller is not a request", "[http][server]") {
    std::atomic<int> handled = 0;
    Running running([&](const Request& request, const Done& done) {
        ++handled;
        echo(request, done);
    });
    Caller caller(running.server);
    caller.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234").finish_sending();
    CHECK(caller.rest().empty());
    CHECK(handled == 0);
}

TEST_CASE("a caller may close its side and still read the answer", "[http][server]") {
    Running running;
    Caller caller(running.server);
    caller.send(get("/")).finish_sending();
    CHECK(caller.rest().ends_with("GET / []"));
}

TEST_CASE("100 Continue is said when it is waited for", "[http][server]") {
    Running running;
    Caller caller(running.server);
    caller.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    CHECK(caller.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(caller.send("body").answer().ends_with("POST / [body]"));

    SECTION("not when the body is here already") {
        CHECK(caller.send(post("body", "Expect: 100-continue\r\n")).answer().starts_with("HTTP/1.1 200"));
    }
    SECTION("not for a body that is refused") {
        CHECK(status(refused(
                  "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")) == 413);
    }
}

TEST_CASE("HEAD is answered like GET, without the body", "[http][server]") {
    Running running;
    Caller caller(running.server);
    caller.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n" + get("/y"));
    CHECK(has(caller.until("\r\n\r\n"), "Content-Length: 10\r\n"));
    CHECK(caller.answer().ends_with("GET /y []"));
}

TEST_CASE("204 and 304 have no body", "[http][server]") {
    Running running([](const Request& request, const Done& done) {
        done({.status = request.target == "/204" ? 204 : 304, .body = "ignored"});
    });
    Caller caller(running.server);
    const auto answers = caller.send(get("/204") + get("/304", "Connection: close\r\n")).rest();
    CHECK_FALSE(has(answers, "ignored"));
    CHECK_FALSE(has(answers, "Content-Length"));
}

TEST_CASE("the answer may come from another thread, late", "[http][server]") {
    std::promise<Done> asked;
    Running running([&](const Request&, const Done& done) { asked.set_value(done); });
    Caller caller(running.server);
    caller.send(get("/"));
    const auto done = asked.get_future().get();
    std::jthread([&] { done({.body = "late"}); }).join();
    CHECK(caller.answer().ends_with("\r\n\r\nlate"));
    done({.body = "again"});  // without effect
}

TEST_CASE("earlier answers do not wait for a late one", "[http][server]") {
    std::promise<Done> asked;
    Running running([&](const Request& request, const Done& done) {
        if (request.target == "/late") return asked.set_value(done);
        echo(request, done);
    });
    Caller caller(running.server);
    caller.send(get("/soon") + get("/late"));
    CHECK(caller.answer().ends_with("GET /soon []"));
    asked.get_future().get()({.body = "late"});
    CHECK(caller.answer().ends_with("late"));
}

TEST_CASE("a handler that fails is answered 500, and the connection goes on", "[http][server]") {
    std::atomic<int> reported = 0;
    Running running(
        [](const Request& request, const Done& done) {
            if (request.target == "/throws") throw std::runtime_error("broken");
            if (request.target == "/forgets") return;
            if (request.target == "/splits") return done({.headers = {{"X", "a\r\nSet-Cookie: b"}}});
            if (request.target == "/invalid") return done({.status = 99});
            echo(request, done);
        },
        {.report = [&](std::string_view) { ++reported; }});
    Caller caller(running.server);
    for (const std::string target : {"/throws", "/forgets", "/splits", "/invalid"}) {
        CAPTURE(target);
        const auto answer = caller.send(get(target)).answer();
        CHECK(status(answer) == 500);
        CHECK(has(answer, R"("code":"internal_error")"));
        CHECK_FALSE(has(answer, "broken"));
        CHECK_FALSE(has(answer, "Set-Cookie"));
    }
    CHECK(reported == 3);
    CHECK(status(caller.send(get("/")).answer()) == 200);
}

TEST_CASE("beyond its connections the server says so and closes", "[http][server]") {
    const auto options =
        GENERATE(0, 1) == 0 ? ServerOptions{.connections_max = 1} : ServerOptions{.connections_per_address_max = 1};
    Running running(echo, options);
    Caller first(running.server);
    CHECK(status(first.send(get("/")).answer()) == 200);
    Caller second(running.server);
    const auto answer = second.rest();
    CHECK(status(answer) == 503);
    CHECK(has(answer, R"("code":"overloaded")"));
    CHECK(has(answer, "Retry-After: 1\r\n"));
    CHECK(has(answer, "Connection: close\r\n"));
    CHECK(status(first.send(get("/")).answer()) == 200);
}

TEST_CASE("stop finishes what runs and closes what idles", "[http][server]") {
    std::promise<Done> asked;
    Running running([&](const Request& request, const Done& done) {
        if (request.target == "/late") return asked.set_value(done);
        echo(request, done);
    });
    Caller idle(running.server);
    CHECK(status(idle.send(get("/")).answer()) == 200);
    std::optional<Caller> busy(std::in_place, running.server);
    busy->send(get("/late"));
    const auto done = asked.get_future().get();
    auto ended = running.ended.get_future();

    running.server.stop();
    CHECK(idle.rest().empty());
    CHECK(ended.wait_for(0s) == std::future_status::timeout);
    CHECK_THROWS(Caller(running.server));

    done({.body = "finished"});
    const auto answer = busy->rest();
    CHECK(answer.ends_with("finished"));
    CHECK(has(answer, "Connection: close\r\n"));
    busy.reset();
    ended.wait();
}

TEST_CASE("stop does not wait for ever", "[http][server]") {
    Done kept;
    {
        std::promise<void> asked;
        Running running(
            [&](const Request&, const Done& done) {
                kept = done;
                asked.set_value();
            },
            {.deadlines = {.stop = 50ms}});
        Caller caller(running.server);
        caller.send(get("/"));
        asked.get_future().wait();
        running.server.stop();
        CHECK(caller.rest().empty());
        running.ended.get_future().wait();
    }
    kept({.body = "the server has gone"});  // without effect
}

TEST_CASE("a server that is stopped before it runs does not run", "[http][server]") {
    Server server({.listen = "127.0.0.1:0"}, echo);
    server.stop();
    server.run();
}

TEST_CASE("SIGTERM is a stop", "[http][server]") {
    Running running;
    running.server.stop_on_signals();
    ::raise(SIGTERM);
    running.ended.get_future().wait();
}

TEST_CASE("work is run on the server's threads, now or later, and may throw", "[http][server]") {
    std::promise<void> reported;
    Running running(echo, {.report = [&](std::string_view what) {
                        if (what == "broken") reported.set_value();
                    }});
    std::promise<std::thread::id> now;
    std::promise<std::thread::id> later;
    running.server.post([&] { now.set_value(std::this_thread::get_id()); });
    running.server.after(1ms, [&] { later.set_value(std::this_thread::get_id()); });
    CHECK(now.get_future().get() != std::this_thread::get_id());
    CHECK(later.get_future().get() != std::this_thread::get_id());
    running.server.post([] { throw std::runtime_error("broken"); });
    reported.get_future().wait();
    running.server.after(24h, [] { FAIL("not run when the server stops"); });
}

TEST_CASE("an address that cannot be had is said to be so", "[http][server]") {
    Server first({.listen = "127.0.0.1:0"}, echo);
    const auto taken = "127.0.0.1:" + std::to_string(first.port());
    CHECK_THROWS_WITH(Server({.listen = taken}, echo), "Cannot listen on " + taken + ": Address already in use");
    for (const std::string listen : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536",
                                     "127.0.0.1:80 ", "::1:8080", "[127.0.0.1]:80", "[::1]", "muster.test:80"}) {
        CAPTURE(listen);
        CHECK_THROWS_WITH(Server({.listen = listen}, echo),
                          Catch::StartsWith("Cannot listen on \"" + listen + "\": write"));
    }
    CHECK(Server({.listen = "localhost:0"}, echo).port() > 0);
}

namespace {

template <auto destroy>
struct Destroy {
    template <class Owned>
    void operator()(Owned* owned) const {
        destroy(owned);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Destroy<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Destroy<X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Destroy<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Destroy<SSL_free>>;
using File = std::unique_ptr<std::FILE, Destroy<std::fclose>>;

// A self-signed certificate and its key, in a directory of their own that goes when this goes.
struct SelfSigned {
    SelfSigned() {
        std::string name = (std::filesystem::temp_directory_path() / "muster-tls-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        directory = name;
        files = {.certificate_file = name + "/certificate.pem", .key_file = name + "/key.pem"};
        const Key key(EVP_EC_gen("P-256"));
        const Certificate certificate(X509_new());
        ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
        X509_set_pubkey(certificate.get(), key.get());
        auto* const subject = X509_get_subject_name(certificate.get());
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("muster.test"),
                                   -1, -1, 0);
        X509_set_issuer_name(certificate.get(), subject);
        X509_sign(certificate.get(), key.get(), EVP_sha256());
        PEM_write_X509(File(std::fopen(files.certificate_file.c_str(), "w")).get(), certificate.get());
        PEM_write_PrivateKey(File(std::fopen(files.key_file.c_str(), "w")).get(), key.get(), nullptr, nullptr, 0,
                             nullptr, nullptr);
    }
    ~SelfSigned() { std::filesystem::remove_all(directory); }
    SelfSigned(const SelfSigned&) = delete;
    SelfSigned& operator=(const SelfSigned&) = delete;

    std::filesystem::path directory;
    Tls files;
};

// What comes back by TLS up to this version; nothing if they cannot agree.
std::string by_tls(const Server& server, const SelfSigned& trusted, int version_max, const std::string& bytes) {
    const Context context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.get(), version_max);
    SSL_CTX_load_verify_locations(context.get(), trusted.files.certificate_file.c_str(), nullptr);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const Caller caller(server);
    const Session session(SSL_new(context.get()));
    SSL_set_fd(session.get(), caller.socket());
    if (SSL_connect(session.get()) != 1) return "";
    CHECK(SSL_version(session.get()) == version_max);
    SSL_write(session.get(), bytes.data(), static_cast<int>(bytes.size()));
    std::string text;
    char part[4096];
    int size = 0;
    while ((size = SSL_read(session.get(), part, sizeof part)) > 0) text.append(part, static_cast<std::size_t>(size));
    // The server has said that this is the end, so that nobody can cut an answer short unseen.
    CHECK(SSL_get_error(session.get(), size) == SSL_ERROR_ZERO_RETURN);
    return text;
}

}  // namespace

TEST_CASE("TLS 1.2 and 1.3 are spoken, and nothing older", "[http][server][tls]") {
    const SelfSigned self_signed;
    Running running(echo, {.tls = self_signed.files});
    const std::string body(100'000, 'x');
    const auto requests = get("/one") + post(body) + get("/last", "Connection: close\r\n");
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto answers = by_tls(running.server, self_signed, version, requests);
        CHECK(has(answers, "\r\n\r\nGET /one []"));
        CHECK(has(answers, "\r\n\r\nPOST / [" + body + "]"));
        CHECK(answers.ends_with("\r\n\r\nGET /last []"));
        CHECK(has(answers, "Strict-Transport-Security: max-age="));
        CHECK(status(by_tls(running.server, self_signed, version, "nonsense")) == 400);
    }
    CHECK(by_tls(running.server, self_signed, TLS1_1_VERSION, requests).empty());
}

TEST_CASE("a TLS handshake that does not come is not waited for", "[http][server][tls]") {
    const SelfSigned self_signed;
    Running running(echo, {.tls = self_signed.files, .deadlines = {.head = 50ms}});
    CHECK(Caller(running.server).rest().empty());
    CHECK_FALSE(has(Caller(running.server).send(get("/")).rest(), "HTTP"));
}

TEST_CASE("a certificate or key that cannot be used is named", "[http][server][tls]") {
    const SelfSigned one;
    const SelfSigned other;
    const auto made_with = [](const std::string& certificate, const std::string& key) {
        return Server({.listen = "127.0.0.1:0", .tls = Tls{.certificate_file = certificate, .key_file = key}}, echo);
    };
    CHECK_THROWS_WITH(made_with("/nowhere.pem", one.files.key_file), Catch::Contains("/nowhere.pem"));
    CHECK_THROWS_WITH(made_with(one.files.certificate_file, "/nowhere.pem"), Catch::Contains("/nowhere.pem"));
    CHECK_THROWS_WITH(made_with(one.files.certificate_file, other.files.key_file),
                      Catch::Contains(other.files.key_file));
}

}  // namespace muster::http
