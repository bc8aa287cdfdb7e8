// The table of rules in tests/README.md is what the tests say, and every rule has a test.
#include "tests/house/source_tree.h"
#include "tests/places.h"
#include "tests/server/process.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

namespace muster::house {
namespace {

using Catch::Matchers::Contains;
using server::Finished;

Finished rows_of(const std::string& root) {
    return server::finish({"bash", repository_root() + "/tests/rows.sh", root});
}

// Rows as tests write them; here % stands for their S, because this file is read for rows too.
std::string rows_in(std::string text) {
    std::ranges::replace(text, '%', 'S');
    return text;
}

// A repository of one test, which is named and commented so.
Finished rows_of(const std::string& rows, const std::string& title, const std::string& comment) {
    Scratch scratch;
    std::filesystem::create_directory(scratch / "tests");
    server::write_file(scratch / "tests/rows.txt", rows_in(rows));
    server::write_file(scratch / "tests/a_test.cpp",
                       rows_in("TEST_CASE(" + title + ") {\n    CHECK(true);  // " + comment + "\n}\n"));
    server::write_file(scratch / "tests/README.md", "before\n<!-- rows -->\nold\n<!-- end of rows -->\nafter\n");
    return rows_of(scratch / "");
}

const std::string one = "%0-1\tonly admins invite\n", two = one + "%0-2\tteams\n";

}  // namespace

TEST_CASE("the table of rules is what the tests say now, and no rule is without a test") {
    auto made = rows_of(repository_root());
    CHECK(made.err.empty());
    CHECK(made.exit_code == 0);
    INFO("`tools/dev rows` writes the table anew");
    bool same = made.out == server::text_of(repository_root() + "/tests/README.md");
    CHECK(same);
}

TEST_CASE("all rows of the five systems and all traps are listed, in at most eight words each") {
    std::vector<std::string> expected, listed;
    for (auto [system, rows] :
         {std::pair{"S0-", 44}, {"S1-", 38}, {"S2-", 32}, {"S3-", 21}, {"S4-", 16}, {"trap ", 15}})
        for (int i = 1; i <= rows; ++i) expected.push_back(system + std::to_string(i));
    auto text = server::text_of(repository_root() + "/tests/rows.txt");
    for (auto line : lines_of(text)) {
        if (line.empty()) continue;
        auto says = line.substr(line.find('\t') + 1);
        says = says.substr(0, says.find('\t'));
        INFO(line);
        CHECK_FALSE(says.empty());
        CHECK(std::ranges::count(says, ' ') < 8);
        listed.emplace_back(line.substr(0, line.find('\t')));
    }
    CHECK(listed == expected);
}

TEST_CASE("a test belongs to the rows in its title and in its comments, also to part of one") {
    auto made = rows_of(two, "\"an admin invites [%0-1]\"", "[%0-2 partly]");
    CHECK(made.exit_code == 0);
    CHECK(made.out ==
          rows_in("before\n<!-- rows -->\n\n| row | says | tests |\n| --- | --- | --- |\n"
                  "| %0-1 | only admins invite | `a_test.cpp`: an admin invites |\n"
                  "| %0-2 (partly) | teams | `a_test.cpp`: an admin invites |\n\n<!-- end of rows -->\nafter\n"));
    CHECK_THAT(rows_of(two, "\"an admin\"\n          \" invites [%0-1 to %0-2]\"", "").out,
               Contains(rows_in("| %0-2 | teams | `a_test.cpp`: an admin invites |")));
}

TEST_CASE("a row without a test, a test of no row, and a row that was left for later are told") {
    CHECK_THAT(rows_of(two, "\"a [%0-1]\"", "").err, Contains(rows_in("%0-2 has no test")));
    CHECK_THAT(rows_of(one, "\"a [%0-1, %0-9]\"", "").err, Contains(rows_in("no row %0-9")));
    CHECK(rows_of(one, "\"a [%0-1, %0-9]\"", "").exit_code == 1);
    const auto later = one + "%0-2\tteams\tlater\n";
    CHECK(rows_of(later, "\"a [%0-1]\"", "").exit_code == 0);
    CHECK_THAT(rows_of(later, "\"a [%0-1]\"", "[%0-2]").err, Contains(rows_in("%0-2 has a test now")));
}

}  // namespace muster::house
