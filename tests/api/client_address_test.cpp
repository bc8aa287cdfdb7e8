// Who called, where proxies stand between. What X-Forwarded-For says is worth as much as who wrote it.
#include "api/http/client_address.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace muster::http {
namespace {

TrustedProxies trusting(const std::vector<std::string>& networks) {
    TrustedProxies proxies;
    for (const auto& each : networks) REQUIRE(proxies.add(each));
    return proxies;
}

TrustedProxies ours() { return trusting({"10.0.0.0/8", "192.0.2.1", "fd00::/8"}); }

std::string client(const std::string& peer, const std::vector<std::string>& forwarded,
                   const TrustedProxies& proxies = ours()) {
    Request request{.peer = peer};
    request.headers.push_back({"host", "muster.test"});
    for (const auto& each : forwarded) request.headers.push_back({"x-forwarded-for", each});
    return proxies.client_of(request);
}

}  // namespace

TEST_CASE("without trusted proxies the peer is the client, whatever it says") {
    CHECK(client("198.51.100.1", {"203.0.113.9"}, TrustedProxies()) == "198.51.100.1");
    CHECK(client("198.51.100.1", {"203.0.113.9"}) == "198.51.100.1");
    CHECK(client("198.51.100.1", {}) == "198.51.100.1");
}

TEST_CASE("from the right, the first who is no trusted proxy is the client") {
    CHECK(client("10.0.0.1", {}) == "10.0.0.1");
    CHECK(client("10.0.0.1", {"203.0.113.9"}) == "203.0.113.9");
    CHECK(client("10.0.0.1", {"203.0.113.9, 10.0.0.2"}) == "203.0.113.9");
    CHECK(client("10.0.0.1", {"1.1.1.1,203.0.113.9 ,\t192.0.2.1,fd00::1"}) == "203.0.113.9");
    CHECK(client("10.0.0.1", {"10.0.0.3, 10.0.0.2"}) == "10.0.0.3");  // all ours
    // Several fields are one list.
    CHECK(client("10.0.0.1", {"1.1.1.1", "203.0.113.9", "10.0.0.2"}) == "203.0.113.9");
}

TEST_CASE("what a caller has written before it does not matter, whatever it is") {
    CHECK(client("10.0.0.1", {"nonsense, 203.0.113.9"}) == "203.0.113.9");
    CHECK(client("10.0.0.1", {"", "10.0.0.9, 203.0.113.9"}) == "203.0.113.9");
}

TEST_CASE("something that is no address on the way makes the field say nothing") {
    for (const std::string each : {"", " ", ",", "203.0.113.9,", "unknown", "203.0.113.9, unknown", "203.0.113.9:80",
                                   "203.0.113", "203.0.113.256", "0x7f.1", "[2001:db8::1]", "2001:db8::1%eth0",
                                   "\"203.0.113.9\"", "203.0.113.9 10.0.0.2", "nonsense, 10.0.0.2"}) {
        INFO(each);
        CHECK(client("10.0.0.1", {each}) == "10.0.0.1");
    }
}

TEST_CASE("IPv6, and IPv4 as IPv6 writes it") {
    CHECK(client("fd00::1", {"2001:DB8:0:0::1"}) == "2001:db8::1");
    CHECK(client("::ffff:10.0.0.1", {"203.0.113.9"}) == "203.0.113.9");
    CHECK(client("10.0.0.1", {"::ffff:203.0.113.9"}) == "203.0.113.9");
    CHECK(client("10.0.0.1", {"::ffff:203.0.113.9, ::ffff:192.0.2.1"}) == "203.0.113.9");
    CHECK(client("10.0.0.1", {"203.0.113.9"}, trusting({"::ffff:10.0.0.0/104"})) == "203.0.113.9");
    CHECK(client("fe00::1", {"203.0.113.9"}) == "fe00::1");
}

TEST_CASE("a network is as wide as it says") {
    CHECK(client("192.168.7.255", {"1.1.1.1"}, trusting({"192.168.4.0/22"})) == "1.1.1.1");
    CHECK(client("192.168.8.0", {"1.1.1.1"}, trusting({"192.168.4.0/22"})) == "192.168.8.0");
    CHECK(client("192.168.4.1", {"1.1.1.1"}, trusting({"192.168.4.1/32"})) == "1.1.1.1");
    CHECK(client("192.168.4.2", {"1.1.1.1"}, trusting({"192.168.4.1/32"})) == "192.168.4.2");
    CHECK(client("8.8.8.8", {"1.1.1.1"}, trusting({"0.0.0.0/0"})) == "1.1.1.1");
    CHECK(client("2001:db8::1", {"1.1.1.1"}, trusting({"0.0.0.0/0"})) == "2001:db8::1");
    CHECK(client("2001:db8::1", {"1.1.1.1"}, trusting({"::/0"})) == "1.1.1.1");
    TrustedProxies proxies;
    for (const char* each : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8", "::/129",
                             "proxy.example", "10.0.0.0 /8"}) {
        INFO(each);
        CHECK_FALSE(proxies.add(each));
    }
}

TEST_CASE("limits count an IPv4 address alone and an IPv6 one with its /64") {
    CHECK(counted_address("203.0.113.9") == "203.0.113.9");
    CHECK(counted_address("::ffff:203.0.113.9") == "203.0.113.9");
    CHECK(counted_address("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
    CHECK(counted_address("2001:db8:1:2::") == "2001:db8:1:2::/64");
    CHECK(counted_address("2001:db8:1:3::") == "2001:db8:1:3::/64");
    CHECK(counted_address("fe80::1%eth0") == "fe80::1%eth0");
    CHECK(counted_address("").empty());
}

}  // namespace muster::http
