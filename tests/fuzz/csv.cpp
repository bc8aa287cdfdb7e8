#include "api/sheets/csv.h"

#include "api/json/utf8.h"
#include "tests/fuzz/sheet.h"

namespace muster::fuzz {
namespace {

// The rows as a program would save them: every cell quoted.
std::string saved(const Sheet& sheet) {
    std::string text = "sep=,\r\n";
    for (const auto& row : sheet.rows) {
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            text += i == 0 ? "\"" : ",\"";
            for (const char c : row.cells[i]) text += c == '"' ? std::string("\"\"") : std::string(1, c);
            text += '"';
        }
        text += "\r\n";
    }
    return text;
}

}  // namespace

void csv(std::string_view bytes) {
    const auto read = read_csv(bytes);
    check(read);
    if (!read) return;
    for (const auto& row : read->rows)
        for (const auto& cell : row.cells) must(valid_utf8(cell), "a cell that is no text");
    must(same(read_csv(saved(*read)), read), "a file is another one when it is saved and read again");
}

}  // namespace muster::fuzz
