#pragma once
// The anchor: a file beside the log that remembers how far the log had come, so that a log that lost its end is not
// taken for a whole one (a deleted write-ahead log opens cleanly; only the anchor notices). Two slots are written by
// turns, so that a torn write leaves the other.
//
//   file := slot slot        slot := magic "MUAN" ‖ sequence u64 ‖ position u64 ‖ running hash (32) ‖ CRC32C u32
//   (integers big-endian; each slot begins at a multiple of 512)
//
// One thread writes. Throws StorageError where the disk fails.

#include "eventstore/crypto.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

struct AnchorMark {
    Position position = 0;
    Digest running{};
    bool operator==(const AnchorMark&) const = default;
};

class Anchor {
public:
    virtual ~Anchor() = default;
    // The newest whole slot; nullopt where the file does not exist. A file without a whole slot throws DamageError.
    [[nodiscard]] virtual std::optional<AnchorMark> read() const = 0;
    // On disk when it returns. After a failure it refuses every further mark, since nobody knows what the disk holds.
    virtual void write(const AnchorMark& mark) = 0;
};

std::unique_ptr<Anchor> open_anchor(const std::string& path);
std::unique_ptr<Anchor> memory_anchor();

// The CRC of RFC 3720 (Castagnoli), by the processor's own instruction where it has one.
std::uint32_t crc32c(std::string_view bytes);
std::uint32_t crc32c_by_table(std::string_view bytes);  // where it has none
// Of what has the CRC `before`, with these bytes behind it.
std::uint32_t crc32c_of_more(std::uint32_t before, std::string_view bytes);

// Makes or replaces a file: after a crash at any moment it is the old one or the new one, whole. On disk, with its
// name, when it returns. Throws StorageError.
void replace_file(const std::string& path, std::string_view bytes);

}  // namespace muster
