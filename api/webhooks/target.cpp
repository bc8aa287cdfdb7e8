#include "api/webhooks/target.h"

#include "api/webhooks/limits.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>

namespace muster::webhooks {
namespace {

http::Networks networks(std::initializer_list<const char*> all) {
    http::Networks made;
    for (const char* each : all) (void)made.add(each);
    return made;
}

// IANA's registries of special-purpose addresses (RFC 6890 and what was added since).
const http::Networks& special_v4() {
    static const auto all = networks(
        {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
         "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
         "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
    return all;
}
const http::Networks& global_v6() {
    static const auto all = networks({"2000::/3"});
    return all;
}
// Within 2000::/3: protocol assignments with Teredo and ORCHID, documentation, 6to4.
const http::Networks& special_v6() {
    static const auto all = networks({"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"});
    return all;
}

struct FreeAddresses {
    void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

struct Found {
    http::AddressBytes bytes;
    bool mapped = false;  // an IPv4 address that came as one of IPv6
};

std::optional<Found> read(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        auto bytes = *http::parse_address("0.0.0.0");
        std::memcpy(bytes.data() + 12, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, 4);
        return Found{bytes, false};
    }
    if (address.sa_family != AF_INET6) return std::nullopt;
    Found found{};
    std::memcpy(found.bytes.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, 16);
    found.mapped = http::is_v4(found.bytes);
    return found;
}

}  // namespace

bool is_public(const http::AddressBytes& address) {
    if (http::is_v4(address)) return !special_v4().contains(address);
    return global_v6().contains(address) && !special_v6().contains(address);
}

std::expected<Addresses, std::string> look_up(const std::string& host, const http::Networks& allowed) {
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &wanted, &list) != 0)
        return std::unexpected("the name of the target is not known");
    std::unique_ptr<addrinfo, FreeAddresses> owner(list);
    Addresses addresses{{}, true};
    for (const auto* each = list; each; each = each->ai_next) {
        auto found = read(*each->ai_addr);
        if (!found) continue;
        bool in_network = allowed.contains(found->bytes);
        if (!in_network && (found->mapped || !is_public(found->bytes)))
            return std::unexpected("the target has an address that is not public");
        addresses.in_allowed_network = addresses.in_allowed_network && in_network;
        addresses.all.push_back(found->bytes);
    }
    if (addresses.all.empty()) return std::unexpected("the target has no address");
    if (addresses.all.size() > limits::webhook_addresses_most)
        return std::unexpected("the target has more addresses than anybody needs");
    return addresses;
}

bool is_among(const Addresses& addresses, const sockaddr& address) {
    auto found = read(address);
    return found && std::ranges::find(addresses.all, found->bytes) != addresses.all.end();
}

}  // namespace muster::webhooks
