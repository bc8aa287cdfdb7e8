#pragma once
// Who called, where proxies stand between: TCP names the last of them only, and what X-Forwarded-For says is worth as
// much as who wrote it. So it is read from its right end, and only as long as those who added to it are proxies that
// the deployer named.

#include "api/http/message.h"
#include "api/http/networks.h"

#include <string>
#include <string_view>

namespace muster::http {

class TrustedProxies {
public:
    // As Networks::add.
    [[nodiscard]] bool add(std::string_view cidr) { return networks_.add(cidr); }

    // The address of whoever sent the request: the peer, if it is no trusted proxy; else the first address from the
    // right of X-Forwarded-For that is none; the leftmost where all are trusted. Where something that is no address
    // stands on the way, the field says nothing, and it is the peer.
    [[nodiscard]] std::string client_of(const Request& request) const;

private:
    Networks networks_;
};

// What limits by IP count together: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address of that
// has all. What is no address counts as it stands.
[[nodiscard]] std::string counted_address(const std::string& address);

}  // namespace muster::http
