#pragma once
// Who called, where proxies stand between: TCP names the last of them only, and what X-Forwarded-For says is worth as
// much as who wrote it. So it is read from its right end, and only as long as those who added to it are proxies that
// the deployer named.

#include "api/http/message.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::http {

// An IPv4 address is the IPv4-mapped one of IPv6 (RFC 4291 §2.5.5.2), however it was written.
using AddressBytes = std::array<std::uint8_t, 16>;

class TrustedProxies {
public:
    // Adds a network, such as 10.0.0.0/8, fd00::/8 or one address. False, and nothing is added, for anything else.
    [[nodiscard]] bool add(std::string_view cidr);

    // The address of whoever sent the request: the peer, if it is no trusted proxy; else the first address from the
    // right of X-Forwarded-For that is none; the leftmost where all are trusted. Where something that is no address
    // stands on the way, the field says nothing, and it is the peer.
    [[nodiscard]] std::string client_of(const Request& request) const;

private:
    struct Network {
        AddressBytes address;
        unsigned bits;
    };
    [[nodiscard]] bool trusts(const AddressBytes& address) const;

    std::vector<Network> networks_;
};

// What limits by IP count together: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address of that
// has all. What is no address counts as it stands.
[[nodiscard]] std::string counted_address(const std::string& address);

}  // namespace muster::http
