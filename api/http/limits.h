#pragma once
// The numbers that bound what a caller can make the HTTP server hold or wait for. The fixed ones stand here as
// constants; those that an operator or a test may change are ServerOptions (server.h), with these as their defaults.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace muster::http::limits {

// The request line and all header fields, up to and including the empty line; more is 431. It is also the size of a
// connection's input buffer, so that a whole head always fits.
inline constexpr std::size_t head_bytes_max = std::size_t{16} * 1024;
// Header fields of a request; more is 431.
inline constexpr std::size_t fields_max = 64;
// The request's target, path and query together; more is 414.
inline constexpr std::size_t target_bytes_max = std::size_t{4} * 1024;
// A request's body where the route does not say otherwise, and on routes that take batches and files; more is 413.
inline constexpr std::uint64_t body_bytes_max = std::uint64_t{1024} * 1024;
inline constexpr std::uint64_t large_body_bytes_max = std::uint64_t{20} * 1024 * 1024;
// Bodies of all connections together that were received and are still in somebody's hands; more is 503, so that many
// large uploads cannot take the memory of everyone else.
inline constexpr std::uint64_t body_bytes_in_all_max = std::uint64_t{256} * 1024 * 1024;
// Answers of all connections together, of outbox_bytes and more, that were not yet sent; for one more there is a 503 in
// its place (or a 500, where it may have changed something).
inline constexpr std::uint64_t answer_bytes_in_all_max = std::uint64_t{256} * 1024 * 1024;
// Hexadecimal digits of a chunk's size; 8 are more than any body that is accepted.
inline constexpr int chunk_size_digits_max = 8;

// Open connections, in all and from one IPv4 address or one IPv6 /64. The one above is answered 503 and closed. A
// reverse proxy is one address: it has to keep below the second number, which is more than proxies hold to one server.
inline constexpr std::size_t connections_max = 4096;
inline constexpr std::size_t connections_per_address_max = 1024;
// Connections that are being told 503 at the same time; those beyond are closed without a word.
inline constexpr std::size_t turned_away_max = 64;
// What Retry-After says with the server's own 503.
inline constexpr int retry_after_seconds = 1;

// From the first byte of a request to the end of its head, however slowly it drips; also a TLS handshake.
inline constexpr std::chrono::milliseconds head_deadline{10'000};
// A body, once begun, has this long for nothing; from then on its rate counts.
inline constexpr std::chrono::milliseconds body_grace{5'000};
// The rate below which a body that comes in, or an answer that goes out, is given up.
inline constexpr std::uint64_t bytes_per_second_min = 1024;
// An answer is to be read at a rate at which all of it were read in this time, if that is faster: large ones must not
// be held for hours. What is streamed is made as it is read.
inline constexpr std::chrono::milliseconds answer_deadline{120'000};
// A connection without a request is closed after this. An answer nobody reads is given up after it as well, one that is
// streamed like any other, of which nothing is made ahead; and no body may pause for longer, however fast it was
// before.
inline constexpr std::chrono::milliseconds idle_deadline{60'000};
// After a 503 the connection's next request is read only then.
inline constexpr std::chrono::milliseconds rest_when_turned_away{250};
// From the end of a request to its answer; then the caller is told 504, and what the handler still does is done
// unheard. Also from one piece of a streamed body to the next; then the connection is cut. Far above what the largest
// batch takes, so that it is met only where something hangs.
inline constexpr std::chrono::milliseconds handler_deadline{60'000};
// After the last answer the server goes on reading for this long, so that the answer is not lost to a TCP reset.
inline constexpr std::chrono::milliseconds linger_deadline{2'000};
// How long stop() lets requests finish before it cuts the connections.
inline constexpr std::chrono::milliseconds stop_deadline{10'000};
// The pause after accept() failed, for example because the process is out of file descriptors.
inline constexpr std::chrono::milliseconds accept_pause{50};

// Answers to pipelined requests are collected until this many bytes, then sent together.
inline constexpr std::size_t outbox_bytes = std::size_t{64} * 1024;

}  // namespace muster::http::limits
