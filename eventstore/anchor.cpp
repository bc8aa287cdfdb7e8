#include "eventstore/anchor.h"

#include "eventstore/bytes.h"
#include "eventstore/table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace muster {
namespace {

// ---- CRC32C

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

// tables[n][byte] is the CRC of `byte` followed by n zero bytes, so that eight bytes are eight independent look-ups.
constexpr CrcTables make_crc_tables() {
    CrcTables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0u);
        tables[0][byte] = crc;
    }
    for (std::size_t zeros = 1; zeros < tables.size(); ++zeros)
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t crc = tables[zeros - 1][byte];
            tables[zeros][byte] = crc >> 8 ^ tables[0][crc & 0xff];
        }
    return tables;
}
constexpr CrcTables crc_tables = make_crc_tables();

// The first eight bytes, the first of them lowest.
std::uint64_t little_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
    return number;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_instruction(std::uint32_t before, std::string_view bytes) {
    std::uint64_t crc = ~before;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) crc = _mm_crc32_u64(crc, little_endian(bytes));
    auto last = static_cast<std::uint32_t>(crc);
    for (char byte : bytes) last = _mm_crc32_u8(last, static_cast<unsigned char>(byte));
    return ~last;
}
#endif

std::uint32_t crc32c_by_table(std::uint32_t before, std::string_view bytes) {
    std::uint32_t crc = ~before;
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        const std::uint64_t eight = little_endian(bytes) ^ crc;
        crc = 0;
        for (std::size_t i = 0; i < 8; ++i) crc ^= crc_tables[7 - i][eight >> (8 * i) & 0xff];
    }
    for (char byte : bytes) crc = crc >> 8 ^ crc_tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xff];
    return ~crc;
}

// ---- files

[[noreturn]] void fail(const std::string& path, const char* what) {
    const int error = errno;
    throw StorageError(path + ": " + what + ": " + std::generic_category().message(error));
}

class File {
public:
    File() = default;
    File(const std::string& path, int flags) : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    File& operator=(File&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    int descriptor_ = -1;
};

void write_at(const File& file, const std::string& path, std::size_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(path, "cannot be written");
        offset += static_cast<std::size_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::string read_up_to(const File& file, const std::string& path, std::size_t size) {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t got = ::pread(file.descriptor(), bytes.data() + done, size - done, static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(path, "cannot be read");
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

// ---- slots

constexpr std::string_view magic = "MUAN";
constexpr std::size_t slot_distance = 512;  // what a disk writes whole, or not at all
constexpr std::size_t slot_bytes = 4 + 8 + 8 + 32 + 4;

struct Slot {
    std::uint64_t sequence = 0;
    AnchorMark mark;
    std::size_t number = 0;  // which of the two
};

std::string bytes_of(const Slot& slot) {
    std::string bytes(magic);
    append_u64(bytes, slot.sequence);
    append_u64(bytes, slot.mark.position);
    bytes += view(slot.mark.running);
    append_u32(bytes, crc32c(bytes));
    bytes.resize(slot_distance, '\0');
    return bytes;
}

std::optional<Slot> whole_slot(std::string_view file, std::size_t number) {
    if (file.size() < number * slot_distance + slot_bytes) return std::nullopt;
    const std::string_view bytes = file.substr(number * slot_distance, slot_bytes);
    ByteReader reader(bytes);
    if (reader.take(magic.size()) != magic) return std::nullopt;
    Slot slot;
    slot.number = number;
    slot.sequence = reader.take<std::uint64_t>();
    slot.mark.position = reader.take<std::uint64_t>();
    const std::string_view running = reader.take(slot.mark.running.size());
    std::copy(running.begin(), running.end(), slot.mark.running.begin());
    if (reader.take<std::uint32_t>() != crc32c(bytes.substr(0, slot_bytes - 4))) return std::nullopt;
    return slot;
}

class FileAnchor final : public Anchor {
public:
    explicit FileAnchor(std::string path) : path_(std::move(path)) { open(); }

    [[nodiscard]] std::optional<AnchorMark> read() const override {
        const std::optional<Slot> slot = newest();
        if (!slot) return std::nullopt;
        return slot->mark;
    }

    void write(const AnchorMark& mark) override {
        if (failed_) throw StorageError(path_ + ": a write failed before; nothing is written until it is opened again");
        failed_ = true;
        if (!last_) last_ = newest();
        if (last_) {
            const Slot next{.sequence = last_->sequence + 1, .mark = mark, .number = 1 - last_->number};
            write_at(file_, path_, next.number * slot_distance, bytes_of(next));
            if (::fdatasync(file_.descriptor()) != 0) fail(path_, "cannot be synced");
            last_ = next;
        } else {
            const Slot first{.sequence = 1, .mark = mark, .number = 0};
            // Both slots in full size, so that no later write has to grow the file.
            replace_file(path_, bytes_of(first) + std::string(slot_distance, '\0'));
            open();
            last_ = first;
        }
        failed_ = false;
    }

private:
    void open() {
        file_ = File(path_, O_RDWR);
        if (!file_.is_open() && errno != ENOENT) fail(path_, "cannot be opened");
    }

    [[nodiscard]] std::optional<Slot> newest() const {
        if (!file_.is_open()) return std::nullopt;
        const std::string bytes = read_up_to(file_, path_, 2 * slot_distance);
        const std::optional<Slot> first = whole_slot(bytes, 0);
        const std::optional<Slot> second = whole_slot(bytes, 1);
        if (!first && !second) throw DamageError(path_ + ": neither slot, at byte 0 and at byte 512, is whole");
        if (first && second) return first->sequence > second->sequence ? first : second;
        return first ? first : second;
    }

    std::string path_;
    File file_;
    std::optional<Slot> last_;  // the newest slot, once something was written
    bool failed_ = false;
};

class MemoryAnchor final : public Anchor {
public:
    [[nodiscard]] std::optional<AnchorMark> read() const override { return mark_; }
    void write(const AnchorMark& mark) override { mark_ = mark; }

private:
    std::optional<AnchorMark> mark_;
};

}  // namespace

std::unique_ptr<Anchor> open_anchor(const std::string& path) { return std::make_unique<FileAnchor>(path); }
std::unique_ptr<Anchor> memory_anchor() { return std::make_unique<MemoryAnchor>(); }

std::uint32_t crc32c(std::string_view bytes) { return crc32c_of_more(0, bytes); }
std::uint32_t crc32c_by_table(std::string_view bytes) { return crc32c_by_table(0, bytes); }

std::uint32_t crc32c_of_more(std::uint32_t before, std::string_view bytes) {
#if defined(__x86_64__)
    static const bool has_instruction = __builtin_cpu_supports("sse4.2");
    if (has_instruction) return crc32c_by_instruction(before, bytes);
#endif
    return crc32c_by_table(before, bytes);
}

void replace_file(const std::string& path, std::string_view bytes) {
    const std::string unfinished = path + ".new";
    {
        const File file(unfinished, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file.is_open()) fail(unfinished, "cannot be made");
        write_at(file, unfinished, 0, bytes);
        if (::fsync(file.descriptor()) != 0) fail(unfinished, "cannot be synced");
    }
    if (::rename(unfinished.c_str(), path.c_str()) != 0) fail(path, "cannot be put in place");
    const std::string parent = std::filesystem::path(path).parent_path().string();
    const std::string directory = parent.empty() ? "." : parent;
    const File handle(directory, O_RDONLY | O_DIRECTORY);
    if (!handle.is_open() || ::fsync(handle.descriptor()) != 0) fail(directory, "cannot be synced");
}

}  // namespace muster
