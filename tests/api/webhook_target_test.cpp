// Where webhooks may go: public addresses, and networks that were allowed; by https.
#include "api/webhooks/client.h"
#include "api/webhooks/target.h"
#include "tests/api/fixture.h"
#include "tests/api/webhook_receiver.h"

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>

namespace muster::test {
namespace {

using webhooks::Client;
using webhooks::ClientOptions;

bool is_public(const char* address) { return webhooks::is_public(http::parse_address(address).value()); }

ClientOptions allowing(std::initializer_list<const char*> networks, const std::string& ca_file = {}) {
    ClientOptions options;
    for (const char* each : networks) REQUIRE(options.allowed.add(each));
    options.ca_file = ca_file;
    options.connect_most = options.attempt_most = std::chrono::milliseconds(3000);
    return options;
}

// The status, or why there is none.
std::string said(const ClientOptions& options, const std::string& url) {
    auto attempt = Client(options).line_to(url)->post({}, "{}");
    return attempt.taken() ? std::to_string(attempt.status) : attempt.detail;
}

struct Certificate {
    explicit Certificate(const std::string& names) {
        auto made = server::finish({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", cert, "-days",
                                    "2", "-subj", "/CN=hooks", "-addext", "subjectAltName=" + names});
        REQUIRE(made.exit_code == 0);
    }
    Scratch scratch;
    std::string key = scratch / "key.pem", cert = scratch / "cert.pem";
};

struct Environment {
    Environment(const char* name, const char* value) : set(name) { ::setenv(name, value, 1); }
    ~Environment() { ::unsetenv(set); }
    const char* set;
};

constexpr auto not_public = "the target has an address that is not public";

}  // namespace

TEST_CASE("what is not the internet at large is not public") {
    for (const char* each : {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
                             "192.167.0.1", "2606:4700::1111", "2a00:1450:4001::1"})
        CHECK(is_public(each));
    for (const char* each : {"0.0.0.0",
                             "0.1.2.3",
                             "10.0.0.1",
                             "100.64.0.1",
                             "100.127.255.255",
                             "127.0.0.1",
                             "127.255.255.255",
                             "169.254.169.254",
                             "172.16.0.1",
                             "172.31.255.255",
                             "192.0.0.1",
                             "192.0.2.1",
                             "192.88.99.1",
                             "192.168.1.1",
                             "198.18.0.1",
                             "198.19.255.255",
                             "198.51.100.1",
                             "203.0.113.1",
                             "224.0.0.1",
                             "239.255.255.255",
                             "240.0.0.1",
                             "255.255.255.255",
                             "::",
                             "::1",
                             "::ffff:10.0.0.1",
                             "::ffff:127.0.0.1",
                             "::7f00:1",
                             "fe80::1",
                             "fec0::1",
                             "fc00::1",
                             "fd00:ec2::254",
                             "ff02::1",
                             "64:ff9b::7f00:1",
                             "64:ff9b::a9fe:a9fe",
                             "64:ff9b:1::1",
                             "100::1",
                             "2001::1",
                             "2001:db8::1",
                             "2002:7f00:1::",
                             "3fff::1",
                             "4000::1"}) {
        INFO(each);
        CHECK_FALSE(is_public(each));
    }
}

TEST_CASE("a target inside is not sent to, however its address is written") {
    WebhookReceiver receiver;
    auto port = ":" + receiver.port() + "/";
    for (const auto& host : {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]",
                             "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "0", "[::]", "127.0.0.1."}) {
        for (const char* scheme : {"https://", "http://"}) {
            INFO(scheme << host);
            auto detail = said({}, scheme + (host + port));
            CHECK((detail == not_public || detail == "the name of the target is not known"));
        }
    }
    CHECK(said({}, "https://169.254.169.254/latest/meta-data/") == not_public);
    CHECK(said({}, "https://nowhere.invalid/") == "the name of the target is not known");
    CHECK(receiver.taken().empty());
}

TEST_CASE("every address of a name must be good, and http needs a network that was allowed") {
    WebhookReceiver receiver;
    CHECK(said(allowing({"127.0.0.0/8"}), receiver.url()) == "200");
    CHECK(said(allowing({"127.0.0.1"}), receiver.url()) == "200");
    CHECK(said(allowing({"127.0.0.2"}), receiver.url()) == not_public);
    CHECK(said(allowing({"10.0.0.0/8"}), receiver.url()) == not_public);
    CHECK(said(allowing({"127.0.0.0/8", "::1"}), receiver.url("http", "localhost")) == "200");
    CHECK(receiver.taken().size() == 3);
    // One public address does not vouch for http.
    CHECK(said(allowing({"10.0.0.0/8"}), "http://1.1.1.1/") == "the target needs https");
    // No other protocol either, were one to come this far.
    for (const char* url : {"file:///etc/passwd", "gopher://127.0.0.1:1/", "ftp://127.0.0.1/", "nonsense", ""}) {
        INFO(url);
        CHECK(Client(allowing({"127.0.0.0/8"})).line_to(url)->post({}, "{}").status == 0);
    }
}

TEST_CASE("nothing is connected to but what was looked up, whatever address that would be") {
    auto is_among = [](const webhooks::Addresses& addresses, const char* each) {
        sockaddr_in four{};
        sockaddr_in6 six{};
        if (::inet_pton(AF_INET, each, &four.sin_addr) == 1) {
            four.sin_family = AF_INET;
            return webhooks::is_among(addresses, reinterpret_cast<const sockaddr&>(four));
        }
        REQUIRE(::inet_pton(AF_INET6, each, &six.sin6_addr) == 1);
        six.sin6_family = AF_INET6;
        return webhooks::is_among(addresses, reinterpret_cast<const sockaddr&>(six));
    };
    webhooks::Addresses looked_up;
    for (const char* each : {"198.51.100.7", "2001:db8::7"}) looked_up.all.push_back(http::parse_address(each).value());
    for (const char* each : {"198.51.100.7", "2001:db8::7"}) CHECK(is_among(looked_up, each));
    for (const char* each : {"198.51.100.8", "127.0.0.1", "169.254.169.254", "2001:db8::8", "::1", "10.0.0.1"}) {
        INFO(each);
        CHECK_FALSE(is_among(looked_up, each));
        CHECK_FALSE(is_among({}, each));
    }
    sockaddr elsewhere{};
    elsewhere.sa_family = AF_UNIX;
    CHECK_FALSE(webhooks::is_among(looked_up, elsewhere));
}

TEST_CASE("https needs a certificate of the target's name that somebody vouches for") {
    Certificate good("IP:127.0.0.1"), another("DNS:elsewhere.example");
    WebhookReceiver receiver("accept", {good.cert, good.key}), other("accept", {another.cert, another.key});
    const auto bad = "the certificate of the target is not good";
    CHECK(said(allowing({"127.0.0.0/8"}, good.cert), receiver.url("https")) == "200");
    CHECK(said(allowing({"127.0.0.0/8"}), receiver.url("https")) == bad);
    CHECK(said(allowing({"127.0.0.0/8"}, another.cert), other.url("https")) == bad);
    WebhookReceiver plain;
    CHECK(said(allowing({"127.0.0.0/8"}), plain.url("https")) == "no secure connection to the target");
}

TEST_CASE("a proxy of the environment is not asked") {
    Environment http("http_proxy", "http://127.0.0.1:9"), all("ALL_PROXY", "http://127.0.0.1:9");
    WebhookReceiver receiver;
    CHECK(said(allowing({"127.0.0.0/8"}), receiver.url()) == "200");
}

TEST_CASE("a connection is kept for the next request, and opened again where the target closed it") {
    WebhookReceiver receiver;
    Client client(allowing({"127.0.0.0/8"}));
    auto line = client.line_to(receiver.url());
    CHECK(line->post({"webhook-id: 1"}, "{}").status == 200);
    CHECK(line->post({"webhook-id: 2"}, "{}").status == 200);
    receiver.turns_to("close");
    CHECK(line->post({"webhook-id: 3"}, "{}").status == 0);
    receiver.turns_to("accept");
    CHECK(line->post({"webhook-id: 4"}, "{}").status == 200);
    Words connections;
    for (const auto& each : receiver.taken()) connections.push_back(Answer{200, each, {}}.text("/connection"));
    REQUIRE(connections.size() >= 4);
    CHECK(connections[0] == connections[1]);
    CHECK(connections.front() != connections.back());
}

TEST_CASE("who stops does not wait for a target that hangs") {
    WebhookReceiver receiver("hang");
    auto options = allowing({"127.0.0.0/8"});
    options.attempt_most = std::chrono::milliseconds(60'000);
    Client client(options);
    client.stop();
    auto attempt = client.line_to(receiver.url())->post({}, "{}");
    CHECK(attempt.stopped);
    CHECK_FALSE(attempt.taken());
}

}  // namespace muster::test
