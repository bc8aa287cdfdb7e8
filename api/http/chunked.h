#pragma once
// The body of a request with `Transfer-Encoding: chunked`, decoded as it arrives:
//
//   body  = *chunk "0" CRLF CRLF
//   chunk = 1*8HEXDIG CRLF data CRLF        (size not 0)
//
// HTTP also has chunk extensions and trailer fields. No client of an API needs them and servers disagree about where
// they end, so they are refused, like a bare CR or LF.

#include "api/http/framing.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace muster::http {

class ChunkDecoder {
public:
    // Takes what it can use of `bytes`, appends the data to `body` and returns how many bytes it took: all of them, or
    // those up to the end of the body. A fault ends the request: 400, or 413 once `body` would exceed `body_bytes_max`.
    [[nodiscard]] std::expected<std::size_t, Fault> decode(std::string_view bytes, std::string& body,
                                                           std::uint64_t body_bytes_max);
    [[nodiscard]] bool done() const { return expect_ == Expect::nothing; }

private:
    enum class Expect { size, size_lf, data, data_cr, data_lf, last_cr, last_lf, nothing };

    Expect expect_ = Expect::size;
    int digits_ = 0;          // of the size being read
    std::uint64_t size_ = 0;  // of the chunk; while reading data, what is left of it
};

// The fault of a body that is larger than the route takes.
[[nodiscard]] Fault body_too_large(std::uint64_t body_bytes_max);

}  // namespace muster::http
