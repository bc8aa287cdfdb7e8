#include "domain/ids.h"

namespace muster {
namespace {

__extension__ using Bits128 = unsigned __int128;

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

int digit(char c) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    auto at = alphabet.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string base32(const Uuid& id) {
    // 128 bits in 26 digits of 5: the first digit carries the top 3 bits.
    std::string text(26, '0');
    Bits128 value = 0;
    for (auto byte : id.bytes) value = value << 8 | byte;
    for (std::size_t i = 26; i-- > 0; value >>= 5) text[i] = alphabet[static_cast<std::size_t>(value & 31)];
    return text;
}

std::optional<Uuid> from_base32(std::string_view text) {
    if (text.size() != 26 || digit(text[0]) > 7) return std::nullopt;
    Bits128 value = 0;
    for (char c : text) {
        int d = digit(c);
        if (d < 0) return std::nullopt;
        value = value << 5 | static_cast<unsigned>(d);
    }
    Uuid id;
    for (std::size_t i = 16; i-- > 0; value >>= 8) id.bytes[i] = static_cast<std::uint8_t>(value & 0xff);
    return id;
}

}  // namespace muster
