#pragma once
// The file that an export of the audit is: lines of JSON that anybody can check without this program and without a
// connection to it. What is written by api/audit_export.h is read by api/audit_file.h.
//
//   file   := first event* last                each ended by "\n", and numbered from 1 by its member `line`
//   first  := {"line":1,"export":{"format":1,"workspace":ID,"after":P,"link":L},"seal":S}
//   event  := {"line":N,ENTRY,"data":{…},"header":H,"payload_hash":D,"link":L,"seal":S}
//   last   := {"line":N,"head":{"workspace":ID,"position":P,"link":L,"events":COUNT,"seal":S,"at":TIME,"key":K},
//              "signature":G}                  on one line
//
// ENTRY is what the API's audit shows of an event (id, position, at, actor, type, summary, target, changes, cause),
// `data` the event's own fields. All bytes are base64url without padding.
//
// `link` ties an event to the log (eventstore/frame.h): SHA-256(link of the event before ‖ H ‖ D), where H is the
// event's header as it is stored and D the SHA-256 of its payload as it is stored, sealed. `first` has the position and
// link of the workspace's event before the export (0 and zeros where there is none), so that exports join.
//
// `seal` ties everything that can be read on a line to all lines before: SHA-256(seal of the line before, of the first
// 32 zeros ‖ the line up to the comma before `"seal"`). `last` repeats the seal of the line before it.
//
// `signature` is Ed25519 (RFC 8032) by the store's key K, whose public half GET /v1/audit-key answers, over
// "muster audit export 1\n" ‖ the line up to the comma before `"signature"`. So it covers the head, by the seal every
// byte of every line, and by the link all of the workspace's history before.

#include "api/tokens.h"
#include "eventstore/crypto.h"

#include <string>
#include <string_view>

namespace muster::audit_lines {

inline constexpr int format = 1;
inline constexpr std::string_view seal_member = ",\"seal\":\"", signature_member = ",\"signature\":\"",
                                  line_end = "\"}";
inline constexpr std::string_view signed_as = "muster audit export 1\n";

// How 32 bytes stand on a line.
inline std::string text(const Digest& digest) { return base64url(view(digest)); }

// The seal of a line whose part before its own seal this is.
inline Digest seal(const Digest& before, std::string_view sealed_part) { return sha256(view(before), sealed_part); }

}  // namespace muster::audit_lines
