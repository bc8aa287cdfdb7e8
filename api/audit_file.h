#pragma once
// An export of the audit, read back and checked line by line (api/audit_lines.h): by itself, with no server and no data
// directory. Any size takes the memory of one line.

#include "domain/ids.h"
#include "domain/instant.h"
#include "eventstore/crypto.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

namespace limits {
inline constexpr std::size_t audit_line_bytes = std::size_t{64} << 20;  // a longer one is none of an export
}

// The public half of a store's signing key.
struct AuditKey {
    std::uint32_t id = 0;
    Digest public_key{};
};
// `{algorithm, id, public_key}`, as GET /v1/audit-key answers.
std::string audit_key_json(const AuditKey& key);
std::optional<AuditKey> read_audit_key(std::string_view json);

// How far a workspace's history had come when somebody wrote it down.
struct AuditHead {
    WorkspaceId workspace;
    Position position = 0;
    Digest link{};
    bool operator==(const AuditHead&) const = default;
};
// "ws_… POSITION LINK", which stands behind "head: " where it is kept.
std::string text_of(const AuditHead& head);
// From the last line of such a text that holds one: that line as text, or the last line of an export.
std::optional<AuditHead> read_audit_head(std::istream& text);

// What checking a file has shown. Where there is a fault, the rest is of what stands before it.
struct AuditFileReport {
    struct Fault {
        std::uint64_t line = 0;
        std::string why;  // a sentence's end: "line 7 …"
    };
    std::optional<Fault> fault;  // the first
    std::uint64_t events = 0;
    AuditHead before;  // which the file goes on behind
    AuditHead end;     // of its last event
    Instant made_at;   // as its head says
    std::uint32_t key_id = 0;
    // The kept head: whether the file has it, as its event or as what it goes on behind.
    enum class Kept { behind_the_end, before_the_beginning, another_history, found } kept = Kept::behind_the_end;
};

// `key`: also check the signature. `kept`: look for that head. `on_bytes` hears now and then how many more were read.
AuditFileReport check_audit_file(std::istream& file, const std::optional<AuditKey>& key,
                                 const std::optional<AuditHead>& kept,
                                 const std::function<void(std::uint64_t)>& on_bytes = {});

}  // namespace muster
