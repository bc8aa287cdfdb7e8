#pragma once
// A mail before it is sent, and its bytes as RFC 5322 has them: header fields in ASCII (RFC 2047) but for addresses
// that are not (RFC 6532), and a text and an HTML part. Pure functions, for any thread.

#include "domain/ids.h"
#include "domain/instant.h"

#include <string>
#include <string_view>
#include <vector>

namespace muster::mail {

struct Mailbox {
    std::string name;     // may be empty
    std::string address;  // as it goes over the wire
    bool operator==(const Mailbox&) const = default;
};

struct Message {
    std::string name;  // the event's id: evt_…
    std::string host;  // of the service's public address: the Message-ID is <name@host>
    Mailbox from;
    std::vector<Mailbox> to;
    std::string subject;
    std::string text;
    std::string html;
    Instant date;
    std::vector<MemberId> people = {};  // who is named in it, or whom it goes to: whose erasure it may not outlive
};

// What the way to the reader takes. A file is read as it is, so that a link in it stays in one piece; SMTP without
// 8BITMIME takes ASCII only.
enum class Bits { seven, eight };

std::string bytes_of(const Message& message, Bits bits);

// As `text`, but with a space for each control character, line ends and marks that turn the direction of writing
// included: for header fields.
std::string one_line(std::string_view text);
// Header text: as it is where that is plain ASCII and short, else in encoded words, folded (RFC 2047).
std::string header_text(std::string_view text);
// `Name <address>`, the name quoted or encoded.
std::string header_mailbox(const Mailbox& mailbox);
// RFC 5322 §3.3: `Mon, 23 Nov 2026 08:00:00 +0000`.
std::string header_date(Instant at);
bool is_ascii(std::string_view text);

}  // namespace muster::mail
