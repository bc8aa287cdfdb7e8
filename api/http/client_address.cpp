#include "api/http/client_address.h"

#include "api/http/trimmed.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <ranges>

namespace muster::http {
namespace {

constexpr AddressBytes mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr std::size_t mapped_bytes = 12;
constexpr std::size_t network_bytes = 8;  // the /64 that a caller with IPv6 has

bool is_v4(const AddressBytes& address) {
    return std::equal(address.begin(), address.begin() + mapped_bytes, mapped_prefix.begin());
}

std::optional<AddressBytes> parsed(std::string_view text) {
    const std::string written(text);  // with the zero that inet_pton reads to
    if (written.find('\0') != std::string::npos) return std::nullopt;
    AddressBytes address = mapped_prefix;
    if (::inet_pton(AF_INET, written.c_str(), address.data() + mapped_bytes) == 1) return address;
    if (::inet_pton(AF_INET6, written.c_str(), address.data()) == 1) return address;
    return std::nullopt;
}

std::string text_of(const AddressBytes& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_v4(address)) {
        ::inet_ntop(AF_INET, address.data() + mapped_bytes, text.data(), text.size());
    } else {
        ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
    }
    return text.data();
}

}  // namespace

bool TrustedProxies::add(std::string_view cidr) {
    const auto slash = std::min(cidr.find('/'), cidr.size());
    const auto address = parsed(cidr.substr(0, slash));
    if (!address) return false;
    const bool written_as_v4 = !cidr.substr(0, slash).contains(':');
    const unsigned bits_max = written_as_v4 ? 32 : 128;
    unsigned bits = bits_max;
    if (slash < cidr.size()) {
        const auto digits = cidr.substr(slash + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
        if (error != std::errc() || end != digits.data() + digits.size() || bits > bits_max) return false;
    }
    networks_.push_back({*address, written_as_v4 ? bits + 8 * static_cast<unsigned>(mapped_bytes) : bits});
    return true;
}

bool TrustedProxies::trusts(const AddressBytes& address) const {
    return std::ranges::any_of(networks_, [&](const Network& each) {
        const auto whole = each.bits / 8;
        if (!std::equal(address.begin(), address.begin() + whole, each.address.begin())) return false;
        const auto rest = each.bits % 8;
        return rest == 0 || ((address[whole] ^ each.address[whole]) >> (8 - rest)) == 0;
    });
}

std::string TrustedProxies::client_of(const Request& request) const {
    if (networks_.empty()) return request.peer;
    const auto peer = parsed(request.peer);
    if (!peer || !trusts(*peer)) return request.peer;
    auto client = *peer;
    // Several fields are one list, in their order (RFC 9110 §5.3).
    for (const auto& field : request.headers | std::views::reverse) {
        if (field.name != "x-forwarded-for") continue;
        std::string_view list = field.value;
        while (true) {
            const auto comma = list.rfind(',');
            const auto address = parsed(trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1)));
            if (!address) return request.peer;
            client = *address;
            if (!trusts(client)) return text_of(client);
            if (comma == std::string_view::npos) break;
            list = list.substr(0, comma);
        }
    }
    return text_of(client);
}

std::string counted_address(const std::string& address) {
    if (!address.contains(':')) return address;
    const auto bytes = parsed(address);
    if (!bytes) return address;
    if (is_v4(*bytes)) return text_of(*bytes);
    auto network = *bytes;
    std::fill(network.begin() + network_bytes, network.end(), std::uint8_t{0});
    return text_of(network) + "/64";
}

}  // namespace muster::http
