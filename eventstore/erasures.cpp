#include "eventstore/erasures.h"

#include "eventstore/anchor.h"
#include "eventstore/table.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace muster {
namespace {

constexpr std::size_t id_characters = 26;

}  // namespace

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
    if (::access(path_.c_str(), F_OK) != 0) {
        if (errno != ENOENT) fail("cannot be read");
        return;
    }
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream bytes;
    if (!file.is_open()) fail("cannot be read");
    bytes << file.rdbuf();
    if (file.bad() || bytes.bad()) fail("cannot be read");
    const std::string text = bytes.str();
    std::size_t begin = 0;
    for (std::size_t number = 1; begin < text.size(); ++number) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos) return mend(text, begin, number);
        learn(text.substr(begin, end - begin), number);
        begin = end + 1;
    }
}

void Erasures::learn(const std::string& line, std::size_t number) {
    const std::optional<Uuid> id = from_base32(line);
    if (!id || base32(*id) != line)
        throw DamageError(path_ + ": line " + std::to_string(number) + " is not the id of a key");
    ids_.insert(*id);
}

// The last line has no end: a crash tore its writing, before which nothing was deleted. A whole id is kept, since its
// destruction was decided; the beginning of one is not. What cannot be the beginning of one is damage.
void Erasures::mend(const std::string& text, std::size_t begin, std::size_t number) {
    const std::string torn = text.substr(begin);
    if (torn.size() == id_characters) {
        learn(torn, number);
        replace_file(path_, text + '\n');
        return;
    }
    const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    if (torn.size() > id_characters || !std::all_of(torn.begin(), torn.end(), plain))
        throw DamageError(path_ + ": line " + std::to_string(number) + " is not the id of a key");
    replace_file(path_, text.substr(0, begin));
}

void Erasures::open() {
    if (::access(path_.c_str(), F_OK) != 0 && errno == ENOENT) replace_file(path_, "");
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    if (descriptor_ < 0) fail("cannot be opened");
}

void Erasures::list(const std::vector<Uuid>& ids) {
    if (path_.empty() || ids.empty()) return;
    if (failed_) throw StorageError(path_ + ": a write failed before; nothing is listed until it is opened again");
    failed_ = true;  // Nothing may be written behind a half line.
    if (descriptor_ < 0) open();
    std::string lines;
    for (const Uuid& id : ids) lines += base32(id) + '\n';
    for (std::string_view rest = lines; !rest.empty();) {
        const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("cannot be written");
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(descriptor_) != 0) fail("cannot be synced");
    failed_ = false;
}

}  // namespace muster
