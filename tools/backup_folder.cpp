#include "tools/backup_folder.h"

#include "eventstore/anchor.h"
#include "eventstore/crypto.h"
#include "eventstore/synced.h"
#include "eventstore/table.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <tuple>
#include <unistd.h>

namespace muster::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t chunk = std::size_t{1} << 20;
constexpr const char* ending = ".backup";
constexpr const char* half_written = ".part";
constexpr const char* scratch = "scratch-";
constexpr std::size_t digest_digits = 64;

std::string hexadecimal(const Digest& digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (auto each : digest) text += {digits[each / 16], digits[each % 16]};
    return text;
}

bool is_digest(std::string_view text) {
    return text.size() == digest_digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

[[noreturn]] void fail(const std::string& path, const char* what) {
    throw StorageError(path + " " + what + ": " + std::strerror(errno));
}

class File {
public:
    File(std::string path, int flags)
        : path_(std::move(path)), number_(::open(path_.c_str(), flags | O_CLOEXEC, 0600)) {
        if (number_ < 0) fail(path_, "can't be opened");
    }
    ~File() { ::close(number_); }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    // Empty at the end.
    std::string_view read(std::string& buffer) const {
        while (true) {
            auto count = ::read(number_, buffer.data(), buffer.size());
            if (count >= 0) return {buffer.data(), static_cast<std::size_t>(count)};
            if (errno != EINTR) fail(path_, "can't be read");
        }
    }
    void write(std::string_view bytes) const {
        while (!bytes.empty()) {
            auto count = ::write(number_, bytes.data(), bytes.size());
            if (count < 0 && errno != EINTR) fail(path_, "can't be written");
            if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
        }
    }
    void sync() const {
        if (::fsync(number_) != 0) fail(path_, "can't be synced");
    }

private:
    const std::string path_;
    const int number_;
};

struct Copied {
    std::string digest;
    std::uint64_t bytes = 0;
};

// To `to` as well, where given.
Copied read_through(const std::string& from, const File* to) {
    const File source(from, O_RDONLY);
    Sha256 digest;
    std::uint64_t bytes = 0;
    std::string buffer(chunk, '\0');
    for (auto piece = source.read(buffer); !piece.empty(); piece = source.read(buffer)) {
        digest.add(piece);
        if (to) to->write(piece);
        bytes += piece.size();
    }
    return {hexadecimal(digest.end()), bytes};
}

template <class Number>
bool to_number(std::string_view text, Number& number) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

std::string lines_of(const Backup& backup) {
    std::string text = "muster backup 1\nkind " + std::string(name_of(backup.kind)) + "\nstore " +
                       base32(backup.store) + "\nmade " + backup.made.text() + "\nposition " +
                       std::to_string(backup.position) + "\n";
    for (const auto& file : backup.files)
        text += "file " + file.digest + " " + std::to_string(file.bytes) + " " + file.path + "\n";
    return text;
}

// A path that leads out of the data directory is none.
bool inside(const std::string& path) {
    const fs::path given(path);
    return !path.empty() && given.is_relative() &&
           std::none_of(given.begin(), given.end(), [](const fs::path& part) { return part == ".."; });
}

// 20261128T140501.123Z
std::string name_at(Instant at) {
    std::string name;
    for (char each : at.text())
        if (each != '-' && each != ':') name += each;
    return name;
}

// nullopt where the name is of another kind.
std::optional<Instant> time_in(const std::string& name) {
    auto text = name;
    for (const auto& [at, sign] : {std::pair{4U, "-"}, {7U, "-"}, {13U, ":"}, {16U, ":"}})
        if (text.size() > at) text.insert(at, sign);
    const auto time = Instant::parse(text);
    return time && name_at(*time) == name ? time : std::nullopt;
}

// Each store keeps its places in the order of time, and has its own backups by position there.
void sort_readable(std::vector<Backup>& backups) {
    std::ranges::sort(backups, {}, [](const Backup& each) { return std::tuple(each.made, each.position, each.name); });
    std::map<Uuid, std::vector<Backup>> by_store;
    for (const auto& each : backups) by_store[each.store].push_back(each);
    for (auto& [_, of_store] : by_store)
        std::ranges::sort(of_store, std::greater(),
                          [](const Backup& each) { return std::tuple(each.position, each.made, each.name); });
    for (auto& each : backups) {
        auto& of_store = by_store.at(each.store);
        each = std::move(of_store.back());
        of_store.pop_back();
    }
}

// Of a damaged one nothing but its name says when it was made. It stands as late as that allows: where a clock went
// back it may be the newest.
void put_in_its_place(std::vector<Backup>& backups, const Backup& damaged) {
    const std::tuple time(time_in(damaged.name).value_or(Instant::never()), damaged.name);
    const auto before = std::find_if(backups.rbegin(), backups.rend(), [&](const Backup& each) {
        const auto made = each.fault.empty() ? each.made : time_in(each.name).value_or(Instant::never());
        return std::tuple(made, each.name) < time;
    });
    backups.insert(before.base(), damaged);
}

void sort_oldest_first(std::vector<Backup>& backups) {
    const auto damaged = std::ranges::partition(backups, [](const Backup& each) { return each.fault.empty(); });
    const std::vector<Backup> unreadable(damaged.begin(), damaged.end());
    backups.erase(damaged.begin(), damaged.end());
    sort_readable(backups);
    for (const auto& each : unreadable) put_in_its_place(backups, each);
}

}  // namespace

std::uint64_t Backup::bytes() const {
    std::uint64_t sum = 0;
    for (const auto& file : files) sum += file.bytes;
    return sum;
}

// ---- Reading.

Backup BackupFolder::read(const std::string& name) const {
    const auto path = path_ + "/" + name + ending;
    Backup backup;
    backup.name = name;
    backup.kind = kind_;
    auto broken = [&](const std::string& why) {
        Backup nothing;
        nothing.name = name;
        nothing.kind = kind_;
        nothing.fault = path + " is damaged: " + why;
        return nothing;
    };
    std::ifstream file(path, std::ios::binary);
    std::ostringstream all;
    if (!file || !(all << file.rdbuf())) return broken("it can't be read");
    const auto text = all.str();
    constexpr std::size_t sum_bytes = 4 + digest_digits + 1;
    if (text.size() < sum_bytes) return broken("it is cut off");
    const auto said = text.substr(0, text.size() - sum_bytes);
    if (text.substr(said.size()) != "sum " + hexadecimal(sha256(said)) + "\n")
        return broken("its checksum is another one");
    std::istringstream lines(said);
    std::string line;
    if (!std::getline(lines, line) || line != "muster backup 1")
        return broken("it is of a format that this program does not know");
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string what, value;
        words >> what >> value;
        bool good = true;
        if (what == "kind") good = value == name_of(kind_);
        if (what == "store") {
            auto id = from_base32(value);
            good = id.has_value();
            if (id) backup.store = *id;
        }
        if (what == "made") {
            auto at = Instant::parse(value);
            good = at.has_value();
            if (at) backup.made = *at;
        }
        if (what == "position") good = to_number(value, backup.position);
        if (what == "file") {
            BackupFile each{value, 0, {}};
            std::string bytes;
            words >> bytes >> std::ws;
            std::getline(words, each.path);
            good = is_digest(value) && to_number(bytes, each.bytes) && inside(each.path);
            backup.files.push_back(std::move(each));
        }
        if (!good) return broken("the line `" + line + "` can't be true");
    }
    return backup;
}

std::vector<Backup> BackupFolder::all() const {
    std::vector<Backup> found;
    if (!fs::exists(path_)) return found;
    for (const auto& entry : fs::directory_iterator(path_))
        if (entry.path().extension() == ending) found.push_back(read(entry.path().stem().string()));
    sort_oldest_first(found);
    return found;
}

std::string BackupFolder::fault_of(const BackupFile& file) const {
    const auto path = place(file.digest);
    if (!fs::exists(path)) return "is missing";
    if (fs::file_size(path) != file.bytes) return "is damaged: it has another size";
    if (read_through(path, nullptr).digest != file.digest) return "is damaged: its checksum is another one";
    return {};
}

std::vector<std::string> BackupFolder::faults(const Backup& backup, const OnBytes& on_bytes) const {
    if (!backup.fault.empty()) return {backup.fault};
    std::vector<std::string> found;
    for (const auto& file : backup.files) {
        if (auto fault = fault_of(file); !fault.empty())
            found.push_back(place(file.digest) + " (" + file.path + " of " + backup.name + ") " + fault);
        if (on_bytes) on_bytes(file.bytes);
    }
    return found;
}

std::size_t BackupFolder::strays() const {
    std::set<std::string> named;
    for (const auto& backup : all()) {
        if (!backup.fault.empty()) return 0;  // Nobody knows what it names.
        for (const auto& file : backup.files) named.insert(file.digest);
    }
    std::size_t count = 0;
    if (!fs::exists(path_ + "/files")) return 0;
    for (const auto& entry : fs::directory_iterator(path_ + "/files"))
        if (!named.contains(entry.path().filename().string())) ++count;
    return count;
}

void BackupFolder::take_out(const Backup& backup, const BackupFile& file, const std::string& to) const {
    const auto from = place(file.digest);
    const auto what = from + " (" + file.path + " of " + backup.name + ") ";
    if (!fs::exists(from)) throw DamageError(what + "is missing");
    const File target(to, O_WRONLY | O_CREAT | O_EXCL);
    if (read_through(from, &target).digest != file.digest)
        throw DamageError(what + "is damaged: its checksum is another one");
    target.sync();
}

void BackupFolder::take_out_all(const Backup& backup, const std::string& directory, bool link,
                                const OnBytes& on_bytes) const {
    std::set<std::string> directories{directory};
    for (const auto& file : backup.files) {
        const fs::path to = fs::path(directory) / file.path;
        fs::create_directories(to.parent_path());
        directories.insert(to.parent_path().string());
        std::error_code error = std::make_error_code(std::errc::not_supported);
        if (link && to.extension() == ".sst") fs::create_hard_link(place(file.digest), to, error);
        if (error) take_out(backup, file, to.string());
        if (on_bytes) on_bytes(file.bytes);
    }
    if (link) return;
    for (const auto& each : directories) sync_path(each);
}

// ---- Writing.

void BackupFolder::make() const {
    make_directories(path_ + "/files");
    fs::permissions(path_, fs::perms::owner_all);
}

BackupFile BackupFolder::put(const std::string& from, const std::string& path) const {
    const auto part = path_ + "/files/" + base32(new_uuid(system_clock(), system_entropy())) + half_written;
    Copied copied = read_through(from, nullptr);
    BackupFile file{copied.digest, copied.bytes, path};
    // One that is there but damaged is replaced by what it should be.
    if (fault_of(file).empty()) return file;
    try {
        {
            const File target(part, O_WRONLY | O_CREAT | O_EXCL);
            copied = read_through(from, &target);
            target.sync();
        }
        if (copied.digest != file.digest) throw StorageError(from + " changed while it was copied");
        fs::rename(part, place(file.digest));
    } catch (...) {
        std::error_code ignored;
        fs::remove(part, ignored);
        throw;
    }
    return file;
}

void BackupFolder::publish(Backup& backup) const {
    sync_path(path_ + "/files");
    for (auto at = backup.made;; ++at.ms) {
        backup.name = name_at(at);
        if (!fs::exists(path_ + "/" + backup.name + ending)) break;
    }
    const auto text = lines_of(backup);
    replace_file(path_ + "/" + backup.name + ending, text + "sum " + hexadecimal(sha256(text)) + "\n");
}

std::size_t BackupFolder::keep_newest(std::size_t count, const Backup& just_made) const {
    auto others = all();
    std::erase_if(others, [&](const Backup& each) {
        return !each.fault.empty() || each.store != just_made.store || each.name == just_made.name;
    });
    std::size_t gone = 0;
    for (; others.size() - gone + 1 > count; ++gone) fs::remove(path_ + "/" + others[gone].name + ending);
    return gone;
}

std::string BackupFolder::new_scratch() const {
    return path_ + "/" + scratch + base32(new_uuid(system_clock(), system_entropy()));
}

std::vector<std::string> BackupFolder::sweep() const {
    std::vector<fs::path> strays;
    for (const auto& entry : fs::directory_iterator(path_))
        if (entry.path().filename().string().starts_with(scratch)) strays.push_back(entry.path());
    for (const auto& path : strays) fs::remove_all(path);
    strays.clear();
    std::set<std::string> named;
    std::vector<std::string> faults;
    for (const auto& backup : all()) {
        if (!backup.fault.empty()) faults.push_back(backup.fault);
        for (const auto& file : backup.files) named.insert(file.digest);
    }
    if (!faults.empty()) return faults;
    for (const auto& entry : fs::directory_iterator(path_ + "/files"))
        if (!named.contains(entry.path().filename().string())) strays.push_back(entry.path());
    for (const auto& path : strays) fs::remove(path);
    return {};
}

}  // namespace muster::tools
