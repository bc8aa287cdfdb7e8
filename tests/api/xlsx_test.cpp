// Excel files, by the programs that people use and by those who mean harm [trap 11]. The files of tests/api/sheets were
// made by make.sh there; damaged ones are made here.
#include "api/sheets/xlsx.h"

#include "tests/places.h"

#include <catch2/catch.hpp>
#include <zip.h>

#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace muster::test {
namespace {

using Catch::Matchers::Contains;
using Texts = std::vector<std::string>;

std::string file(const std::string& name) {
    std::ifstream in(repository_root() + "/tests/api/sheets/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

Texts read(const std::string& bytes) {
    auto sheet = read_xlsx(bytes);
    if (!sheet) return {"refused: " + sheet.error().detail};
    Texts rows;
    for (const auto& row : sheet->rows) {
        std::string text = std::to_string(row.line) + ":";
        for (std::size_t i = 0; i < row.cells.size(); ++i) text += (i == 0 ? " " : "|") + row.cells[i];
        rows.push_back(text);
    }
    return rows;
}

using Parts = std::map<std::string, std::string>;

// A zip archive of these parts; `store` leaves them as they are.
std::string zipped(const Parts& parts, bool store = false, const char* password = nullptr) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
    zip_source_keep(target);
    zip_t* zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    REQUIRE(zip);
    for (const auto& [name, part] : parts) {
        auto index = zip_file_add(zip, name.c_str(), zip_source_buffer(zip, part.data(), part.size(), 0), 0);
        REQUIRE(index >= 0);
        auto which = static_cast<zip_uint64_t>(index);
        zip_set_file_compression(zip, which, store ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 9);
        if (password) zip_file_set_encryption(zip, which, ZIP_EM_AES_256, password);
    }
    REQUIRE(zip_close(zip) == 0);
    REQUIRE(zip_source_open(target) == 0);
    zip_source_seek(target, 0, SEEK_END);
    std::string bytes(static_cast<std::size_t>(zip_source_tell(target)), '\0');
    zip_source_seek(target, 0, SEEK_SET);
    zip_source_read(target, bytes.data(), bytes.size());
    zip_source_close(target);
    zip_source_free(target);
    return bytes;
}

const std::string relationships = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

// A workbook of one sheet with this inside `sheetData`.
Parts book(const std::string& rows) {
    return {
        {"_rels/.rels", R"(<Relationships><Relationship Id="a" Type=")" + relationships +
                            R"(/officeDocument" Target="xl/workbook.xml"/></Relationships>)"},
        {"xl/workbook.xml", R"(<workbook xmlns:r="r"><sheets><sheet name="a" r:id="b"/></sheets></workbook>)"},
        {"xl/_rels/workbook.xml.rels", R"(<Relationships><Relationship Id="b" Type=")" + relationships +
                                           R"(/worksheet" Target="sheet.xml"/><Relationship Id="c" Type=")" +
                                           relationships + R"(/sharedStrings" Target="strings.xml"/></Relationships>)"},
        {"xl/sheet.xml", "<worksheet><sheetData>" + rows + "</sheetData></worksheet>"},
        {"xl/strings.xml", "<sst><si><t>first</t></si><si><r><t>sec</t></r><r><t>ond_x000D_</t></r></si></sst>"}};
}

Texts rows(const std::string& xml) { return read(zipped(book(xml))); }

std::string fault(const Parts& parts) {
    auto sheet = read_xlsx(zipped(parts));
    return sheet ? "read" : sheet.error().detail;
}

Parts with(Parts parts, const std::string& name, const std::string& part) {
    parts[name] = part;
    return parts;
}

Parts without(Parts parts, const std::string& name) {
    parts.erase(name);
    return parts;
}

}  // namespace

TEST_CASE("the same people come out of LibreOffice's, openpyxl's, XlsxWriter's, exceljs's and a small file [trap 11]") {
    const Texts people{"1: Email|Full Name|Permission Role|Team|Gender|Job Title",
                       "2: grace@navy.example|Grace Hopper|Member|Sales|f|42",
                       "4: lin@spring.example|Lin, \"the\" Clark|admin|Sales;Support||TRUE",
                       "5: zoë@spring.example|Zoë Müller||||0.3", "7: max@spring.example|||||Engineer"};
    for (const char* name : {"libreoffice.xlsx", "openpyxl.xlsx", "xlsxwriter.xlsx", "exceljs.xlsx", "by_hand.xlsx"}) {
        INFO(name);
        CHECK(read(file(name)) == people);
    }
}

TEST_CASE("cells show as they do in Excel: shared and inline strings, numbers, truth, results and errors") {
    CHECK(rows(R"(<row><c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="inlineStr"><is><t>in</t></is></c></row>)") ==
          Texts{"1: second|first|in"});
    CHECK(rows(R"(<row><c><v>7</v></c><c><v>1.50</v></c><c><v>1e20</v></c><c><v>491761234567</v></c></row>)") ==
          Texts{"1: 7|1.5|1E+20|491761234567"});
    CHECK(rows(R"(<row><c t="b"><v>0</v></c><c t="str"><f>A1</f><v>made</v></c><c t="e"><v>#N/A</v></c></row>)") ==
          Texts{"1: FALSE|made|#N/A"});
    CHECK(rows(R"(<row><c><f>1+1</f></c><c t="d"><v>2026-11-23</v></c></row>)") == Texts{"1: |2026-11-23"});
}

TEST_CASE("cells and rows stand where they say, or one behind the other") {
    CHECK(rows(R"(<row r="3"><c r="C3"><v>1</v></c><c><v>2</v></c></row><row/><row><c r="b5"><v>3</v></c></row>)") ==
          Texts{"3: ||1|2", "5: |3"});
    CHECK(rows(R"(<row r="1048576"><c r="CV1048576"><v>1</v></c><c r="XFD1"/></row>)").size() == 1);
    CHECK(rows(R"(<row r="2"/><row r="2"><c><v>1</v></c></row>)").at(0).starts_with("refused: Row 3"));
    CHECK(rows(R"(<row r="1048577"/>)").at(0).starts_with("refused: "));
    CHECK(rows(R"(<row><c r="XFE1"><v>1</v></c></row>)").at(0).starts_with("refused: Row 1"));
    CHECK(rows(R"(<row><c r="7"><v>1</v></c></row>)").at(0).starts_with("refused: Row 1"));
    CHECK(rows(R"(<row><c t="s"><v>2</v></c></row>)").at(0).starts_with("refused: Row 1"));
}

TEST_CASE("a document type and its entities are refused: nothing is expanded, nothing is fetched") {
    auto bomb = R"(<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet><sheetData><row><c t="str"><v>&b;)"
                R"(</v></c></row></sheetData></worksheet>)";
    auto outside = R"(<!DOCTYPE w SYSTEM "file:///etc/passwd"><worksheet><sheetData/></worksheet>)";
    for (const char* part : {"xl/sheet.xml", "xl/strings.xml", "xl/workbook.xml", "_rels/.rels"}) {
        INFO(part);
        CHECK_THAT(fault(with(book(""), part, bomb)), Contains("can't be read") && Contains(part));
        CHECK_THAT(fault(with(book(""), part, outside)), Contains("can't be read") && Contains(part));
    }
    CHECK_THAT(fault(book("<row><c><v>&undefined;</v></c></row>")), Contains("can't be read"));
    CHECK(rows("<row><c t='str'><v>a &amp; b &#235;</v></c></row>") == Texts{"1: a & b ë"});
}

TEST_CASE("XML that nests without end is refused") {
    auto nested = [](int levels) {
        std::string opened, closed;
        for (int i = 0; i < levels; ++i) opened += "<x>", closed += "</x>";
        return opened + closed;
    };
    CHECK_THAT(fault(book(nested(limits::sheet_xml_nesting))), Contains("can't be read"));
    CHECK(rows(nested(20) + "<row><c><v>1</v></c></row>") == Texts{"1: 1"});
}

TEST_CASE("a tag, a comment or an instruction without end is refused before all of it is read again and again") {
    const std::string endless(limits::sheet_xml_token + (128 << 10), 'x'), long_one(limits::sheet_xml_token / 4, 'x');
    const std::string row = "<row><c><v>1</v></c></row>";
    for (const auto& [begin, end] : {std::pair("<!--", "-->"), {"<?x ", "?>"}, {"<x y='", "'/>"}}) {
        INFO(begin);
        auto sheet = read_xlsx(zipped(book(begin + endless + end + row), true));
        REQUIRE_FALSE(sheet);
        CHECK_THAT(sheet.error().detail, Contains("can't be read"));
        CHECK(rows(begin + long_one + end + row) == Texts{"1: 1"});
    }
    // Text comes in pieces, whatever its length.
    CHECK(rows("<x>" + endless + "</x>" + row) == Texts{"1: 1"});
}

TEST_CASE("what unpacks to too much is refused before it takes memory") {
    auto bomb = read_xlsx(zipped(book("<row><c t='str'><v>" + std::string(8 << 20, 'x') + "</v></c></row>")));
    REQUIRE_FALSE(bomb);
    CHECK(bomb.error().kind == SheetFault::Kind::too_long);
    CHECK(bomb.error().limit == limits::sheet_ratio);
    auto large = book("<row><c><v>1</v></c></row>" + std::string(limits::sheet_inflated_bytes, ' '));
    auto heavy = read_xlsx(zipped(large, true));
    REQUIRE_FALSE(heavy);
    CHECK(heavy.error().limit == limits::sheet_inflated_bytes);
    CHECK_THAT(heavy.error().detail, Contains("64 MiB"));
    auto many = book("");
    for (std::size_t i = 0; i < limits::sheet_entries; ++i) many["part" + std::to_string(i)] = "";
    auto parts = read_xlsx(zipped(many));
    REQUIRE_FALSE(parts);
    CHECK(parts.error().limit == limits::sheet_entries);
}

TEST_CASE("rows, columns and cells have the limits of any sheet") {
    std::string many;
    for (std::size_t i = 0; i <= limits::sheet_rows; ++i) many += "<row><c><v>" + std::to_string(i) + "</v></c></row>";
    REQUIRE(read_xlsx(zipped(book(many))));
    CHECK(read_xlsx(zipped(book(many)))->rows.size() == limits::sheet_rows + 1);
    auto more = read_xlsx(zipped(book(many + "<row><c><v>1</v></c></row>")));
    REQUIRE_FALSE(more);
    CHECK(more.error().kind == SheetFault::Kind::too_many_rows);
    CHECK(more.error().limit == 50'000);
    CHECK(rows("<row><c r='CW1'><v>1</v></c></row>").at(0).starts_with("refused: Row 1: a sheet has at most 100"));
    CHECK(rows("<row><c r='CW1'/><c r='A1'><v>1</v></c></row>") == Texts{"1: 1"});
    std::string cell(limits::sheet_cell_bytes, 'x');
    CHECK(rows("<row><c t='str'><v>" + cell + "</v></c></row>") == Texts{"1: " + cell});
    CHECK(rows("<row><c t='str'><v>" + cell + "x</v></c></row>").at(0).starts_with("refused: Row 1: the cell"));
}

TEST_CASE("old, protected, other and damaged files say what to do") {
    CHECK_THAT(read(std::string("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8)).at(0), Contains("save it as .xlsx"));
    CHECK_THAT(read("email,name\n").at(0), Contains("no .xlsx file"));
    CHECK_THAT(read("").at(0), Contains("no .xlsx file"));
    CHECK_THAT(read(zipped({{"word/document.xml", "<document/>"}})).at(0), Contains("damaged"));
    CHECK_THAT(read(zipped(book("<row/>"), false, "secret")).at(0), Contains("password"));
    for (const auto& [name, _] : book("")) {
        if (name == "xl/strings.xml") continue;
        INFO(name);
        CHECK_THAT(fault(without(book("<row/>"), name)), Contains("damaged") || Contains("no sheet"));
        CHECK_THAT(fault(with(book("<row/>"), name, "<cut")), Contains("can't be read"));
    }
    CHECK_THAT(fault(with(book(""), "xl/workbook.xml", "<workbook/>")), Contains("no sheet"));
    CHECK_THAT(fault(with(book(""), "_rels/.rels", "<Relationships/>")), Contains("no Excel file"));
}

TEST_CASE("a file that is cut short or altered anywhere is read as it was or refused, and harms nobody") {
    const auto good = file("xlsxwriter.xlsx");
    std::size_t refused = 0;
    for (std::size_t length = 0; length < good.size(); length += 97)
        refused += read_xlsx(std::string_view(good).substr(0, length)) ? 0 : 1;
    CHECK(refused > 60);
    refused = 0;
    for (std::size_t at = 0; at < good.size(); at += 13) {
        auto altered = good;
        altered[at] = static_cast<char>(altered[at] ^ 0x55);
        refused += read_xlsx(altered) ? 0 : 1;
    }
    CHECK(refused > 100);
}

}  // namespace muster::test
