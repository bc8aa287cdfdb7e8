// The house's rules that a machine can read in the text itself: what is not written here, where, and what to write
// instead. One row is one rule.
#include "tests/house/source_tree.h"
#include "tests/places.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::house {
namespace {

using Globs = std::vector<std::string_view>;

enum class Reads {
    code,        // Code without comments and literals.
    line_start,  // The same, at the beginning of a line.
    text         // All of every file, by whole words.
};

struct Rule {
    std::string_view banned;
    Reads reads;
    Globs where;
    Globs except;
    std::string_view instead;
    std::string_view planted_path;  // A file in which the planted line must be refused.
    std::string_view planted;
};

const Globs pure{"domain/**", "projections/**"};
const Globs everywhere{"**"};
constexpr std::string_view take_time = "take the time from the context or the event";
constexpr std::string_view take_random = "take fresh ids from the context; randomness is passed in";
constexpr std::string_view format = "use fmt::printf, std::to_chars, or std::snprintf into a buffer";
constexpr std::string_view finish = "finish it, delete it, or open an issue";
constexpr std::string_view relative = "a path on one machine: write it from the root of the repository";

// Banned words are written in two pieces where this file is read by its own rule.
const std::vector<Rule> rules{
    {"system_clock::now",
     Reads::code,
     pure,
     {},
     take_time,
     "domain/a.cpp",
     "auto t = std::chrono::system_clock::now();"},
    {"steady_clock::now", Reads::code, pure, {}, take_time, "projections/a.cpp", "auto t = steady_clock::now();"},
    {"time(nullptr)", Reads::code, pure, {}, take_time, "domain/a.h", "return std::time(nullptr);"},
    {"time(NULL)", Reads::code, pure, {}, take_time, "domain/a.cpp", "long t = time(NULL);"},
    {"time(0)", Reads::code, pure, {}, take_time, "projections/a.h", "x = time(0);"},
    {"clock_gettime(", Reads::code, pure, {}, take_time, "domain/a.cpp", "clock_gettime(CLOCK_REALTIME, &t);"},
    {"gettimeofday(", Reads::code, pure, {}, take_time, "domain/a.cpp", "::gettimeofday(&t, nullptr);"},
    {"random_device", Reads::code, pure, {}, take_random, "domain/a.cpp", "std::random_device device;"},
    {"rand(", Reads::code, pure, {}, take_random, "projections/a.cpp", "return 1 + std::rand() % 6;"},
    {"srand(", Reads::code, everywhere, {}, take_random, "tests/a.cpp", "srand(7);"},
    {"std::cout",
     Reads::code,
     everywhere,
     {"tools/**"},
     "log, or CHECK and WARN in tests",
     "api/a.cpp",
     "std::cout << 1;"},
    {"using namespace", Reads::line_start, everywhere, {}, "name what is used", "domain/a.cpp", "using namespace std;"},
    {"std::printf(", Reads::code, everywhere, {}, format, "tools/a.cpp", "std::printf(x);"},
    {"std::fprintf(", Reads::code, everywhere, {}, format, "api/a.cpp", "std::fprintf(stderr, x);"},
    {"sprintf(", Reads::code, everywhere, {}, format, "eventstore/a.cpp", "sprintf(x, y);"},
    {"TO"
     "DO",
     Reads::text,
     everywhere,
     {},
     finish,
     "api/http/README.md",
     "Limits (TO"
     "DO)."},
    {"FIX"
     "ME",
     Reads::text,
     everywhere,
     {},
     finish,
     "CMakeLists.txt",
     "# FIX"
     "ME: slow"},
    {"XX"
     "X",
     Reads::text,
     everywhere,
     {},
     finish,
     "tests/a.cpp",
     "// XX"
     "X"},
    {"/wo"
     "rk/",
     Reads::text,
     everywhere,
     {},
     relative,
     "README.md",
     "cd /wo"
     "rk/main"},
    {"/ro"
     "ot/",
     Reads::text,
     everywhere,
     {},
     relative,
     "tools/dev",
     "rm /ro"
     "ot/x"},
    {"/ho"
     "me/",
     Reads::text,
     everywhere,
     {},
     relative,
     "tools/CMakeLists.txt",
     "set(A /ho"
     "me/ada/a)"},
};

constexpr std::size_t lines_max = 400;

struct LongFile {
    std::string_view path;
    std::string_view reason;
};

// Files that may be longer: flat tables only, each with its reason.
const std::vector<LongFile> long_files{};

// An absolute path begins with its slash: "api/tmp/" is none.
bool contains(std::string_view line, std::string_view banned) {
    if (banned.front() != '/') return contains_word(line, banned);
    for (std::size_t at = line.find(banned); at != std::string_view::npos; at = line.find(banned, at + 1)) {
        const char before = at == 0 ? ' ' : line[at - 1];
        if (std::string_view(" \t\"'`(=:<[,").find(before) != std::string_view::npos) return true;
    }
    return false;
}

bool breaks(const Rule& rule, std::string_view line) {
    return rule.reads == Reads::line_start ? line.starts_with(rule.banned) : contains(line, rule.banned);
}

bool applies(const Rule& rule, std::string_view path) {
    if (rule.reads != Reads::text && !is_code(path)) return false;
    return matches_any(rule.where, path) && !matches_any(rule.except, path);
}

// What is wrong with one file, a sentence each.
std::vector<std::string> faults(const SourceFile& file, const std::vector<LongFile>& may_be_long) {
    std::vector<std::string> found;
    const std::string code = is_code(file.path) ? without_comments_and_literals(file.text) : std::string();
    const std::vector<std::string_view> text_lines = lines_of(file.text);
    const std::vector<std::string_view> code_lines = lines_of(code);
    for (const Rule& rule : rules) {
        if (!applies(rule, file.path)) continue;
        const std::vector<std::string_view>& lines = rule.reads == Reads::text ? text_lines : code_lines;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (!breaks(rule, lines[i])) continue;
            found.push_back(file.path + ":" + std::to_string(i + 1) + ": " + std::string(text_lines[i]) + "\n  no " +
                            std::string(rule.banned) + " here: " + std::string(rule.instead));
        }
    }
    const bool listed = std::any_of(may_be_long.begin(), may_be_long.end(),
                                    [&file](const LongFile& allowed) { return allowed.path == file.path; });
    if (is_code(file.path) && text_lines.size() > lines_max && !listed) {
        found.push_back(
            file.path + ": " + std::to_string(text_lines.size()) +
            " lines: which second subject has crept in? Split it, or name it in long_files if it is a table");
    }
    return found;
}

std::vector<std::string> faults(const SourceFile& file) { return faults(file, long_files); }

bool names(const std::vector<std::string>& found, std::string_view words) {
    return std::any_of(found.begin(), found.end(),
                       [words](const std::string& fault) { return fault.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("the sources keep the house's rules") {
    const std::vector<SourceFile> files = source_files(repository_root());
    for (const SourceFile& file : files) {
        for (const std::string& fault : faults(file)) FAIL_CHECK(fault);
    }
    // Else this test looked at another directory.
    for (const std::string_view path : {"domain/text.h", "CMakeLists.txt", "tools/dev", ".ci/run"}) {
        INFO(path);
        CHECK(std::any_of(files.begin(), files.end(), [path](const SourceFile& file) { return file.path == path; }));
    }
}

TEST_CASE("each rule finds its planted fault, and only where it holds") {
    for (const Rule& rule : rules) {
        INFO(rule.banned);
        const std::string text = "// A file.\n" + std::string(rule.planted) + "\n";
        const std::vector<std::string> found = faults({std::string(rule.planted_path), text});
        REQUIRE(found.size() == 1);
        CHECK(names(found, std::string(rule.planted_path) + ":2: "));
        CHECK(names(found, "no " + std::string(rule.banned) + " here: " + std::string(rule.instead)));
        if (rule.reads != Reads::text) {
            const std::string comment = "// " + text + "const char* text = \"" + std::string(rule.planted) + "\";\n";
            CHECK(faults({"README.md", text}).empty());
            CHECK(faults({std::string(rule.planted_path), "/* " + text + "*/ " + comment.substr(comment.find("const"))})
                      .empty());
        }
    }
    CHECK(faults({"api/a.cpp", "auto now = std::chrono::system_clock::now();\n"}).empty());
    CHECK(faults({"tools/a.cpp", "std::cout << 1;\n"}).empty());
    CHECK(faults({"domain/a.cpp", "int strand(int); int x = runtime(0);\n"}).empty());
    CHECK(faults({"domain/a.cpp", "    using namespace std::chrono_literals;\n"}).empty());
    CHECK(faults({"README.md",
                  "api/wo"
                  "rk/a and XX"
                  "XXXX\n"})
              .empty());
}

TEST_CASE("a file of two subjects is too long, a table with its reason is not") {
    std::string text;
    for (std::size_t i = 0; i < lines_max; ++i) text += "int x;\n";
    CHECK(faults({"api/a.cpp", text}).empty());
    text += "int x;\n";
    CHECK(names(faults({"api/a.cpp", text}), "401 lines"));
    CHECK(faults({"api/a.cpp", text}, {{"api/a.cpp", "a table"}}).empty());
    CHECK(faults({"api/README.md", text}).empty());
}

TEST_CASE("the list of long files holds only long files, each with a reason") {
    const std::vector<SourceFile> files = source_files(repository_root());
    for (const LongFile& allowed : long_files) {
        INFO(allowed.path);
        CHECK_FALSE(allowed.reason.empty());
        CHECK(std::any_of(files.begin(), files.end(), [&allowed](const SourceFile& file) {
            return file.path == allowed.path && lines_of(file.text).size() > lines_max;
        }));
    }
}

TEST_CASE("rules about code do not read comments and literals") {
    const auto blanked = [](std::string_view text) { return without_comments_and_literals(text); };
    CHECK(blanked("a // b\nc") == "a     \nc");
    CHECK(blanked("a /* b\nc */ d") == "a     \n     d");
    CHECK(blanked(R"(f("a\"b", 'c', '"') + 1'000;)") == "f(      ,    ,    ) + 1'000;");
    CHECK(blanked("R\"x(a)\" b)x\" c") == "R            c");
    CHECK(blanked("#include \"domain/text.h\"\n\"a\"") == "#include \"domain/text.h\"\n   ");
}

TEST_CASE("paths are chosen by globs") {
    CHECK(matches("eventstore/*.cpp", "eventstore/codec.cpp"));
    CHECK_FALSE(matches("eventstore/*.cpp", "eventstore/sub/codec.cpp"));
    CHECK(matches("api/**.cpp", "api/http/server.cpp"));
    CHECK_FALSE(matches("api/**.cpp", "api/http/server.h"));
    CHECK(matches("**", ""));
    CHECK_FALSE(matches("", "a"));
}

}  // namespace muster::house
