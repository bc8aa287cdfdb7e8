#include "api/http/networks.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace muster::http {
namespace {

constexpr AddressBytes mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr std::size_t mapped_bytes = 12;

}  // namespace

bool is_v4(const AddressBytes& address) {
    return std::equal(address.begin(), address.begin() + mapped_bytes, mapped_prefix.begin());
}

std::optional<AddressBytes> parse_address(std::string_view text) {
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

bool Networks::add(std::string_view cidr) {
    const auto slash = std::min(cidr.find('/'), cidr.size());
    const auto address = parse_address(cidr.substr(0, slash));
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

bool Networks::contains(const AddressBytes& address) const {
    return std::ranges::any_of(networks_, [&](const Network& each) {
        const auto whole = each.bits / 8;
        if (!std::equal(address.begin(), address.begin() + whole, each.address.begin())) return false;
        const auto rest = each.bits % 8;
        return rest == 0 || ((address[whole] ^ each.address[whole]) >> (8 - rest)) == 0;
    });
}

}  // namespace muster::http
