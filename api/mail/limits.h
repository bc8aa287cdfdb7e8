#pragma once
// Every limit of mail, once.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace muster::limits {

// How long a mail is tried: RFC 5321 §4.5.4.1 asks for four or five days. Between two attempts the pause doubles.
inline constexpr std::int64_t mail_tried_seconds = std::int64_t{5} * 86'400;
inline constexpr std::int64_t mail_pause_seconds_first = 60;
inline constexpr std::int64_t mail_pause_seconds_most = std::int64_t{4} * 3600;
inline constexpr std::uint32_t mail_attempts_most = 50;
// After an attempt on which no server answered, no other mail is tried for so long.
inline constexpr std::int64_t mail_server_pause_seconds = 15;

// Of one attempt.
inline constexpr std::chrono::milliseconds mail_connect_most{10'000};
inline constexpr std::chrono::milliseconds mail_answer_most{30'000};  // to one command
inline constexpr std::chrono::milliseconds mail_attempt_most{120'000};

inline constexpr std::size_t mail_senders = 4;          // threads, each with one connection at most
inline constexpr std::size_t mails_in_memory = 50'000;  // that wait; the follower rests while there are more
inline constexpr std::size_t mail_events_at_once = 256;

// Whom a request for an invitation is told to, and how many active members are looked through for them where no role
// gives the permission.
inline constexpr std::size_t mail_managers_most = 20;
inline constexpr std::size_t mail_managers_looked_through = 1'000;

inline constexpr std::size_t template_bytes = std::size_t{256} << 10;  // of one file

// Of a line: RFC 5322 §2.1.1, RFC 2045 §6.7 and RFC 2047 §2.
inline constexpr std::size_t mail_line_bytes = 998;
inline constexpr std::size_t mail_header_line_bytes = 78;
inline constexpr std::size_t quoted_line_bytes = 76;
inline constexpr std::size_t encoded_word_bytes =
    36;  // before base64, which makes them 48: a line has room for its name

}  // namespace muster::limits
