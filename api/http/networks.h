#pragma once
// Network addresses and sets of networks, as a deployer names them: 10.0.0.0/8, fd00::/8 or one address.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::http {

// An IPv4 address is the IPv4-mapped one of IPv6 (RFC 4291 §2.5.5.2), however it was written.
using AddressBytes = std::array<std::uint8_t, 16>;

[[nodiscard]] std::optional<AddressBytes> parse_address(std::string_view text);
[[nodiscard]] std::string text_of(const AddressBytes& address);
[[nodiscard]] bool is_v4(const AddressBytes& address);

class Networks {
public:
    // Adds a network or one address. False, and nothing is added, for anything else.
    [[nodiscard]] bool add(std::string_view cidr);
    [[nodiscard]] bool contains(const AddressBytes& address) const;
    [[nodiscard]] bool empty() const { return networks_.empty(); }

private:
    struct Network {
        AddressBytes address;
        unsigned bits;
    };
    std::vector<Network> networks_;
};

}  // namespace muster::http
