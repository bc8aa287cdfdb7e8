// Answers whose bodies are made while they are sent, over real sockets.

#include "tests/api/over_sockets.h"

#include <deque>
#include <mutex>

namespace muster::http::over_sockets {
namespace {

// What became of a stream.
struct Seen {
    std::atomic<int> asked = 0;
    std::atomic<int> finished = 0;
    std::promise<void> gone;
};

// Gives these pieces, each on the thread that asks, and then its last; or, with `endless`, the same again and again.
class Pieces final : public Stream {
public:
    Pieces(Seen& seen, std::deque<std::string> pieces, bool endless = false)
        : seen_(seen), pieces_(std::move(pieces)), endless_(endless) {}
    ~Pieces() override { seen_.gone.set_value(); }
    Pieces(const Pieces&) = delete;
    Pieces& operator=(const Pieces&) = delete;
    void next(Give give) override {
        ++seen_.asked;
        Piece piece{pieces_.front()};
        if (!endless_) pieces_.pop_front();
        piece.last = pieces_.empty() || seen_.finished > 0;
        give(std::move(piece));
    }
    void finish() override { ++seen_.finished; }

private:
    Seen& seen_;
    std::deque<std::string> pieces_;
    const bool endless_;
};

// Hands out what it is asked for, so that a test answers when it likes.
class ByHand final : public Stream {
public:
    struct Asked {
        std::promise<Give> first, second;
        std::atomic<int> count = 0;
        std::promise<void> gone, finished;
    };
    explicit ByHand(Asked& asked) : asked_(asked) {}
    ~ByHand() override { asked_.gone.set_value(); }
    ByHand(const ByHand&) = delete;
    ByHand& operator=(const ByHand&) = delete;
    void next(Give give) override { (asked_.count++ == 0 ? asked_.first : asked_.second).set_value(std::move(give)); }
    void finish() override { asked_.finished.set_value(); }

private:
    Asked& asked_;
};

// Streams at /stream, echoes elsewhere.
Handler streaming(std::function<std::shared_ptr<Stream>()> make) {
    return [make = std::move(make)](const Request& request, const Done& done) {
        if (request.target != "/stream") return echo(request, done);
        done({.headers = {{"Content-Type", "text/plain"}}, .stream = make()});
    };
}

}  // namespace

TEST_CASE("a streamed body comes in chunks, whole, and the connection goes on", "[http][server]") {
    Seen seen;
    Running running(streaming([&] {
        return std::make_shared<Pieces>(seen, std::deque<std::string>{"one", "", "0123456789abcdef", "last"});
    }));
    Caller caller(running.server);
    const auto answer = caller.send(get("/stream") + get("/next")).until("0\r\n\r\n");
    CHECK(has(answer, "HTTP/1.1 200 OK\r\n"));
    CHECK(has(answer, "Transfer-Encoding: chunked\r\n"));
    CHECK_FALSE(has(answer, "Content-Length"));
    CHECK(answer.ends_with("\r\n\r\n3\r\none\r\n10\r\n0123456789abcdef\r\n4\r\nlast\r\n0\r\n\r\n"));
    CHECK(caller.answer().ends_with("GET /next []"));
    seen.gone.get_future().wait();
    CHECK(seen.asked == 4);
}

TEST_CASE("HTTP/1.0 gets a streamed body as it is, up to the end of the connection", "[http][server]") {
    Seen seen;
    Running running(streaming([&] { return std::make_shared<Pieces>(seen, std::deque<std::string>{"one ", "two"}); }));
    const auto answer = Caller(running.server).send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").rest();
    CHECK(has(answer, "Connection: close\r\n"));
    CHECK_FALSE(has(answer, "Transfer-Encoding"));
    CHECK(answer.ends_with("\r\n\r\none two"));
}

TEST_CASE("HEAD of what is streamed has the head only, and makes nothing", "[http][server]") {
    Seen seen;
    Running running(streaming([&] { return std::make_shared<Pieces>(seen, std::deque<std::string>{"one"}); }));
    Caller caller(running.server);
    caller.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n" + get("/next"));
    CHECK(has(caller.until("\r\n\r\n"), "Transfer-Encoding: chunked\r\n"));
    CHECK(caller.answer().ends_with("GET /next []"));
    seen.gone.get_future().wait();
    CHECK(seen.asked == 0);
}

TEST_CASE("a piece is on its way before the next is made, and may be made elsewhere, late", "[http][server]") {
    ByHand::Asked asked;
    Running running(streaming([&] { return std::make_shared<ByHand>(asked); }));
    Caller caller(running.server);
    caller.send(get("/stream"));
    auto first = asked.first.get_future().get();
    CHECK(has(caller.until("\r\n\r\n"), "200 OK"));  // the head need not wait for it
    std::jthread([&] { first({"one", false}); }).join();
    CHECK(caller.until("one\r\n") == "3\r\none\r\n");
    auto second = asked.second.get_future().get();
    second({"two", true});
    CHECK(caller.until("0\r\n\r\n") == "3\r\ntwo\r\n0\r\n\r\n");
    second({"again", true});  // without effect
    CHECK(caller.send(get("/next")).answer().ends_with("GET /next []"));
}

TEST_CASE("a reader that stops reading is cut, and nothing is made ahead of it", "[http][server]") {
    Seen seen;
    const std::string piece(std::size_t{64} << 10, 'x');
    Running running(streaming([&] { return std::make_shared<Pieces>(seen, std::deque<std::string>{piece}, true); }),
                    {.deadlines = {.idle = 100ms}});
    Caller caller(running.server);
    caller.send(get("/stream"));
    seen.gone.get_future().wait();
    // What the sockets of this machine buffer, and one piece: not what there would have been to read.
    CHECK(seen.asked < 1000);
    CHECK(status(caller.until("\r\n\r\n")) == 200);
    CHECK_FALSE(has(caller.rest(), "0\r\n\r\n"));
}

TEST_CASE("a reader that goes away ends the stream", "[http][server]") {
    Seen seen;
    Running running(streaming(
        [&] { return std::make_shared<Pieces>(seen, std::deque<std::string>{std::string(1000, 'x')}, true); }));
    {
        Caller caller(running.server);
        caller.send(get("/stream")).until("\r\n\r\n");
    }
    seen.gone.get_future().wait();
}

TEST_CASE("a stream that fails ends without an end, so that nobody takes it for whole", "[http][server]") {
    std::atomic<int> reported = 0;
    ByHand::Asked asked;
    Running running(streaming([&] { return std::make_shared<ByHand>(asked); }),
                    {.report = [&](std::string_view) { ++reported; }});
    Caller caller(running.server);
    SECTION("by HTTP/1.1") {
        caller.send(get("/stream"));
        asked.first.get_future().get()({"one", false});
        (void)asked.second.get_future().get();  // forgotten
        CHECK(caller.rest().ends_with("3\r\none\r\n"));
    }
    SECTION("by HTTP/1.0, where only a reset is no end") {
        caller.send("GET /stream HTTP/1.0\r\n\r\n");
        asked.first.get_future().get()({"a piece", false});
        CHECK(has(caller.until("a piece"), "a piece"));
        (void)asked.second.get_future().get();
        char byte = 0;
        CHECK(::recv(caller.socket(), &byte, 1, 0) == -1);
        CHECK(errno == ECONNRESET);
    }
    asked.gone.get_future().wait();
    CHECK(reported == 0);  // whoever failed has said why
}

TEST_CASE("a stream that does not go on in time is cut", "[http][server]") {
    std::atomic<int> reported = 0;
    ByHand::Asked asked;
    Running running(streaming([&] { return std::make_shared<ByHand>(asked); }),
                    {.deadlines = {.handler = 50ms}, .report = [&](std::string_view) { ++reported; }});
    Caller caller(running.server);
    CHECK_FALSE(has(caller.send(get("/stream")).rest(), "0\r\n\r\n"));
    asked.gone.get_future().wait();
    CHECK(reported == 1);
}

TEST_CASE("stop asks a stream to finish, and waits for it", "[http][server]") {
    ByHand::Asked asked;
    Running running(streaming([&] { return std::make_shared<ByHand>(asked); }));
    Caller caller(running.server);
    caller.send(get("/stream"));
    auto give = asked.first.get_future().get();
    running.server.stop();
    asked.finished.get_future().wait();
    give({"goodbye", true});
    CHECK(caller.rest().ends_with("goodbye\r\n0\r\n\r\n"));
    running.ended.get_future().wait();
}

TEST_CASE("stop cuts a stream that does not finish", "[http][server]") {
    ByHand::Asked asked;
    Running running(streaming([&] { return std::make_shared<ByHand>(asked); }), {.deadlines = {.stop = 50ms}});
    Caller caller(running.server);
    caller.send(get("/stream"));
    auto give = asked.first.get_future().get();
    running.server.stop();
    CHECK_FALSE(has(caller.rest(), "0\r\n\r\n"));
    asked.gone.get_future().wait();
    running.ended.get_future().wait();
    give({"the server has gone", true});  // without effect
}

}  // namespace muster::http::over_sockets
