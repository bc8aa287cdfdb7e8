// The server over real sockets: requests and answers.

#include "tests/api/over_sockets.h"

namespace muster::http::over_sockets {

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
    CHECK(has(first, "Referrer-Policy: no-referrer\r\n"));
    CHECK(has(first, "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"));
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
        done({.headers = {{"cache-control", "max-age=60"},
                          {"content-security-policy", "default-src 'self'"},
                          {"content-length", "1"},
                          {"Connection", "upgrade"}},
              .body = "ab"});
    });
    Caller caller(running.server);
    const auto answer = caller.send(get("/")).answer();
    CHECK(has(answer, "cache-control: max-age=60\r\n"));
    CHECK_FALSE(has(answer, "no-store"));
    CHECK(has(answer, "content-security-policy: default-src 'self'\r\n"));
    CHECK_FALSE(has(answer, "default-src 'none'"));
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

TEST_CASE("what is expected and not known is not met", "[http][server]") {
    const auto answer = refused(get("/", "Expect: 200-ok\r\n"));
    CHECK(status(answer) == 417);
    CHECK(has(answer, R"("code":"expectation_failed")"));
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
    SECTION("a body, however steadily") {
        Running running(echo, {.deadlines = {.body_grace = 50ms}});
        Caller caller(running.server);
        caller.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
        // A byte now and then is far less than a kilobyte a second; ends because the server does.
        std::jthread dripping([&](const std::stop_token& ended) {
            while (!ended.stop_requested()) {
                caller.send("x");
                std::this_thread::sleep_for(5ms);
            }
        });
        CHECK(status(caller.until("\r\n\r\n")) == 408);
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

TEST_CASE("a caller who reads a large answer a little at a time is given up", "[http][server]") {
    Running running([&](const Request&, const Done& done) { done({.body = std::string(64 << 20, 'x')}); },
                    {.deadlines = {.idle = 500ms, .answer = 100ms}});
    Caller caller(running.server);
    caller.send(get("/"));
    std::size_t got = 0;
    char bytes[16384];
    for (ssize_t size = 1; size > 0; got += static_cast<std::size_t>(size)) {
        std::this_thread::sleep_for(1ms);  // some 16 MB a second at most; 640 were needed
        size = std::max<ssize_t>(0, ::recv(caller.socket(), bytes, sizeof bytes, 0));
    }
    CHECK(got < std::size_t{64} << 20);
}

TEST_CASE("large answers that are not read yet are not more than there is room for", "[http][server]") {
    const std::size_t large = 32 << 20;  // more than the sockets themselves take
    std::atomic<int> worked_on = 0;
    std::vector<std::string> told_log;  // by one caller after the other
    Running running(
        [&](const Request& request, const Done& done) {
            ++worked_on;
            done({.status = request.target == "/refused" ? 422 : 200,
                  .headers = {{"Muster-Request", "7"}},
                  .body = std::string(request.target == "/small" ? 10 : large, 'x')});
        },
        {.answer_bytes_in_all_max = large + large / 2,
         .refused = [&](int status, std::string_view code, const std::string&) {
             told_log.push_back(std::to_string(status) + " " + std::string(code));
         }});
    Caller reader(running.server), other(running.server);
    reader.send(get("/"));
    REQUIRE(status(reader.until("\r\n\r\n")) == 200);
    auto refused = other.send(get("/")).answer();
    CHECK(status(refused) == 503);
    CHECK(has(refused, R"("code":"overloaded")"));
    CHECK(has(refused, "Retry-After: 1\r\n"));
    CHECK(has(refused, "Muster-Request: 7\r\n"));
    CHECK(status(other.send("POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").answer()) == 503);
    // It was worked on: to say that nothing has happened would be wrong.
    auto told = other.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").answer();
    CHECK(status(told) == 500);
    CHECK(has(told, "Idempotency-Key"));
    CHECK(status(other.send(get("/small")).answer()) == 200);
    CHECK(status(other.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").until("\r\n\r\n")) == 200);
    CHECK(worked_on == 6);
    CHECK(told_log == std::vector<std::string>{"503 overloaded", "503 overloaded", "500 internal_error"});
    // As soon as it is read there is room again.
    CHECK(reader.send("GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").rest().size() > large);
    int answered = 0;
    for (int tries = 0; answered != 200 && tries < 100; ++tries) answered = status(other.send(get("/")).answer());
    CHECK(answered == 200);
}

TEST_CASE("a body counts as long as somebody holds it, also after it was answered for", "[http][server]") {
    std::promise<Request> asked;
    Running running([&](Request request, const Done&) {
        asked.set_value(std::move(request));  // and the answer is forgotten: 500
    });
    Caller caller(running.server);
    caller.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
    auto held = asked.get_future().get();
    CHECK(status(caller.answer()) == 500);
    CHECK(held.counts.use_count() == 1);
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

}  // namespace muster::http::over_sockets
