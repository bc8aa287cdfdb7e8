// CSV files as people save them [trap 11].
#include "api/sheets/csv.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace muster::test {
namespace {

using Cells = std::vector<std::string>;

// Each row as `line: cell|cell`.
Cells read(std::string_view bytes) {
    auto sheet = read_csv(bytes);
    if (!sheet) return {"refused: " + sheet.error().detail};
    Cells rows;
    for (const auto& row : sheet->rows) {
        std::string text = std::to_string(row.line) + ":";
        for (std::size_t i = 0; i < row.cells.size(); ++i) text += (i == 0 ? " " : "|") + row.cells[i];
        rows.push_back(text);
    }
    return rows;
}

std::string utf16(std::u16string_view text, bool big_endian) {
    std::string bytes = big_endian ? "\xfe\xff" : "\xff\xfe";
    for (char16_t unit : text) {
        char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xff);
        bytes += big_endian ? high : low;
        bytes += big_endian ? low : high;
    }
    return bytes;
}

std::string fault(std::string_view bytes) {
    auto sheet = read_csv(bytes);
    return sheet ? "read" : sheet.error().detail;
}

using Catch::Matchers::Contains;

}  // namespace

TEST_CASE("lines end in LF, CRLF or CR, the last one in nothing [trap 11]") {
    Cells people{"1: email|name", "2: a@x.example|Ada"};
    CHECK(read("email,name\na@x.example,Ada\n") == people);
    CHECK(read("email,name\r\na@x.example,Ada\r\n") == people);
    CHECK(read("email,name\ra@x.example,Ada\r") == people);
    CHECK(read("email,name\na@x.example,Ada") == people);
}

TEST_CASE("space before an opening quote is no part of the cell [trap 11]") {
    CHECK(read("email, name\na@x.example,  \"Doe, John\"\n") == Cells{"1: email| name", "2: a@x.example|Doe, John"});
}

TEST_CASE("cells stand between commas, semicolons or tabs: what the header has most [trap 11]") {
    Cells people{"1: email|name", "2: a@x.example|Ada, Countess; of L"};
    CHECK(read("email;name\na@x.example;\"Ada, Countess; of L\"") == people);
    CHECK(read("email\tname\na@x.example\tAda, Countess; of L") == people);
    CHECK(read("email,name\na@x.example,\"Ada, Countess; of L\"") == people);
    CHECK(read("\"e;mail;s\",name\na,b") == Cells{"1: e;mail;s|name", "2: a|b"});
    CHECK(read("email\nb;c") == Cells{"1: email", "2: b;c"});
    CHECK(read("sep=;\r\nemail;name\r\na;b,c,d") == Cells{"2: email|name", "3: a|b,c,d"});
}

TEST_CASE("quoted cells hold separators, quotes and line breaks; rows are named by their first line [trap 11]") {
    CHECK(read("a,b\n\"x\ny\",\"say \"\"hi\"\"\"\nnext,row\n") == Cells{"1: a|b", "2: x\ny|say \"hi\"", "4: next|row"});
    CHECK(read("a,b\r\n\"x\r\ny\",1\r\n2,3") == Cells{"1: a|b", "2: x\r\ny|1", "4: 2|3"});
    CHECK(read("a,b\n\"\",x\n") == Cells{"1: a|b", "2: |x"});
    CHECK(read("a,b\n5\" pipe,\"x\" \n") == Cells{"1: a|b", "2: 5\" pipe|x"});
}

TEST_CASE("blank lines are no rows, and do not move the lines' numbers [trap 11]") {
    CHECK(read("\n\nemail,name\n\n , \n,,,\na,b\n\n") == Cells{"3: email|name", "7: a|b"});
    CHECK(read("").empty());
}

TEST_CASE("UTF-8 with and without a byte order mark, UTF-16 as Excel's Unicode text [trap 11]") {
    Cells people{"1: email|name", "2: z@x.example|Zoë 🦊"};
    CHECK(read("\xef\xbb\xbf"
               "email,name\nz@x.example,Zoë 🦊") == people);
    CHECK(read(utf16(u"email\tname\r\nz@x.example\tZoë 🦊\r\n", false)) == people);
    CHECK(read(utf16(u"email,name\nz@x.example,Zoë 🦊", true)) == people);
}

TEST_CASE("what is no text in UTF-8 says how to save it") {
    CHECK_THAT(fault("email,name\nz@x.example,Zo\xeb"), Contains("CSV UTF-8"));
    CHECK_THAT(fault("\xff\xfe"
                     "a"),
               Contains("CSV UTF-8"));
    CHECK_THAT(fault(utf16(u"a\xd800", false)), Contains("CSV UTF-8"));
    CHECK_THAT(fault(utf16(u"a\xdc00\xd800", true)), Contains("CSV UTF-8"));
    CHECK_THAT(fault(std::string("a,b\nc\0d,e", 9)), Contains("Line 2") && Contains("no text file"));
    CHECK_THAT(fault("PK\x03\x04 and more"), Contains(".xlsx"));
}

TEST_CASE("a quote that is never closed, or closed too early, is named by its line") {
    CHECK_THAT(fault("a,b\nc,d\n\"e,f\n"), Contains("Line 3") && Contains("never closed"));
    CHECK_THAT(fault("a,b\n\"c\"d,e"), Contains("Line 2") && Contains("twice"));
}

TEST_CASE("a file of 50,000 rows is read; more rows, columns or bytes in a cell are refused with the limit") {
    std::string rows = "email\n";
    for (std::size_t i = 0; i < limits::sheet_rows; ++i) rows += "a\n\n";
    REQUIRE(read_csv(rows));
    CHECK(read_csv(rows)->rows.size() == limits::sheet_rows + 1);
    auto more = read_csv(rows + "b\n");
    REQUIRE_FALSE(more);
    CHECK(more.error().kind == SheetFault::Kind::too_many_rows);
    CHECK(more.error().limit == 50'000);

    std::string wide(limits::sheet_columns - 1, ',');
    CHECK(read_csv(wide + "x\n"));
    CHECK(read_csv(wide + "x,,,,\n"));
    auto wider = read_csv("email\n" + wide + ",x\n");
    REQUIRE_FALSE(wider);
    CHECK(wider.error().limit == limits::sheet_columns);
    CHECK_THAT(wider.error().detail, Contains("Row 2"));

    std::string cell(limits::sheet_cell_bytes, 'x');
    CHECK(read_csv(cell + "\n"));
    auto longer = read_csv("a,b\n1," + cell + "x\n");
    REQUIRE_FALSE(longer);
    CHECK(longer.error().kind == SheetFault::Kind::too_long);
    CHECK(longer.error().limit == limits::sheet_cell_bytes);
}

}  // namespace muster::test
