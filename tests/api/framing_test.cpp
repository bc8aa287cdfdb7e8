// The ways in which a request has been made to mean two things to two servers, each refused; and what must stay
// allowed. Named by what is tried.

#include "api/http/framing.h"

#include "api/http/chunked.h"
#include "api/http/limits.h"

#include <catch2/catch.hpp>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace muster::http {
namespace {

constexpr int accepted = 200;

// What the server would say to these bytes: 200, the status of the fault, or 0 while it waits for more.
int judged(std::string_view bytes) {
    HeadFinder finder;
    const auto length = finder.find(bytes);
    if (!length) return length.error().status;
    if (*length == 0) return 0;
    const auto head = read_head(bytes.substr(0, *length));
    return head ? accepted : head.error().status;
}

// The same of these bytes, where they are taken for a whole head.
int judged_whole(std::string_view bytes) {
    const auto head = read_head(bytes);
    return head ? accepted : head.error().status;
}

// A good request with these header lines, each ending in CR LF.
std::string get(const std::string& lines) { return "GET / HTTP/1.1\r\nHost: muster.test\r\n" + lines + "\r\n"; }
std::string post(const std::string& lines) { return "POST /v1 HTTP/1.1\r\nHost: muster.test\r\n" + lines + "\r\n"; }
std::string line(const std::string& request_line) { return request_line + "\r\nHost: muster.test\r\n\r\n"; }

// Decodes bytes that arrive in pieces of this size: what was decoded, or the status of the fault in "!".
std::string unchunked(std::string_view bytes, std::size_t piece, std::uint64_t body_bytes_max = 1000) {
    ChunkDecoder chunks;
    std::string body;
    while (!bytes.empty() && !chunks.done()) {
        const auto taken = chunks.decode(bytes.substr(0, piece), body, body_bytes_max);
        if (!taken) return std::string("!").append(std::to_string(taken.error().status));
        bytes.remove_prefix(*taken);
    }
    if (!chunks.done()) return "...";
    return body + "|" + std::string(bytes);
}

}  // namespace

TEST_CASE("a plain request is read as it stands", "[http][framing]") {
    const auto head = read_head(
        "PATCH /v1/workspaces/spring?a=%20b HTTP/1.1\r\nHOST: muster.test:8080\r\nX-Empty:\r\n"
        "Content-Length: 12\r\nX-Spaces: \t one two \t \r\nExpect: 100-Continue\r\n\r\n");
    REQUIRE(head);
    CHECK(head->method == "PATCH");
    CHECK(head->target == "/v1/workspaces/spring?a=%20b");
    CHECK(head->minor_version == 1);
    REQUIRE(head->headers.size() == 5);
    CHECK(head->headers[0].name == "host");
    CHECK(head->headers[0].value == "muster.test:8080");
    CHECK(head->headers[1].value.empty());
    CHECK(head->headers[3].name == "x-spaces");
    CHECK(head->headers[3].value == "one two");
    CHECK(head->content_length == 12);
    CHECK_FALSE(head->chunked);
    CHECK(head->keep_alive);
    CHECK(head->expect_continue);
}

TEST_CASE("the body's end is told by exactly one of nothing, a length, or chunks", "[http][framing]") {
    CHECK(judged(post("")) == accepted);
    CHECK(judged(post("Content-Length: 5\r\n")) == accepted);
    CHECK(judged(post("Content-Length: 0\r\n")) == accepted);
    CHECK(judged(post("Transfer-Encoding: chunked\r\n")) == accepted);
    CHECK(judged(post("transfer-encoding: CHUNKED\r\n")) == accepted);

    SECTION("both") {
        CHECK(judged(post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")) == 400);
        CHECK(judged(post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")) == 400);
        CHECK(judged(post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n")) == 400);
    }
    SECTION("two lengths, even equal ones") {
        CHECK(judged(post("Content-Length: 5\r\nContent-Length: 5\r\n")) == 400);
        CHECK(judged(post("Content-Length: 5\r\ncontent-length: 6\r\n")) == 400);
        CHECK(judged(post("Content-Length: 5, 5\r\n")) == 400);
        CHECK(judged(post("Content-Length: 5,6\r\n")) == 400);
    }
    SECTION("a length that is not digits only") {
        for (const std::string length : {"", " ", "+5", "-5", "-0", "0x5", "5.0", "5e1", "five", "5 5", "1_000", "5;",
                                         "\"5\"", "\xEF\xBC\x95", "5\x0b", "0b1"}) {
            CAPTURE(length);
            CHECK(judged(post("Content-Length: " + length + "\r\n")) == 400);
        }
    }
    SECTION("a length that wraps around in 64 bits is only a large one") {
        const auto head = read_head(post("Content-Length: 18446744073709551621\r\n"));
        REQUIRE(head);
        CHECK(head->content_length == std::numeric_limits<std::uint64_t>::max());
        CHECK(read_head(post("Content-Length: 999999999999999999\r\n"))->content_length == 999999999999999999);
    }
    SECTION("an encoding that others may not know, or know otherwise") {
        for (const std::string coding :
             {"", "identity", "gzip", "xchunked", "chunkedx", "chunked, identity", "identity, chunked", "gzip, chunked",
              "chunked, chunked", "chunked,", ",chunked", "chunked;q=1", "\"chunked\"", "'chunked'", "chunke",
              "\013chunked", "chunked\x0c", "chu nked", "cow"}) {
            CAPTURE(coding);
            CHECK(judged(post("Transfer-Encoding: " + coding + "\r\n")) == 400);
        }
    }
    SECTION("two encodings") {
        CHECK(judged(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")) == 400);
        CHECK(judged(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")) == 400);
        CHECK(judged(post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")) == 400);
    }
    SECTION("chunks on HTTP/1.0") { CHECK(judged("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400); }
}

TEST_CASE("a framing header is not hidden by how it is written", "[http][framing]") {
    for (const std::string hidden : {"Content-Length : 5\r\n",
                                     "Content-Length\t: 5\r\n",
                                     " Content-Length: 5\r\n",
                                     "\tContent-Length: 5\r\n",
                                     "Transfer-Encoding : chunked\r\n",
                                     "Transfer-Encoding\x0b: chunked\r\n",
                                     "\x0bTransfer-Encoding: chunked\r\n",
                                     "Transfer-Encoding\r\n : chunked\r\n",
                                     "Transfer-Encoding:\r\n chunked\r\n",
                                     "X: y\r\n Content-Length: 5\r\n",
                                     "X: y\r\n\tTransfer-Encoding: chunked\r\n",
                                     "X: y\rTransfer-Encoding: chunked\r\n",
                                     "X: y\nTransfer-Encoding: chunked\r\n",
                                     "X: y\r\r\nContent-Length: 5\r\n",
                                     "Content-Length: 5\r\r\n",
                                     "\rContent-Length: 5\r\n",
                                     "Content-Length: 5\n",
                                     ": chunked\r\n",
                                     "Content-Length\r\n",
                                     "Content Length: 5\r\n",
                                     "Content-Length\xA0: 5\r\n",
                                     "\"Content-Length\": 5\r\n",
                                     "Content-Length: 5\x7f\r\n",
                                     "(X): y\r\n",
                                     "X: y\x01z\r\n"}) {
        CAPTURE(hidden);
        CHECK(judged(post(hidden)) == 400);
    }
    CHECK(judged(post(std::string("X: y\0z\r\n", 8))) == 400);
    CHECK(judged(post(std::string("X\0: y\r\n", 7))) == 400);
    CHECK(judged(post("Content_Length: 5\r\n")) == accepted);
    CHECK_FALSE(read_head(post("Content_Length: 5\r\n"))->content_length);
    CHECK(judged(get("X-Name: J\xC3\xBCrgen\r\n")) == accepted);
}

TEST_CASE("there is one host", "[http][framing]") {
    CHECK(judged("GET / HTTP/1.1\r\n\r\n") == 400);
    CHECK(judged("GET / HTTP/1.0\r\n\r\n") == accepted);
    CHECK(judged(get("Host: muster.test\r\n")) == 400);
    CHECK(judged(get("hOST: other.test\r\n")) == 400);
    CHECK(judged("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
    for (const std::string host : {"", "a, b", "a b", "user@muster.test", "muster.test/path", "http://muster.test",
                                   "muster.test#x", "muster.test?x", "a\\b", "m\xC3\xBCster.test", "<a>"}) {
        CAPTURE(host);
        CHECK(judged("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") == 400);
    }
    for (const std::string host :
         {"muster.test", "MUSTER.test:8080", "127.0.0.1:8080", "[::1]:8080", "xn--mster-kva"}) {
        CAPTURE(host);
        CHECK(judged("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n") == accepted);
    }
}

TEST_CASE("of a field that tells who asks, or what for, there is one", "[http][framing]") {
    for (const std::string name :
         {"Authorization", "Content-Encoding", "Content-Type", "Idempotency-Key", "If-Match"}) {
        CAPTURE(name);
        CHECK(judged(get(name + ": a\r\n")) == accepted);
        CHECK(judged(get(name + ": a\r\n" + name + ": a\r\n")) == 400);
    }
    CHECK(judged(get("X-Forwarded-For: a\r\nX-Forwarded-For: b\r\n")) == accepted);
}

TEST_CASE("a request line is a known method, an origin-form target and HTTP/1", "[http][framing]") {
    for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}) {
        CHECK(judged(line(method + " / HTTP/1.1")) == accepted);
    }
    SECTION("methods") {
        for (const std::string method : {"get", "Get", "GETS", "TRACE", "CONNECT", "PROPFIND", "PRI", "G", "", "GET\t",
                                         "GET\x0b", "\x16\x03\x01", "_GET", "X-GET"}) {
            CAPTURE(method);
            CHECK(judged(line(method + " / HTTP/1.1")) == 400);
        }
    }
    SECTION("targets") {
        for (const std::string target :
             {"", "*", "v1", "?a", "http://muster.test/", "https://muster.test/v1", "muster.test:443", "/a b", "/a\tb",
              "/a#b", "/#", "/\x7f", "/\x01", "/m\xC3\xBCnchen", "/\x80", "\\v1", "/a\x0b", "//a b"}) {
            CAPTURE(target);
            CHECK(judged(line("GET " + target + " HTTP/1.1")) == 400);
        }
        CHECK(judged(line(std::string("GET /a\0b HTTP/1.1", 17))) == 400);
        for (const std::string target : {"/", "/v1?q=a%20b&c=[d]|{e}", "/%00", "//a", "/../x", "/~a;b=c,d"}) {
            CAPTURE(target);
            CHECK(judged(line("GET " + target + " HTTP/1.1")) == accepted);
        }
    }
    SECTION("versions") {
        for (const std::string version :
             {"HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/2", "HTTP/1.", "HTTP/1.1x", "http/1.1", "HTTP/01.1",
              "HTTP/1.01", "HTTP /1.1", "HTTPS/1.1", "HTTP/1,1", "", "ICY/1.1"}) {
            CAPTURE(version);
            CHECK(judged(line("GET / " + version)) == 400);
        }
    }
    SECTION("spaces") {
        for (const std::string whole : {"GET  / HTTP/1.1", "GET /  HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ",
                                        "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1", "GET / HTTP/1.1\t", "GET /", "GET", "/",
                                        "GET / HTTP/1.1 HTTP/1.1", "\tGET / HTTP/1.1"}) {
            CAPTURE(whole);
            CHECK(judged(line(whole)) == 400);
        }
    }
    SECTION("an empty line first") { CHECK(judged("\r\n" + get("")) == 400); }
}

TEST_CASE("lines end with CR LF, and nobody waits for what cannot become good", "[http][framing]") {
    CHECK(judged("GET / HTTP/1.1\n") == 400);
    CHECK(judged("GET / HTTP/1.1\r\nHost: a\n") == 400);
    CHECK(judged("\n") == 400);
    CHECK(judged("\r\n") == 400);
    CHECK(judged("\x16\x03\x01") == 400);
    CHECK(judged("") == 0);
    CHECK(judged("GET / HTTP/1.1\r") == 0);
    CHECK(judged("GET / HTTP/1.1\r\nHost: a\r\n\r") == 0);
    CHECK(judged("GET / HTTP/1.1\rHost: a\r\n\r\n") == 400);

    CHECK(judged_whole("") == 400);
    CHECK(judged_whole("GET / HTTP/1.1\r\nHost: a\r\n") == 400);
    CHECK(judged_whole("GET / HTTP/1.1\r\nHost: a") == 400);
    CHECK(judged_whole(get("") + get("")) == 400);
    CHECK(judged_whole(get("") + "x") == 400);
}

TEST_CASE("a head is found however it is cut into pieces", "[http][framing]") {
    const auto bytes = post("Content-Length: 3\r\nX: y\r\n");
    const auto followed = bytes + "abcPOST / HTTP/1.1\r\n\r\n";
    for (std::size_t step = 1; step <= followed.size(); ++step) {
        HeadFinder finder;
        std::size_t found = 0;
        for (std::size_t arrived = step; found == 0; arrived += step) {
            const auto length = finder.find(std::string_view(followed).substr(0, arrived));
            REQUIRE(length);
            found = *length;
        }
        CHECK(found == bytes.size());
    }
}

TEST_CASE("a head has its limits, to the byte", "[http][framing]") {
    SECTION("64 fields") {
        std::string fields;
        for (std::size_t i = 1; i < limits::fields_max; ++i) fields += "X: y\r\n";  // and Host
        CHECK(judged(get(fields)) == accepted);
        CHECK(judged(get(fields + "X: y\r\n")) == 431);
    }
    SECTION("16 KiB") {
        const std::string around = get("X: \r\n");
        const std::string filling(limits::head_bytes_max - around.size(), 'y');
        CHECK(judged(get("X: " + filling + "\r\n")) == accepted);
        CHECK(judged(get("X: " + filling + "y\r\n")) == 431);
        CHECK(judged_whole(get("X: " + filling + "y\r\n")) == 431);
        CHECK(judged("GET / HTTP/1.1\r\nX: " + std::string(limits::head_bytes_max, 'y')) == 431);
    }
    SECTION("a target of 4 KiB") {
        const std::string target = std::string("/").append(limits::target_bytes_max - 1, 'a');
        CHECK(judged(line("GET " + target + " HTTP/1.1")) == accepted);
        CHECK(judged(line("GET " + target + "a HTTP/1.1")) == 414);
        CHECK(judged("GET /" + std::string(limits::head_bytes_max, 'a')) == 414);
    }
}

TEST_CASE("who goes on after the answer", "[http][framing]") {
    const auto keeps_alive = [](std::string_view bytes) { return read_head(bytes)->keep_alive; };
    CHECK(keeps_alive(get("")));
    CHECK(keeps_alive(get("Connection: keep-alive\r\n")));
    CHECK_FALSE(keeps_alive(get("Connection: close\r\n")));
    CHECK_FALSE(keeps_alive(get("Connection: keep-alive, Close\r\n")));
    CHECK_FALSE(keeps_alive(get("Connection: keep-alive\r\nConnection: close\r\n")));
    CHECK_FALSE(keeps_alive("GET / HTTP/1.0\r\n\r\n"));
    CHECK(keeps_alive("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST_CASE("an expectation other than 100-continue is not met", "[http][framing]") {
    CHECK(judged(post("Expect: 200-ok\r\n")) == 417);
    CHECK_FALSE(read_head("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")->expect_continue);
}

TEST_CASE("a chunked body is decoded however it is cut into pieces", "[http][framing]") {
    for (std::size_t piece = 1; piece < 40; ++piece) {
        CHECK(unchunked("5\r\nhello\r\n00000001\r\n \r\n6\r\nwor\r\nd\r\n0\r\n\r\nGET /", piece)
                  .starts_with("hello wor\r\nd|"));
        CHECK(unchunked("0\r\n\r\n", piece) == "|");
        CHECK(unchunked("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", piece) == "01234567890123456789|");
    }
    CHECK(unchunked("1\r\na\r\n0\r\n\r\nGET /", 100) == "a|GET /");
    CHECK(unchunked("1\r\na\r\n0\r\n", 100) == "...");
}

TEST_CASE("a chunked body that could end elsewhere for others is refused", "[http][framing]") {
    for (const std::string bytes : {"\r\n",
                                    "x\r\n",
                                    "-1\r\n",
                                    "+1\r\na\r\n",
                                    " 1\r\na\r\n",
                                    "1 \r\na\r\n",
                                    "0x1\r\na\r\n",
                                    "1;ext\r\na\r\n",
                                    "1;ext=\"\n\"\r\na\r\n",
                                    "1\na\r\n",
                                    "1\r\ra",
                                    "1\r\na\n",
                                    "1\r\nab\r\n",
                                    "1\r\na0\r\n",
                                    "2\r\na\r\n0\r\n\r\n",
                                    "000000001\r\na\r\n",
                                    "FFFFFFFFFFFFFFFFF\r\n",
                                    "0\r\nTrailer: x\r\n\r\n",
                                    "0\r\n\n",
                                    "0\n\n",
                                    "0\r\n\rx",
                                    "0;ext\r\n\r\n",
                                    "1\r\na\r\n;\r\n"}) {
        CAPTURE(bytes);
        CHECK(unchunked(bytes, 1) == "!400");
        CHECK(unchunked(bytes, 100) == "!400");
    }
}

TEST_CASE("a chunked body is refused by its announced size, before the bytes come", "[http][framing]") {
    CHECK(unchunked("3\r\nabc\r\n0\r\n\r\n", 100, 3) == "abc|");
    CHECK(unchunked("4\r\n", 100, 3) == "!413");
    CHECK(unchunked("2\r\nab\r\n2\r\n", 100, 3) == "!413");
    CHECK(unchunked("FFFFFFFF\r\n", 100) == "!413");
}

}  // namespace muster::http
