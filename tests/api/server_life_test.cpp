// The server over real sockets: handlers that fail, too many callers, stopping, TLS.

#include "tests/api/over_sockets.h"
#include "tests/scratch.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace muster::http::over_sockets {

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

TEST_CASE("a handler that does not answer in time is answered for: 504, and what comes later is not heard",
          "[http][server]") {
    std::promise<Done> asked;
    std::atomic<int> reported = 0;
    Running running(
        [&](const Request& request, const Done& done) {
            if (request.target == "/hangs") return asked.set_value(done);
            echo(request, done);
        },
        {.deadlines = {.handler = 50ms}, .report = [&](std::string_view) { ++reported; }});
    Caller caller(running.server);
    const auto answer = caller.send(get("/hangs")).answer();
    CHECK(status(answer) == 504);
    CHECK(has(answer, R"("code":"timeout")"));
    CHECK(has(answer, "not known"));
    CHECK(reported == 1);
    asked.get_future().get()({.body = "late"});
    CHECK(caller.send(get("/next")).answer().ends_with("GET /next []"));
}

TEST_CASE("what the server refuses by itself is told to who keeps the log", "[http][server]") {
    std::promise<std::string> told;
    const auto answer =
        refused("nonsense", {.refused = [&](int status, std::string_view code, const std::string& peer) {
                    told.set_value(std::to_string(status).append(" ").append(code) + " " + peer);
                }});
    CHECK(status(answer) == 400);
    CHECK(told.get_future().get() == "400 bad_request 127.0.0.1");
}

TEST_CASE("beyond its connections the server says so and closes", "[http][server]") {
    auto options =
        GENERATE(0, 1) == 0 ? ServerOptions{.connections_max = 1} : ServerOptions{.connections_per_address_max = 1};
    // Who words the refusals may have said when to come again.
    if (GENERATE(0, 1) == 0) {
        options.refuse = [](int, std::string_view, const std::string&) {
            return Response{.status = 503, .headers = {{"Retry-After", "1"}}, .body = R"({"code":"overloaded"})"};
        };
    }
    Running running(echo, options);
    Caller first(running.server);
    CHECK(status(first.send(get("/")).answer()) == 200);
    Caller second(running.server);
    const auto answer = second.rest();
    CHECK(status(answer) == 503);
    CHECK(has(answer, R"("code":"overloaded")"));
    CHECK(has(answer, "Retry-After: 1\r\n"));
    CHECK(answer.find("Retry-After") == answer.rfind("Retry-After"));
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

TEST_CASE("what was posted to a server that stopped lets go of what it holds, and is not run", "[http][server]") {
    Server server({.listen = "127.0.0.1:0"}, echo);
    server.stop();
    server.run();
    bool ran = false;
    const auto post = [&] {
        std::promise<void> gone;
        auto let_go = gone.get_future();
        std::shared_ptr<void> held(
            nullptr, [gone = std::make_shared<std::promise<void>>(std::move(gone))](void*) { gone->set_value(); });
        server.post([&ran, held = std::move(held)] { ran = true; });
        return let_go;
    };
    auto before = post();
    server.finish([&] {
        before.wait();
        post().wait();
    });
    CHECK_FALSE(ran);
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
        files = {.certificate_file = directory / "certificate.pem", .key_file = directory / "key.pem"};
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

    Scratch directory;
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

}  // namespace muster::http::over_sockets
