#include "api/http/chunked.h"

#include "api/http/limits.h"

#include <algorithm>

namespace muster::http {
namespace {

constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::unexpected<Fault> bad_chunk() {
    return std::unexpected(
        Fault{.detail = "The chunked body is malformed: each chunk is its size in hexadecimal, CR LF, that many bytes, "
                        "CR LF; extensions and trailers are not accepted."});
}

}  // namespace

std::expected<std::size_t, Fault> ChunkDecoder::decode(std::string_view bytes, std::string& body,
                                                       std::uint64_t body_bytes_max) {
    std::size_t taken = 0;
    // Takes the one byte that must come here.
    const auto take = [&](char wanted, Expect next) {
        if (bytes[taken] != wanted) return false;
        ++taken;
        expect_ = next;
        return true;
    };
    while (taken < bytes.size() && !done()) {
        bool good = true;
        switch (expect_) {
            case Expect::size:
                if (const int digit = hex_digit(bytes[taken]); digit >= 0) {
                    size_ = size_ * 16 + static_cast<std::uint64_t>(digit);
                    good = ++digits_ <= limits::chunk_size_digits_max;
                    ++taken;
                } else {
                    good = digits_ > 0 && take('\r', Expect::size_lf);
                }
                break;
            case Expect::size_lf:
                good = take('\n', size_ == 0 ? Expect::last_cr : Expect::data);
                if (good && size_ > body_bytes_max - std::min<std::uint64_t>(body.size(), body_bytes_max)) {
                    return std::unexpected(body_too_large(body_bytes_max));
                }
                break;
            case Expect::data: {
                const auto part = bytes.substr(taken, static_cast<std::size_t>(size_));
                body.append(part);
                taken += part.size();
                size_ -= part.size();
                if (size_ == 0) expect_ = Expect::data_cr;
                break;
            }
            case Expect::data_cr:
                good = take('\r', Expect::data_lf);
                break;
            case Expect::data_lf:
                good = take('\n', Expect::size);
                digits_ = 0;
                break;
            case Expect::last_cr:
                good = take('\r', Expect::last_lf);
                break;
            case Expect::last_lf:
                good = take('\n', Expect::nothing);
                break;
            case Expect::nothing:
                break;
        }
        if (!good) return bad_chunk();
    }
    return taken;
}

Fault body_too_large(std::uint64_t body_bytes_max) {
    return {.status = 413,
            .code = "body_too_large",
            .detail = "The body may have " + std::to_string(body_bytes_max) + " bytes here."};
}

}  // namespace muster::http
