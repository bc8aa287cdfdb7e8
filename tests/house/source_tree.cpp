#include "tests/house/source_tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace muster::house {
namespace {

namespace fs = std::filesystem;

// Folders at the root that the build, the program or git make.
const std::vector<std::string_view> outside_roots{".git", "build", "data", ".cache", ".vscode", ".idea"};

bool is_identifier_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_outside(std::string_view path) {
    const std::string_view top = path.substr(0, path.find('/'));
    const std::string_view name = path.substr(path.rfind('/') + 1);
    return std::find(outside_roots.begin(), outside_roots.end(), top) != outside_roots.end() ||
           top.starts_with("cmake-build-") || name == "node_modules" || path == "tests/golden";
}

// Where a raw literal that opens at `quote` (the " of R"x(…)x") ends, one past its last quote.
std::size_t end_of_raw(std::string_view text, std::size_t quote) {
    const std::size_t open = text.find('(', quote);
    if (open == std::string_view::npos) return text.size();
    const std::string close = ")" + std::string(text.substr(quote + 1, open - quote - 1)) + "\"";
    const std::size_t end = text.find(close, open);
    return end == std::string_view::npos ? text.size() : end + close.size();
}

std::size_t end_of_literal(std::string_view text, std::size_t quote) {
    for (std::size_t at = quote + 1; at < text.size(); ++at) {
        if (text[at] == '\\') {
            ++at;
        } else if (text[at] == text[quote] || text[at] == '\n') {
            return at + 1;
        }
    }
    return text.size();
}

// The end of the comment or literal that begins at `at`, or `at` if none does.
std::size_t end_of_blank(std::string_view text, std::size_t at) {
    if (text.substr(at, 2) == "//") return std::min(text.find('\n', at), text.size());
    if (text.substr(at, 2) == "/*") {
        const std::size_t end = text.find("*/", at + 2);
        return end == std::string_view::npos ? text.size() : end + 2;
    }
    if (text[at] == '"') return at > 0 && text[at - 1] == 'R' ? end_of_raw(text, at) : end_of_literal(text, at);
    // A quote within a number only separates its digits.
    if (text[at] == '\'' && (at == 0 || !is_identifier_letter(text[at - 1]))) return end_of_literal(text, at);
    return at;
}

}  // namespace

std::vector<SourceFile> source_files(const fs::path& root) {
    std::vector<SourceFile> files;
    for (auto entry = fs::recursive_directory_iterator(root); entry != fs::recursive_directory_iterator(); ++entry) {
        const std::string path = entry->path().lexically_relative(root).generic_string();
        if (is_outside(path)) {
            entry.disable_recursion_pending();
            continue;
        }
        if (!entry->is_regular_file() || entry->is_symlink()) continue;
        std::ifstream in(entry->path(), std::ios::binary);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        if (text.find('\0') == std::string::npos) files.push_back({path, std::move(text)});
    }
    std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
}

bool is_code(std::string_view path) {
    return path.ends_with(".h") || path.ends_with(".cpp") || path.ends_with(".hpp") || path.ends_with(".inc");
}

bool matches(std::string_view glob, std::string_view path) {
    if (glob.empty()) return path.empty();
    if (glob[0] != '*') return !path.empty() && glob[0] == path[0] && matches(glob.substr(1), path.substr(1));
    const bool across_folders = glob.starts_with("**");
    const std::string_view rest = glob.substr(across_folders ? 2 : 1);
    for (std::size_t taken = 0;; ++taken) {
        if (matches(rest, path.substr(taken))) return true;
        if (taken == path.size() || (!across_folders && path[taken] == '/')) return false;
    }
}

bool matches_any(const std::vector<std::string_view>& globs, std::string_view path) {
    return std::any_of(globs.begin(), globs.end(), [path](std::string_view glob) { return matches(glob, path); });
}

std::string without_comments_and_literals(std::string_view text) {
    std::string code(text);
    for (std::size_t at = 0; at < code.size();) {
        const std::size_t line_end = std::min(text.find('\n', at), text.size());
        if ((at == 0 || text[at - 1] == '\n') && text.substr(at).starts_with("#include")) {
            at = line_end;
            continue;
        }
        const std::size_t end = end_of_blank(text, at);
        for (std::size_t blank = at; blank < end; ++blank) {
            if (code[blank] != '\n') code[blank] = ' ';
        }
        at = std::max(end, at + 1);
    }
    return code;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

bool contains_word(std::string_view line, std::string_view wanted) {
    for (std::size_t at = line.find(wanted); at != std::string_view::npos; at = line.find(wanted, at + 1)) {
        const std::size_t end = at + wanted.size();
        const bool joined_before = at > 0 && is_identifier_letter(line[at - 1]) && is_identifier_letter(wanted.front());
        const bool joined_after =
            end < line.size() && is_identifier_letter(line[end]) && is_identifier_letter(wanted.back());
        if (!joined_before && !joined_after) return true;
    }
    return false;
}

}  // namespace muster::house
