// The repository as the house's tests read it: plain text files with their paths.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace muster::house {

struct SourceFile {
    std::string path;  // From the root, with slashes: "domain/text.h".
    std::string text;
};

// All text files that belong to the repository, sorted by path; not what builds, packages and the program make, and not
// tests/golden. Read from the directory rather than from git, so that a new file counts before it is added, and an
// archive without git can be tested too. Throws std::filesystem::filesystem_error if the root cannot be read.
[[nodiscard]] std::vector<SourceFile> source_files(const std::filesystem::path& root);

// True for the files that the compiler reads.
[[nodiscard]] bool is_code(std::string_view path);

// `*` stands for anything within a folder or name, `**` for anything at all.
[[nodiscard]] bool matches(std::string_view glob, std::string_view path);
[[nodiscard]] bool matches_any(const std::vector<std::string_view>& globs, std::string_view path);

// The same text with comments and the insides of literals blanked, line by line as it was. Includes keep their names.
[[nodiscard]] std::string without_comments_and_literals(std::string_view text);

[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

// Finds a word or call. Where `wanted` begins or ends with a letter, digit or underscore, none may stand beside it:
// "rand(" is found in "std::rand(7)", not in "strand(7)".
[[nodiscard]] bool contains_word(std::string_view line, std::string_view wanted);

}  // namespace muster::house
