#include "api/http/client_address.h"

#include "api/http/trimmed.h"

#include <algorithm>
#include <ranges>

namespace muster::http {
namespace {

constexpr std::size_t network_bytes = 8;  // the /64 that a caller with IPv6 has

}  // namespace

std::string TrustedProxies::client_of(const Request& request) const {
    if (networks_.empty()) return request.peer;
    const auto peer = parse_address(request.peer);
    if (!peer || !networks_.contains(*peer)) return request.peer;
    auto client = *peer;
    // Several fields are one list, in their order (RFC 9110 §5.3).
    for (const auto& field : request.headers | std::views::reverse) {
        if (field.name != "x-forwarded-for") continue;
        std::string_view list = field.value;
        while (true) {
            const auto comma = list.rfind(',');
            const auto address =
                parse_address(trimmed(comma == std::string_view::npos ? list : list.substr(comma + 1)));
            if (!address) return request.peer;
            client = *address;
            if (!networks_.contains(client)) return text_of(client);
            if (comma == std::string_view::npos) break;
            list = list.substr(0, comma);
        }
    }
    return text_of(client);
}

std::string counted_address(const std::string& address) {
    if (!address.contains(':')) return address;
    const auto bytes = parse_address(address);
    if (!bytes) return address;
    if (is_v4(*bytes)) return text_of(*bytes);
    auto network = *bytes;
    std::fill(network.begin() + network_bytes, network.end(), std::uint8_t{0});
    return text_of(network) + "/64";
}

}  // namespace muster::http
