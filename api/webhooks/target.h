#pragma once
// Whether a target may be sent to: its name is looked up once, every address that it has must be public or in a network
// that the deployer allowed, and only these addresses are connected to. So nobody reaches, through Muster, what stands
// beside it: not by an address, not by a name, and not by a name that moves between the look and the connection.

#include "api/http/networks.h"

#include <expected>
#include <string>
#include <vector>

struct sockaddr;

namespace muster::webhooks {

// An address of the internet at large: not of this host, a private or local network, a carrier's (RFC 6598), a cloud's
// metadata service, multicast, documentation, or one that holds an IPv4 address in an IPv6 one (6to4, Teredo, NAT64).
[[nodiscard]] bool is_public(const http::AddressBytes& address);

struct Addresses {
    std::vector<http::AddressBytes> all;
    bool in_allowed_network = false;  // every one of them: http is good enough there
};

// Blocks while the name is looked up. `host` is a name or an address, without brackets; else why not, in words.
std::expected<Addresses, std::string> look_up(const std::string& host, const http::Networks& allowed);

// One of those that were looked up.
[[nodiscard]] bool is_among(const Addresses& addresses, const sockaddr& address);

}  // namespace muster::webhooks
