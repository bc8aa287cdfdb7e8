#include "tests/golden.h"

#include "tests/places.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t lines_shown_max = 20;

std::string read_bytes(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const fs::path& path, const std::string& bytes) {
    fs::create_directories(path.parent_path());
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) throw std::runtime_error("cannot write " + path.string());
}

// Lines with what cannot be seen spelled out; a last line without an end says so.
std::vector<std::string> visible_lines(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::vector<std::string> lines;
    std::string line;
    bool open = false;
    for (const char c : text) {
        open = c != '\n';
        if (!open) {
            lines.push_back(std::move(line));
            line.clear();
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7F) {
            line += {'\\', 'x', hex[byte / 16], hex[byte % 16]};
        } else {
            line += c;
        }
    }
    if (open) lines.push_back(line + "  (no end of line)");
    return lines;
}

void show(std::string& out, const char* sign, const std::vector<std::string>& lines, std::size_t from, std::size_t to) {
    const std::size_t shown = std::min(to, from + lines_shown_max);
    for (std::size_t i = from; i < shown; ++i) out += sign + lines[i] + "\n";
    if (shown < to) out += std::string(sign) + "… " + std::to_string(to - shown) + " more lines\n";
}

// The lines between the common beginning and the common end.
std::string difference(const std::string& expected, const std::string& actual) {
    const std::vector<std::string> before = visible_lines(expected);
    const std::vector<std::string> after = visible_lines(actual);
    const std::size_t shorter = std::min(before.size(), after.size());
    std::size_t begin = 0;
    while (begin < shorter && before[begin] == after[begin]) ++begin;
    std::size_t end = 0;
    while (end < shorter - begin && before[before.size() - 1 - end] == after[after.size() - 1 - end]) ++end;

    std::string out = "from line " + std::to_string(begin + 1) + " (- stored, + now):\n";
    if (begin > 0) out += "  " + before[begin - 1] + "\n";
    show(out, "- ", before, begin, before.size() - end);
    show(out, "+ ", after, begin, after.size() - end);
    if (end > 0) out += "  " + before[before.size() - end] + "\n";
    return out;
}

}  // namespace

std::optional<std::string> golden_fault(const fs::path& directory, const std::string& relative_name,
                                        const std::string& actual, bool update) {
    const fs::path relative = fs::path(relative_name).lexically_normal();
    if (relative.empty() || relative.is_absolute() || *relative.begin() == ".." || !relative.has_filename()) {
        throw std::invalid_argument("not a name under tests/golden: " + relative_name);
    }
    const fs::path path = directory / relative;
    const std::string name = "tests/golden/" + relative.generic_string();

    if (!fs::exists(path)) {
        if (!update) return name + " is missing: `tools/dev golden` writes it; then review and commit it";
        write_bytes(path, actual);
        return std::nullopt;
    }
    const std::string stored = read_bytes(path);
    if (stored == actual) return std::nullopt;
    if (*relative.begin() == "events") {
        return name +
               " differs, and stored events are never altered: a changed shape is a new event type with an upcast\n" +
               difference(stored, actual);
    }
    if (!update)
        return name + " differs; if so intended, `tools/dev golden` rewrites it\n" + difference(stored, actual);
    write_bytes(path, actual);
    return std::nullopt;
}

void compare_golden(const std::string& relative_name, const std::string& actual) {
    const char* asked = std::getenv("UPDATE_GOLDEN");
    const bool update = asked != nullptr && std::string_view(asked) == "1";
    const auto fault = golden_fault(fs::path(repository_root()) / "tests" / "golden", relative_name, actual, update);
    if (fault) FAIL(*fault);
    SUCCEED(relative_name);
}

}  // namespace muster
