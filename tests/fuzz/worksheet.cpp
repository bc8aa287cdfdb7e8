#include "api/sheets/worksheet.h"

#include "tests/fuzz/sheet.h"

namespace muster::fuzz {
namespace {

// The XML in pieces of so many bytes; a fault where it is none.
SheetRead read_in(std::string_view xml, std::size_t piece) {
    const std::vector<std::string> shared{"Ada Lovelace", "", "ada@spring.example"};
    SheetRows rows;
    Worksheet events(shared, rows);
    XmlParser parser(events);
    bool good = true;
    for (std::size_t at = 0; good && at < xml.size(); at += piece) good = parser.feed(xml.substr(at, piece));
    if (!good || !parser.finish()) return std::unexpected(SheetFault{SheetFault::Kind::unreadable, "no XML", 0});
    return std::move(rows).take();
}

}  // namespace

void worksheet(std::string_view bytes) {
    const auto read = read_in(bytes, bytes.size() + 1);
    check(read);
    must(same(read_in(bytes, 7), read), "a sheet is another one by how it is inflated");
}

}  // namespace muster::fuzz
