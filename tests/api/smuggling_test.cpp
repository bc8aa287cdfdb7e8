// What has been used to hide one request in another, each sent over a real socket with a second request behind it: the
// server answers once, closes, and nobody sees the second. What it judges by is tested rule by rule in
// framing_test.cpp.

#include "tests/api/over_sockets.h"

namespace muster::http::over_sockets {
namespace {

struct Trick {
    std::string name;
    std::string bytes;  // up to where the hidden request begins
    int answer = 400;
};

std::string with(const std::string& lines) { return "POST / HTTP/1.1\r\nHost: muster.test\r\n" + lines + "\r\n"; }
std::string line(const std::string& request_line) { return request_line + "\r\nHost: muster.test\r\n\r\n"; }
std::string chunked(const std::string& body) { return with("Transfer-Encoding: chunked\r\n") + body; }

const std::string hidden = get("/hidden");

const std::vector<Trick> tricks{
    // Two ends of one body.
    {"CL.TE", with("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
    {"TE.CL", with("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n") + "5c\r\n"},
    {"CL.TE with a length of zero", with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
    {"CL.CL", with("Content-Length: 0\r\nContent-Length: 5\r\n")},
    {"CL.CL, equal", with("Content-Length: 0\r\nContent-Length: 0\r\n")},
    {"CL.CL in one list", with("Content-Length: 0, 5\r\n")},
    {"TE.TE", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n") + "0\r\n\r\n"},
    {"TE.TE, equal", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n"},
    {"TE on HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},

    // A coding that one side does not know.
    {"an unknown coding, taken for no body", with("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n"},
    {"a coding before chunked", with("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n"},
    {"a coding after chunked", with("Transfer-Encoding: chunked, identity\r\n") + "0\r\n\r\n"},
    {"identity", with("Transfer-Encoding: identity\r\nContent-Length: 0\r\n")},
    {"an empty coding", with("Transfer-Encoding:\r\nContent-Length: 0\r\n")},
    {"chunked in quotes", with("Transfer-Encoding: \"chunked\"\r\n") + "0\r\n\r\n"},
    {"chunked with a parameter", with("Transfer-Encoding: chunked;q=1\r\n") + "0\r\n\r\n"},
    {"chunked behind a vertical tab", with("Transfer-Encoding: \x0b"
                                           "chunked\r\n") +
                                          "0\r\n\r\n"},

    // A field that one side does not see.
    {"a space before the colon", with("Transfer-Encoding : chunked\r\n") + "0\r\n\r\n"},
    {"a tab before the colon", with("Content-Length\t: 5\r\n")},
    {"a space before the name", with(" Content-Length: 5\r\n")},
    {"a value on the next line", with("Transfer-Encoding:\r\n chunked\r\n") + "0\r\n\r\n"},
    {"a field folded into another", with("X: y\r\n Content-Length: 5\r\n")},
    {"a field behind a bare LF", with("X: y\nContent-Length: 5\r\n")},
    {"a field behind a bare CR", with("X: y\rContent-Length: 5\r\n")},
    {"a field behind a NUL", with(std::string("X: y\0Content-Length: 5\r\n", 24))},
    {"a name with a control character", with("Content-Length\x01: 5\r\n")},
    {"a name in bytes above ASCII", with("Content-Length\xA0: 5\r\n")},
    {"no name", with(": chunked\r\n")},
    {"no colon", with("Content-Length 5\r\n")},

    // A length that one side reads otherwise.
    {"a signed length", with("Content-Length: +0\r\n")},
    {"a negative length", with("Content-Length: -1\r\n")},
    {"a hexadecimal length", with("Content-Length: 0x0\r\n")},
    {"an empty length", with("Content-Length:\r\n")},
    {"a length with a point", with("Content-Length: 0.0\r\n")},
    {"a length in other digits", with("Content-Length: \xD9\xA0\r\n")},
    {"a length that wraps around", with("Content-Length: 18446744073709551616\r\n"), 413},

    // A chunk that one side ends elsewhere.
    {"a chunk extension", chunked("0;x=y\r\n\r\n")},
    {"a chunk extension with a line break", chunked("1;\nx\r\na\r\n0\r\n\r\n")},
    {"a chunk size with a sign", chunked("+0\r\n\r\n")},
    {"a chunk size as 0x0", chunked("0x0\r\n\r\n")},
    {"a chunk size behind a space", chunked(" 0\r\n\r\n")},
    {"a chunk size that wraps around", chunked("10000000000000000\r\n\r\n")},
    {"a chunk line that ends with LF", chunked("0\n\r\n")},
    {"a chunk that is longer than it says", chunked("1\r\nab\r\n0\r\n\r\n")},
    {"a trailer", chunked("0\r\nX: y\r\n\r\n")},
    {"an end with LF", chunked("0\r\n\n")},

    // A head that one side ends elsewhere, or takes for another host's.
    {"lines that end with LF", "GET / HTTP/1.1\nHost: muster.test\n\n"},
    {"an empty line first", "\r\n" + get("/")},
    {"no host", "GET / HTTP/1.1\r\n\r\n"},
    {"two hosts", get("/", "Host: other.test\r\n")},
    {"a host with a path", "GET / HTTP/1.1\r\nHost: muster.test/hidden\r\n\r\n"},
    {"a host with a user", "GET / HTTP/1.1\r\nHost: other@muster.test\r\n\r\n"},
    {"a list of hosts", "GET / HTTP/1.1\r\nHost: muster.test, other.test\r\n\r\n"},

    // A request line of other forms.
    {"a target with its host", line("GET http://other.test/ HTTP/1.1")},
    {"a target of a tunnel", line("CONNECT other.test:443 HTTP/1.1")},
    {"a target of the whole server", line("OPTIONS * HTTP/1.1")},
    {"a target with a fragment", line("GET /#x HTTP/1.1")},
    {"a target above ASCII", line("GET /m\xC3\xBCster HTTP/1.1")},
    {"a target with a space", line("GET /a b HTTP/1.1")},
    {"two spaces", line("GET  / HTTP/1.1")},
    {"a tab for a space", line("GET\t/ HTTP/1.1")},
    {"a method in lower case", line("get / HTTP/1.1")},
    {"a method that is not known", line("TRACE / HTTP/1.1")},
    {"HTTP/0.9", "GET /\r\n\r\n"},
    {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"HTTP/1.2", line("GET / HTTP/1.2")},
    {"TLS to the plain port", "\x16\x03\x01\x02"},

    {"65 fields",
     [] {
         std::string fields;
         for (std::size_t i = 0; i < limits::fields_max; ++i) fields += "X: y\r\n";  // and Host
         return get("/", fields);
     }(),
     431},
};

}  // namespace

TEST_CASE("no trick hides a request in another: one answer, and the connection is closed", "[http][server]") {
    for (const auto& trick : tricks) {
        CAPTURE(trick.name);
        const auto answer = refused(trick.bytes + hidden);  // which checks that no handler saw anything
        CHECK(status(answer) == trick.answer);
        for (const std::string second : {"HTTP/1.1 2", "HTTP/1.1 4"}) CHECK_FALSE(has(answer.substr(1), second));
        CHECK_FALSE(has(answer, "hidden"));
    }
}

TEST_CASE("what is plainly a request is one, and the next is the next", "[http][server]") {
    Running running;
    for (const auto& bytes : {get("/"), with("Content-Length: 0\r\n"), with("Content-Length: 2\r\n") + "ab",
                              chunked("2\r\nab\r\n0\r\n\r\n"), chunked("0\r\n\r\n"), with("")}) {
        CAPTURE(bytes);
        Caller caller(running.server);
        caller.send(bytes + get("/next"));
        CHECK(status(caller.answer()) == 200);
        CHECK(caller.answer().ends_with("GET /next []"));
    }
}

}  // namespace muster::http::over_sockets
