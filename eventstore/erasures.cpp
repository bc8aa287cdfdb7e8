#include "eventstore/erasures.h"

#include "eventstore/anchor.h"
#include "eventstore/table.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <sstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace muster {
namespace {

constexpr std::size_t id_characters = 26;
constexpr std::size_t sum_characters = 8;
constexpr std::size_t line_characters = id_characters + 1 + sum_characters + 1;
constexpr std::string_view end_line = "end\n";

std::string hexadecimal(std::uint32_t number) {
    std::string text(sum_characters, '0');
    for (std::size_t digit = sum_characters; digit-- > 0; number >>= 4) text[digit] = "0123456789abcdef"[number & 15];
    return text;
}

bool is_of_id(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }
bool is_of_sum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

std::optional<Uuid> id_in(std::string_view line) {
    const std::optional<Uuid> id = from_base32(line);
    return id && base32(*id) == line ? id : std::nullopt;
}

[[noreturn]] void refuse(const std::string& name, std::size_t number, const char* what) {
    throw DamageError(name + ": line " + std::to_string(number) + " " + what);
}

constexpr const char* no_id = "is not the id of a key";

ErasureList read_bare(std::string_view bytes, const std::string& name) {
    ErasureList list;
    list.has_checksums = false;
    std::size_t number = 1;
    for (; bytes.size() > id_characters; bytes.remove_prefix(id_characters + 1), ++number) {
        const std::optional<Uuid> id = id_in(bytes.substr(0, id_characters));
        if (!id || bytes[id_characters] != '\n') refuse(name, number, no_id);
        list.ids.insert(*id);
    }
    list.whole = bytes.empty();
    // A whole id is kept, since its destruction was decided.
    if (const std::optional<Uuid> last = id_in(bytes)) {
        list.ids.insert(*last);
    } else if (bytes.size() == id_characters || !std::ranges::all_of(bytes, is_of_id)) {
        refuse(name, number, no_id);
    }
    return list;
}

// What a torn write may leave behind the last whole line: the beginning of a line, or some of one over the end that
// stood there before.
bool may_be_torn(std::string_view rest) {
    for (std::size_t begun = 0; begun < end_line.size(); ++begun)
        if (rest.size() == end_line.size() && std::ranges::all_of(rest.substr(0, begun), is_of_id) &&
            rest.substr(begun) == end_line.substr(begun))
            return true;
    if (rest.size() < end_line.size() && rest == end_line.substr(0, rest.size())) return true;
    if (rest.size() >= line_characters) return false;
    const std::string_view sum = rest.size() > id_characters ? rest.substr(id_characters + 1) : "";
    return std::ranges::all_of(rest.substr(0, id_characters), is_of_id) &&
           (rest.size() <= id_characters || rest[id_characters] == ' ') && std::ranges::all_of(sum, is_of_sum);
}

}  // namespace

ErasureList read_erasures(std::string_view bytes, const std::string& name) {
    if (bytes.size() > id_characters && bytes[id_characters] == '\n') return read_bare(bytes, name);
    ErasureList list;
    std::size_t number = 1;
    for (; bytes.size() - list.end >= line_characters; list.end += line_characters, ++number) {
        const std::string_view line = bytes.substr(list.end, line_characters);
        const std::optional<Uuid> id = id_in(line.substr(0, id_characters));
        if (!id || line[id_characters] != ' ' || line.back() != '\n') refuse(name, number, no_id);
        const std::uint32_t sum = crc32c_of_more(list.sum, line.substr(0, id_characters + 1));
        if (line.substr(id_characters + 1, sum_characters) != hexadecimal(sum))
            refuse(name, number, "or what stands before it is not as it was written: its checksum is another one");
        list.sum = crc32c_of_more(sum, line.substr(id_characters + 1));
        list.ids.insert(*id);
    }
    const std::string_view rest = bytes.substr(list.end);
    list.whole = rest == end_line;
    if (!list.whole && !may_be_torn(rest)) refuse(name, number, no_id);
    return list;
}

ErasureList load_erasures(const std::string& path) {
    const auto fail = [&] { throw StorageError(path + ": cannot be read: " + std::generic_category().message(errno)); };
    if (::access(path.c_str(), F_OK) != 0) {
        if (errno != ENOENT) fail();
        return {};
    }
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    if (!file.is_open()) fail();
    bytes << file.rdbuf();
    if (file.bad() || bytes.bad()) fail();
    return read_erasures(bytes.view(), path);
}

namespace {

// The lines of these behind what has this checksum, which becomes that of all.
std::string lines_of(const std::vector<Uuid>& ids, std::uint32_t& sum) {
    std::string lines;
    for (const Uuid& id : ids) {
        const std::string front = base32(id) + ' ';
        const std::uint32_t its = crc32c_of_more(sum, front);
        const std::string back = hexadecimal(its) + '\n';
        sum = crc32c_of_more(its, back);
        lines += front + back;
    }
    return lines;
}

}  // namespace

std::string erasures_file(const std::vector<Uuid>& ids) {
    std::uint32_t sum = 0;
    return lines_of(ids, sum).append(end_line);
}

Erasures::Erasures(std::string path) : path_(std::move(path)) {}

Erasures::~Erasures() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void Erasures::fail(const char* what) const {
    const int error = errno;
    throw StorageError(path_ + ": " + what + ": " + std::generic_category().message(error));
}

void Erasures::load() {
    if (path_.empty()) return;
    ErasureList list = load_erasures(path_);
    ids_.merge(list.ids);
    end_ = list.end;
    sum_ = list.sum;
    to_mend_ = !list.whole || !list.has_checksums;
}

// Before the lost end of a write nothing was deleted.
void Erasures::mend() {
    if (!to_mend_) return;
    rewrite(load_erasures(path_).ids);
    to_mend_ = false;
}

void Erasures::rewrite(const std::unordered_set<Uuid>& ids) {
    std::uint32_t sum = 0;
    std::string lines = lines_of({ids.begin(), ids.end()}, sum);
    end_ = lines.size();
    sum_ = sum;
    replace_file(path_, lines.append(end_line));
}

void Erasures::open() {
    if (::access(path_.c_str(), F_OK) != 0 && errno == ENOENT) replace_file(path_, end_line);
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) fail("cannot be opened");
}

bool Erasures::in_place() const {
    struct stat opened{}, named{};
    if (descriptor_ < 0) {  // not opened yet: what was loaded
        const ErasureList there = load_erasures(path_);
        return there.whole && there.end == end_ && there.sum == sum_;
    }
    return ::fstat(descriptor_, &opened) == 0 && ::stat(path_.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
           opened.st_dev == named.st_dev;
}

void Erasures::list(const std::vector<Uuid>& ids) {
    if (path_.empty() || ids.empty()) return;
    if (failed_) throw StorageError(path_ + ": a write failed before; nothing is listed until it is opened again");
    mend();
    failed_ = true;  // Nothing may be written behind a half line.
    if (!in_place()) {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
        ErasureList there = load_erasures(path_);
        there.ids.insert(ids_.begin(), ids_.end());
        rewrite(there.ids);
    }
    if (descriptor_ < 0) open();
    std::uint32_t sum = sum_;
    const std::string lines = lines_of(ids, sum);
    const std::string all = lines + std::string(end_line);
    std::size_t at = end_;
    for (std::string_view rest = all; !rest.empty();) {
        const ssize_t written = ::pwrite(descriptor_, rest.data(), rest.size(), static_cast<off_t>(at));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("cannot be written");
        rest.remove_prefix(static_cast<std::size_t>(written));
        at += static_cast<std::size_t>(written);
    }
    if (::fsync(descriptor_) != 0) fail("cannot be synced");
    end_ += lines.size();
    sum_ = sum;
    failed_ = false;
}

}  // namespace muster
